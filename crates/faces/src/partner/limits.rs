//! How often callers may call.

use super::problem::Failure;
use crate::kit::{Blocked, Counting, Limiter, Origin, Wait, context_of};
use axum::http::request::Parts;
use axum::http::{Extensions, Method};
use poolkeeper_pool::ids::{PartnerId, Sub};
use std::fmt;
use std::num::NonZeroU32;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Budget {
    /// All for a partner.
    Partner(PartnerId),
    /// A user's own: all the user's calls, for whichever partner or none.
    User(Sub),
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partner(partner) => write!(f, "partner {partner}"),
            Self::User(sub) => write!(f, "user {sub}"),
        }
    }
}

/// Who called how often.
pub(super) struct Limits {
    reads: Limiter,
    writes: Limiter,
    attempts: Limiter,
}

impl Limits {
    pub(super) fn new(limits: PartnerLimits, counting: &Counting) -> Self {
        let limit = |name, most| Limiter::per_minute(name, most, counting);
        Self {
            reads: limit("partner reads", limits.reads_per_partner),
            writes: limit("partner writes", limits.writes_per_partner),
            attempts: limit("partner attempts", limits.attempts_per_address),
        }
    }

    /// Counts an attempt, by the address it comes from.
    pub(super) async fn attempt(&self, extensions: &Extensions) -> Result<(), Failure> {
        let Some(origin) = Origin::of(extensions) else { return Ok(()) };
        Ok(self.attempts.check(&context_of(extensions), origin.to_string()).await?)
    }

    /// Counts a call.
    pub(super) async fn call(&self, parts: &Parts, budget: &Budget) -> Result<(), Failure> {
        let reads = matches!(parts.method, Method::GET | Method::HEAD);
        let limiter = if reads { &self.reads } else { &self.writes };
        Ok(limiter.check(&context_of(&parts.extensions), budget.to_string()).await?)
    }
}

impl From<Blocked> for Failure {
    fn from(blocked: Blocked) -> Self {
        match blocked {
            Blocked::TooMany(Wait(seconds)) => Self::rate_limited(seconds),
            Blocked::Failed(error) => error.into(),
        }
    }
}
