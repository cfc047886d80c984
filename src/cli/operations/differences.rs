//! Where an operation knowingly differs from Amazon Cognito, and the tests of that.

use poolkeeper_cognito_api::Operation;

/// What differs, in a sentence; `None` where nothing is known to.
pub(super) fn known_difference(operation: Operation) -> Option<&'static str> {
    let found = DIFFERENCES.iter().find(|(operations, ..)| operations.contains(&operation));
    found.map(|(_, difference, _)| *difference)
}

/// Operations, what they do differently, and its tests: `file::function` below `tests/it`, or below `tests`
/// for those in `security`.
type Difference = (&'static [Operation], &'static str, &'static [&'static str]);

const DIFFERENCES: &[Difference] = &[
    (
        &[Operation::InitiateAuth, Operation::AdminInitiateAuth],
        "Disabled users are told only after the right password; a second factor that is due is \
         asked for right after a sign-up, too. CUSTOM_AUTH is refused. EMAIL_OTP and SMS_OTP as \
         first factors go to verified addresses; where one confirms a sign-up, the password and \
         the unproven addresses that came with it are gone.",
        &[
            "security/made_by_others::no_code_goes_to_an_address_that_nobody_has_proven",
            "security/made_by_others::a_strangers_password_is_gone_when_the_owner_signs_in_by_code",
            "cognito/user_states::with_a_wrong_password_all_look_like_nobody",
            "cognito/sign_up_session::a_second_factor_that_is_due_is_asked_for",
            "cognito/initiate_auth::flows_that_do_not_belong_here",
            "cognito/admin_initiate_auth::flows_that_do_not_belong_here",
        ],
    ),
    (
        &[Operation::RespondToAuthChallenge, Operation::AdminRespondToAuthChallenge],
        "A password that is set or reset ends sign-ins that are half-way; a new one of late counts \
         like a wrong one.",
        &[
            "security/half_way::a_new_password_ends_a_second_factor_that_waits",
            "cognito/new_password::a_password_of_late_is_refused_and_counts",
        ],
    ),
    (
        &[Operation::CreateUserPool, Operation::UpdateUserPool],
        "LambdaConfig, AdvancedSecurityMode and CONFIRM_WITH_LINK are refused.",
        &[
            "cognito/create_user_pool::unsupported_settings_are_refused",
            "cognito/update_user_pool::refused",
        ],
    ),
    (
        &[Operation::CreateUserPoolClient, Operation::UpdateUserPoolClient],
        "Token exchange flows are refused.",
        &["cognito/create_user_pool_client::refused"],
    ),
    (
        &[Operation::GetUserPoolMfaConfig],
        "A pool made with MFA offers authenticator apps and codes by e-mail from the start.",
        &["cognito/get_user_pool_mfa_config::a_new_pool_and_one_that_asks"],
    ),
    (
        &[Operation::SetUserPoolMfaConfig],
        "WebAuthnConfiguration is refused; codes by e-mail need no EmailConfiguration.",
        &[
            "cognito/set_user_pool_mfa_config::refused",
            "cognito/set_user_pool_mfa_config::a_code_by_mail_without_setting_up",
        ],
    ),
    (
        &[Operation::AdminSetUserPassword],
        "It ends the user's sign-ins and forgets the user's devices.",
        &[
            "cognito/admin_set_user_password::all_sign_ins_of_the_user_end",
            "cognito/device_tokens::a_password_set_or_reset_forgets_devices",
        ],
    ),
    (
        &[Operation::ConfirmForgotPassword],
        "It ends the user's sign-ins and forgets the user's devices. A code to an address proven \
         within a week before, after the one that this code went to, lets nobody in until that \
         address is verified again.",
        &[
            "cognito/device_tokens::a_password_set_or_reset_forgets_devices",
            "cognito/confirm_forgot_password::the_new_password_takes_the_place_of_the_old_one",
            "security/added_addresses::an_added_number_signs_in_no_more_after_a_reset",
        ],
    ),
    (
        &[Operation::AdminDeleteSoftwareToken],
        "A sign-in that waits for the app's code has an invalid session from then on.",
        &["cognito/admin_delete_software_token::the_app_is_asked_for_no_more"],
    ),
    (
        &[Operation::ConfirmDevice],
        "A user has at most 100 devices: the one unused for longest gives way to a new one.",
        &["cognito/confirm_device::the_oldest_of_a_hundred_gives_way"],
    ),
    (
        &[Operation::GetDevice, Operation::AdminGetDevice],
        "DeviceAttributes are device_status, device_name, dev:device_remembered_status and \
         last_ip_used.",
        &["cognito/get_device::shown_to_its_user"],
    ),
    (
        &[Operation::AdminResetUserPassword],
        "It ends the user's sign-ins and forgets the user's devices; users who have not confirmed \
         their sign-up are refused.",
        &[
            "cognito/admin_reset_user_password::the_password_is_worthless_until_it_is_replaced_by_the_code",
            "cognito/device_tokens::a_password_set_or_reset_forgets_devices",
            "cognito/forgot_password::an_unconfirmed_user_has_nothing_to_reset",
        ],
    ),
    (
        &[Operation::VerifySoftwareToken],
        "FriendlyDeviceName has at most 1,024 bytes.",
        &["cognito/verify_software_token::a_friendly_name_has_a_kilobyte"],
    ),
    (
        &[Operation::AdminCreateUser],
        "Usernames that look the same are the same, and one in the form of a UUID is refused. \
         Invitations go to the e-mail address unless told otherwise; who needs no password, since \
         a verified address can be sent codes, gets none.",
        &[
            "security/taken_names::names_that_look_the_same_are_one",
            "cognito/admin_create_user::refused",
            "cognito/admin_create_user::where_the_invitation_goes",
            "cognito/admin_create_user::without_a_password",
        ],
    ),
    (
        &[Operation::SignUp],
        "Usernames that look the same are the same, and one in the form of a UUID is refused. \
         Without a password, there must be an address that the pool's codes can go to. In \
         a pool that verifies anything, an address in the username's place gets the code, before \
         others and whether or not its kind is in AutoVerifiedAttributes.",
        &[
            "cognito/sign_up::an_address_in_the_usernames_place_gets_the_code_before_another",
            "security/taken_names::names_that_look_the_same_are_one",
            "cognito/sign_up::what_is_refused",
            "cognito/sign_up_session::without_a_password_from_the_start",
        ],
    ),
    (
        &[Operation::ConfirmSignUp],
        "A Session that is too old is as good as none. One is given to who brings that of SignUp, or \
         where the pool lets people in by such a code.",
        &[
            "cognito/sign_up_session::a_code_counts_though_the_session_is_too_old",
            "cognito/sign_up_session::a_code_is_enough_where_it_is_enough_to_sign_in",
        ],
    ),
    (
        &[Operation::ResendConfirmationCode],
        "With PreventUserExistenceErrors, users who cannot be sent a code are answered as if they \
         had been, confirmed and invited ones too. The code goes where that of SignUp does.",
        &[
            "cognito/resend_confirmation_code::through_clients_that_hide_users_everybody_is_sent_one",
            "security/leading_names::a_sign_up_proves_the_address_it_goes_by",
        ],
    ),
    (
        &[Operation::ForgotPassword],
        "With PreventUserExistenceErrors, users who cannot be sent a code are answered as if they \
         had been, confirmed and invited ones too. No code goes to an address proven within a week \
         while there is one proven before it.",
        &[
            "cognito/forgot_password::through_clients_that_hide_users_nobody_can_tell",
            "security/added_addresses::an_old_number_goes_first_as_ever",
        ],
    ),
    (
        &[Operation::ChangePassword],
        "Wrong guesses count on the same lockout as sign-ins.",
        &["cognito/change_password::guesses_count_as_at_sign_in"],
    ),
    (
        &[Operation::UpdateUserAttributes],
        "An address that second factors go to stays until the new one is proven. In the username's \
         place, a new one is no name to sign in by until then. A preferred username that is an \
         alias has no form of an address, a number or a UUID.",
        &[
            "cognito/update_user_attributes::codes_of_sign_ins_do_not_follow_an_unproven_address",
            "security/leading_names::an_address_is_a_name_once_it_is_proven",
            "security/leading_names::no_second_name_looks_like_an_address_or_an_id",
        ],
    ),
    (
        &[Operation::DeleteUserAttributes],
        "An address that second factors or password resets go to stays.",
        &["security/removed_addresses::an_address_that_a_reset_goes_to_stays"],
    ),
    (
        &[Operation::SetUserPoolClientSessionConfiguration],
        "It is kept, and will count with login pages.",
        &["cognito/sessions::the_setting_of_a_client"],
    ),
    (
        &[Operation::AdminLinkProviderForUser],
        "Links are kept and shown, but nobody can sign in through a provider.",
        &["cognito/admin_link_provider_for_user::links_are_shown_as_identities"],
    ),
    (
        &[Operation::AdminDisableProviderForUser],
        "The provider Cognito is refused.",
        &["cognito/admin_disable_provider_for_user::refused"],
    ),
    (
        &[Operation::AddUserPoolClientSecret],
        "A public client stays one: it is refused.",
        &["cognito/add_user_pool_client_secret::refused"],
    ),
    (
        &[
            Operation::AdminListUserAuthEvents,
            Operation::AdminUpdateAuthEventFeedback,
            Operation::UpdateAuthEventFeedback,
        ],
        "There is no threat protection: UserPoolAddOnNotEnabledException, always.",
        &[
            "cognito/admin_list_user_auth_events::refused",
            "cognito/admin_update_auth_event_feedback::refused",
            "cognito/update_auth_event_feedback::refused",
        ],
    ),
    (
        &[Operation::SetUserMFAPreference, Operation::AdminSetUserMFAPreference],
        "WebAuthnMfaSettings is refused.",
        &["cognito/set_user_mfa_preference::factors_that_cannot_be_had"],
    ),
    (
        &[Operation::GetClientToken, Operation::GetDerivedToken],
        "Which scopes and claims their tokens carry is not documented clearly enough to build.",
        &[],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use poolkeeper_faces::cognito::is_offered;
    use std::path::Path;

    #[test]
    fn every_difference_of_what_is_offered_has_a_test() {
        let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        for (operations, difference, tests) in DIFFERENCES {
            let offered = operations.iter().all(|operation| is_offered(*operation));
            assert_eq!(tests.is_empty(), !offered, "{difference}");
            for test in *tests {
                let (file, name) = test.split_once("::").unwrap();
                let folder =
                    if file.starts_with("security/") { all.clone() } else { all.join("it") };
                let source = std::fs::read_to_string(folder.join(format!("{file}.rs"))).unwrap();
                assert!(source.contains(&format!("fn {name}()")), "{test}");
            }
        }
    }

    #[test]
    fn an_operation_is_listed_once() {
        for operation in Operation::ALL {
            let listed =
                DIFFERENCES.iter().filter(|(operations, ..)| operations.contains(operation));
            assert!(listed.count() <= 1, "{operation}");
        }
    }
}
