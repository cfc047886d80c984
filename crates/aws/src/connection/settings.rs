use crate::connection::http::Proxies;
use crate::connection::issuers::Issuers;
use poolkeeper_pool::backend::administrators::Administrators;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::MfaMode;
use poolkeeper_pool::ids::{ClientId, GroupName, PoolId};
use std::time::Duration;

/// Which pool, and how it is reached.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The pool's id at Amazon.
    pub pool: PoolId,
    /// The region it is used in.
    pub region: String,
    /// The app clients that the sign-in APIs use.
    pub clients: Vec<AppClient>,
    /// Whether the pool asks for a second factor, as it is set at Amazon.
    pub mfa: MfaMode,
    /// Where Cognito's protocol is spoken; without a final slash.
    pub endpoint: String,
    /// The endpoint again, if it is the operator's and not Amazon's own. STS is asked there whose
    /// credentials these are, and commands for aws-cli name it.
    pub named_endpoint: Option<String>,
    /// The folder of the pool's public documents; without a final slash.
    pub documents: String,
    /// Who may issue the pool's tokens.
    pub issuers: Issuers,
    /// The proxies on the way to the documents.
    pub proxies: Proxies,
    /// Whether access tokens are shown to Amazon as well (`GetUser`), which knows those that were
    /// revoked.
    pub check_revocation: bool,
    /// For how long the groups of a user are believed without asking Amazon again; zero: not at all.
    pub group_life: Duration,
    /// Whether the partner API has its users here, so that its suspensions hold at every API.
    pub has_partners: bool,
    /// The group that marks suspended users.
    pub suspended_group: GroupName,
    /// The group that marks users who are programs.
    pub service_group: GroupName,
    /// Whether e-mail addresses take the place of usernames, as it is set at Amazon.
    pub address_usernames: bool,
    /// Who administers the pool through the portal API, if anybody does.
    pub administrators: Option<Administrators>,
    /// The access key that administrative calls are signed with; the SDK's chain of credentials if
    /// there is none.
    pub access_key: Option<AccessKey>,
    /// How old a sign-in may be whose token changes second factors; zero: any.
    pub fresh_proof: Duration,
    /// How long and how often Amazon is asked.
    pub limits: Limits,
}

/// An app client of the pool.
#[derive(Clone, Debug)]
pub struct AppClient {
    /// Its id.
    pub id: ClientId,
    /// Its secret, if it has one.
    pub secret: Option<Secret>,
    /// How passwords are sent through it.
    pub flow: Flow,
}

/// How passwords are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// `ADMIN_USER_PASSWORD_AUTH`, signed with our access key. Cognito tracks no devices then.
    #[default]
    Admin,
    /// `USER_PASSWORD_AUTH`, unsigned, as from an application.
    User,
}

/// An access key of AWS.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
}

/// How long and how often Amazon is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For a connection.
    pub connect: Duration,
    /// For an answer, from the connection on.
    pub answer: Duration,
    /// How often something that may be repeated is tried, the first time included.
    pub attempts: u32,
    /// The longest pause before the first repetition; it doubles with each, and is drawn at random.
    pub pause: Duration,
    /// After how many failures in a row Amazon is not asked for a while.
    pub failures: u32,
    /// For how long at least.
    pub rest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            answer: Duration::from_secs(5),
            attempts: 3,
            pause: Duration::from_millis(100),
            failures: 10,
            rest: Duration::from_secs(5),
        }
    }
}
