//! The schema and its history.

use super::failure::{Failure, Moment};
use deadpool_postgres::ClientWrapper;
use poolkeeper_pool::error::StoreError;
use tokio_postgres::{Error, GenericClient};

pub(crate) struct Migration {
    pub(crate) sql: &'static str,
    /// The schema version that a program must know at least to work with the schema as it is now.
    needs: i64,
}

/// In order. Released ones never change.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { sql: include_str!("../../migrations/postgres/0001_initial.sql"), needs: 1 },
    Migration { sql: include_str!("../../migrations/postgres/0002_partner_api.sql"), needs: 1 },
    Migration { sql: include_str!("../../migrations/postgres/0003_tenants.sql"), needs: 1 },
    Migration { sql: include_str!("../../migrations/postgres/0004_turns.sql"), needs: 1 },
    Migration { sql: include_str!("../../migrations/postgres/0005_key_rotation.sql"), needs: 1 },
    Migration { sql: include_str!("../../migrations/postgres/0006_master_keys.sql"), needs: 1 },
    Migration {
        sql: include_str!("../../migrations/postgres/0007_doors_and_suspensions.sql"),
        needs: 1,
    },
    Migration {
        sql: include_str!("../../migrations/postgres/0008_outbox_by_channel.sql"),
        needs: 1,
    },
    Migration { sql: include_str!("../../migrations/postgres/0009_sign_ups.sql"), needs: 1 },
    Migration { sql: include_str!("../../migrations/postgres/0010_provenance.sql"), needs: 1 },
    Migration {
        sql: include_str!("../../migrations/postgres/0011_follow_ups_and_tenant_groups.sql"),
        needs: 1,
    },
    Migration { sql: include_str!("../../migrations/postgres/0012_counts.sql"), needs: 1 },
    Migration { sql: include_str!("../../migrations/postgres/0013_removals.sql"), needs: 1 },
];

/// What a migration has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The schema version before; 0 stands for an empty database.
    pub from: i64,
    /// The schema version now.
    pub to: i64,
}

/// The version of a schema, and the least one that a program must know.
struct Version {
    seen: i64,
    needs: i64,
}

/// The version that this release knows.
fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Refuses a schema that this release cannot work with. A newer one will do as long as it only adds.
pub(super) async fn check(client: &ClientWrapper) -> Result<(), StoreError> {
    let version = version(&**client).await.map_err(|error| failed(&error))?;
    if version.seen < known() {
        return Err(StoreError::Unavailable(format!(
            "its schema has version {}, and this release needs {}: run `poolkeeper migrate`",
            version.seen,
            known(),
        )));
    }
    refuse_newer(&version)
}

/// Makes the schema if there is none, and refuses any but that of this release: nobody here knows what
/// else belongs to a row of a newer one.
pub(super) async fn make(client: &mut ClientWrapper) -> Result<(), StoreError> {
    if version(&**client).await.map_err(|error| failed(&error))?.seen == 0 {
        apply(client).await?;
    }
    check(client).await?;
    let seen = version(&**client).await.map_err(|error| failed(&error))?.seen;
    if seen == known() {
        return Ok(());
    }
    Err(StoreError::Unavailable(format!(
        "its schema has version {seen}, made by a newer release; this one copies to version {}",
        known(),
    )))
}

/// Brings the schema up to date, in one transaction.
pub(super) async fn apply(client: &mut ClientWrapper) -> Result<Migrated, StoreError> {
    let version = run(client).await.map_err(|error| failed(&error))?;
    refuse_newer(&version)?;
    Ok(Migrated { from: version.seen, to: version.seen.max(known()) })
}

async fn run(client: &mut ClientWrapper) -> Result<Version, Error> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(ALONE).await?;
    let version = version(&*transaction).await?;
    let seen = usize::try_from(version.seen).unwrap_or_default();
    for (number, migration) in (1_i64..).zip(MIGRATIONS).skip(seen) {
        transaction.batch_execute(migration.sql).await?;
        let note = format!("INSERT INTO schema_version VALUES ({number}, {})", migration.needs);
        transaction.batch_execute(&note).await?;
    }
    transaction.commit().await?;
    Ok(version)
}

/// Waits for whoever migrates the same schema. The lock ends with the transaction.
const ALONE: &str = "
    SELECT pg_advisory_xact_lock(hashtextextended('poolkeeper migrate ' || current_schema(), 0));
    CREATE TABLE IF NOT EXISTS schema_version (
        version BIGINT NOT NULL PRIMARY KEY,
        needs BIGINT NOT NULL
    );
";

async fn version(client: &impl GenericClient) -> Result<Version, Error> {
    let there = client.query_one("SELECT to_regclass('schema_version') IS NOT NULL", &[]).await?;
    if !there.try_get::<_, bool>(0)? {
        return Ok(Version { seen: 0, needs: 0 });
    }
    let sql = "SELECT COALESCE(MAX(version), 0), COALESCE(MAX(needs), 0) FROM schema_version";
    let row = client.query_one(sql, &[]).await?;
    Ok(Version { seen: row.try_get(0)?, needs: row.try_get(1)? })
}

fn refuse_newer(version: &Version) -> Result<(), StoreError> {
    if version.needs <= known() {
        return Ok(());
    }
    Err(StoreError::Unavailable(format!(
        "its schema has version {}, made by a newer release, and needs a program that knows version \
         {}; this one knows versions up to {}",
        version.seen,
        version.needs,
        known(),
    )))
}

pub(super) fn failed(error: &Error) -> StoreError {
    Failure::of(error, Moment::Before).into()
}
