use crate::crypto::seal::Sealed;
use crate::ids::AccessKeyId;
use serde::{Deserialize, Serialize};

/// A key that signs administrative requests (AWS Signature Version 4), with what it may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// The public half, named in a request's `Credential`.
    pub id: AccessKeyId,
    /// The secret half, sealed at rest.
    pub secret: Sealed,
    /// Operations it may call, by Cognito's names; `*` stands for all.
    pub operations: Vec<String>,
    /// Pools it may act on, by id; `*` stands for all.
    pub pools: Vec<String>,
}

impl AccessKey {
    /// Whether the key may call `operation` on `pool`. Operations that name no pool, such as
    /// `CreateUserPool`, need a key for all pools.
    pub fn allows(&self, operation: &str, pool: Option<&str>) -> bool {
        let listed =
            |list: &[String], name: &str| list.iter().any(|entry| entry == "*" || entry == name);
        listed(&self.operations, operation) && listed(&self.pools, pool.unwrap_or("*"))
    }
}
