//! Which master key a database is sealed under, and how another one takes its place.
//!
//! The database knows of each master key by a random key sealed under it: only the right one opens
//! it. It says, too, which master key seals. Nodes hold both while one takes the place of the other,
//! ask every second which of them seals, and open what either has sealed.

use crate::change::{Change, MasterKeyChange};
use crate::crypto::resealing::{Resealed, RowKey, SealedPlace};
use crate::crypto::seal::{Context, SealPurpose, Sealed, Sealer};
use crate::entity::{MasterKeyRecord, MasterKeyState};
use crate::error::{CommitError, StoreError};
use crate::ids::PoolId;
use crate::ports::Store;
use crate::system::Rng;
use crate::time::Timestamp;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long an announced key waits for a node to say that it does not hold it.
pub const OBJECTION: Duration = Duration::from_secs(5);

/// By then every node that runs seals under the new key, and what it sealed before is committed.
pub const SETTLED: Duration = Duration::from_secs(10);

/// The place of the configured master key in a sealer.
const CONFIGURED: usize = 0;
const DIGEST_KEY_LEN: usize = 32;
/// Rows sealed anew in one transaction.
const BATCH: usize = 100;
const ATTEMPTS: usize = 4;

/// Why a database cannot be used with the master keys that are held, or not be sealed anew.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyProblem {
    /// None of them is the one that seals.
    #[error(
        "this is not the master key that the database is sealed under, and nothing was changed: \
         find the right one, or the database that belongs to this one"
    )]
    Wrong,
    /// Another one has not been replaced to the end.
    #[error(
        "parts of the database are still sealed under the previous master key: set \
         previous_master_key_file, too, until `poolkeeper master-key rotate` is done"
    )]
    Unfinished,
    /// A node does not hold the new key.
    #[error(
        "nothing was sealed again: a running server does not have the new master key. Give all \
         servers both keys (master_key_file and previous_master_key_file), restart them, and try \
         again"
    )]
    Missed,
    /// A stored value is under none of the keys, or damaged.
    #[error(
        "a value in table {table} (pool {pool:?}, {id:?}) cannot be opened with any of the keys. \
         Keep the previous key. The value is damaged, or a server with a wrong key sealed it"
    )]
    Unsealable {
        /// The table.
        table: &'static str,
        /// The pool.
        pool: String,
        /// Whose it is.
        id: String,
    },
    /// New digests were asked for, but the new key seals already with the digests that it began with.
    #[error(
        "the key in master_key_file seals already, and keeps its digest key. Run the command without \
         --new-digests to finish, or put a new master key in master_key_file"
    )]
    DigestsKept,
    /// Somebody else does the same at the same time.
    #[error("somebody else is replacing the master key at the same time")]
    Contended,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CommitError> for MasterKeyProblem {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(_) => Self::Contended,
            CommitError::Store(error) => Self::Store(error),
        }
    }
}

type Result<T> = std::result::Result<T, MasterKeyProblem>;

