//! Amazon's errors as the engine's: one table, by the name of the exception, and for the many that
//! `NotAuthorizedException` stands for by its text.

use crate::connection::pace::Urgency;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::DispatchFailure;
use poolkeeper_pool::entity::{Contact, UserStatus};
use poolkeeper_pool::error::{Error, ExceptionName, Fault, Invalid, Refusal, UsernameFlaw};
use poolkeeper_pool::ids::GroupName;
use poolkeeper_pool::password::PolicyBreach;
use poolkeeper_pool::time::Timestamp;
use std::error::Error as StdError;
use std::iter;
use std::time::Duration;

/// The longest that Cognito keeps a user from trying passwords. It does not say how long.
const LONGEST_LOCK: Duration = Duration::from_mins(15);

/// What a call was about, which the same exception may mean different things for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose<'a> {
    /// A password was sent.
    Password,
    /// A challenge was answered.
    Answer,
    /// A refresh token was sent.
    Refresh,
    /// An access token was sent.
    AccessToken,
    /// The device of a sign-in was confirmed.
    NewDevice,
    /// A session was sent to set up an authenticator app in.
    Setup,
    /// A user is to be made.
    Creation,
    /// A code was asked for or sent that proves an address.
    Code,
    /// An administrator asked.
    Administration,
    /// An administrator asked about a group.
    Group(&'a GroupName),
}

impl Purpose<'_> {
    /// Whether the call begins something. Administrative calls mostly end what another call began, and
    /// who answers a challenge has begun to sign in.
    pub(crate) const fn urgency(self) -> Urgency {
        match self {
            Self::Answer | Self::Administration | Self::Group(_) | Self::NewDevice => {
                Urgency::Begun
            }
            Self::Password
            | Self::Refresh
            | Self::AccessToken
            | Self::Setup
            | Self::Creation
            | Self::Code => Urgency::Fresh,
        }
    }
}

/// How a call has failed.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Amazon has refused it.
    Told {
        /// The name of the exception.
        code: String,
        /// Its text.
        message: String,
    },
    /// Amazon has not looked at it: too many calls.
    Throttled,
    /// There was no answer, half of one, or one that says that Amazon itself has failed.
    Down(String),
    /// It was not sent: something of ours is missing, mostly credentials.
    Unsent(String),
}

impl Trouble {
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        match error {
            SdkError::ConstructionFailure(_) => Self::Unsent(causes(error)),
            SdkError::TimeoutError(_) => Self::Down("it did not answer in time".to_owned()),
            SdkError::DispatchFailure(failure) => Self::undelivered(failure, error),
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                Self::told(status, service.err().code(), service.err().message())
            }
            // An answer whose body is none of Cognito's, e.g. of a proxy.
            _ => match error.raw_response().map(|raw| raw.status().as_u16()) {
                Some(429) => Self::Throttled,
                _ => Self::Down("its answer could not be read".to_owned()),
            },
        }
    }

    fn undelivered(failure: &DispatchFailure, error: &(dyn StdError + 'static)) -> Self {
        if failure.is_user() {
            return Self::Unsent(causes(error));
        }
        if let Some(missing) = missing_credentials(error) {
            return Self::Unsent(format!("{CREDENTIALS_MISSING} ({})", causes(missing)));
        }
        if failure.is_timeout() {
            return Self::Down("it could not be reached in time".to_owned());
        }
        // The system's own words, such as "Connection refused".
        let reason = chain(error).last().map(ToString::to_string).unwrap_or_default();
        Self::Down(format!("the connection failed: {reason}"))
    }

    fn told(status: u16, code: Option<&str>, message: Option<&str>) -> Self {
        let code = code.unwrap_or_default();
        let is_throttle = matches!(
            code,
            "TooManyRequestsException"
                | "ThrottlingException"
                | "Throttling"
                | "ThrottledException"
                | "RequestThrottled"
                | "RequestLimitExceeded"
                | "SlowDown"
        );
        if is_throttle || status == 429 {
            return Self::Throttled;
        }
        if status >= 500 || code.is_empty() {
            return Self::Down(format!("it answered {status}"));
        }
        Self::Told { code: code.to_owned(), message: message.unwrap_or_default().to_owned() }
    }
}

