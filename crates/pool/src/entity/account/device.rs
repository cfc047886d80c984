use crate::crypto::seal::{Context, SealPurpose, Sealed, Sealer, Unsealable};
use crate::crypto::srp::Verifier;
use crate::ids::{DeviceKey, PoolId, Sub};
use crate::system::Rng;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A device that its user has confirmed: it holds a secret of its own and can prove that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Device {
    /// The user's pool.
    pub pool: PoolId,
    /// Whose device it is.
    pub sub: Sub,
    /// Its key, drawn for it when it was new.
    pub key: DeviceKey,
    /// Its group's key, which takes the place of the pool's name in its proofs.
    pub group_key: String,
    /// What the user calls it.
    pub name: Option<String>,
    /// Salt and verifier of its secret, sealed. See [`Device::seal_verifier`].
    pub verifier: Sealed,
    /// Whether its proof takes the place of a second factor.
    pub remembered: bool,
    /// When it was confirmed.
    pub created_at: Timestamp,
    /// When its name or state last changed.
    pub modified_at: Timestamp,
    /// When its user last signed in with it.
    pub last_authenticated_at: Timestamp,
    /// Where from, if the face knows it.
    pub last_address: Option<String>,
    /// Counts changes of what decisions are made on; sign-ins do not count.
    pub version: i64,
}

impl Device {
    /// Seals what a device of this key proves its secret against: like that of a password, a
    /// verifier is only as strong as one fast hash.
    pub fn seal_verifier(
        (pool, sub, key): (&PoolId, &Sub, &DeviceKey),
        verifier: &Verifier,
        sealer: &Sealer,
        rng: &dyn Rng,
    ) -> Sealed {
        sealer.seal_record(context(pool, &owner(sub, key)), verifier, rng)
    }

    /// What the device proves its secret against.
    ///
    /// # Errors
    ///
    /// [`Unsealable`] if it was sealed for another device or under a master key that is not held,
    /// or is damaged.
    pub fn open_verifier(&self, sealer: &Sealer) -> Result<Verifier, Unsealable> {
        let owner = owner(&self.sub, &self.key);
        sealer.open_record(context(&self.pool, &owner), &self.verifier)
    }
}

fn owner(sub: &Sub, key: &DeviceKey) -> String {
    format!("{sub} {key}")
}

fn context<'a>(pool: &'a PoolId, owner: &'a str) -> Context<'a> {
    Context { purpose: SealPurpose::Device, pool, subject: owner }
}
