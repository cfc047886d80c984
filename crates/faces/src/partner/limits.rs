//! How often callers may call.

use super::problem::Failure;
use crate::kit::{Limiter, Origin};
use axum::http::{Extensions, Method};
use poolkeeper_pool::ids::{PartnerId, Sub};
use poolkeeper_pool::ports::Clock;
use std::num::NonZeroU32;
use std::sync::Arc;

/// How often callers may call in a minute; `None` means as often as they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartnerLimits {
    /// Calls that read, for one partner.
    pub reads_per_partner: Option<NonZeroU32>,
    /// Calls that change something, for one partner.
    pub writes_per_partner: Option<NonZeroU32>,
    /// Attempts at passwords, codes and tokens, from one address.
    pub attempts_per_address: Option<NonZeroU32>,
    /// Whether refused callers are told when to come again (`Retry-After`).
    pub retry_after: bool,
}

impl PartnerLimits {
    /// The defaults, in the order of the fields.
    pub const DEFAULTS: [u32; 3] = [600, 120, 10];

    /// No limits.
    pub const NONE: Self = Self {
        reads_per_partner: None,
        writes_per_partner: None,
        attempts_per_address: None,
        retry_after: true,
    };
}

/// Whose calls are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Budget {
    /// All for a partner.
    Partner(PartnerId),
    /// A user's own, where no partner is concerned.
    User(Sub),
}

/// Who called how often.
pub(super) struct Limits {
    reads: Limiter<Budget>,
    writes: Limiter<Budget>,
    attempts: Limiter<Origin>,
}

impl Limits {
    pub(super) fn new(limits: PartnerLimits, clock: &Arc<dyn Clock>) -> Self {
        let budget = |most| Limiter::per_minute(most, Arc::clone(clock));
        Self {
            reads: budget(limits.reads_per_partner),
            writes: budget(limits.writes_per_partner),
            attempts: Limiter::per_minute(limits.attempts_per_address, Arc::clone(clock)),
        }
    }

    /// Counts an attempt, by the address it comes from.
    pub(super) fn attempt(&self, extensions: &Extensions) -> Result<(), Failure> {
        let Some(origin) = Origin::of(extensions) else { return Ok(()) };
        self.attempts.check(&origin).map_err(|wait| Failure::rate_limited(wait.0))
    }

    /// Counts a call.
    pub(super) fn call(&self, method: &Method, budget: &Budget) -> Result<(), Failure> {
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let limiter = if reads { &self.reads } else { &self.writes };
        limiter.check(budget).map_err(|wait| Failure::rate_limited(wait.0))
    }
}
