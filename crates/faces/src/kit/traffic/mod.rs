//! Who calls, how often they may, and how much is in hand at once.

pub(super) mod address;
pub(super) mod hosts;
pub(super) mod limiter;
pub(super) mod room;
