//! What each operation asks of a PostgreSQL database.

use super::bench::{Bench, Operation};
use super::database::Postgres;
use anyhow::Result;
use std::fmt::Write as _;
use std::fs;
use tokio_postgres::Client;

const LEGEND: &str = "
commits   transactions that wrote something
WAL       the log that was written for them, in bytes; more after a checkpoint, since then each page
          is logged as a whole when it is first written
CPU       of the database's processes for this server, in units of ten milliseconds, so over many;
          only on the same machine
";

/// How far the counters are.
struct Counters {
    transactions: i64,
    log: i64,
    ticks: Option<i64>,
    connections: usize,
}

/// Repeats each operation, one after the other, and reads the database's counters before and after.
pub(crate) fn demand(postgres: &Postgres, bench: &mut Bench, times: u32) -> Result<String> {
    let client = postgres.runtime().block_on(postgres.client())?;
    let read = || postgres.runtime().block_on(counters(&client, postgres.name()));
    let mut text = String::new();
    let [what, commits, log, cpu] = ["asked of the database", "commits", "WAL", "CPU"];
    writeln!(text, "\n{what:<36}{commits:>10}{log:>11}{cpu:>11}")?;
    for Operation { work, .. } in &mut bench.operations {
        let before = read()?;
        work.repeat(times)?;
        let after = read()?;
        let each = |whole: i64| {
            Ok::<_, anyhow::Error>(f64::from(u32::try_from(whole)?) / f64::from(times))
        };
        let commits = each(after.transactions - before.transactions)?;
        let log = each(after.log - before.log)?;
        let cpu = match after.ticks.zip(before.ticks) {
            Some((after, before)) => format!("{:.2} ms", each(after - before)? * 10.0),
            None => "?".to_owned(),
        };
        writeln!(text, "{:<36}{commits:>10.2}{log:>11.0}{cpu:>11}", work.name)?;
    }
    writeln!(text, "\n{} connections", read()?.connections)?;
    text.push_str(LEGEND);
    Ok(text)
}

async fn counters(client: &Client, name: &str) -> Result<Counters> {
    // The next number of a transaction: those that only read take none, and neither does this.
    let sql = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint, \
        (pg_current_wal_insert_lsn() - '0/0')::bigint";
    let row = client.query_one(sql, &[]).await?;
    let pids = "SELECT pid FROM pg_stat_activity WHERE application_name = $1";
    let pids = client.query(pids, &[&name]).await?;
    let ticks = pids.iter().map(|row| row.try_get(0).ok().and_then(ticks)).sum();
    let (transactions, log) = (row.try_get(0)?, row.try_get(1)?);
    Ok(Counters { transactions, log, ticks, connections: pids.len() })
}

/// The processor time of a process, as Linux tells it.
fn ticks(pid: i32) -> Option<i64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, numbers) = text.rsplit_once(") ")?;
    let mut numbers = numbers.split(' ').skip(11).map(|number| number.parse::<i64>().ok());
    Some(numbers.next()?? + numbers.next()??)
}
