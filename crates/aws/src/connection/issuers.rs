//! Who may have issued a pool's tokens.

use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::token::pool_of_issuer;
use serde_json::Value;

/// How many issuers are remembered that a pool's discovery document has named: the one of now, and the
/// one before, whose tokens are still about.
const REMEMBERED: usize = 2;

/// Who may issue a pool's tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issuers {
    /// Nobody but this one.
    Only(String),
    /// These, and whom the pool's discovery document names.
    Known(Vec<String>),
}

impl Issuers {
    /// Whether tokens of this issuer are the pool's, if its discovery document has named those.
    pub(crate) fn accept(&self, issuer: &str, learned: &[String]) -> bool {
        match self {
            Self::Only(only) => only == issuer,
            Self::Known(known) => known.iter().chain(learned).any(|one| one == issuer),
        }
    }

    /// Whether the discovery document might name this issuer. If not, it need not be asked.
    pub(crate) fn may_accept(&self, issuer: &str, pool: &PoolId) -> bool {
        match self {
            Self::Only(only) => only == issuer,
            Self::Known(known) => known.iter().any(|one| one == issuer) || is_of(issuer, pool),
        }
    }
}

/// The issuers that a pool's discovery documents have named, the newest first. An issuer of another pool
/// is not learned: tokens are told apart by pool.
pub(crate) fn learn(before: &[String], discovery: &Value, pool: &PoolId) -> Vec<String> {
    let named = discovery["issuer"].as_str().filter(|issuer| is_of(issuer, pool));
    let named = named.map(str::to_owned);
    let older = before.iter().filter(|issuer| named.as_ref() != Some(issuer)).cloned();
    named.iter().cloned().chain(older).take(REMEMBERED).collect()
}

/// Whether an issuer's last path segment names the pool.
fn is_of(issuer: &str, pool: &PoolId) -> bool {
    pool_of_issuer(issuer).as_ref() == Some(pool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn issuers_of_other_pools_are_not_learned() {
        let pool = PoolId::from("eu-west-1_AbCdEf123");
        let learn =
            |before: &[String], issuer: Value| learn(before, &json!({ "issuer": issuer }), &pool);
        let [old, new, newer] = ["old", "new", "newer"]
            .map(|host| format!("https://{host}.example.com/eu-west-1_AbCdEf123"));
        let once = learn(&[], json!(old));
        assert_eq!(once, [old.as_str()]);
        assert_eq!(learn(&once, json!(old)), [old.as_str()]);
        let twice = learn(&once, json!(new));
        assert_eq!(twice, [new.clone(), old.clone()]);
        assert_eq!(learn(&twice, json!(old)), [old.clone(), new.clone()]);
        assert_eq!(learn(&twice, json!(newer)), [newer.clone(), new.clone()]);
        for other in [
            json!("https://new.example.com/eu-west-1_Other0001"),
            json!("https://new.example.com/eu-west-1_AbCdEf123/"),
            json!("eu-west-1_AbCdEf123"),
            json!(7),
            Value::Null,
        ] {
            assert_eq!(learn(&once, other.clone()), once, "{other}");
        }
    }

    #[test]
    fn what_the_file_names_is_the_only_one() {
        let pool = PoolId::from("eu-west-1_AbCdEf123");
        let [one, other] = ["https://a/eu-west-1_AbCdEf123", "https://b/eu-west-1_AbCdEf123"];
        let learned = [other.to_owned()];
        let only = Issuers::Only(one.to_owned());
        assert!(only.accept(one, &learned) && only.may_accept(one, &pool));
        assert!(!only.accept(other, &learned) && !only.may_accept(other, &pool));
        let known = Issuers::Known(vec![one.to_owned()]);
        assert!(known.accept(one, &[]) && known.accept(other, &learned));
        assert!(!known.accept(other, &[]) && known.may_accept(other, &pool));
        assert!(!known.may_accept("https://b/eu-west-1_Other0001", &pool));
    }
}
