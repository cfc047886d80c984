//! Where an operation knowingly differs from Amazon Cognito. Each has a test.

use poolkeeper_cognito_api::Operation;

/// What differs, in a sentence; `None` where nothing is known to.
pub(super) const fn known_difference(operation: Operation) -> Option<&'static str> {
    Some(match operation {
        Operation::InitiateAuth | Operation::AdminInitiateAuth => {
            "Disabled users are told only after the right password; a second factor that is due is \
             asked for right after a sign-up, too. CUSTOM_AUTH is refused."
        }
        Operation::RespondToAuthChallenge | Operation::AdminRespondToAuthChallenge => {
            "A password that is set or reset ends sign-ins that are half-way; a new one of late counts \
             like a wrong one."
        }
        Operation::CreateUserPool | Operation::UpdateUserPool => {
            "LambdaConfig, AdvancedSecurityMode and CONFIRM_WITH_LINK are refused."
        }
        Operation::CreateUserPoolClient | Operation::UpdateUserPoolClient => {
            "Token exchange flows are refused."
        }
        Operation::GetUserPoolMfaConfig => {
            "A pool made with MFA offers authenticator apps and codes by e-mail from the start."
        }
        Operation::SetUserPoolMfaConfig => {
            "WebAuthnConfiguration is refused; codes by e-mail need no EmailConfiguration."
        }
        Operation::AdminSetUserPassword => {
            "It ends the user's sign-ins and forgets the user's devices."
        }
        Operation::ConfirmDevice => {
            "A user has at most 100 devices: the one unused for longest gives way to a new one."
        }
        Operation::GetDevice | Operation::AdminGetDevice => {
            "DeviceAttributes are device_status, device_name, dev:device_remembered_status and \
             last_ip_used."
        }
        Operation::AdminResetUserPassword => {
            "It ends the user's sign-ins; users who have not confirmed their sign-up are refused."
        }
        Operation::ConfirmForgotPassword => "It ends the user's sign-ins.",
        Operation::VerifySoftwareToken => "FriendlyDeviceName has at most 1,024 bytes.",
        Operation::AdminCreateUser => {
            "Usernames that look the same are the same, and one in the form of a UUID is refused. \
             Invitations go to the e-mail address unless told otherwise; who needs no password gets \
             none."
        }
        Operation::SignUp => {
            "Usernames that look the same are the same, and one in the form of a UUID is refused. \
             Without a password, there must be an address that the pool's codes can go to."
        }
        Operation::ConfirmSignUp => "A Session that is too old is as good as none.",
        Operation::ResendConfirmationCode | Operation::ForgotPassword => {
            "With PreventUserExistenceErrors, users who cannot be sent a code are answered as if \
             they had been, confirmed and invited ones too."
        }
        Operation::ChangePassword => "Wrong guesses count on the same lockout as sign-ins.",
        Operation::UpdateUserAttributes => {
            "An address that second factors go to stays until the new one is proven."
        }
        Operation::SetUserPoolClientSessionConfiguration => {
            "It is kept, and will count with login pages."
        }
        Operation::AdminLinkProviderForUser => {
            "Links are kept and shown, but nobody can sign in through a provider."
        }
        Operation::AdminDisableProviderForUser => "The provider Cognito is refused.",
        Operation::AddUserPoolClientSecret => "A public client stays one: it is refused.",
        Operation::AdminListUserAuthEvents
        | Operation::AdminUpdateAuthEventFeedback
        | Operation::UpdateAuthEventFeedback => {
            "There is no threat protection: UserPoolAddOnNotEnabledException, always."
        }
        Operation::SetUserMFAPreference | Operation::AdminSetUserMFAPreference => {
            "WebAuthnMfaSettings is refused."
        }
        Operation::GetClientToken | Operation::GetDerivedToken => {
            "Which scopes and claims their tokens carry is not documented clearly enough to build."
        }
        _ => return None,
    })
}