/// Looks whether the master key is the one that the database is sealed under, and has the sealer do
/// as the database says. A database that knows of none yet learns of this one, if it opens what is
/// there.
///
/// # Errors
///
/// [`MasterKeyProblem::Wrong`] if the key that seals is not held, [`MasterKeyProblem::Unfinished`]
/// if one that still has to open is not, [`MasterKeyProblem::Contended`] if the database still
/// knows of no key after several attempts, [`MasterKeyProblem::Store`].
pub async fn adopt(
    store: &dyn Store,
    sealer: &Sealer,
    rng: &dyn Rng,
    now: Timestamp,
) -> Result<()> {
    for _ in 0..ATTEMPTS {
        let known = store.master_keys().await?;
        if !known.is_empty() {
            return follow_these(&known, sealer);
        }
        let place = place_of_what_is_there(store, sealer).await?.unwrap_or(CONFIGURED);
        let mut digest_key = Zeroizing::new(vec![0; DIGEST_KEY_LEN]);
        rng.fill(&mut digest_key);
        let first = record(1, MasterKeyState::Sealing, (sealer, place), &digest_key, rng, now);
        // Of several nodes that start at the same time, one is first. The others look again.
        match store.commit(vec![Change::MasterKey(MasterKeyChange::Create(first))]).await {
            Ok(()) | Err(CommitError::Refused(_)) => {}
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
    Err(MasterKeyProblem::Contended)
}

/// Has the sealer do as the database says, and tells the database if a key is about to seal that is
/// not held here. Whether it had to. To be called every second.
///
/// # Errors
///
/// [`MasterKeyProblem::Wrong`] if the key that seals is not held, [`MasterKeyProblem::Unfinished`]
/// if one that still has to open is not, [`MasterKeyProblem::Store`]. The sealer then goes on as
/// before.
pub async fn follow(store: &dyn Store, sealer: &Sealer) -> Result<bool> {
    let known = store.master_keys().await?;
    let missed = known.iter().filter(|key| {
        key.state == MasterKeyState::Announced && !key.is_missed && open(key, sealer).is_none()
    });
    let missed = missed.map(|key| MasterKeyChange::Miss { generation: key.generation });
    let missed: Vec<_> = missed.map(Change::MasterKey).collect();
    let has_missed = !missed.is_empty();
    if has_missed {
        store.commit(missed).await?;
    }
    if !known.is_empty() {
        follow_these(&known, sealer)?;
    }
    Ok(has_missed)
}

fn follow_these(known: &[MasterKeyRecord], sealer: &Sealer) -> Result<()> {
    let mut sealing = None;
    let mut digest_keys = Vec::new();
    for key in known {
        let opened = open(key, sealer);
        match (key.state, opened) {
            (MasterKeyState::Sealing, Some((place, digest_key))) => {
                sealing = Some(place);
                digest_keys.insert(0, digest_key);
            }
            (MasterKeyState::Sealing, None) => return Err(MasterKeyProblem::Wrong),
            (MasterKeyState::Opening, None) => return Err(MasterKeyProblem::Unfinished),
            (_, Some((_, digest_key))) => digest_keys.push(digest_key),
            (MasterKeyState::Announced, None) => {}
        }
    }
    let sealing = sealing.ok_or(MasterKeyProblem::Wrong)?;
    sealer.follow(sealing, &digest_keys);
    Ok(())
}

/// The place of the key that something in the database is sealed under, if anything is.
async fn place_of_what_is_there(store: &dyn Store, sealer: &Sealer) -> Result<Option<usize>> {
    for place in SealedPlace::ALL {
        for row in store.sealed_rows(place, &RowKey::least(), BATCH).await? {
            let found = row.place_of_key(sealer).map_err(|_| MasterKeyProblem::Wrong)?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }
    Ok(None)
}

fn record(
    generation: i64,
    state: MasterKeyState,
    (sealer, place): (&Sealer, usize),
    digest_key: &[u8],
    rng: &dyn Rng,
    since: Timestamp,
) -> MasterKeyRecord {
    let subject = generation.to_string();
    let digest_key = sealer.seal_under(place, context(&NO_POOL, &subject), digest_key, rng);
    MasterKeyRecord { generation, state, digest_key, since, is_missed: false }
}

/// The place of the key and what is sealed under it, if it is held.
fn open(key: &MasterKeyRecord, sealer: &Sealer) -> Option<(usize, Zeroizing<Vec<u8>>)> {
    let subject = key.generation.to_string();
    let sealed: &Sealed = &key.digest_key;
    sealer.open_with_place(context(&NO_POOL, &subject), sealed).ok()
}

static NO_POOL: std::sync::LazyLock<PoolId> = std::sync::LazyLock::new(|| PoolId::new(""));

fn context<'a>(pool: &'a PoolId, subject: &'a str) -> Context<'a> {
    Context { purpose: SealPurpose::DigestKey, pool, subject }
}

/// One announcement of a key. A key that was missed may be announced again under the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// Which key it is.
    pub generation: i64,
    since: Timestamp,
}

/// Where the replacement of a master key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationState {
    /// The new key waits for nodes to object.
    Announced(Announcement),
    /// The new key seals.
    Sealing {
        /// Since when.
        since: Timestamp,
        /// Whether the one before may still be needed.
        is_unfinished: bool,
    },
}

/// What one walk through the database has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// The sealed values, all of which opened.
    pub values: usize,
    /// The rows in which something was not under the key that seals.
    pub renewed: usize,
}

