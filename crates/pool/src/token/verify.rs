use super::{AccessClaims, KeyRing};
use crate::crypto::secret::Secret;
use crate::entity::{KeyUse, Session, User};
use crate::error::Refusal;
use crate::ids::PoolId;
use crate::time::Timestamp;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

/// Longest token that is looked at.
pub(super) const MAX_LENGTH: usize = 16 * 1024;

/// The `iss` that a token claims. It says whose keys to try and nothing more.
pub fn unverified_issuer(token: &Secret) -> Option<String> {
    #[derive(Deserialize)]
    struct Issuer {
        iss: String,
    }
    let token = Some(token.expose()).filter(|token| token.len() <= MAX_LENGTH)?;
    let payload = token.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice::<Issuer>(&payload).ok().map(|claims| claims.iss)
}

/// The pool an issuer stands for: its last path segment.
pub fn pool_of_issuer(issuer: &str) -> Option<PoolId> {
    issuer.rsplit_once('/').map(|(_, id)| PoolId::from(id))
}

/// The claims of an access token that this pool issued and that has not expired.
///
/// # Errors
///
/// [`Refusal::AccessTokenInvalid`] if the pool did not sign it, or it is of another kind or issuer,
/// [`Refusal::AccessTokenExpired`].
pub fn check_access_token(
    keys: &KeyRing,
    issuer: &str,
    token: &Secret,
    now: Timestamp,
) -> Result<AccessClaims, Refusal> {
    if token.expose().len() > MAX_LENGTH {
        return Err(Refusal::AccessTokenInvalid);
    }
    let claims = keys
        .verify::<AccessClaims>(KeyUse::Access, token.expose())
        .map_err(|_| Refusal::AccessTokenInvalid)?;
    check_claims((&claims.iss, &claims.token_use, claims.exp), issuer, now)?;
    Ok(claims)
}

/// Whether a token with this `iss`, `token_use` and `exp`, whose signature is right, is an access
/// token of this issuer that has not expired.
pub(super) fn check_claims(
    (iss, token_use, exp): (&str, &str, i64),
    issuer: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    if iss != issuer || token_use != "access" {
        return Err(Refusal::AccessTokenInvalid);
    }
    if exp <= now.seconds() { Err(Refusal::AccessTokenExpired) } else { Ok(()) }
}

impl AccessClaims {
    /// Whether the sign-in behind the token still stands. The JWT itself stays valid elsewhere
    /// until it expires; our own endpoints look closer.
    ///
    /// # Errors
    ///
    /// [`Refusal::AccessTokenRevoked`] if the sign-in was ended or the user is gone,
    /// [`Refusal::UserDisabled`].
    pub fn check_not_revoked(
        &self,
        session: Option<&Session>,
        user: Option<&User>,
    ) -> Result<(), Refusal> {
        let user = user.ok_or(Refusal::AccessTokenRevoked)?;
        if !user.enabled {
            return Err(Refusal::UserDisabled);
        }
        let session_ended =
            self.origin_jti.is_some() && session.is_none_or(|session| session.revoked_at.is_some());
        // Tokens that name no session die by the user's last global sign-out. A token of the same
        // second may be older or newer; strictness wins.
        let signed_out = user.signed_out_at.is_some_and(|at| self.iat <= at.seconds());
        if session_ended || (self.origin_jti.is_none() && signed_out) {
            return Err(Refusal::AccessTokenRevoked);
        }
        Ok(())
    }
}
