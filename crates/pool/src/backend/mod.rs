//! What the sign-in APIs ask of a user pool, wherever the pool lives: traits, the values that they
//! take and return, and the rules that hold for a local pool and for a pool at Amazon alike.

pub mod administration;
pub mod administrators;
pub mod entry_policy;
pub mod follow_ups;
pub mod partners;
pub mod self_service;
pub mod tenancy;
pub mod user_pool;
