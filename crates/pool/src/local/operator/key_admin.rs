use crate::change::Change;
use crate::entity::{KeyUse, SealedKey, UserPoolRecord};
use crate::error::Result;
use crate::ids::{KeyId, PoolId};
use crate::local::Local;
use crate::local::commit::Plan;
use crate::request::RequestContext;
use crate::time::{CLOCKS_DIFFER, Timestamp};
use crate::token::{KEPT, KeyRing, KeyState, LEAD};
use std::time::Duration;

/// A signing key as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// Its `kid`.
    pub id: KeyId,
    /// Which tokens it signs.
    pub usage: KeyUse,
    /// Where it stands now.
    pub state: KeyState,
    /// When it was made, and published.
    pub created_at: Timestamp,
    /// From when on it signs, until another one does.
    pub signs_from: Timestamp,
    /// Until when it verifies, if another one follows it.
    pub verifies_until: Option<Timestamp>,
}

/// What came of rotating a pool's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRotation {
    /// There are new keys, which sign from then on.
    Made(Timestamp),
    /// There were new keys already, which have not begun to sign: nothing was changed.
    Pending(Timestamp),
}

/// What came of revoking a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRevocation {
    /// The key is gone.
    Done {
        /// The key that signs in its place from now on, if it was the one that signed.
        successor: Option<KeyId>,
    },
    /// The pool has no such key.
    Unknown,
}

/// A pool's keys with what they were read with.
struct Keys {
    /// The version of this record guards every change of keys, so that of two who change them at the
    /// same time, or the pool itself, one finds out.
    pool: UserPoolRecord,
    stored: Vec<SealedKey>,
    states: Vec<KeyState>,
}

/// Who is there when a key goes.
enum Heir {
    /// Nobody new: another one has long been signing.
    Nobody,
    /// The key before goes on.
    Before(SealedKey),
    /// The key that would have followed later signs now.
    Next(SealedKey),
    /// Nobody, but there has to be one.
    Missing,
}

impl Local {
    /// A pool's signing keys, oldest first.
    ///
    /// # Errors
    ///
    /// `Refusal::PoolNotFound`; faults on our side.
    pub async fn list_keys(&self, request: &RequestContext, id: &PoolId) -> Result<Vec<ListedKey>> {
        let Keys { stored, states, .. } = self.load_keys(request, id).await?;
        let listed = |(key, state): (SealedKey, KeyState)| ListedKey {
            id: key.id,
            usage: key.usage,
            state,
            created_at: key.created_at,
            // One that took another's place has its beginning, too.
            signs_from: key.signs_from.max(key.created_at),
            verifies_until: key.expires_at,
        };
        Ok(stored.into_iter().zip(states).map(listed).collect())
    }

    /// Makes a new key of each use, which is published at once and signs after `lead`, or [`LEAD`] if
    /// that is longer. Those that sign until then stay as long as there are tokens of theirs.
    ///
    /// # Errors
    ///
    /// `Refusal::PoolNotFound`, `Refusal::Busy`; faults on our side.
    pub async fn rotate_keys(
        &self,
        request: &RequestContext,
        id: &PoolId,
        lead: Duration,
    ) -> Result<KeyRotation> {
        let rotation = self.decide(request, || async {
            let keys = self.load_keys(request, id).await?;
            if let Some(begins) = keys.pending() {
                return Ok(Plan::accept(KeyRotation::Pending(begins), Vec::new()));
            }
            let fresh = self.make_keys(id).await?;
            // Only now: to make keys takes a while.
            let signs_from = self.now().after(lead.max(LEAD));
            let changes = keys.followed_by(fresh, signs_from);
            Ok(Plan::accept(KeyRotation::Made(signs_from), changes))
        });
        let rotation = rotation.await?;
        self.key_rings.forget(id);
        Ok(rotation)
    }