/// What the log says if there are no credentials; the places that were searched follow it.
const CREDENTIALS_MISSING: &str = "no usable AWS credentials: set AWS_ACCESS_KEY_ID and \
     AWS_SECRET_ACCESS_KEY, a profile file, web identity, or a role of the container or instance";

/// An error and what caused it, in one line. The SDK puts no request into them.
fn causes(error: &(dyn StdError + 'static)) -> String {
    let texts: Vec<_> = chain(error).map(ToString::to_string).collect();
    let lines = texts.iter().map(|text| text.lines().map(str::trim).collect::<Vec<_>>().join("; "));
    lines.collect::<Vec<_>>().join(": ").replace(":; ", ": ")
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// What the SDK says if it had nothing to sign a call with, so that the call was never sent.
fn missing_credentials<'a>(
    error: &'a (dyn StdError + 'static),
) -> Option<&'a (dyn StdError + 'static)> {
    chain(error).find(|cause| cause.is::<CredentialsError>())
}

/// What the operator can do about an exception that is nobody else's business.
pub(crate) fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "ExpiredTokenException" | "ExpiredToken" => {
            "the AWS credentials have expired; renew them where Poolkeeper finds them"
        }
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignatureException"
        | "MissingAuthenticationTokenException" => {
            "Amazon does not accept the AWS credentials; check the access key and this machine's clock"
        }
        "AccessDeniedException" => {
            "the AWS credentials lack a permission; docs/amazon-cognito.md has the policy"
        }
        "ForbiddenException" => "a web ACL of AWS WAF blocks this server; allow its address",
        "InvalidLambdaResponseException" | "UnexpectedLambdaException" => {
            "a Lambda trigger of the pool has failed; its log says why"
        }
        _ => return None,
    })
}

/// Whether an error is a fault under this name of Amazon's.
pub(crate) fn is_exception(error: &Error, named: &str) -> bool {
    matches!(error, Error::Fault(Fault::Exception { name, .. }) if name.as_str() == named)
}

/// What a trouble means for the caller.
pub(crate) fn refused(trouble: Trouble, purpose: Purpose<'_>, now: Timestamp) -> Error {
    match trouble {
        Trouble::Throttled => Refusal::Busy.into(),
        Trouble::Down(problem) => Fault::Unavailable(problem).into(),
        Trouble::Unsent(problem) => Fault::Unsent(problem).into(),
        Trouble::Told { code, message } => match refusal(&code, &message, purpose, now) {
            Some(refusal) => refusal.into(),
            None if code == "ConcurrentModificationException" => Fault::Contended.into(),
            // Texts of Cognito's quote user names at most; those of other services are not known.
            None => match ExceptionName::new(&code) {
                Some(name) => Fault::Exception { name, advice: advice(&code) }.into(),
                None => Fault::Provider("its exception has no proper name".to_owned()).into(),
            },
        },
    }
}

