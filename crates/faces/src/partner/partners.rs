//! `GET /partners/`: the partner that the call is for.

use super::problem::{Failure, Problem};
use super::{FaceState, api, scope};
use crate::kit::{Operation, json};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use poolkeeper_pool::entity::Partner;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// A partner.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Partner")]
struct Reply<'a> {
    #[schemars(example = &"partner-id-acme")]
    id: &'a str,
    /// The partner's number, for older clients.
    #[schemars(example = 17)]
    client_id: i64,
    #[schemars(example = &"Acme")]
    name: &'a str,
    #[schemars(example = &"acme.example.com")]
    domain: &'a str,
    /// An ISO 4217 code.
    #[schemars(example = &"EUR")]
    currency: &'a str,
    #[schemars(example = &"live_entertainment")]
    vertical: &'a str,
    demand_prediction: bool,
    campaign_recommendations: bool,
    /// Always `active`: the server refuses calls for a suspended partner.
    #[schemars(example = &"active")]
    status: &'a str,
    #[schemars(example = &"growth")]
    pricing_tier: &'a str,
    #[schemars(example = &"flat")]
    campaign_pricing_model: &'a str,
    ner_active: bool,
}

pub(super) fn describe() -> Operation {
    scope::describe(Operation::new(api::PARTNERS, "Show the partner of the call"))
        .answers::<Reply<'_>>("The partner.")
        .fails([Problem::NotFound])
}

pub(super) async fn handle(
    State(state): State<Arc<FaceState>>,
    parts: Parts,
) -> Result<Response, Failure> {
    Ok(render(&scope::member(&state, &parts).await?.partner))
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
        status: partner.status.as_str(),
        pricing_tier: &partner.pricing_tier,
        campaign_pricing_model: &partner.campaign_pricing_model,
        ner_active: partner.ner_active,
    };
    json(StatusCode::OK, &reply)
}
