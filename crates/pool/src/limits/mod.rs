//! How often somebody may do something: guess, ask for messages, call.

pub mod lockout;
pub mod quota;
pub mod rate_limit;
