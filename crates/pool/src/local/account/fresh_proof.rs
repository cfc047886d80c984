//! A token that is minutes old changes no factor and no address: whoever stole it would be the user.

use crate::entity::{Contact, Mfa, User};
use crate::error::Refusal;
use crate::local::{Authorized, Local};
use crate::sign_in::has_factor;
use std::time::Duration;

impl Local {
    /// Refuses a token whose sign-in is not recent enough for the pool.
    pub(in crate::local) fn expect_fresh(&self, authorized: &Authorized) -> Result<(), Refusal> {
        let Authorized { pool, client, caller, signed_in_at, .. } = authorized;
        let rule = pool.rules.fresh_proof;
        let is_apis = caller.tenant.is_some() || self.face_of(&client.id).is_some();
        let minutes = if is_apis { rule.sign_in_apis_minutes } else { rule.cognito_minutes };
        let until = signed_in_at.after(Duration::from_mins(minutes.into()));
        let is_fresh = minutes == 0 || self.now() < until;
        if is_fresh { Ok(()) } else { Err(Refusal::FreshSignInRequired) }
    }

    /// The same for an authenticator app that takes the place of another factor. The first factor of
    /// all needs no more than the token.
    pub(in crate::local) fn expect_fresh_for_app(
        &self,
        authorized: &Authorized,
        user: &User,
    ) -> Result<(), Refusal> {
        let is_first = user.mfa.totp.is_none() && !has_factor(&authorized.pool, user);
        if is_first { Ok(()) } else { self.expect_fresh(authorized) }
    }

    /// The same for a change of what sign-ins ask the user for, if they asked for something.
    pub(in crate::local) fn expect_fresh_for_factors(
        &self,
        authorized: &Authorized,
        before: &User,
        after: &User,
    ) -> Result<(), Refusal> {
        let is_new = in_force(&before.mfa) != in_force(&after.mfa);
        if is_new && has_factor(&authorized.pool, before) {
            return self.expect_fresh(authorized);
        }
        Ok(())
    }

    /// The same for attributes among which is a new address, or one to be removed.
    pub(in crate::local) fn expect_fresh_for_addresses(
        &self,
        authorized: &Authorized,
        user: &User,
        given: &[(String, String)],
    ) -> Result<(), Refusal> {
        let moves = |(name, value): &(String, String)| {
            Contact::named(name).is_some() && user.attributes.get(name).unwrap_or_default() != value
        };
        if given.iter().any(moves) { self.expect_fresh(authorized) } else { Ok(()) }
    }
}

/// The factors without one that waits to be proven.
fn in_force(mfa: &Mfa) -> Mfa {
    Mfa { pending_totp: None, ..mfa.clone() }
}
