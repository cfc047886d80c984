//! Which second factor a sign-in asks for.

use super::is_service;
use crate::entity::{MfaMode, Totp, User, UserPoolRecord};
use crate::user_pool::{Factor, MfaSummary};

/// What is asked after the password.
pub(super) enum Demand {
    None,
    /// Which of several factors; codes by e-mail would go to `address`.
    Select {
        address: String,
    },
    SoftwareToken,
    EmailCode {
        address: String,
    },
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

/// The factors that sign-ins can ask of a user, strongest first. Codes by e-mail need an address.
pub fn enabled_factors(user: &User) -> Vec<Factor> {
    let totp = enabled_totp(user).map(|_| Factor::Totp);
    let email = email_address(user).map(|_| Factor::Email);
    totp.into_iter().chain(email).collect()
}

/// Cognito's decision table: the preferred factor, else the one that is enabled, or the user's
/// choice of several, else, in pools that insist, a verified authenticator app even if the user has
/// not enabled it, else set-up.
pub(super) fn demanded(pool: &UserPoolRecord, user: &User) -> Demand {
    if pool.mfa == MfaMode::Off || is_service(user) {
        return Demand::None;
    }
    let address = email_address(user).map(str::to_owned);
    match (preferred(user), enabled_totp(user), address) {
        (Some(Factor::Email), _, Some(address)) | (_, None, Some(address)) => {
            Demand::EmailCode { address }
        }
        (None, Some(_), Some(address)) => Demand::Select { address },
        (_, Some(_), _) => Demand::SoftwareToken,
        _ if pool.mfa == MfaMode::Optional => Demand::None,
        _ if user.mfa.totp.is_some() => Demand::SoftwareToken,
        _ => Demand::Setup,
    }
}

fn email_address(user: &User) -> Option<&str> {
    user.attributes.get("email").filter(|_| user.mfa.email.is_some())
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