/// The refusal that an exception stands for. `None` if it is not the caller's fault, or unknown.
fn refusal(code: &str, message: &str, purpose: Purpose<'_>, now: Timestamp) -> Option<Refusal> {
    Some(match code {
        "NotAuthorizedException" => return not_authorized(message, purpose, now),
        "UserNotFoundException" => match purpose {
            Purpose::AccessToken => Refusal::AccessTokenRevoked,
            _ => Refusal::UserNotFound,
        },
        "UserNotConfirmedException" => Refusal::UserNotConfirmed,
        "PasswordResetRequiredException" => Refusal::PasswordResetRequired,
        "CodeMismatchException" => match purpose {
            Purpose::Answer => Refusal::CodeMismatch,
            Purpose::AccessToken | Purpose::Setup => Refusal::TotpSetupMismatch,
            _ => Refusal::VerificationCodeWrong,
        },
        "ExpiredCodeException" => match purpose {
            Purpose::Answer if message.contains("already been used") => Refusal::CodeSpent,
            Purpose::Answer | Purpose::Setup => Refusal::ChallengeSessionExpired,
            _ => Refusal::VerificationCodeExpired,
        },
        "EnableSoftwareTokenMFAException" => Refusal::TotpSetupMismatch,
        "SoftwareTokenMFANotFoundException" => Refusal::TotpNotEnabled,
        "LimitExceededException" | "TooManyFailedAttemptsException" => Refusal::LimitExceeded,
        "InvalidPasswordException" => Refusal::PasswordPolicy(breach(message)),
        "PasswordHistoryPolicyViolationException" => Refusal::PasswordReused,
        "UsernameExistsException" => Refusal::UsernameExists,
        "AliasExistsException" => Refusal::AliasExists(alias(message)),
        "GroupExistsException" => Refusal::GroupExists,
        "DeviceKeyExistsException" => Refusal::DeviceExists,
        "RefreshTokenReuseException" => Refusal::RefreshTokenReused,
        "UnsupportedUserStateException" => Refusal::WrongUserState,
        "UnsupportedTokenTypeException" => Refusal::TokenNotRevocable,
        "UnsupportedOperationException" => Refusal::RevocationNotEnabled,
        "ResourceNotFoundException" => return not_found(message, purpose),
        "InvalidParameterException" => invalid_parameter(message, purpose),
        // A trigger of the pool refused. Its text is not ours, so callers do not get it.
        "UserLambdaValidationException" => Refusal::TriggerRefused,
        _ => return None,
    })
}

fn not_authorized(message: &str, purpose: Purpose<'_>, now: Timestamp) -> Option<Refusal> {
    let session = message.strip_prefix("Invalid session for the user");
    Some(match message {
        "Password attempts exceeded" => Refusal::LockedOut { until: now.after(LONGEST_LOCK) },
        "User is disabled." => Refusal::UserDisabled,
        _ if session.is_some_and(|rest| rest.contains("once")) => Refusal::ChallengeSessionSpent,
        _ if session.is_some_and(|rest| rest.contains("expired")) => {
            Refusal::ChallengeSessionExpired
        }
        _ if session.is_some() => Refusal::ChallengeSessionInvalid,
        "Access Token has expired" => Refusal::AccessTokenExpired,
        "Access Token has been revoked" => Refusal::AccessTokenRevoked,
        "Access Token does not have required scopes" => Refusal::AccessTokenLacksScope,
        "Refresh Token has expired" => Refusal::RefreshTokenExpired,
        "Refresh Token has been revoked" => Refusal::RefreshTokenRevoked,
        _ if message.starts_with("SignUp is not permitted") => Refusal::SignUpNotPermitted,
        _ if message.contains("unauthorized attribute") => Refusal::AttributeNotWritable,
        _ if message.contains("cannot be confirmed") => Refusal::CannotConfirm(status_in(message)),
        _ if message.contains("cannot be reset in the current state") => {
            Refusal::CannotResetPassword
        }
        _ if message.starts_with("Temporary password has expired") => {
            Refusal::TemporaryPasswordExpired
        }
        // Our own proof of the app client's secret is wrong or missing.
        _ if message.to_ascii_lowercase().contains("secret") => return None,
        "Incorrect username or password." => match purpose {
            Purpose::Refresh => Refusal::RefreshTokenInvalid,
            _ => Refusal::BadCredentials,
        },
        _ => match purpose {
            Purpose::Password => Refusal::BadCredentials,
            Purpose::Answer | Purpose::Setup => Refusal::ChallengeSessionInvalid,
            Purpose::Refresh => Refusal::RefreshTokenInvalid,
            Purpose::AccessToken => Refusal::AccessTokenInvalid,
            // Not that the caller may not know: nobody in particular is meant.
            Purpose::Code => Refusal::VerificationCodeWrong,
            Purpose::Creation
            | Purpose::Administration
            | Purpose::Group(_)
            | Purpose::NewDevice => {
                return None;
            }
        },
    })
}

fn not_found(message: &str, purpose: Purpose<'_>) -> Option<Refusal> {
    match purpose {
        _ if message.contains("ser pool") => None,
        Purpose::Group(group) => Some(Refusal::GroupNotFound(group.clone())),
        _ if message.to_ascii_lowercase().contains("device") => Some(Refusal::DeviceNotFound),
        _ => None,
    }
}

