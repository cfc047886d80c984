//! Poolkeeper: the program around the engine. Configuration, threads, sockets and commands.

pub mod cli;
pub mod config;
pub mod delivery;
pub mod demo;
pub mod machine;
pub mod master_key;
pub mod observer;
pub mod pools;
pub mod server;
pub mod system;
pub mod wire;
pub mod workers;

/// The C library's allocator keeps the memory that a flood took. This one returns most of it to the
/// system within half a minute.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
