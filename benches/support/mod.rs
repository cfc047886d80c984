//! The parts of the benchmark: a server, clients, what is measured, how, and what is said of it.

mod bare;
mod bench;
mod client;
mod codes;
mod database;
mod demand;
mod flows;
mod report;
mod requests;
mod result;
mod server;
mod serving;
mod work;

pub(crate) use bench::Bench;
pub(crate) use demand::demand;
pub(crate) use report::report;
pub(crate) use result::write_result;
pub(crate) use server::{Server, cores};
pub(crate) use serving::is_whole;
