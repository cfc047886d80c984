//! What administrators do with users, groups, app clients and user pools.

pub(in crate::local) mod administration;
pub(in crate::local) mod administrators;
pub(in crate::local) mod client_admin;
pub(in crate::local) mod clients;
pub(in crate::local) mod groups;
pub(in crate::local) mod links;
pub(in crate::local) mod pool_admin;
pub(in crate::local) mod pool_settings;
pub(in crate::local) mod pools;
pub(in crate::local) mod service_accounts;
pub(in crate::local) mod suspensions;
pub(in crate::local) mod unconfirmed;
pub(in crate::local) mod user_admin;
pub(in crate::local) mod users;
