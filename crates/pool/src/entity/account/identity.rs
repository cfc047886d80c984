use crate::entity::AliasKey;
use serde::{Deserialize, Serialize};

/// A profile at an identity provider that is linked to a user, as the attribute `identities` shows
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// Who the user is there.
    pub user_id: String,
    /// The provider's name in the pool.
    pub provider_name: String,
    /// What kind of provider it is, where its name says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_type: Option<String>,
    /// The issuer of its assertions; not known before somebody signs in through it.
    pub issuer: Option<String>,
    /// Whether the user came into being by signing in there.
    pub primary: bool,
    /// When it was linked: milliseconds since 1970, as text.
    pub date_created: String,
}

/// A profile at an identity provider, by the attribute that tells it from others there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceIdentity {
    /// The provider's name in the pool.
    pub provider: String,
    /// The attribute: `Cognito_Subject`, or one of the provider's own.
    pub attribute: String,
    /// Its value.
    pub value: String,
}

impl SourceIdentity {
    /// The form under which the linked user is looked up.
    pub fn key(&self) -> AliasKey {
        AliasKey::link([&self.provider, &self.attribute, &self.value])
    }

    /// What kind of provider it is, where its name says so.
    pub fn provider_type(&self) -> Option<String> {
        const SOCIAL: [&str; 4] = ["Google", "Facebook", "LoginWithAmazon", "SignInWithApple"];
        SOCIAL.contains(&self.provider.as_str()).then(|| self.provider.clone())
    }
}
