//! Whether the time of a refusal tells what was wrong, and what a login costs among many tenants.
//!
//! Logins of every kind that the tenant API refuses alike are timed in turn, each turn in another
//! order, so that whatever else the machine does hits all kinds alike. For each pair of kinds the
//! Mann-Whitney U test then gives the probability of such a difference if there were none: a p-value
//! that stays small from run to run would tell somebody something. Nothing is asserted.
//!
//! The same good logins are timed on a server with one tenant and one user and on one with 10,000
//! tenants and 100,000 users, in turn: the ratio should be 1.
//!
//!     cargo bench --bench refusals             # a few minutes
//!     cargo bench --bench refusals -- --quick  # a few turns: does it still run?

#[path = "support/client.rs"]
mod client;
#[path = "support/serving.rs"]
mod serving;
mod tenants;

use anyhow::Result;
use std::io::{self, Write as _};
use tenants::{Crowd, Server, logins, refusals};

/// How much there is, and how often it is measured.
#[derive(Clone, Copy)]
struct Extent {
    crowd: Crowd,
    turns: usize,
}

const FULL: Extent = Extent {
    crowd: Crowd { tenants: 10_000, own_pools: 1_000, users: 100_000, special: 450 },
    turns: 400,
};
const QUICK: Extent =
    Extent { crowd: Crowd { tenants: 20, own_pools: 4, users: 40, special: 8 }, turns: 4 };

fn main() -> Result<()> {
    let Extent { crowd, turns } = if serving::is_whole()? { FULL } else { QUICK };
    // As in production, where every request is logged, but for the writing.
    tracing_subscriber::fmt().with_writer(io::sink).init();
    let many = Server::start(crowd)?;
    let one = Server::start(Crowd { tenants: 1, own_pools: 0, users: 1, special: 0 })?;
    let mut out = io::stdout().lock();
    writeln!(out, "\n{} tenants, {} users, {turns} turns", crowd.tenants, crowd.users)?;
    out.write_all(logins(&many, &one, turns)?.as_bytes())?;
    out.write_all(refusals(&many, turns)?.as_bytes())?;
    Ok(())
}
