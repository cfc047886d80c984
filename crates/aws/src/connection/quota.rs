//! Which of Amazon's quotas each call counts in. Calls of one category share a number of requests a
//! second, for all pools of an account in a region
//! (<https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html>).

use aws_sdk_cognitoidentityprovider::operation as sdk;

/// A category of calls that share a quota: Amazon's without its `User`. The number is the default
/// quota, in requests a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Category {
    /// 120: sign-ins and their challenges.
    Authentication,
    /// 50: sign-ups and new users.
    Creation,
    /// 30: forgotten and changed passwords.
    AccountRecovery,
    /// 120: one user.
    Read,
    /// 25: changes of one user.
    Update,
    /// 120: refresh and revocation.
    Token,
    /// 50: groups and devices of one user.
    ResourceRead,
    /// 25: factors and devices of one user.
    ResourceUpdate,
    /// 30: many users.
    List,
    /// 15: the pool.
    PoolRead,
    /// 20: the groups of the pool.
    PoolResourceRead,
    /// 15: changes of these.
    PoolResourceUpdate,
}

impl Category {
    /// Whether calls of the category are about one user, as all calls of a sign-in are. Listings and
    /// changes of the pool are an administrator's: if they have to wait, sign-ins need not.
    pub(crate) const fn is_of_one_user(self) -> bool {
        !matches!(
            self,
            Self::List | Self::PoolRead | Self::PoolResourceRead | Self::PoolResourceUpdate
        )
    }
}

/// A call that counts in a quota, by the error that only this call has.
pub(crate) trait Metered {
    /// Its category.
    const CATEGORY: Category;
}

macro_rules! metered {
    ($($category:ident: $($operation:ident::$error:ident),+;)+) => {
        $($(impl Metered for sdk::$operation::$error {
            const CATEGORY: Category = Category::$category;
        })+)+
    };
}

metered! {
    Authentication:
        initiate_auth::InitiateAuthError,
        admin_initiate_auth::AdminInitiateAuthError,
        respond_to_auth_challenge::RespondToAuthChallengeError,
        admin_respond_to_auth_challenge::AdminRespondToAuthChallengeError;
    Creation:
        sign_up::SignUpError,
        confirm_sign_up::ConfirmSignUpError,
        admin_create_user::AdminCreateUserError;
    AccountRecovery:
        forgot_password::ForgotPasswordError,
        confirm_forgot_password::ConfirmForgotPasswordError,
        change_password::ChangePasswordError,
        admin_reset_user_password::AdminResetUserPasswordError,
        admin_set_user_password::AdminSetUserPasswordError;
    Read:
        get_user::GetUserError,
        admin_get_user::AdminGetUserError;
    Update:
        admin_add_user_to_group::AdminAddUserToGroupError,
        admin_remove_user_from_group::AdminRemoveUserFromGroupError,
        admin_update_user_attributes::AdminUpdateUserAttributesError,
        admin_enable_user::AdminEnableUserError,
        admin_disable_user::AdminDisableUserError,
        admin_delete_user::AdminDeleteUserError,
        admin_user_global_sign_out::AdminUserGlobalSignOutError;
    Token:
        get_tokens_from_refresh_token::GetTokensFromRefreshTokenError,
        revoke_token::RevokeTokenError;
    ResourceRead:
        admin_list_groups_for_user::AdminListGroupsForUserError,
        admin_list_devices::AdminListDevicesError;
    ResourceUpdate:
        admin_forget_device::AdminForgetDeviceError,
        confirm_device::ConfirmDeviceError,
        update_device_status::UpdateDeviceStatusError,
        set_user_mfa_preference::SetUserMFAPreferenceError,
        admin_set_user_mfa_preference::AdminSetUserMFAPreferenceError,
        associate_software_token::AssociateSoftwareTokenError,
        verify_software_token::VerifySoftwareTokenError;
    List:
        list_users::ListUsersError,
        list_users_in_group::ListUsersInGroupError;
    PoolRead:
        describe_user_pool::DescribeUserPoolError;
    PoolResourceRead:
        list_groups::ListGroupsError;
    PoolResourceUpdate:
        create_group::CreateGroupError,
        delete_group::DeleteGroupError;
}
