//! The verbs of a user pool over a real Amazon Cognito pool, through its SDK.
//!
//! Amazon keeps users, passwords, factors, groups and devices, and issues the tokens. What it does
//! not keep stays in our own store: partners, permissions, tenants. [`Amazon`] makes of Amazon's
//! answers what the engine's own pools answer, so that the sign-in APIs do not see where a pool is.
//!
//! Every call goes through one place (`call`): time-outs, a circuit breaker, and repetition of what
//! is safe to repeat. A password or a code whose fate is unknown is never sent a second time.

mod administration;
mod administrators;
mod amazon;
mod check;
mod connection;
mod convert;
mod follow_ups;
mod groups;
mod self_service;
mod sign_in;
mod suspensions;
mod tenancy;
mod users;

pub use amazon::{Amazon, Parts};
pub use check::{About, Expected, ExpectedGroup, Finding, Fix, Need, Verdict, check};
pub use connection::connect::SetupError;
pub use connection::forward::{Forwarded, Forwarder, NoAnswer};
pub use connection::http::Proxies;
pub use connection::issuers::Issuers;
pub use connection::settings::{AccessKey, AppClient, Flow, Limits, Settings};
