//! `GET /partners/`: the partner that the call is for.

use super::problem::{Failure, Problem};
use super::{PartnerMount, scope};
use crate::kit::json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use poolkeeper_pool::entity::Partner;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct Reply<'a> {
    id: &'a str,
    client_id: i64,
    name: &'a str,
    domain: &'a str,
    currency: &'a str,
    vertical: &'a str,
    demand_prediction: bool,
    campaign_recommendations: bool,
    status: &'a str,
    pricing_tier: &'a str,
    campaign_pricing_model: &'a str,
    ner_active: bool,
}

pub(super) async fn handle(
    State(mount): State<Arc<PartnerMount>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let caller = scope::caller(&mount, &headers).await?;
    let id = scope::partner(&caller, &headers)?;
    let partner = mount.directory.partner(&mount.pool_id, &id).await?;
    let partner = partner.ok_or(Problem::NotFound)?;
    Ok(render(&partner))
}

fn render(partner: &Partner) -> Response {
    let reply = Reply {
        id: partner.id.as_str(),
        client_id: partner.client_id,
        name: &partner.name,
        domain: &partner.domain,
        currency: &partner.currency,
        vertical: &partner.vertical,
        demand_prediction: partner.demand_prediction,
        campaign_recommendations: partner.campaign_recommendations,
        status: &partner.status,
        pricing_tier: &partner.pricing_tier,
        campaign_pricing_model: &partner.campaign_pricing_model,
        ner_active: partner.ner_active,
    };
    json(StatusCode::OK, &reply)
}
