//! A PostgreSQL database, shared by any number of nodes.
//!
//! # Why guarded changes are right under READ COMMITTED
//!
//! SQLite commits one list of changes after the other. Here lists run beside each other, and each
//! must end as if they had not. The level is READ COMMITTED: every statement sees what was committed
//! before it began, and a statement that meets a row in the hands of another transaction waits for
//! its end and looks at the row again.
//!
//! - *Updates and deletions on a version, a rotation, a digest, a number of attempts* hold their row
//!   until the commit. The second one waits, looks again, finds another version or no row, and is
//!   refused: `UpdateUser`, `RotateSession`, `SpendCode`, `SetLockout`, `ClearLockout`,
//!   `AdvanceMessage` and the like.
//! - *Inserts that must be the first* (`Spend`, `CreateUser`, the first `SetLockout` …) say
//!   `ON CONFLICT DO NOTHING`: they wait for whoever is about to insert the same key, and then insert
//!   no row, which is the refusal. No unique index is left that could raise an error instead.
//! - *`UseQuota`, turns and aliases* are upserts with a condition, which is looked at on the newest row with
//!   that row held. Uses are counted one after the other.
//! - *Expectations* (`ExpectUser`, `ExpectDevice`, the group of `AddToGroup`) would only look. Here
//!   they hold what they found ([`sql::LOCKED`]), so that a user who is being disabled, signed out or
//!   deleted either waits for a sign-in and then ends it, or makes it be refused. A statement that
//!   sweeps after such a guard (`RevokeSessionsOf`, the deletions that go with a user)
//!   begins after the wait, and so sees what was committed meanwhile. That is why a change's guard is
//!   its first statement, and why a list that sweeps over a user's records guards the user before.
//! - *`ExpectNoLockout`* expects a row not to be there, and there is nothing to hold. It puts a row
//!   in its place and takes it away again: whoever is about to count a first failure waits, and of a
//!   failure that was counted it learns.
//! - *Portions of a removal* hold its row before they look for what is left, so that they come one
//!   after the other, whichever node they are of. Whoever takes a name looks for a removal after the
//!   insert, which has waited for the commit that notes one.
//! - *What has expired* is picked first and removed then; the condition is looked at again on the
//!   row as it is by then, so that a code that was just renewed stays.
//!
//! Deadlocks are possible where two lists hold what the other one wants. PostgreSQL undoes one of
//! them, and it is tried again (`retry`). REPEATABLE READ and SERIALIZABLE would turn each of the
//! waits above into such a failure; databases that know nothing else raise 40001 and are served by
//! the same retry.

mod address;
mod cells;
mod commit;
mod connections;
pub(crate) mod copying;
mod failure;
pub(crate) mod migrations;
mod retry;

use crate::database::Database;
use crate::rows::{Parsed, Row};
use crate::sql;
use crate::statement::{Query, Statement};
use crate::store::SqlStore;
use connections::Connections;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::{CommitError, StoreError};
use poolkeeper_pool::system::Rng;
use std::sync::Arc;
use std::time::Duration;

pub use address::PostgresAddress;
pub use migrations::Migrated;

/// Keeps the records in a PostgreSQL database. It is meant to be opened once and shared; other nodes
/// may use the database at the same time.
pub type PostgresStore = SqlStore<Postgres>;

/// How a PostgreSQL database is used.
#[derive(Clone)]
pub struct PostgresSettings {
    /// Where it is.
    pub address: PostgresAddress,
    /// The password of the user in the address.
    pub password: Option<Secret>,
    /// The connections that are open at most, two at least: a quarter of them is for look-ups and an
    /// eighth for listings, and each of these is shared by any number of reads; the others are for one
    /// commit at a time.
    pub connections: usize,
    /// How long connecting, or waiting for a free connection, may take.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
}

/// A PostgreSQL database.
pub struct Postgres(Arc<Shared>);

/// What commits go on with when their caller has gone.
struct Shared {
    connections: Connections,
    rng: Arc<dyn Rng>,
}

impl PostgresStore {
    /// Opens a database whose schema is up to date ([`migrate`](Self::migrate)). `rng` spreads
    /// retries. Fails if the database would lose what it has acknowledged, has a schema that this
    /// release does not know, or holds a part of what is being copied to it.
    pub async fn open(settings: &PostgresSettings, rng: Arc<dyn Rng>) -> Result<Self, StoreError> {
        let connections = Connections::new(settings)?;
        let client = connections.alone(settings.statement_timeout).await?;
        connections::check_server(&client).await?;
        migrations::check(&client).await?;
        copying::check(&client).await?;
        Ok(Self(Postgres(Arc::new(Shared { connections, rng }))))
    }

    /// Brings the schema of a database up to date. Of several that want to at the same time, one
    /// does it; the others wait and find it done.
    pub async fn migrate(settings: &PostgresSettings) -> Result<Migrated, StoreError> {
        let connections = Connections::new(settings)?;
        // An index on a large table takes its time.
        let mut client = connections.alone(Duration::ZERO).await?;
        connections::check_server(&client).await?;
        migrations::apply(&mut client).await
    }
}

impl Database for Postgres {
    const IS_SHARED: bool = true;

    async fn all<T: Send>(
        &self,
        query: Query,
        parse: impl Fn(&mut Row<'_>) -> Parsed<T> + Send,
    ) -> Parsed<Vec<T>> {
        let Shared { connections, rng } = &*self.0;
        let rows = retry::retried(&**rng, || connections.read(&query)).await;
        let rows = rows.map_err(StoreError::from)?;
        rows.iter().map(|row| parse(&mut Row::new(query.table, row))).collect()
    }

    async fn commit(&self, changes: Vec<Vec<Statement>>) -> Result<Vec<u64>, CommitError> {
        let shared = Arc::clone(&self.0);
        // A task of its own: a caller who goes away must not leave a transaction half-way behind.
        let commit = tokio::spawn(async move {
            let Shared { connections, rng } = &*shared;
            retry::retried(&**rng, || commit::attempt(connections, &changes)).await
        });
        let done = commit.await;
        let ended = |_| StoreError::Unavailable("the task of a commit has ended".to_owned());
        Ok(done.map_err(ended)??)
    }

    /// Autovacuum does.
    async fn shrink(&self) -> Result<bool, StoreError> {
        Ok(false)
    }
}

/// A text as PostgreSQL runs it.
fn text(sql: &'static str) -> &'static str {
    sql::of_postgres().find(|(shared, _)| *shared == sql).map_or(sql, |(_, own)| own)
}
