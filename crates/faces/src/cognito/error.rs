use crate::invalid;
use crate::kit::{self, BodyFlaw, Crowded};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use poolkeeper_cognito_api::{InputError, Operation};
use poolkeeper_pool::error::Counted;
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::{Error, Refusal};
use serde_json::{Value, json};

/// The media type of every answer that has a body.
pub(super) const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/x-amz-json-1.1");

/// The longest message that is told in a header, too, in bytes: clients have limits for all headers
/// together.
const LONGEST_HEADER: usize = 1024;

/// An error as the protocol tells it. Every fault of the caller is a 400; clients read the name.
#[derive(Debug)]
pub(super) struct CognitoError {
    status: StatusCode,
    name: &'static str,
    message: Option<String>,
    /// What the engine refused, if it did.
    refusal: Option<Refusal>,
    /// After how many seconds it is worth another try, if that is known.
    wait: Option<u64>,
}

impl CognitoError {
    pub(super) fn new(name: &'static str, message: impl Into<String>) -> Self {
        let (status, message) = (StatusCode::BAD_REQUEST, Some(message.into()));
        Self { status, name, message, refusal: None, wait: None }
    }

    pub(super) fn invalid_parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }

    pub(super) fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }

    pub(super) fn missing(parameter: &str) -> Self {
        Self::invalid_parameter(format!("Missing required parameter {parameter}"))
    }

    pub(super) fn unknown_operation() -> Self {
        let name = "UnknownOperationException";
        Self { message: None, ..Self::new(name, "") }
    }

    pub(super) fn wrong_method() -> Self {
        Self { status: StatusCode::METHOD_NOT_ALLOWED, ..Self::unknown_operation() }
    }

    /// For operations that Cognito has and this release has not.
    pub(super) fn not_offered(operation: Operation) -> Self {
        let message = format!("{operation} is not offered by this release of Poolkeeper.");
        Self { message: Some(message), ..Self::unknown_operation() }
    }

    /// For settings that Cognito acts on and this release would only store. Storing them would
    /// let their owner believe in a protection that is not there.
    pub(super) fn not_supported(setting: &str) -> Self {
        let message = format!("{setting} is not supported by this release of Poolkeeper.");
        Self::invalid_parameter(message)
    }

    pub(super) fn unreadable(flaw: &BodyFlaw) -> Self {
        match flaw {
            BodyFlaw::TooLarge => {
                let error = Self::new("RequestEntityTooLargeException", "Request is too large.");
                Self { status: StatusCode::PAYLOAD_TOO_LARGE, ..error }
            }
            BodyFlaw::Crowded(crowded) => Self::crowded(*crowded),
            _ => Self::serialization("The request body could not be read."),
        }
    }

    /// There is no room for a call. SDKs try both again by themselves.
    pub(super) fn crowded(crowded: Crowded) -> Self {
        let error = match crowded {
            Crowded::Origin => {
                let error = Self::from(Refusal::Busy);
                Self { status: StatusCode::TOO_MANY_REQUESTS, ..error }
            }
            Crowded::Everywhere => {
                let error = Self::new("ServiceUnavailableException", "Service unavailable.");
                Self { status: StatusCode::SERVICE_UNAVAILABLE, ..error }
            }
        };
        Self { wait: Some(Crowded::WAIT), ..error }
    }

    /// The same error in the words of a particular operation, if it is the one named.
    pub(super) fn reworded(self, name: &str, message: &str) -> Self {
        if self.name == name { Self { message: Some(message.to_owned()), ..self } } else { self }
    }

    /// The same error with "the email" in place of "the given email", as some operations have it.
    pub(super) fn without_given(self, name: &str) -> Self {
        let message = self.message.as_ref().filter(|_| self.name == name);
        let message = message.map(|message| message.replace("the given ", "the "));
        Self { message: message.or(self.message), ..self }
    }

    /// Notes how the request is refused.
    pub(super) fn note(&self, context: &RequestContext) {
        if let Some(refusal) = &self.refusal {
            context.note_refusal(refusal);
        }
    }

    fn internal() -> Self {
        let error = Self::new("InternalErrorException", "Internal error");
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..error }
    }

    fn body(&self) -> Value {
        match &self.message {
            Some(message) => json!({ "__type": self.name, "message": message }),
            None => json!({ "__type": self.name }),
        }
    }
}