/// The replacement of a master key by the configured one, step by step. Each step may be repeated,
/// and what was broken off is gone on with.
pub struct Rotation<'a> {
    /// Where.
    pub store: &'a dyn Store,
    /// Holds both keys.
    pub sealer: &'a Sealer,
    /// Gives nonces.
    pub rng: &'a dyn Rng,
}

impl Rotation<'_> {
    /// Finds where it stands, and announces the configured key unless it seals already. With
    /// `new_digests`, digests are made with a new key, too.
    ///
    /// # Errors
    ///
    /// [`MasterKeyProblem::Wrong`] if the key that seals is not held,
    /// [`MasterKeyProblem::DigestsKept`] if new digests come too late,
    /// [`MasterKeyProblem::Contended`] if somebody else announces or forgets a key at the same
    /// time, [`MasterKeyProblem::Store`].
    pub async fn begin(&self, new_digests: bool, now: Timestamp) -> Result<RotationState> {
        let known = self.store.master_keys().await?;
        let sealing = known.iter().find(|key| key.state == MasterKeyState::Sealing);
        let sealing = sealing.ok_or(MasterKeyProblem::Wrong)?;
        let (place, digest_key) = open(sealing, self.sealer).ok_or(MasterKeyProblem::Wrong)?;
        if place == CONFIGURED {
            if new_digests {
                return Err(MasterKeyProblem::DigestsKept);
            }
            let is_unfinished = known.iter().any(|key| key.state == MasterKeyState::Opening);
            return Ok(RotationState::Sealing { since: sealing.since, is_unfinished });
        }
        let mut changes = Vec::new();
        for key in known.iter().filter(|key| key.state == MasterKeyState::Announced) {
            let is_wanted = open(key, self.sealer).is_some_and(|(place, announced)| {
                place == CONFIGURED && !(new_digests && *announced == *digest_key)
            });
            if is_wanted && !key.is_missed {
                let (generation, since) = (key.generation, key.since);
                return Ok(RotationState::Announced(Announcement { generation, since }));
            }
            changes.push(forget(key));
        }
        let mut digest_key = digest_key;
        if new_digests {
            self.rng.fill(&mut digest_key);
        }
        let generation = known.iter().map(|key| key.generation).max().unwrap_or_default() + 1;
        let new = (self.sealer, CONFIGURED);
        let new = record(generation, MasterKeyState::Announced, new, &digest_key, self.rng, now);
        changes.push(Change::MasterKey(MasterKeyChange::Create(new)));
        self.store.commit(changes).await?;
        Ok(RotationState::Announced(Announcement { generation, since: now }))
    }

    /// Has the announced key seal from now on, [`OBJECTION`] after it was announced, unless a node
    /// has said that it does not hold it.
    ///
    /// # Errors
    ///
    /// [`MasterKeyProblem::Missed`] if a node does not hold the key, which is then forgotten,
    /// [`MasterKeyProblem::Contended`] if somebody else changes the keys at the same time,
    /// [`MasterKeyProblem::Store`], and those of [`follow`].
    pub async fn switch(&self, announced: Announcement, now: Timestamp) -> Result<()> {
        use MasterKeyState::{Announced, Opening, Sealing};
        let known = self.store.master_keys().await?;
        let new = known.iter().find(|key| key.generation == announced.generation);
        match new.map(|key| (key, key.state)) {
            Some((key, Announced)) if key.is_missed => {
                self.store.commit(vec![forget(key)]).await?;
                return Err(MasterKeyProblem::Missed);
            }
            // Announced anew meanwhile: nobody has had the time to object to that.
            Some((key, Announced)) if key.since != announced.since => {
                return Err(MasterKeyProblem::Contended);
            }
            Some((key, Announced)) => {
                let old = known.iter().filter(|key| key.state == Sealing);
                let mut changes: Vec<_> = old.map(|key| advance(key, Opening, now)).collect();
                changes.push(advance(key, Sealing, now));
                self.store.commit(changes).await?;
            }
            // Another rotation to the same key was quicker.
            Some((_, Sealing)) => {}
            Some((_, Opening)) | None => return Err(MasterKeyProblem::Contended),
        }
        follow(self.store, self.sealer).await.map(drop)
    }

    /// Opens every sealed value there is, and seals those anew that are not under the key that seals.
    ///
    /// # Errors
    ///
    /// [`MasterKeyProblem::Unsealable`] at the first row that does not open,
    /// [`MasterKeyProblem::Contended`] if somebody else has another key seal meanwhile,
    /// [`MasterKeyProblem::Store`]. What was sealed anew before stays so.
    pub async fn walk(&self) -> Result<Walk> {
        let mut walk = Walk::default();
        for place in SealedPlace::ALL {
            let mut after = RowKey::least();
            loop {
                self.check_seals(&self.store.master_keys().await?)?;
                let rows = self.store.sealed_rows(place, &after, BATCH).await?;
                let Some(last) = rows.last() else { break };
                after = last.key.clone();
                let mut changes = Vec::new();
                for before in rows {
                    let lost = |_| MasterKeyProblem::Unsealable {
                        table: place.table(),
                        pool: before.key.pool.to_string(),
                        id: before.key.id.clone(),
                    };
                    let resealed = before.resealed(self.sealer, self.rng).map_err(lost)?;
                    let Resealed { values, row } = resealed;
                    walk.values += values;
                    if let Some(after) = row {
                        walk.renewed += 1;
                        changes.push(Change::Reseal { before, after });
                    }
                }
                if !changes.is_empty() {
                    self.store.commit(changes).await?;
                }
            }
        }
        Ok(walk)
    }

    /// Forgets the key before: from now on, nobody needs it to open the database. To be called after
    /// a [`walk`](Self::walk) that began [`SETTLED`] after the new key began to seal, and found
    /// everything under it.
    ///
    /// # Errors
    ///
    /// [`MasterKeyProblem::Contended`] if somebody else forgets the key at the same time, or has
    /// another one seal; [`MasterKeyProblem::Store`], and those of [`follow`].
    pub async fn finish(&self) -> Result<()> {
        let known = self.store.master_keys().await?;
        self.check_seals(&known)?;
        let old = known.iter().filter(|key| key.state == MasterKeyState::Opening);
        let changes: Vec<_> = old.map(forget).collect();
        if !changes.is_empty() {
            self.store.commit(changes).await?;
        }
        follow(self.store, self.sealer).await.map(drop)
    }

    /// Refuses to go on once the configured key no longer seals: the keys before it are not old.
    fn check_seals(&self, known: &[MasterKeyRecord]) -> Result<()> {
        let sealing = known.iter().find(|key| key.state == MasterKeyState::Sealing);
        match sealing.and_then(|key| open(key, self.sealer)) {
            Some((CONFIGURED, _)) => Ok(()),
            _ => Err(MasterKeyProblem::Contended),
        }
    }
}

fn advance(key: &MasterKeyRecord, to: MasterKeyState, at: Timestamp) -> Change {
    let (generation, from) = (key.generation, key.state);
    Change::MasterKey(MasterKeyChange::Advance { generation, from, to, at })
}

fn forget(key: &MasterKeyRecord) -> Change {
    let (generation, state) = (key.generation, key.state);
    Change::MasterKey(MasterKeyChange::Delete { generation, state })
}
