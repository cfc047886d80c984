//! A server to test against, and typed clients of it.

mod amazon;
mod answer;
mod clock;
mod cognito;
mod database;
mod demo;
mod device;
mod imitation;
mod observer;
mod pool;
mod program;
mod proxy;
mod server;
mod signer;
mod srp_client;
mod store;
mod table;
mod tokens;
mod workers;

pub(crate) use amazon::{AtAmazon, SERVICE_GROUP, amazon_settings, at_amazon, is_asked_for};
pub(crate) use answer::Answer;
pub(crate) use clock::TestClock;
pub(crate) use cognito::Cognito;
pub(crate) use database::TestDatabase;
pub(crate) use demo::*;
pub(crate) use device::{TestDevice, device_srp_responses, tracking};
pub(crate) use observer::TestObserver;
pub(crate) use pool::TestPool;
pub(crate) use program::Program;
pub(crate) use proxy::{CallFault, Fault, How, Proxy};
pub(crate) use server::TestServer;
pub(crate) use signer::Signer;
pub(crate) use srp_client::SrpClient;
pub(crate) use table::Table;
pub(crate) use tokens::{
    Tokens, claims, hash_with, is_signed_by, jose_header, resigned, secret_hash,
};