impl IntoResponse for CognitoError {
    fn into_response(self) -> Response {
        let mut response = kit::json(self.status, &self.body());
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, CONTENT_TYPE);
        let name = HeaderValue::from_static(self.name);
        headers.insert(HeaderName::from_static("x-amzn-errortype"), name);
        response.extensions_mut().insert(kit::Exception(self.name));
        let headers = response.headers_mut();
        if let Some(wait) = self.wait {
            headers.insert(header::RETRY_AFTER, wait.into());
        }
        // A message may quote the request. What no header can carry stays in the body alone.
        let plain = |text: &String| {
            text.len() <= LONGEST_HEADER && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        };
        let text = self.message.filter(plain).and_then(|text| HeaderValue::from_str(&text).ok());
        if let Some(text) = text {
            headers.insert(HeaderName::from_static("x-amzn-errormessage"), text);
        }
        response
    }
}

impl From<InputError> for CognitoError {
    fn from(error: InputError) -> Self {
        Self::new(error.exception(), error.to_string())
    }
}

impl From<Error> for CognitoError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.into(),
            Error::Fault(fault) => {
                kit::report_fault(&fault);
                Self::internal()
            }
        }
    }
}

const NOT_AUTHORIZED: &str = "NotAuthorizedException";
const INVALID_PARAMETER: &str = "InvalidParameterException";
const NOT_FOUND: &str = "ResourceNotFoundException";

impl From<Refusal> for CognitoError {
    fn from(refusal: Refusal) -> Self {
        let (name, message) = name_and_message(refusal.clone());
        Self { refusal: Some(refusal), ..Self::new(name, message) }
    }
}

