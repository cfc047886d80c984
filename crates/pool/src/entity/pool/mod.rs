//! User pools, and what belongs to one as a whole.

pub(super) mod app_client;
pub(super) mod given_settings;
pub(super) mod group;
pub(super) mod pool_rules;
pub(super) mod signing_key;
pub(super) mod user_pool;
