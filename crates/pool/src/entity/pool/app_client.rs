use super::pool_rules::DefaultWrite;
use crate::crypto::seal::Sealed;
use crate::entity::Contact;
use crate::ids::{ClientId, PoolId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A way of signing in that an app client may or may not use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AuthFlow {
    /// `ALLOW_ADMIN_USER_PASSWORD_AUTH`: a trusted server sends the password.
    #[serde(rename = "ALLOW_ADMIN_USER_PASSWORD_AUTH")]
    AdminUserPassword,
    /// `ALLOW_USER_PASSWORD_AUTH`: an app sends the password.
    #[serde(rename = "ALLOW_USER_PASSWORD_AUTH")]
    UserPassword,
    /// `ALLOW_USER_SRP_AUTH`: an app proves the password without sending it.
    #[serde(rename = "ALLOW_USER_SRP_AUTH")]
    UserSrp,
    /// `ALLOW_CUSTOM_AUTH`: challenges of the operator's own.
    #[serde(rename = "ALLOW_CUSTOM_AUTH")]
    Custom,
    /// `ALLOW_USER_AUTH`: the user chooses among first factors.
    #[serde(rename = "ALLOW_USER_AUTH")]
    UserAuth,
    /// `ALLOW_REFRESH_TOKEN_AUTH`: new tokens for a refresh token.
    #[serde(rename = "ALLOW_REFRESH_TOKEN_AUTH")]
    RefreshToken,
}

/// A secret of an app client. A client has none, one, or two while it changes over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecret {
    /// `<client id>--<epoch seconds of its creation>`.
    pub id: String,
    /// The secret, sealed at rest.
    pub value: Sealed,
    /// When it was made.
    pub created_at: Timestamp,
}

/// How long tokens live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenValidity {
    /// Life of an access token.
    pub access: Duration,
    /// Life of an ID token.
    pub id: Duration,
    /// Life of a refresh token, counted from the sign-in.
    pub refresh: Duration,
}

impl TokenValidity {
    /// The longest life that an access or ID token may be given, in minutes: Cognito's, a day. A signing
    /// key is kept as long as there may be tokens that it signed.
    pub const LONGEST_MINUTES: u32 = 24 * 60;
}

impl Default for TokenValidity {
    /// Cognito's defaults: one hour, one hour, thirty days.
    fn default() -> Self {
        Self {
            access: Duration::from_hours(1),
            id: Duration::from_hours(1),
            refresh: Duration::from_hours(720),
        }
    }
}

/// How refresh tokens are replaced at every use (`RefreshTokenRotation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// For how long the one before still works (0 to 60 seconds): whose answer got lost may ask
    /// again.
    pub grace: Duration,
}

/// Cognito's default.
pub const fn default_sso_minutes() -> u32 {
    60
}

/// An app client: the application through which users of a pool sign in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppClient {
    /// The pool it belongs to.
    pub pool: PoolId,
    /// Its id.
    pub id: ClientId,
    /// Its display name.
    pub name: String,
    /// Its secrets; an empty list makes it a public client.
    pub secrets: Vec<ClientSecret>,
    /// The flows it may use.
    pub flows: Vec<AuthFlow>,
    /// How long its tokens live.
    pub validity: TokenValidity,
    /// How long a challenge may wait for its answer (3 to 15 minutes).
    pub auth_session_validity: Duration,
    /// `PreventUserExistenceErrors = ENABLED`: refusals do not tell whether a user exists.
    pub hides_users: bool,
    /// Whether its refresh tokens can be revoked (and its tokens carry `origin_jti`).
    pub token_revocation: bool,
    /// Whether its refresh tokens are replaced at every use.
    #[serde(default)]
    pub rotation: Option<Rotation>,
    /// For how many minutes it may go on from a browser's session; 60 by default.
    #[serde(default = "default_sso_minutes")]
    pub sso_minutes: u32,
    /// Attributes its ID tokens and `GetUser` may show; `None` means the default, all.
    pub read_attributes: Option<Vec<String>>,
    /// Attributes users may write through it; `None` means the default.
    pub write_attributes: Option<Vec<String>>,
    /// Settings the engine does not act on but gives back as they were given.
    pub other: serde_json::Map<String, serde_json::Value>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub modified_at: Timestamp,
    /// Counts changes; a commit decided on an older version is refused.
    pub version: i64,
}

impl AppClient {
    /// Whether the client may use `flow`.
    pub fn allows(&self, flow: AuthFlow) -> bool {
        self.flows.contains(&flow)
    }

    /// Whether users may write `attribute` through this client: those that it lists, or else what the
    /// pool says. That an address is verified is never theirs to say, listed or not, nor is what is
    /// for developers alone (`DeveloperOnlyAttribute`).
    pub fn may_write(&self, attribute: &str, default: DefaultWrite) -> bool {
        let listed = match (&self.write_attributes, default) {
            (Some(list), _) => list.iter().any(|name| name == attribute),
            (None, DefaultWrite::All) => true,
            (None, DefaultWrite::Standard) => !attribute.contains(':'),
        };
        let is_operators =
            attribute.starts_with("dev:") || Contact::is_verified_attribute(attribute);
        listed && attribute != "sub" && !is_operators
    }

    /// Whether users may see `attribute` through this client.
    pub fn may_read(&self, attribute: &str) -> bool {
        self.read_attributes.as_ref().is_none_or(|list| list.iter().any(|name| name == attribute))
    }
}