#[expect(clippy::too_many_lines, reason = "one table, read as one")]
fn name_and_message(refusal: Refusal) -> (&'static str, String) {
    let (name, message) = match refusal {
        Refusal::BadCredentials
        | Refusal::External
        | Refusal::PartnerSuspended
        | Refusal::PartnerForbidden
        | Refusal::PermissionDenied
        | Refusal::SuspendedByOperator => (NOT_AUTHORIZED, "Incorrect username or password."),
        Refusal::LockedOut { .. } => (NOT_AUTHORIZED, "Password attempts exceeded"),
        Refusal::UserDisabled | Refusal::Barred => (NOT_AUTHORIZED, "User is disabled."),
        Refusal::UserNotFound => ("UserNotFoundException", "User does not exist."),
        Refusal::UserNotConfirmed => ("UserNotConfirmedException", "User is not confirmed."),
        Refusal::PasswordResetRequired => {
            ("PasswordResetRequiredException", "Password reset required for the user")
        }
        Refusal::TemporaryPasswordExpired => (
            NOT_AUTHORIZED,
            "Temporary password has expired and must be reset by an administrator.",
        ),
        Refusal::FlowNotEnabled(flow) => {
            return (INVALID_PARAMETER, format!("{flow} flow not enabled for this client"));
        }
        Refusal::SecretHashMissing(client) => {
            let what = "is configured for secret but secret was not received";
            return (NOT_AUTHORIZED, format!("Client {client} {what}"));
        }
        Refusal::SecretHashWrong(client) => {
            return (NOT_AUTHORIZED, format!("Unable to verify secret hash for client {client}"));
        }
        Refusal::ClientSecretWrong => {
            ("UnauthorizedException", "Unable to verify secret for client")
        }
        Refusal::ChallengeSessionInvalid => (NOT_AUTHORIZED, "Invalid session for the user."),
        Refusal::ChallengeSessionExpired => {
            (NOT_AUTHORIZED, "Invalid session for the user, session is expired.")
        }
        Refusal::ChallengeSessionSpent => {
            (NOT_AUTHORIZED, "Invalid session for the user, session can only be used once.")
        }
        Refusal::CodeMismatch => {
            ("CodeMismatchException", "Invalid code or auth state for the user.")
        }
        Refusal::VerificationCodeWrong => {
            ("CodeMismatchException", "Invalid verification code provided, please try again.")
        }
        Refusal::VerificationCodeExpired => {
            ("ExpiredCodeException", "Invalid code provided, please request a code again.")
        }
        Refusal::LimitExceeded => {
            ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
        }
        Refusal::CodeSpent => {
            ("ExpiredCodeException", "Your software token has already been used once.")
        }
        Refusal::TotpSetupMismatch => {
            ("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
        }
        Refusal::TotpNotAssociated => (INVALID_PARAMETER, "User has not set up software token mfa"),
        Refusal::TotpNotEnabled => (
            "SoftwareTokenMFANotFoundException",
            "Software Token MFA has not been enabled by the userPool",
        ),
        Refusal::AccessTokenInvalid => (NOT_AUTHORIZED, "Invalid Access Token"),
        Refusal::AccessTokenExpired => (NOT_AUTHORIZED, "Access Token has expired"),
        Refusal::AccessTokenRevoked => (NOT_AUTHORIZED, "Access Token has been revoked"),
        Refusal::AccessTokenLacksScope => {
            (NOT_AUTHORIZED, "Access Token does not have required scopes")
        }
        Refusal::RefreshTokenInvalid => (NOT_AUTHORIZED, "Invalid Refresh Token"),
        Refusal::RefreshTokenExpired => (NOT_AUTHORIZED, "Refresh Token has expired"),
        Refusal::RefreshTokenRevoked => (NOT_AUTHORIZED, "Refresh Token has been revoked"),
        Refusal::RefreshTokenReused => {
            ("RefreshTokenReuseException", "Refresh token has been invalidated by rotation")
        }
        Refusal::SignInSessionsNotTracked => (
            "OperationNotEnabledException",
            "User session tracking is not enabled for this user pool.",
        ),
        Refusal::SignInSessionNotFound => (NOT_FOUND, "Session does not exist."),
        Refusal::TokenNotRevocable => {
            ("UnsupportedTokenTypeException", "Only refresh tokens can be revoked")
        }
        Refusal::RevocationNotEnabled => {
            ("UnsupportedOperationException", "Token revocation is not enabled for the app client")
        }
        Refusal::TooMany(what) => return ("LimitExceededException", too_many(what)),
        Refusal::ClientSecretNotFound(id) => {
            return (NOT_FOUND, format!("Client secret {id} does not exist."));
        }
        Refusal::PoolNotFound(pool) => {
            return (NOT_FOUND, format!("User pool {pool} does not exist."));
        }
        Refusal::ClientNotFound(client) => {
            return (NOT_FOUND, format!("User pool client {client} does not exist."));
        }
        Refusal::PartnerNotFound => (NOT_FOUND, "Partner not found."),
        Refusal::LastAdministrator => {
            (NOT_AUTHORIZED, "The last administrator of the pool cannot do this.")
        }
        Refusal::FreshSignInRequired => {
            (NOT_AUTHORIZED, "A recent sign-in is needed for this. Sign in again.")
        }
        Refusal::MfaMandatory => {
            (INVALID_PARAMETER, "MFA is required by the user pool and cannot be turned off.")
        }
        Refusal::GroupNotFound(_) => (NOT_FOUND, "Group not found."),
        Refusal::GroupExists => ("GroupExistsException", "A group with the name already exists."),
        Refusal::DeviceNotFound => (NOT_FOUND, "Device does not exist."),
        Refusal::DeviceExists => ("DeviceKeyExistsException", "Device already exists."),
        Refusal::UsernameExists => ("UsernameExistsException", "User account already exists"),
        Refusal::AliasExists(attribute) => {
            let message = format!("An account with the given {attribute} already exists.");
            return ("AliasExistsException", message);
        }
        Refusal::SignUpNotPermitted => {
            (NOT_AUTHORIZED, "SignUp is not permitted for this user pool")
        }
        Refusal::CannotConfirm(status) => {
            let status = status.as_str();
            return (
                NOT_AUTHORIZED,
                format!("User cannot be confirmed. Current status is {status}"),
            );
        }
        Refusal::CannotResetPassword => {
            (NOT_AUTHORIZED, "User password cannot be reset in the current state.")
        }
        Refusal::PasswordReused => (
            "PasswordHistoryPolicyViolationException",
            "Password has previously been used. Please choose another one.",
        ),
        Refusal::WrongUserState => {
            ("UnsupportedUserStateException", "The user's status does not allow this.")
        }
        Refusal::PasswordPolicy(breach) => {
            let message = format!("Password did not conform with policy: {breach}");
            return ("InvalidPasswordException", message);
        }
        Refusal::AttributeMissing(name) => {
            return (INVALID_PARAMETER, format!("Invalid attributes given, {name} is missing"));
        }
        Refusal::AttributeNotWritable => {
            (NOT_AUTHORIZED, "A client attempted to write unauthorized attribute")
        }
        Refusal::Invalid(invalid) => return (INVALID_PARAMETER, invalid::message(&invalid)),
        Refusal::TriggerRefused => {
            ("UserLambdaValidationException", "A trigger of the user pool refused this.")
        }
        Refusal::Busy => ("TooManyRequestsException", "Rate exceeded"),
    };
    (name, message.to_owned())
}

fn too_many(what: Counted) -> String {
    match what {
        Counted::ClientSecrets { most } => {
            format!("An app client can have at most {most} secrets.")
        }
        Counted::LinkedIdentities { most } => {
            format!("A user can have at most {most} linked identities.")
        }
        Counted::Credentials => {
            "The tenant has as many machine credentials as there can be.".to_owned()
        }
    }
}
