//! The texts of errors: which are Cognito's, which are only said to be, and which are our own. The
//! tests beside this one assert whole answers; this one reads them, so that no text is without an
//! assertion and none passes for Cognito's that is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// From Amazon's documentation, or seen in answers of the real service. A `*` stands for whatever
/// varies.
const COGNITO: &[&str] = &[
    "* validation error* detected: *",
    "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes",
    "Attribute * cannot have a max length shorter than it's min length",
    "Attribute * cannot have a max value smaller than it's min value",
    "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names.",
    "A client attempted to write unauthorized attribute",
    "ADMIN_USER_PASSWORD_AUTH flow not enabled for this client",
    "Access Token does not have required scopes",
    "Access Token has been revoked",
    "Access Token has expired",
    "An account with the email already exists.",
    "An account with the given email already exists.",
    "An account with the given phone_number already exists.",
    "An account with the phone_number already exists.",
    "Attempt limit exceeded, please try after some time.",
    "Attributes did not conform to the schema: *: Attribute does not exist in the schema.\\n",
    "Attributes did not conform to the schema: *: String must be no longer than * characters\\n",
    "Attributes did not conform to the schema: *: String must be no shorter than * characters\\n",
    "Attributes did not conform to the schema: *: The attribute is required\\n",
    "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth factor",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
    "Client Secret is required to set EnablePropagateAdditionalUserContextData as true",
    "Client * is configured for secret but secret was not received",
    "Code mismatch and fail enable Software Token MFA",
    "Device does not exist.",
    "Duplicate custom attribute names * are not allowed in a user pool schema.",
    "Error while parsing filter.",
    "Incorrect username or password.",
    "Initiate Auth method not supported.",
    "Input fails to satisfy the constraints.",
    "* Existing attribute already has name *",
    "Invalid Access Token",
    "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
    "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.",
    "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration.",
    "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
    "Invalid Refresh Token",
    "Invalid attributes given, * is missing",
    "Invalid code or auth state for the user.",
    "Invalid code provided, please request a code again.",
    "Invalid email address format.",
    "Invalid phone number format.",
    "Invalid session for the user, session can only be used once.",
    "Invalid session for the user, session is expired.",
    "Invalid session for the user.",
    "Invalid verification code provided, please try again.",
    "Invalid write attributes specified while creating a client",
    "Invalid write attributes specified while updating a client",
    "Missing Authentication Token",
    "Missing required parameter *",
    "Password attempts exceeded",
    "Password did not conform with policy: Password must have lowercase characters",
    "Password did not conform with policy: Password must have numeric characters",
    "Password did not conform with policy: Password must have symbol characters",
    "Password did not conform with policy: Password must have uppercase characters",
    "Password did not conform with policy: Password not long enough",
    "Preferred username cannot be provided for unconfirmed account, since user pool is configured for preferred username alias.",
    "REFRESH_TOKEN_AUTH flow not enabled for this client",
    "Refresh Token has been revoked",
    "Refresh Token has expired",
    "Required custom attributes are not supported currently.",
    "SecretHash does not match for the client: *",
    "SignUp is not permitted for this user pool",
    "Software Token MFA has not been enabled by the userPool",
    "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    "The security token included in the request is invalid.",
    "USER_AUTH flow not enabled for this client",
    "USER_PASSWORD_AUTH flow not enabled for this client",
    "USER_SRP_AUTH flow not enabled for this client",
    "Unable to verify secret hash for client *",
    "User account already exists",
    "User already exists",
    "User cannot be confirmed. Current status is *",
    "User * should be empty or same as username, since username attribute is *",
    "User does not exist.",
    "User does not have a phone_number set to turn on SMS MFA",
    "User does not have delivery config set to turn on *",
    "User has not set up software token mfa",
    "User has not verified software token mfa",
    "User is already confirmed.",
    "User is disabled.",
    "User is not confirmed.",
    "User password cannot be reset in the current state.",
    "User pool * does not exist.",
    "User pool client * does not exist.",
    "WEB_AUTHN cannot be used as an auth factor when MFA is enabled if not configured for MFA.",
    "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute *",
    "Username cannot be of email format, since user pool is configured for email alias.",
    "Username cannot be of phone format, since user pool is configured for phone alias.",
    "Username should be a phone number.",
    "Username should be an email.",
    "Username should be either an email or a phone number.",
    "Username/client id combination not found.",
    "user.*: Attribute cannot be updated.\\n",
];

/// Reported, but by nothing that could be relied on.
const SAID_TO_BE: &[&str] = &[
    "*: String attributes cannot have a length of more than 2048",
    "* can not be converted to a String",
    "* can not be converted to an Integer",
    "A group with the name already exists.",
    "An account with the given preferred_username already exists.",
    "Cannot modify an already provided *",
    "Cannot resend codes. Auto verification not turned on.",
    "Email is required to verify/un-verify an email",
    "Group not found.",
    "Invalid *AttributeConstraints for schema attribute *",
    "Invalid code received for user",
    "Invalid pagination token.",
    "Invalid range for token validity.",
    "Invalid read attributes specified while creating a client",
    "Invalid read attributes specified while updating a client",
    "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.",
    "Password has previously been used. Please choose another one.",
    "Password reset required for the user",
    "Phone number is required to verify/un-verify a phone number",
    "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays",
    "Refresh token has been invalidated by rotation",
    "Signature expired: *",
    "Start of list found where not expected.",
    "Start of structure or map found where not expected.",
    "Temporary password has expired and must be reset by an administrator.",
    "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.",
    "Unexpected field type",
    "User does not have the attribute *",
    "User: * is not authorized to perform: *",
    "Your software token has already been used once.",
];

