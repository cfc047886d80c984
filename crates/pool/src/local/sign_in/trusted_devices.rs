//! Devices that sign-ins are remembered on, so that later ones go without a second factor.

use crate::backend::user_pool::DevicePair;
use crate::change::Change;
use crate::crypto::seal::{Context, SealPurpose};
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, TrustedDevice, User};
use crate::error::Result;
use crate::ids::{DeviceKey, random_text};
use crate::local::Local;
use crate::time::Timestamp;

/// Letters and digits after the hyphen of a group key: 190 bits.
const SECRET_LENGTH: usize = 32;

impl Local {
    /// Whether this is the device that the user's sign-ins through this client are remembered on.
    /// One that is unknown, expired, superseded, somebody else's or older than the password is not.
    pub(in crate::local) async fn is_trusted(
        &self,
        client: &AppClient,
        user: &User,
        pair: &DevicePair,
    ) -> Result<bool> {
        let stored = self.store().trusted_device(&user.pool, &user.sub).await?;
        let live =
            |stored: &TrustedDevice| stored.expires_at.is_ahead(self.now(), TrustedDevice::LIFE);
        let Some(stored) = stored.filter(live) else {
            return Ok(false);
        };
        let whole = whole((client, user), pair, stored.expires_at);
        Ok(self.sealer().recognises(context(user, &whole), &stored.digest))
    }

    /// Trusts a new device in place of the one before.
    pub(in crate::local) fn trust_device(
        &self,
        client: &AppClient,
        user: &User,
    ) -> (DevicePair, Change) {
        const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let secret = random_text(self.rng(), LETTERS, SECRET_LENGTH);
        let pair = DevicePair {
            key: DeviceKey::random(&user.pool, self.rng()),
            group_key: Secret::new(format!("-{secret}")),
        };
        let expires_at = self.now().after(TrustedDevice::LIFE);
        let whole = whole((client, user), &pair, expires_at);
        let digest = self.sealer().pseudonym(context(user, &whole));
        let (pool, sub) = (user.pool.clone(), user.sub.clone());
        (pair, Change::PutTrustedDevice(TrustedDevice { pool, sub, digest, expires_at }))
    }
}

/// All that a device is good for.
fn whole((client, user): (&AppClient, &User), pair: &DevicePair, expires_at: Timestamp) -> String {
    let (set_at, until) = (user.password_set_at.millis(), expires_at.millis());
    // What the caller sent comes last and is split once more from the rest by its length.
    let DevicePair { key, group_key } = pair;
    let length = key.as_str().len();
    let owner = [user.sub.as_str(), client.id.as_str()].join("\n");
    format!("{owner}\n{set_at}\n{until}\n{length}\n{key}\n{}", group_key.expose())
}

fn context<'a>(user: &'a User, whole: &'a str) -> Context<'a> {
    Context { purpose: SealPurpose::TrustedDevice, pool: &user.pool, subject: whole }
}
