//! What sign-in costs through HTTP, as ratios to what it cannot do without.
//!
//! A password login must hash a password, sign two tokens, make a session durable and answer over
//! HTTP; other sign-ins and sign-ups have other parts. So this measures those parts by themselves and the whole in the same run, taking turns,
//! since machines are noisy: the ratio is what Poolkeeper adds, and it can be compared between
//! machines, which times cannot.
//!
//!     cargo bench --bench sign_in             # two minutes
//!     cargo bench --bench sign_in -- --quick  # a few turns: does it still run?
//!     scripts/postgres cargo bench --bench sign_in
//!
//! The server is the real one, with its real parameters, on a loopback port and a fresh data
//! folder, or a fresh schema of PostgreSQL: then it also says what each operation asks of the
//! database. Only the log goes nowhere. The clients run in the same process and share its cores.
//!
//! The numbers are also written to a file, from which `scripts/performance` makes
//! `docs/performance.md`.

mod support;

use anyhow::Result;
use std::io::{self, Write as _};
use std::time::Duration;
use support::{Bench, Server, cores, demand, is_whole, report, write_result};

/// How much is measured.
#[derive(Clone, Copy)]
struct Extent {
    /// Turns in which everything is measured one at a time.
    turns_alone: usize,
    /// Turns in which everything is measured with all cores busy.
    turns_together: usize,
    /// The time of one measurement with all cores busy; a third of it for what is quick.
    slice: Duration,
    /// How often each operation is repeated to see what it asks of the database.
    repetitions: u32,
    /// Users with an authenticator app, and more for each core: an app has two codes at a time.
    with_apps: (usize, usize),
}

const FULL: Extent = Extent {
    turns_alone: 60,
    turns_together: 7,
    slice: Duration::from_millis(600),
    repetitions: 300,
    with_apps: (300, 200),
};
const QUICK: Extent = Extent {
    turns_alone: 2,
    turns_together: 1,
    slice: Duration::from_millis(60),
    repetitions: 3,
    with_apps: (20, 20),
};

fn main() -> Result<()> {
    let is_whole = is_whole()?;
    let extent = if is_whole { FULL } else { QUICK };
    // As in production, where every request is logged, but for the writing.
    tracing_subscriber::fmt().with_writer(io::sink).init();
    let (some, for_each_core) = extent.with_apps;
    let server = Server::start(some + for_each_core * cores())?;
    let mut bench = Bench::prepare(&server)?;
    for work in bench.all() {
        work.warm_up()?;
    }
    for _ in 0..extent.turns_alone {
        for work in bench.all() {
            work.measure_alone()?;
        }
    }
    for _ in 0..extent.turns_together {
        for work in bench.all() {
            work.measure_together(extent.slice)?;
        }
    }
    let mut text = report(&server, &bench)?;
    if let Some(postgres) = server.database().postgres() {
        text.push_str(&demand(postgres, &mut bench, extent.repetitions)?);
    }
    let path = write_result(&server, &bench, is_whole)?;
    writeln!(io::stdout().lock(), "{text}\nwritten to {}", path.display())?;
    Ok(())
}