/// Our own, where nobody knows Cognito's, or Cognito has nothing of the kind.
const OURS: &[&str] = &[
    "* cannot be removed while sign-in codes or password resets go to it. Change it instead.",
    "* is missing, malformed or not covered by the signature.",
    "* is not offered by this release of Poolkeeper.",
    "* is not supported by this release of Poolkeeper.",
    "A recent sign-in is needed for this. Sign in again.",
    "A user can have at most * linked identities.",
    "A user pool can have at most * custom attributes.",
    "A user pool can have at most * tags.",
    "ALLOW_REFRESH_TOKEN_AUTH cannot be enabled when refresh token rotation is enabled.",
    "ANSWER is no available challenge.",
    "ANSWER must be one of *",
    "An app client can have at most * secrets.",
    "Attribute name must be email or phone_number.",
    "Attributes did not conform to the schema: *: Attribute value is invalid.\\n",
    "Attributes did not conform to the schema: *: Attribute value must be a number within the bounds.\\n",
    "Attributes did not conform to the schema: *: Attribute value must be true or false.\\n",
    "Client secret * does not exist.",
    "Content-Type must be application/x-amz-json-1.1",
    "Credential should be scoped to the region *.",
    "Device already exists.",
    "Duplicate attributes are not allowed.",
    "Exactly one of AccessToken and Session must be given.",
    "FriendlyDeviceName is longer than * bytes.",
    "Invalid device key given.",
    "Invalid device secret verifier given.",
    "MFA is required by the user pool and cannot be turned off.",
    "MFAOptions can name the DeliveryMedium SMS and the AttributeName phone_number only.",
    "Method Not Allowed",
    "Only one factor can be set as preferred.",
    "Only one of ClientSecret and GenerateSecret can be given.",
    "Only refresh tokens can be revoked",
    "MfaConfiguration cannot go from OFF to ON here. Use SetUserPoolMfaConfig.",
    "Password did not conform with policy: Password must not begin or end with a space",
    "Password did not conform with policy: Password too long",
    "Preferred username cannot begin or end with a space.",
    "Preferred username cannot have the form of *.",
    "Preferred username has no visible characters.",
    "Request is too large.",
    "SMS MFA needs an SmsConfiguration.",
    "SRP_A is not a value of the group.",
    "Session does not exist.",
    "SourceUser is already linked to DestinationUser",
    "SourceUser is already linked to another user",
    "The DestinationUser's ProviderName must be Cognito.",
    "The SourceUser's ProviderName must be that of an identity provider.",
    "The app client was changed at the same time. Try again.",
    "The app client is public and can have no secret.",
    "The last secret of an app client cannot be deleted.",
    "The request body is not valid JSON at line *",
    "The resource does not exist.",
    "The user's status does not allow this.",
    "Threat protection is not enabled for the user pool.",
    "Token revocation is not enabled for the app client",
    "Unable to verify secret for client*",
    "User does not have an email set to turn on EMAIL MFA",
    "User has no email or phone number to send the invitation to.",
    "User session tracking is not enabled for this user pool.",
    "Username has no visible characters.",
];

/// What the answers in the tests' sources say.
fn asserted() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut texts = BTreeSet::new();
    for part in ["it/cognito", "security"] {
        for file in fs::read_dir(folder.join(part)).unwrap() {
            let path = file.unwrap().path();
            // Folders hold random requests, which assert no text.
            if path.is_file() && path.file_name().unwrap() != "words.rs" {
                collect(&fs::read_to_string(path).unwrap(), &mut texts);
            }
        }
    }
    texts
}

/// Texts stand after the name of an exception, or as the member `message`.
fn collect(source: &str, texts: &mut BTreeSet<String>) {
    for before in ["Exception \"", "\"message\": \""] {
        for (at, _) in source.match_indices(before) {
            let rest = &source[at + before.len()..];
            let ends = |(at, letter): &(usize, char)| {
                *letter == '"' && !rest[..*at].ends_with('\\') || *letter == '\n'
            };
            let end = rest.char_indices().find(ends).unwrap().0;
            texts.insert(rest[..end].to_owned());
        }
    }
    texts.remove("-");
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            text.char_indices().any(|(at, _)| matches(rest, &text[at..])) || matches(rest, "")
        }),
    }
}

#[test]
fn every_text_is_asserted_and_known_for_what_it_is() {
    let asserted = asserted();
    let known = [COGNITO, SAID_TO_BE, OURS].concat();
    let kinds = |text: &str| known.iter().filter(|pattern| matches(pattern, text)).count();
    let unknown: Vec<_> = asserted.iter().filter(|text| kinds(text) == 0).collect();
    assert!(unknown.is_empty(), "whose words are these? {unknown:#?}");
    let is_asserted = |pattern: &str| asserted.iter().any(|text| matches(pattern, text));
    let missing: Vec<_> = known.iter().filter(|pattern| !is_asserted(pattern)).collect();
    assert!(missing.is_empty(), "no test asserts {missing:#?}");
}
