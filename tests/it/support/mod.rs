//! A server to test against, and typed clients of it.

mod answer;
mod clock;
mod cognito;
mod demo;
mod server;
mod signer;
mod workers;

pub use answer::Answer;
pub use cognito::Cognito;
pub use demo::*;
pub use server::TestServer;