    /// Removes a key that others may have: what it signed is worth nothing at any node as soon as that
    /// has read the keys again. If it was the one that signs, another one does at once.
    ///
    /// # Errors
    ///
    /// `Refusal::PoolNotFound`; `Refusal::Busy` if a new key has to be made; faults on our side.
    pub async fn revoke_key(
        &self,
        request: &RequestContext,
        id: &PoolId,
        key: &KeyId,
    ) -> Result<KeyRevocation> {
        let revocation = self.decide(request, || async {
            let keys = self.load_keys(request, id).await?;
            let Some(revoked) = keys.stored.iter().find(|stored| stored.id == *key) else {
                return Ok(Plan::accept(KeyRevocation::Unknown, Vec::new()));
            };
            let (successor, change) = match heir(&keys.stored, revoked, self.now()) {
                Heir::Nobody => (None, None),
                Heir::Before(key) => (None, Some(Change::UpdateSigningKey(key))),
                Heir::Next(key) => (Some(key.id.clone()), Some(Change::UpdateSigningKey(key))),
                Heir::Missing => {
                    let fresh = self.make_key(id, revoked.usage).await?;
                    let fresh = SealedKey { signs_from: revoked.signs_from, ..fresh };
                    (Some(fresh.id.clone()), Some(Change::CreateSigningKey(fresh)))
                }
            };
            let delete = Change::DeleteSigningKey { pool: id.clone(), id: key.clone() };
            let changes = [keys.guard(), delete].into_iter().chain(change).collect();
            Ok(Plan::accept(KeyRevocation::Done { successor }, changes))
        });
        let revocation = revocation.await?;
        self.key_rings.forget(id);
        Ok(revocation)
    }

    /// Opens the keys, too: under another master key than theirs, a new one would be of no use to the
    /// nodes.
    async fn load_keys(&self, request: &RequestContext, id: &PoolId) -> Result<Keys> {
        let pool = self.pool(request, id).await?;
        let stored = self.stored_keys(id).await?;
        let states = KeyRing::open(&stored, self.sealer())?.states(self.now())?;
        Ok(Keys { pool, stored, states })
    }
}

impl Keys {
    /// When the keys begin to sign that have not yet.
    fn pending(&self) -> Option<Timestamp> {
        let keys = self.stored.iter().zip(&self.states);
        let pending = keys.filter(|(_, state)| **state == KeyState::Pending);
        pending.map(|(key, _)| key.signs_from).max()
    }

    /// Counts the pool's version up and leaves its settings as they are.
    fn guard(&self) -> Change {
        Change::UpdatePool(Box::new(self.pool.clone()))
    }

    fn followed_by(&self, fresh: [SealedKey; 2], signs_from: Timestamp) -> Vec<Change> {
        let last = self.stored.iter().filter(|key| key.expires_at.is_none());
        let expires_at = Some(signs_from.after(KEPT));
        let retired =
            last.map(|key| Change::UpdateSigningKey(SealedKey { expires_at, ..key.clone() }));
        let fresh =
            fresh.into_iter().map(|key| Change::CreateSigningKey(SealedKey { signs_from, ..key }));
        [self.guard()].into_iter().chain(retired).chain(fresh).collect()
    }
}

/// A key that takes the place of the revoked one begins when that began, not now: so it signs at once on
/// a node whose clock is behind, too.
fn heir(keys: &[SealedKey], revoked: &SealedKey, now: Timestamp) -> Heir {
    let others = || keys.iter().filter(|key| key.usage == revoked.usage && key.id != revoked.id);
    let next = others().filter(|key| key.signs_from > revoked.signs_from);
    let before = others().filter(|key| key.signs_from <= revoked.signs_from);
    let next = next.min_by_key(|key| key.signs_from);
    match (before.max_by_key(|key| key.signs_from), next) {
        (_, Some(next)) if next.signs_from.after(CLOCKS_DIFFER) <= now => Heir::Nobody,
        (_, Some(next)) => Heir::Next(SealedKey { signs_from: revoked.signs_from, ..next.clone() }),
        (Some(before), None) if revoked.signs_from > now => {
            Heir::Before(SealedKey { expires_at: None, ..before.clone() })
        }
        (_, None) => Heir::Missing,
    }
}
