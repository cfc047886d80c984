use crate::ids::{PartnerId, PoolId};
use serde::{Deserialize, Serialize};

/// A partner: the tenant of the partner API. Users belong to it by being in the group of its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// The pool whose users it has.
    pub pool: PoolId,
    /// `partner-id-<slug>` or `fd<digits>`; also the name of its group.
    pub id: PartnerId,
    /// The numeric id of older clients.
    pub client_id: i64,
    /// Display name.
    pub name: String,
    /// Web domain.
    pub domain: String,
    /// ISO 4217 code of its currency.
    pub currency: String,
    /// Line of business, e.g. `live_entertainment`.
    pub vertical: String,
    /// Whether demand prediction is switched on.
    pub demand_prediction: bool,
    /// Whether campaign recommendations are switched on.
    pub campaign_recommendations: bool,
    /// `active` or `suspended`.
    pub status: String,
    /// Price list it is on.
    pub pricing_tier: String,
    /// How campaigns are priced.
    pub campaign_pricing_model: String,
    /// Whether named-entity recognition is switched on.
    pub ner_active: bool,
}
