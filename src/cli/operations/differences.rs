//! Where an operation knowingly differs from Amazon Cognito, how we know, and the tests of that.

use poolkeeper_cognito_api::Operation;
use std::fmt;

/// What differs, one statement after another; none where nothing is known to.
pub(super) fn known_differences(operation: Operation) -> &'static [Statement] {
    let found = DIFFERENCES.iter().find(|(operations, ..)| operations.contains(&operation));
    found.map_or(&[], |(_, statements, _)| *statements)
}

/// Something that an operation does differently, in a sentence or two, and how we know.
///
/// Displayed, it is Markdown.
pub(super) struct Statement {
    text: &'static str,
    evidence: Evidence,
}

/// What tells how Cognito itself behaves.
enum Evidence {
    /// Cognito's documentation.
    Page,
    /// What somebody has seen Cognito do, at this public link.
    Measured(&'static str),
    /// Nothing does, so we decided ourselves.
    Decision,
}

/// A statement that Cognito's documentation contradicts.
const fn page(text: &'static str) -> Statement {
    Statement { text, evidence: Evidence::Page }
}

/// A statement that contradicts what somebody has seen Cognito do.
const fn measured(text: &'static str, link: &'static str) -> Statement {
    Statement { text, evidence: Evidence::Measured(link) }
}

/// A statement on something of which nobody knows how Cognito does it.
const fn decision(text: &'static str) -> Statement {
    Statement { text, evidence: Evidence::Decision }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text, self.evidence)
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page => f.write_str("Amazon's page"),
            Self::Measured(link) => write!(f, "[measured]({link})"),
            Self::Decision => f.write_str("our decision"),
        }
    }
}

/// Operations, what they do differently, and its tests: `file::function` below `tests/it`, or below
/// `tests` for those in `security`.
type Difference = (&'static [Operation], &'static [Statement], &'static [&'static str]);

