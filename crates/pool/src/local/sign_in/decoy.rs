//! What is opened in place of a password where there is none.

use crate::crypto::credentials::Credentials;
use crate::crypto::seal::{Context, SealPurpose, Sealed, Sealer, Unsealable};
use crate::crypto::secret::Secret;
use crate::crypto::srp::Verifier;
use crate::ids::PoolId;
use crate::local::Parts;
use crate::system::Rng;

/// A sealed password of nobody. Opening it takes what opening a user's takes, which is little beside
/// the hash that follows, but enough to be seen by a clock.
///
/// There is one under each key that is held: a user's is nearly always under the one that seals, and
/// trying two keys takes longer.
pub(in crate::local) struct Decoy {
    pool: PoolId,
    sealed: Vec<Sealed>,
}

impl Decoy {
    pub(in crate::local) fn new(parts: &Parts) -> Self {
        let pool = PoolId::from("");
        let seed = parts.sealer.pseudonym_bytes(context(&pool));
        let credentials = Credentials {
            hash: parts.workers.decoy(),
            srp: Verifier::decoy(&seed),
            earlier: Vec::new(),
        };
        let sealed = (0..parts.sealer.held()).map(|place| {
            parts.sealer.seal_record_under(place, context(&pool), &credentials, &NoNonce)
        });
        let sealed = sealed.collect();
        Self { pool, sealed }
    }

    /// A hash that no password has.
    pub(in crate::local) fn open(&self, sealer: &Sealer) -> Result<Secret, Unsealable> {
        let sealed = self.sealed.get(sealer.sealing()).ok_or(Unsealable)?;
        let credentials: Credentials = sealer.open_record(context(&self.pool), sealed)?;
        Ok(credentials.hash)
    }
}

/// A single value is sealed in this context, and it stays in memory.
struct NoNonce;

impl Rng for NoNonce {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// Neither is any user's: pools and users have ids.
fn context(pool: &PoolId) -> Context<'_> {
    Context { purpose: SealPurpose::Password, pool, subject: "" }
}
