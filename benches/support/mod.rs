//! The parts of the benchmark: a server, clients, what is measured, how, and what is said of it.

mod bare;
mod bench;
mod client;
mod database;
mod demand;
mod report;
mod server;
mod serving;
mod work;

pub(crate) use bench::Bench;
pub(crate) use demand::demand;
pub(crate) use report::report;
pub(crate) use server::Server;
pub(crate) use serving::is_whole;