const DIFFERENCES: &[Difference] = &[
    (
        &[Operation::InitiateAuth, Operation::AdminInitiateAuth],
        &[
            decision("Only callers with the right password learn that a user is disabled."),
            measured(
                "With PreventUserExistenceErrors, only they learn that a user is unconfirmed.",
                "https://github.com/aws-amplify/amplify-flutter/issues/3407",
            ),
            page("A sign-in right after a sign-up asks for a required second factor, too."),
            page("CUSTOM_AUTH is refused."),
            page("EMAIL_OTP and SMS_OTP as first factors go to verified addresses."),
            decision(
                "If such a code confirms a sign-up, the password and the unverified addresses \
                 of the sign-up are deleted.",
            ),
        ],
        &[
            "security/made_by_others::no_code_goes_to_an_address_that_nobody_has_proven",
            "security/made_by_others::a_strangers_password_is_gone_when_the_owner_signs_in_by_code",
            "cognito/user_states::with_a_wrong_password_all_look_like_nobody",
            "cognito/sign_up::a_code_goes_to_the_address_that_the_pool_verifies",
            "cognito/sign_up_session::a_second_factor_that_is_due_is_asked_for",
            "cognito/initiate_auth::flows_that_do_not_belong_here",
            "cognito/admin_initiate_auth::flows_that_do_not_belong_here",
        ],
    ),
    (
        &[Operation::RespondToAuthChallenge, Operation::AdminRespondToAuthChallenge],
        &[
            decision("Setting or resetting a password ends unfinished sign-ins."),
            decision("A new password that was used recently counts as a failed attempt."),
        ],
        &[
            "security/half_way::a_new_password_ends_a_second_factor_that_waits",
            "cognito/new_password::a_password_of_late_is_refused_and_counts",
        ],
    ),
    (
        &[Operation::CreateUserPool, Operation::UpdateUserPool],
        &[
            page("LambdaConfig, AdvancedSecurityMode and CONFIRM_WITH_LINK are refused."),
            page(
                "WEB_AUTHN as a first factor is kept and given back, but nobody can register \
                 a passkey.",
            ),
        ],
        &[
            "cognito/create_user_pool::unsupported_settings_are_refused",
            "cognito/update_user_pool::refused",
            "cognito/set_user_pool_mfa_config::how_passkeys_are_set_up_is_kept",
        ],
    ),
    (
        &[Operation::CreateUserPoolClient, Operation::UpdateUserPoolClient],
        &[page("Token exchange flows and PublishSecretsInAWSSecretsManager are refused.")],
        &["cognito/create_user_pool_client::refused", "cognito/update_user_pool_client::refused"],
    ),
    (
        &[Operation::GetUserPoolMfaConfig],
        &[measured(
            "A pool created with MFA offers authenticator apps and codes by email from \
             the start.",
            "https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1981",
        )],
        &["cognito/get_user_pool_mfa_config::a_new_pool_and_one_that_asks"],
    ),
    (
        &[Operation::SetUserPoolMfaConfig],
        &[
            page(
                "WebAuthnConfiguration is kept and given back, but nobody can register a \
                 passkey.",
            ),
            page("Codes by email need no EmailConfiguration."),
        ],
        &[
            "cognito/set_user_pool_mfa_config::how_passkeys_are_set_up_is_kept",
            "cognito/set_user_pool_mfa_config::a_code_by_mail_without_setting_up",
        ],
    ),
    (
        &[Operation::AdminSetUserPassword],
        &[decision("It ends the user's sign-ins and forgets the user's devices.")],
        &[
            "cognito/admin_set_user_password::all_sign_ins_of_the_user_end",
            "cognito/device_tokens::a_password_set_or_reset_forgets_devices",
        ],
    ),
    (
        &[Operation::ConfirmForgotPassword],
        &[
            measured(
                "It ends the user's sign-ins.",
                "https://github.com/aws-amplify/amplify-js/issues/6559",
            ),
            measured(
                "It forgets the user's devices.",
                "https://github.com/aws-amplify/amplify-js/issues/4368",
            ),
            decision(
                "If the user verified another address in the week before, and later than the \
                 address that got this code, codes to that other address sign nobody in until \
                 it is verified again.",
            ),
        ],
        &[
            "cognito/device_tokens::a_password_set_or_reset_forgets_devices",
            "cognito/confirm_forgot_password::the_new_password_takes_the_place_of_the_old_one",
            "security/added_addresses::an_added_number_signs_in_no_more_after_a_reset",
        ],
    ),
    (
        &[Operation::AdminDeleteSoftwareToken],
        &[decision("The session of a sign-in that waits for the app's code becomes invalid.")],
        &["cognito/admin_delete_software_token::the_app_is_asked_for_no_more"],
    ),
    (
        &[Operation::ConfirmDevice],
        &[decision(
            "A user has at most 100 devices: a new one replaces the one unused for \
             longest.",
        )],
        &["cognito/confirm_device::the_oldest_of_a_hundred_gives_way"],
    ),
    (
        &[Operation::GetDevice, Operation::AdminGetDevice],
        &[page(
            "DeviceAttributes are device_status, device_name, \
             dev:device_remembered_status and last_ip_used.",
        )],
        &["cognito/get_device::shown_to_its_user"],
    ),
    (
        &[Operation::AdminResetUserPassword],
        &[
            decision("It ends the user's sign-ins and forgets the user's devices."),
            page("It is refused for users who have not confirmed their sign-up."),
        ],
        &[
            "cognito/admin_reset_user_password::the_password_is_worthless_until_it_is_replaced_by_the_code",
            "cognito/device_tokens::a_password_set_or_reset_forgets_devices",
            "cognito/forgot_password::an_unconfirmed_user_has_nothing_to_reset",
        ],
    ),
    (
        &[Operation::VerifySoftwareToken],
        &[page("FriendlyDeviceName has at most 1,024 bytes.")],
        &["cognito/verify_software_token::a_friendly_name_has_a_kilobyte"],
    ),
    (
        &[Operation::AdminCreateUser],
        &[
            decision("Usernames that look the same count as the same."),
            page("Invitations go to the email address by default."),
            page("A user who can sign in with codes to a verified address gets no password."),
        ],
        &[
            "security/taken_names::names_that_look_the_same_are_one",
            "cognito/admin_create_user::refused",
            "cognito/admin_create_user::where_the_invitation_goes",
            "cognito/admin_create_user::without_a_password",
        ],
    ),
    (
        &[Operation::SignUp],
        &[
            decision("Usernames that look the same count as the same."),
            page("A sign-up without a password needs an address that the pool can send codes to."),
            page(
                "In a pool that verifies any kind of address, the code goes to an address \
                 that is used as the username, before others and even if its kind is not in \
                 AutoVerifiedAttributes.",
            ),
        ],
        &[
            "cognito/sign_up::an_address_in_the_usernames_place_gets_the_code_before_another",
            "security/taken_names::names_that_look_the_same_are_one",
            "cognito/sign_up::what_is_refused",
            "cognito/sign_up_session::without_a_password_from_the_start",
        ],
    ),
    (
        &[Operation::ConfirmSignUp],
        &[
            decision("An expired Session is ignored."),
            decision(
                "The answer has a Session if the request has that of SignUp, or if the pool \
                 lets people sign in with such a code, unless the user must replace the \
                 password.",
            ),
        ],
        &[
            "cognito/sign_up_session::a_code_counts_though_the_session_is_too_old",
            "cognito/sign_up_session::a_code_is_enough_where_it_is_enough_to_sign_in",
        ],
    ),
    (
        &[Operation::ResendConfirmationCode],
        &[
            page(
                "With PreventUserExistenceErrors, the answer for users who cannot get a code \
                 looks as if they got one, even if they are confirmed or invited.",
            ),
            page("The code goes to the same address as that of SignUp."),
        ],
        &[
            "cognito/resend_confirmation_code::through_clients_that_hide_users_everybody_is_sent_one",
            "security/leading_names::a_sign_up_proves_the_address_it_goes_by",
        ],
    ),
    (
        &[Operation::ForgotPassword],
        &[
            page(
                "With PreventUserExistenceErrors, the answer for users who cannot get a code \
                 looks as if they got one, even if they are confirmed or invited.",
            ),
            page(
                "No code goes to an address verified within the last week if another one was \
                 verified before it.",
            ),
        ],
        &[
            "cognito/forgot_password::through_clients_that_hide_users_nobody_can_tell",
            "security/added_addresses::an_old_number_goes_first_as_ever",
        ],
    ),
    (
        &[Operation::ChangePassword],
        &[page("Wrong guesses count towards the same lockout as failed sign-ins.")],
        &["cognito/change_password::guesses_count_as_at_sign_in"],
    ),
    (
        &[Operation::UpdateUserAttributes],
        &[
            measured(
                "An address that second factors go to stays until the new one is verified.",
                "https://github.com/aws-amplify/amplify-js/issues/1676",
            ),
            measured(
                "Where addresses replace usernames, users cannot sign in with a new address \
                 until it is verified.",
                "https://github.com/aws-amplify/amplify-js/issues/987",
            ),
            decision(
                "A preferred username that is an alias cannot have the form of an address, a \
                 number or a UUID.",
            ),
        ],
        &[
            "cognito/update_user_attributes::codes_of_sign_ins_do_not_follow_an_unproven_address",
            "security/leading_names::an_address_is_a_name_once_it_is_proven",
            "security/leading_names::no_second_name_looks_like_an_address_or_an_id",
        ],
    ),
    (
        &[Operation::DeleteUserAttributes],
        &[measured(
            "An address that second factors or password resets go to cannot be deleted.",
            "https://github.com/aws-amplify/amplify-js/issues/8829",
        )],
        &["security/removed_addresses::an_address_that_a_reset_goes_to_stays"],
    ),
    (
        &[Operation::SetUserPoolClientSessionConfiguration],
        &[page("The setting is stored, but has no effect without login pages.")],
        &["cognito/sessions::the_setting_of_a_client"],
    ),
    (
        &[Operation::AdminLinkProviderForUser],
        &[page("Links are stored and shown, but nobody can sign in through a provider.")],
        &["cognito/admin_link_provider_for_user::links_are_shown_as_identities"],
    ),
    (
        &[Operation::AdminDisableProviderForUser],
        &[page("The provider Cognito is refused.")],
        &["cognito/admin_disable_provider_for_user::refused"],
    ),
    (
        &[Operation::AddUserPoolClientSecret],
        &[decision("It is refused for public clients.")],
        &["cognito/add_user_pool_client_secret::refused"],
    ),
    (
        &[
            Operation::AdminListUserAuthEvents,
            Operation::AdminUpdateAuthEventFeedback,
            Operation::UpdateAuthEventFeedback,
        ],
        &[page(
            "There is no threat protection: the answer is always \
             UserPoolAddOnNotEnabledException.",
        )],
        &[
            "cognito/admin_list_user_auth_events::refused",
            "cognito/admin_update_auth_event_feedback::refused",
            "cognito/update_auth_event_feedback::refused",
        ],
    ),
    (
        &[Operation::SetUserMFAPreference, Operation::AdminSetUserMFAPreference],
        &[page("WebAuthnMfaSettings is refused.")],
        &["cognito/set_user_mfa_preference::factors_that_cannot_be_had"],
    ),
    (
        &[Operation::GetClientToken, Operation::GetDerivedToken],
        &[decision(
            "Cognito's documentation does not say clearly enough which scopes and claims \
             the tokens contain.",
        )],
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
        for (operations, _, tests) in DIFFERENCES {
            let offered = operations.iter().all(|operation| is_offered(*operation));
            assert_eq!(tests.is_empty(), !offered, "{operations:?}");
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

    fn statements() -> impl Iterator<Item = &'static Statement> {
        DIFFERENCES.iter().flat_map(|(_, statements, _)| *statements)
    }

    #[test]
    fn every_statement_is_sentences() {
        assert!(DIFFERENCES.iter().all(|(_, statements, _)| !statements.is_empty()));
        for Statement { text, .. } in statements() {
            assert!(text.ends_with('.') && !text.contains(['|', '\n']), "{text}");
        }
    }

    #[test]
    fn every_link_is_one() {
        for statement in statements() {
            if let Evidence::Measured(link) = statement.evidence {
                assert!(link.starts_with("https://"), "{statement}");
            }
        }
    }

    #[test]
    fn the_evidence_follows_the_statement() {
        let shown = [
            page("It stays."),
            measured("It goes.", "https://example.com/1"),
            decision("It is refused."),
        ];
        let shown: Vec<_> = shown.iter().map(Statement::to_string).collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
        It stays. (Amazon's page)
        It goes. ([measured](https://example.com/1))
        It is refused. (our decision)
        ");
    }
}