fn invalid_parameter(message: &str, purpose: Purpose<'_>) -> Refusal {
    // What has not even the form of a token, a code or a name is none.
    let malformed = message.contains("failed to satisfy constraint");
    match purpose {
        Purpose::Refresh => return Refusal::RefreshTokenInvalid,
        Purpose::Code if malformed && message.contains("'confirmationCode'") => {
            return Refusal::VerificationCodeWrong;
        }
        Purpose::AccessToken | Purpose::Setup if malformed && message.contains("'userCode'") => {
            return Refusal::TotpSetupMismatch;
        }
        Purpose::AccessToken if malformed && message.contains("'previousPassword'") => {
            return Refusal::BadCredentials;
        }
        Purpose::Creation => {}
        _ if malformed && message.contains("'username'") => return Refusal::UserNotFound,
        _ => {}
    }
    let missing = message
        .strip_prefix("Invalid attributes given, ")
        .and_then(|rest| rest.strip_suffix(" is missing"));
    match missing {
        Some(name) => Refusal::AttributeMissing(name.to_owned()),
        None if message.contains("flow not enabled for this client")
            || message.contains("not enabled for the client")
            || message == "Initiate Auth method not supported." =>
        {
            Refusal::FlowNotEnabled("the sign-in flow that is configured")
        }
        None if message.contains("software token mfa")
            || message.ends_with("turn on SOFTWARE_TOKEN_MFA") =>
        {
            Refusal::TotpNotAssociated
        }
        None if message.starts_with("MFA is required") => Refusal::MfaMandatory,
        None if message.starts_with("Username cannot be of email format") => {
            Refusal::invalid(UsernameFlaw::LooksLike(Contact::Email))
        }
        None => Refusal::invalid(Invalid::AtProvider(message.to_owned())),
    }
}

/// The rule of a policy that a text names.
fn breach(message: &str) -> PolicyBreach {
    let lower = message.to_ascii_lowercase();
    let named = [
        ("not long enough", PolicyBreach::TooShort),
        ("too long", PolicyBreach::TooLong),
        ("space", PolicyBreach::OuterSpace),
        ("lowercase", PolicyBreach::NoLowercase),
        ("uppercase", PolicyBreach::NoUppercase),
        ("numeric", PolicyBreach::NoNumber),
        ("symbol", PolicyBreach::NoSymbol),
    ];
    let found = named.into_iter().find(|(word, _)| lower.contains(word));
    found.map_or(PolicyBreach::Other, |(_, breach)| breach)
}

fn alias(message: &str) -> &'static str {
    if message.contains("phone_number") {
        "phone_number"
    } else if message.contains("preferred_username") {
        "preferred_username"
    } else {
        "email"
    }
}

