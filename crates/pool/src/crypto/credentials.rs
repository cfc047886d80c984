//! What is kept of a password: its argon2id hash for those who send it, and an SRP verifier for
//! those who prove it unseen. Both are sealed together, since a verifier is only as strong as one
//! fast hash.

use crate::crypto::seal::{Context, SealPurpose, Sealed, Sealer, Unsealable};
use crate::crypto::secret::Secret;
use crate::crypto::srp::{Identity, Verifier};
use crate::entity::User;
use crate::ids::{PoolId, Username};
use crate::system::Rng;
use serde::{Deserialize, Serialize};

/// The content of a user's sealed password.
#[derive(Debug, Serialize, Deserialize)]
pub struct Credentials {
    /// The hash, a PHC string.
    pub hash: Secret,
    /// The SRP verifier.
    pub srp: Verifier,
    /// The hashes of the passwords before it, newest first, where the pool remembers them.
    #[serde(default)]
    pub earlier: Vec<Secret>,
}

impl Credentials {
    /// Completes a hash to what is kept of a password.
    pub fn new(
        user: &User,
        password: &Secret,
        hash: Secret,
        earlier: Vec<Secret>,
        rng: &dyn Rng,
    ) -> Self {
        let who = srp_identity(&user.pool, &user.username);
        Self { hash, srp: Verifier::of_password(who, password, rng), earlier }
    }

    /// Seals them for storage.
    pub fn seal(&self, user: &User, sealer: &Sealer, rng: &dyn Rng) -> Sealed {
        sealer.seal_record(context(user), self, rng)
    }

    /// Opens a user's sealed password.
    ///
    /// # Errors
    ///
    /// [`Unsealable`] if it was sealed for another user or under a master key that is not held, or
    /// is damaged.
    pub fn open(user: &User, sealed: &Sealed, sealer: &Sealer) -> Result<Self, Unsealable> {
        sealer.open_record(context(user), sealed)
    }
}

fn context(user: &User) -> Context<'_> {
    Context { purpose: SealPurpose::Password, pool: &user.pool, subject: user.sub.as_str() }
}

/// Who a user is in SRP: the pool's id after the underscore, and the canonical username.
pub fn srp_identity<'a>(pool: &'a PoolId, username: &'a Username) -> Identity<'a> {
    Identity { realm: pool.short_name(), name: username.as_str() }
}
