//! Which second factor a sign-in asks for.

use super::is_service;
use crate::entity::{MfaMode, Totp, User, UserPoolRecord};
use crate::user_pool::{Factor, MfaSummary};

/// What is asked after the password.
pub(super) enum Demand {
    None,
    SoftwareToken,
    EmailCode { address: String },
    Setup,
}

/// A user's second factors in short.
pub fn summary(pool: &UserPoolRecord, user: &User) -> MfaSummary {
    MfaSummary {
        required: !matches!(demanded(pool, user), Demand::None),
        totp: enabled_totp(user).is_some(),
        email: user.mfa.email.is_some(),
        preferred: preferred(user),
    }
}

/// Cognito's decision table: the preferred factor, else the one that is enabled, else, in pools
/// that insist, a verified authenticator app even if the user has not enabled it, else set-up.
///
/// With several factors and no preference Cognito lets the user select; that challenge does not
/// exist here yet, and the authenticator app, the stronger one, is asked for.
pub(super) fn demanded(pool: &UserPoolRecord, user: &User) -> Demand {
    if pool.mfa == MfaMode::Off || is_service(user) {
        return Demand::None;
    }
    let email = user.attributes.get("email").filter(|_| user.mfa.email.is_some());
    match (preferred(user), email) {
        (Some(Factor::Email), Some(address)) => Demand::EmailCode { address: address.to_owned() },
        _ if enabled_totp(user).is_some() => Demand::SoftwareToken,
        (_, Some(address)) => Demand::EmailCode { address: address.to_owned() },
        _ if pool.mfa == MfaMode::Optional => Demand::None,
        _ if user.mfa.totp.is_some() => Demand::SoftwareToken,
        _ => Demand::Setup,
    }
}

fn enabled_totp(user: &User) -> Option<&Totp> {
    user.mfa.totp.as_ref().filter(|totp| totp.enabled)
}

fn preferred(user: &User) -> Option<Factor> {
    match (enabled_totp(user), user.mfa.email) {
        (Some(totp), _) if totp.preferred => Some(Factor::Totp),
        (_, Some(email)) if email.preferred => Some(Factor::Email),
        _ => None,
    }
}
