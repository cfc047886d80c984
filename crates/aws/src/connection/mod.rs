//! How Amazon is reached: addresses and credentials, time-outs, repetition, errors.

pub(crate) mod breaker;
pub(crate) mod call;
pub(crate) mod connect;
pub(crate) mod credentials;
pub(crate) mod forward;
pub(crate) mod http;
pub(crate) mod issuers;
pub(crate) mod keys;
pub(crate) mod pace;
pub(crate) mod probe;
pub(crate) mod quota;
pub(crate) mod settings;
pub(crate) mod trouble;
