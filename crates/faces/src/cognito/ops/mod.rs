//! One file per operation, and the table that leads to them.

use super::error::CognitoError;
use super::{AnswerBody, Call};
use poolkeeper_cognito_api::{Operation, OperationInput, parse_input};

/// Declares the operations that have behaviour; the rest of Cognito's are known and refused.
macro_rules! operations {
    ($($operation:ident => $file:ident,)+) => {
        $(mod $file;)+

        /// Whether this release carries out an operation.
        pub fn is_offered(operation: Operation) -> bool {
            matches!(operation, $(Operation::$operation)|+)
        }

        /// Carries out an operation that the caller may call.
        pub(super) async fn run(operation: Operation, call: Call, body: &[u8]) -> AnswerBody {
            match operation {
                $(Operation::$operation => with_input(call, body, $file::run).await,)+
                other => Err(CognitoError::not_offered(other)),
            }
        }
    };
}

operations! {
    AddCustomAttributes => add_custom_attributes,
    AddUserPoolClientSecret => add_user_pool_client_secret,
    AdminAddUserToGroup => admin_add_user_to_group,
    AdminConfirmSignUp => admin_confirm_sign_up,
    AdminCreateUser => admin_create_user,
    AdminDeleteSoftwareToken => admin_delete_software_token,
    AdminDeleteUser => admin_delete_user,
    AdminDeleteUserAttributes => admin_delete_user_attributes,
    AdminDisableProviderForUser => admin_disable_provider_for_user,
    AdminDisableUser => admin_disable_user,
    AdminEnableUser => admin_enable_user,
    AdminForgetDevice => admin_forget_device,
    AdminGetDevice => admin_get_device,
    AdminGetUser => admin_get_user,
    AdminGetUserAuthFactors => admin_get_user_auth_factors,
    AdminInitiateAuth => admin_initiate_auth,
    AdminLinkProviderForUser => admin_link_provider_for_user,
    AdminListDevices => admin_list_devices,
    AdminListGroupsForUser => admin_list_groups_for_user,
    AdminListUserAuthEvents => admin_list_user_auth_events,
    AdminListUserSessions => admin_list_user_sessions,
    AdminRemoveUserFromGroup => admin_remove_user_from_group,
    AdminResetUserPassword => admin_reset_user_password,
    AdminRespondToAuthChallenge => admin_respond_to_auth_challenge,
    AdminRevokeUserSession => admin_revoke_user_session,
    AdminSetUserMFAPreference => admin_set_user_mfa_preference,
    AdminSetUserPassword => admin_set_user_password,
    AdminSetUserSettings => admin_set_user_settings,
    AdminUpdateAuthEventFeedback => admin_update_auth_event_feedback,
    AdminUpdateDeviceStatus => admin_update_device_status,
    AdminUpdateUserAttributes => admin_update_user_attributes,
    AdminUserGlobalSignOut => admin_user_global_sign_out,
    AssociateSoftwareToken => associate_software_token,
    ChangePassword => change_password,
    ConfirmDevice => confirm_device,
    ConfirmForgotPassword => confirm_forgot_password,
    ConfirmSignUp => confirm_sign_up,
    CreateGroup => create_group,
    CreateUserPool => create_user_pool,
    CreateUserPoolClient => create_user_pool_client,
    DeleteGroup => delete_group,
    DeleteUser => delete_user,
    DeleteUserAttributes => delete_user_attributes,
    DeleteUserPool => delete_user_pool,
    DeleteUserPoolClient => delete_user_pool_client,
    DeleteUserPoolClientSecret => delete_user_pool_client_secret,
    DescribeUserPool => describe_user_pool,
    DescribeUserPoolClient => describe_user_pool_client,
    ForgetDevice => forget_device,
    ForgotPassword => forgot_password,
    GetDevice => get_device,
    GetGroup => get_group,
    GetSigningCertificate => get_signing_certificate,
    GetTokensFromRefreshToken => get_tokens_from_refresh_token,
    GetUser => get_user,
    GetUserAttributeVerificationCode => get_user_attribute_verification_code,
    GetUserAuthFactors => get_user_auth_factors,
    GetUserPoolClientSessionConfiguration => get_user_pool_client_session_configuration,
    GetUserPoolMfaConfig => get_user_pool_mfa_config,
    GetUserPoolSessionConfiguration => get_user_pool_session_configuration,
    GlobalSignOut => global_sign_out,
    InitiateAuth => initiate_auth,
    ListDevices => list_devices,
    ListGroups => list_groups,
    ListTagsForResource => list_tags_for_resource,
    ListUserPoolClientSecrets => list_user_pool_client_secrets,
    ListUserPoolClients => list_user_pool_clients,
    ListUserPools => list_user_pools,
    ListUserSessions => list_user_sessions,
    ListUsers => list_users,
    ListUsersInGroup => list_users_in_group,
    ResendConfirmationCode => resend_confirmation_code,
    RespondToAuthChallenge => respond_to_auth_challenge,
    RevokeToken => revoke_token,
    RevokeUserSession => revoke_user_session,
    SetUserMFAPreference => set_user_mfa_preference,
    SetUserPoolClientSessionConfiguration => set_user_pool_client_session_configuration,
    SetUserPoolMfaConfig => set_user_pool_mfa_config,
    SetUserPoolSessionConfiguration => set_user_pool_session_configuration,
    SetUserSettings => set_user_settings,
    SignUp => sign_up,
    TagResource => tag_resource,
    UntagResource => untag_resource,
    UpdateAuthEventFeedback => update_auth_event_feedback,
    UpdateDeviceStatus => update_device_status,
    UpdateGroup => update_group,
    UpdateUserAttributes => update_user_attributes,
    UpdateUserPool => update_user_pool,
    UpdateUserPoolClient => update_user_pool_client,
    VerifySoftwareToken => verify_software_token,
    VerifyUserAttribute => verify_user_attribute,
}

async fn with_input<T, F>(call: Call, body: &[u8], carry_out: fn(Call, T) -> F) -> AnswerBody
where
    T: OperationInput,
    F: Future<Output = Result<T::Output, CognitoError>>,
{
    let output = carry_out(call, parse_input(body)?).await?;
    if !T::OPERATION.has_output() {
        return Ok(None);
    }
    let body = serde_json::to_vec(&output);
    body.map(Some).map_err(|_| CognitoError::serialization("The answer cannot be written."))
}