fn status_in(message: &str) -> UserStatus {
    let all = [UserStatus::Unconfirmed, UserStatus::ForceChangePassword, UserStatus::ResetRequired];
    all.into_iter()
        .find(|status| message.contains(status.as_str()))
        .unwrap_or(UserStatus::Confirmed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::credentials::TimedCredentials;
    use aws_config::{BehaviorVersion, Region};
    use aws_credential_types::credential_fn::provide_credentials_fn;
    use aws_credential_types::provider::SharedCredentialsProvider;
    use aws_sdk_cognitoidentityprovider::{Client, Config};

    const NOW: Timestamp = Timestamp::from_millis(0);

    fn told(status: u16, code: &str, message: &str, purpose: Purpose<'_>) -> String {
        let trouble = Trouble::told(status, Some(code), Some(message));
        match refused(trouble, purpose, NOW) {
            Error::Refused(refusal) => format!("{refusal:?}"),
            Error::Fault(fault) => format!("fault: {fault}"),
        }
    }

    /// `NotAuthorizedException` in all its meanings: text, what was asked, what it is for us.
    #[test]
    fn one_exception_has_many_meanings() {
        let cases = [
            ("Incorrect username or password.", Purpose::Password, "BadCredentials"),
            ("Incorrect username or password.", Purpose::AccessToken, "BadCredentials"),
            ("Incorrect username or password.", Purpose::Refresh, "RefreshTokenInvalid"),
            (
                "Password attempts exceeded",
                Purpose::Password,
                "LockedOut { until: Timestamp(900000) }",
            ),
            ("User is disabled.", Purpose::Password, "UserDisabled"),
            ("Invalid session for the user.", Purpose::Answer, "ChallengeSessionInvalid"),
            (
                "Invalid session for the user, session can only be used once.",
                Purpose::Answer,
                "ChallengeSessionSpent",
            ),
            (
                "Invalid session for the user, session is expired.",
                Purpose::Answer,
                "ChallengeSessionExpired",
            ),
            ("Invalid Access Token", Purpose::AccessToken, "AccessTokenInvalid"),
            ("Access Token has been revoked", Purpose::AccessToken, "AccessTokenRevoked"),
            ("Invalid Refresh Token", Purpose::Refresh, "RefreshTokenInvalid"),
            ("Refresh Token has expired", Purpose::Refresh, "RefreshTokenExpired"),
            ("SignUp is not permitted for this user pool", Purpose::Code, "SignUpNotPermitted"),
            (
                "User cannot be confirmed. Current status is CONFIRMED",
                Purpose::Code,
                "CannotConfirm(Confirmed)",
            ),
            (
                "Unable to verify secret hash for client abc",
                Purpose::Password,
                "fault: the service that keeps the pool refused a call: NotAuthorizedException",
            ),
            (
                "something new",
                Purpose::Administration,
                "fault: the service that keeps the pool refused a call: NotAuthorizedException",
            ),
        ];
        for (message, purpose, expected) in cases {
            assert_eq!(
                told(400, "NotAuthorizedException", message, purpose),
                expected,
                "{message}"
            );
        }
    }

    #[test]
    fn what_is_not_the_callers_fault_is_a_fault() {
        let unknown = told(400, "BrandNewException", "user ann", Purpose::Password);
        assert_eq!(
            unknown,
            "fault: the service that keeps the pool refused a call: BrandNewException"
        );
        let denied = told(400, "AccessDeniedException", "", Purpose::Administration);
        assert!(denied.starts_with("fault"), "{denied}");
        let pool = "User pool eu-west-1_AbCdEf123 does not exist.";
        let group = GroupName::from("staff");
        let missing = told(400, "ResourceNotFoundException", pool, Purpose::Group(&group));
        assert!(missing.starts_with("fault"), "{missing}");
        let down = told(503, "InternalErrorException", "", Purpose::Password);
        assert_eq!(down, "fault: the service that keeps the pool is unavailable: it answered 503");
    }

    /// What a signed call comes to whose credentials are looked for there.
    async fn unsigned(source: SharedCredentialsProvider) -> String {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("eu-west-1"))
            // Nobody listens there, and nobody is asked.
            .endpoint_url("http://127.0.0.1:1")
            .credentials_provider(TimedCredentials::new(source, Duration::ZERO));
        let client = Client::from_conf(config.build());
        let sent = client.list_users().user_pool_id("eu-west-1_AbCdEf123").send().await;
        match refused(Trouble::of(&sent.unwrap_err()), Purpose::Administration, NOW) {
            Error::Fault(fault @ Fault::Unsent(_)) => fault.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// An operator reads them.
    #[tokio::test]
    async fn a_failed_connection_is_told_in_the_systems_words() {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("eu-west-1"))
            .endpoint_url("http://127.0.0.1:1");
        let client = Client::from_conf(config.build());
        // Nobody signs this call.
        let sent = client.get_user().access_token("token").send().await;
        let Trouble::Down(problem) = Trouble::of(&sent.unwrap_err()) else { panic!("not down") };
        assert_eq!(problem, "the connection failed: Connection refused (os error 111)");
    }

    /// Else it would look as if Amazon were down, and nobody would fix it.
    #[tokio::test]
    async fn missing_credentials_are_reported_with_the_places_searched() {
        let missing = "the service that keeps the pool could not be asked: no usable AWS credentials: \
             set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile file, web identity, or a role \
             of the container or instance (";
        let empty = provide_credentials_fn(|| async {
            Err(CredentialsError::not_loaded("nothing there. Attempted:\n  A: no\n  B: no"))
        });
        assert_eq!(
            unsigned(SharedCredentialsProvider::new(empty)).await,
            format!(
                "{missing}the credential provider was not enabled: nothing there. Attempted: A: no; B: no)"
            )
        );
        let silent = provide_credentials_fn(std::future::pending);
        assert_eq!(
            unsigned(SharedCredentialsProvider::new(silent)).await,
            format!("{missing}credentials provider timed out after 0 seconds)")
        );
    }

    #[test]
    fn the_operator_is_told_what_to_do() {
        let told = |code| told(400, code, "secret text", Purpose::Password);
        let refused = "fault: the service that keeps the pool refused a call:";
        assert_eq!(
            told("ExpiredTokenException"),
            format!(
                "{refused} ExpiredTokenException: the AWS credentials have expired; renew them where \
                 Poolkeeper finds them"
            )
        );
        assert_eq!(
            told("ForbiddenException"),
            format!(
                "{refused} ForbiddenException: a web ACL of AWS WAF blocks this server; allow its \
                 address"
            )
        );
        assert_eq!(told("two words"), format!("{refused} its exception has no proper name"));
    }

    #[test]
    fn a_trigger_that_says_no_is_neither_a_wrong_password_nor_a_fault() {
        for purpose in
            [Purpose::Password, Purpose::Answer, Purpose::Refresh, Purpose::Creation, Purpose::Code]
        {
            let text = "PreAuthentication failed with error not today.";
            assert_eq!(told(400, "UserLambdaValidationException", text, purpose), "TriggerRefused");
        }
    }

    /// Else nobody could tell a slow Amazon from a wrong password.
    #[test]
    fn throttling_is_never_a_wrong_password() {
        for code in ["TooManyRequestsException", "ThrottlingException"] {
            assert_eq!(told(400, code, "Rate exceeded", Purpose::Password), "Busy");
        }
        assert_eq!(told(429, "", "", Purpose::Password), "Busy");
    }

    #[test]
    fn what_has_not_the_form_of_a_thing_is_none() {
        let of = |member: &str| {
            format!(
                "1 validation error detected: Value at '{member}' failed to satisfy constraint: …"
            )
        };
        let cases = [
            ("confirmationCode", Purpose::Code, "VerificationCodeWrong"),
            ("userCode", Purpose::AccessToken, "TotpSetupMismatch"),
            ("username", Purpose::Code, "UserNotFound"),
            ("token", Purpose::Refresh, "RefreshTokenInvalid"),
        ];
        for (member, purpose, expected) in cases {
            assert_eq!(told(400, "InvalidParameterException", &of(member), purpose), expected);
        }
    }

    #[test]
    fn groups_devices_and_policies_are_told_apart() {
        let group = GroupName::from("staff");
        let cases = [
            (
                told(400, "ResourceNotFoundException", "Group not found.", Purpose::Group(&group)),
                "GroupNotFound(GroupName(\"staff\"))",
            ),
            (
                told(400, "ResourceNotFoundException", "Device does not exist.", Purpose::Password),
                "DeviceNotFound",
            ),
            (
                told(
                    400,
                    "InvalidPasswordException",
                    "Password did not conform with policy: Password must have numeric characters",
                    Purpose::Answer,
                ),
                "PasswordPolicy(NoNumber)",
            ),
            (
                told(
                    400,
                    "InvalidPasswordException",
                    "Provided password cannot be used for security reasons.",
                    Purpose::Answer,
                ),
                "PasswordPolicy(Other)",
            ),
            (
                told(
                    400,
                    "InvalidParameterException",
                    "Invalid attributes given, email is missing",
                    Purpose::Answer,
                ),
                "AttributeMissing(\"email\")",
            ),
            (
                told(
                    400,
                    "AliasExistsException",
                    "An account with the phone_number already exists.",
                    Purpose::Code,
                ),
                "AliasExists(\"phone_number\")",
            ),
        ];
        for (told, expected) in cases {
            assert_eq!(told, expected);
        }
    }
}
