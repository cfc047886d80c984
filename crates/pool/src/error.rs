//! What can go wrong, split by blame. A [`Refusal`] is about the caller and may be told. A
//! [`Fault`] is about us: it is logged once at the edge, and nobody is told its details.

mod exception;
mod invalid;

use crate::crypto::seal::Unsealable;
use crate::entity::UserStatus;
use crate::ids::{ClientId, GroupName, PoolId};
use crate::password::PolicyBreach;
use crate::time::Timestamp;

pub use exception::ExceptionName;
pub use invalid::{
    AccountFlaw, AttributeFlaw, ClientFlaw, Counted, DeviceFlaw, FactorFlaw, GroupFlaw, Invalid,
    PartnerFlaw, PoolFlaw, ReservedForm, SchemaBreach, SchemaRule, TenantFlaw, UsernameFlaw,
};

/// The engine's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a verb did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller cannot have this.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Something of ours failed. Nothing was changed, unless the fault says that nobody knows.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Error {
    /// Whether the service that keeps the pool has too much to do, or does not answer: later, the
    /// same may succeed.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Refused(Refusal::Busy) | Self::Fault(Fault::Unavailable(_)))
    }
}

/// A refusal that the caller may know. Each face renders every one in its own words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Wrong password, or no such user where the app client hides that.
    #[error("wrong username or password")]
    BadCredentials,
    /// There were too many failures, so the attempt does not count.
    #[error("locked after too many failures")]
    LockedOut {
        /// When the lock ends.
        until: Timestamp,
    },
    /// The user is disabled. Where users are hidden, only administrators and callers who proved the
    /// password or hold a token are told.
    #[error("the user is disabled")]
    UserDisabled,
    /// There is no such user, and the caller may know.
    #[error("there is no such user")]
    UserNotFound,
    /// The user has not confirmed the sign-up.
    #[error("the user is not confirmed")]
    UserNotConfirmed,
    /// The user must reset the password first.
    #[error("the password must be reset")]
    PasswordResetRequired,
    /// The temporary password is too old.
    #[error("the temporary password has expired")]
    TemporaryPasswordExpired,
    /// The user proved the password, or the call its token, but the user is in a group that this
    /// face is closed to.
    #[error("the user is barred by a group")]
    Barred,
    /// The user proved the password but is in a group that this application does not admit.
    #[error("the user is no user of this application")]
    External,
    /// Somebody above the caller suspended or disabled the user, and alone can lift that.
    #[error("the user was suspended by the operator")]
    SuspendedByOperator,
    /// The user proved the password, or the call its token, but every partner that the user could
    /// work for is suspended.
    #[error("the partner is suspended")]
    PartnerSuspended,
    /// The caller does not belong to the partner.
    #[error("the caller does not belong to the partner")]
    PartnerForbidden,
    /// There is no record of the partner, though the caller may be in its group.
    #[error("there is no record of the partner")]
    PartnerNotFound,
    /// The caller lacks a permission, or asks for more than the caller has.
    #[error("the caller lacks the permission")]
    PermissionDenied,
    /// Nobody would be left to administer the pool.
    #[error("nobody would be left to administer the pool")]
    LastAdministrator,
    /// The call changes a factor or an address, but the sign-in is not recent enough.
    #[error("a recent sign-in is needed for this")]
    FreshSignInRequired,
    /// The pool requires a second factor, so the user cannot give up the last one.
    #[error("the pool requires a second factor")]
    MfaMandatory,
    /// The app client may not use this flow. Holds Cognito's name of the flow.
    #[error("the app client may not use {0}")]
    FlowNotEnabled(&'static str),
    /// The app client has a secret, but the call did not prove it.
    #[error("the app client's secret was not proved")]
    SecretHashMissing(ClientId),
    /// The proof of the app client's secret is wrong.
    #[error("the proof of the app client's secret is wrong")]
    SecretHashWrong(ClientId),
    /// The app client's plain secret is missing or wrong.
    #[error("the app client's secret is wrong")]
    ClientSecretWrong,
    /// The challenge session is forged, or belongs to another user, client or challenge.
    #[error("the challenge session is invalid")]
    ChallengeSessionInvalid,
    /// The challenge session is too old.
    #[error("the challenge session has expired")]
    ChallengeSessionExpired,
    /// The challenge session was used before.
    #[error("the challenge session was used before")]
    ChallengeSessionSpent,
    /// The code that answers a challenge is wrong.
    #[error("the code is wrong")]
    CodeMismatch,
    /// The code that was sent to the user's address is wrong.
    #[error("the verification code is wrong")]
    VerificationCodeWrong,
    /// No such code was sent, or it is too old, or a newer one has replaced it.
    #[error("the verification code has expired")]
    VerificationCodeExpired,
    /// The user has done this too often within the hour.
    #[error("too often")]
    LimitExceeded,
    /// The maximum number is reached.
    #[error(transparent)]
    TooMany(Counted),
    /// The app client has no secret of this id.
    #[error("there is no client secret {0}")]
    ClientSecretNotFound(String),
    /// The TOTP code was used before.
    #[error("the code was used before")]
    CodeSpent,
    /// The code that should prove a new authenticator app is wrong.
    #[error("the code does not prove the authenticator app")]
    TotpSetupMismatch,
    /// No authenticator app has been associated. At Amazon also: the pool does not ask for any.
    #[error("there is no authenticator app to verify")]
    TotpNotAssociated,
    /// The pool does not offer authenticator apps.
    #[error("the pool does not use authenticator apps")]
    TotpNotEnabled,
    /// The access token is malformed, forged, of another kind or for somebody else.
    #[error("the access token is invalid")]
    AccessTokenInvalid,
    /// The access token has expired.
    #[error("the access token has expired")]
    AccessTokenExpired,
    /// The access token's sign-in was ended.
    #[error("the access token has been revoked")]
    AccessTokenRevoked,
    /// The access token does not carry the scope `aws.cognito.signin.user.admin`.
    #[error("the access token lacks a scope")]
    AccessTokenLacksScope,
    /// The refresh token is malformed, forged, or for another client.
    #[error("the refresh token is invalid")]
    RefreshTokenInvalid,
    /// The refresh token has expired.
    #[error("the refresh token has expired")]
    RefreshTokenExpired,
    /// The refresh token's sign-in was ended.
    #[error("the refresh token has been revoked")]
    RefreshTokenRevoked,
    /// The refresh token was replaced before, so the caller may not be the one who got the new
    /// token. The sign-in has been ended.
    #[error("the refresh token was used before")]
    RefreshTokenReused,
    /// The pool does not keep track of sign-ins.
    #[error("the pool does not track sessions")]
    SignInSessionsNotTracked,
    /// The user has no such sign-in.
    #[error("there is no such session")]
    SignInSessionNotFound,
    /// The token is of another kind, but only refresh tokens can be revoked.
    #[error("only refresh tokens can be revoked")]
    TokenNotRevocable,
    /// The app client's refresh tokens cannot be revoked.
    #[error("the app client has token revocation switched off")]
    RevocationNotEnabled,
    /// There is no such pool.
    #[error("there is no user pool {0}")]
    PoolNotFound(PoolId),
    /// There is no such app client.
    #[error("there is no app client {0}")]
    ClientNotFound(ClientId),
    /// There is no such group.
    #[error("there is no group {0}")]
    GroupNotFound(GroupName),
    /// The group exists.
    #[error("the group exists")]
    GroupExists,
    /// The user has no such device. Only callers who proved the password, or who may know, are
    /// told.
    #[error("the user has no such device")]
    DeviceNotFound,
    /// The device was confirmed before.
    #[error("the device was confirmed before")]
    DeviceExists,
    /// The username is taken.
    #[error("the username is taken")]
    UsernameExists,
    /// The e-mail address, phone number or preferred username leads to another user. Holds the
    /// attribute's name.
    #[error("the {0} belongs to another user")]
    AliasExists(&'static str),
    /// Only administrators create users of this pool.
    #[error("the pool is not open to sign-ups")]
    SignUpNotPermitted,
    /// The sign-up has been confirmed, or there was none. Holds the user's status.
    #[error("the user cannot be confirmed")]
    CannotConfirm(UserStatus),
    /// The user has a temporary password, which an administrator replaces, has not confirmed the
    /// sign-up, or is a machine.
    #[error("the password cannot be reset in this state")]
    CannotResetPassword,
    /// The user had this password before.
    #[error("the password was used before")]
    PasswordReused,
    /// The user exists but is not in the state the operation needs.
    #[error("the user is in the wrong state")]
    WrongUserState,
    /// The password breaks the pool's policy.
    #[error("the password breaks the policy: {0}")]
    PasswordPolicy(PolicyBreach),
    /// A required attribute is missing from the answer to `NEW_PASSWORD_REQUIRED`.
    #[error("the attribute {0} is missing")]
    AttributeMissing(String),
    /// An attribute may not be written this way.
    #[error("an attribute may not be written")]
    AttributeNotWritable,
    /// A parameter breaks a rule.
    #[error(transparent)]
    Invalid(Invalid),
    /// A trigger of the pool said no. Only pools elsewhere have triggers.
    #[error("a trigger of the pool refused this")]
    TriggerRefused,
    /// Every thread for heavy work (passwords, new RSA keys) is busy and the queue is full.
    #[error("too many requests")]
    Busy,
}

impl Refusal {
    /// The name of the variant without its data, for the log.
    pub fn name(&self) -> String {
        let text = format!("{self:?}");
        text.chars().take_while(char::is_ascii_alphanumeric).collect()
    }

    /// The refusal of a parameter that breaks a rule.
    pub fn invalid(flaw: impl Into<Invalid>) -> Self {
        Self::Invalid(flaw.into())
    }
}

/// What failed on our side.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A record that the engine wrote does not open or parse: a wrong master key, or damage.
    #[error("a stored {0} cannot be opened: is this the right master key?")]
    Damaged(&'static str),
    /// Heavy computation failed.
    #[error("{0}")]
    Worker(&'static str),
    /// The same records kept changing under the decision.
    #[error("too many concurrent changes to the same records")]
    Contended,
    /// A signature could not be made.
    #[error("a token could not be signed")]
    Signing,
    /// The service that keeps the pool does not answer, or cannot at the moment. Whether it carried
    /// out the call is not known.
    #[error("the service that keeps the pool is unavailable: {0}")]
    Unavailable(String),
    /// The service that keeps the pool gave an unexpected answer: because of a wrong setting, or
    /// something that this release does not know.
    #[error("the service that keeps the pool refused a call: {0}")]
    Provider(String),
    /// The service that keeps the pool refused a call with an exception that stands for no
    /// [`Refusal`]: because of a wrong setting, a missing permission of ours, or something that
    /// this release does not know.
    #[error("the service that keeps the pool refused a call: {name}{}", after_colon(*.advice))]
    Exception {
        /// Its name.
        name: ExceptionName,
        /// What the operator can do, if that is known.
        advice: Option<&'static str>,
    },
    /// The service that keeps the pool was not asked: something of ours is missing.
    #[error("the service that keeps the pool could not be asked: {0}")]
    Unsent(String),
}

fn after_colon(text: Option<&'static str>) -> String {
    text.map(|text| format!(": {text}")).unwrap_or_default()
}

/// Why heavy work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkerError {
    /// The queue is full: try again later.
    #[error("the queue for password hashing is full")]
    Busy,
    /// The work failed, e.g. because a stored hash is not a PHC string.
    #[error("a worker failed: {0}")]
    Failed(&'static str),
}

/// Why a read or a commit failed. The caller can do nothing but report it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or refuses work.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A row holds what no release wrote.
    #[error("table {table} holds an impossible row: {reason}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// What is wrong with the row; never one of its secrets.
        reason: String,
    },
}

/// Why a commit was not made.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The change at this index did not find what it expected: the record that it creates exists,
    /// the version that it was decided on is gone, or the value that it spends is spent.
    #[error("change {0} was refused")]
    Refused(usize),
    /// The store failed. Nothing was changed, unless the store lost its database during the commit:
    /// then the outcome is unknown, and the reason says so.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<WorkerError> for Error {
    fn from(error: WorkerError) -> Self {
        match error {
            WorkerError::Busy => Refusal::Busy.into(),
            WorkerError::Failed(what) => Fault::Worker(what).into(),
        }
    }
}

impl From<Unsealable> for Error {
    fn from(_: Unsealable) -> Self {
        Fault::Damaged("secret").into()
    }
}

impl From<CommitError> for Error {
    /// For commits whose changes no concurrent change can cause to be refused.
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(_) => Fault::Contended.into(),
            CommitError::Store(error) => error.into(),
        }
    }
}
