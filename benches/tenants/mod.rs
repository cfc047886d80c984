//! The parts of the benchmark of refusals: a server with many tenants, what is measured, and what is
//! said of it.

mod crowd;
mod measure;
mod server;
mod statistics;

pub(crate) use crowd::Crowd;
pub(crate) use measure::{logins, refusals};
pub(crate) use server::Server;
