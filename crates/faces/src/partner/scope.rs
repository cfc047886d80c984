//! Who calls, and for which partner.

use super::FaceState;
use super::limits::Budget;
use super::problem::{Failure, Problem};
use crate::kit::{Operation, Parameter, bearer, context_of, most};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use poolkeeper_pool::backend::partners::Member;
use poolkeeper_pool::backend::user_pool::{Caller, Profile};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Face;
use poolkeeper_pool::ids::PartnerId;
use poolkeeper_pool::request::RequestContext;

const HEADER: &str = "x-preferred-partner-id";

/// The header as it is documented.
pub(super) const SHOWN_HEADER: &str = "X-Preferred-Partner-Id";

/// The header by which the operator's own applications say who they are.
pub(super) const APP_HEADER: &str = "X-App-Id";

/// What documents say of the header.
fn parameter() -> Parameter {
    Parameter::header(
        SHOWN_HEADER,
        "The partner that the call is for: a partner in the token that the user still belongs to. \
         Default: the first one that is not suspended.",
    )
}

/// Adds to what is said of an endpoint that it is for a partner.
pub(super) fn describe(operation: Operation) -> Operation {
    operation
        .bearer()
        .takes(parameter())
        .fails([Failure::invalid(SHOWN_HEADER, "duplicate")])
        .fails([Problem::PartnerForbidden, Problem::PermissionDenied])
        .fails([Failure::with_subcode(Problem::PartnerForbidden, "SUSPENDED")])
}

/// What documents say of the other header.
pub(super) fn app_parameter() -> Parameter {
    Parameter::header(
        APP_HEADER,
        "The calling application. External users cannot sign in to the operator's own \
         applications. They are the members of one group, by default `external-user`.",
    )
}

/// Somebody with a good access token.
pub(super) struct User {
    pub(super) token: Secret,
    pub(super) caller: Caller,
    /// As of now.
    pub(super) profile: Profile,
}

/// The caller, by the access token, on the caller's own behalf. Suspended accounts are nobody, from
/// the moment they are suspended.
pub(super) async fn user(state: &FaceState, parts: &Parts) -> Result<User, Failure> {
    let context = context_of(&parts.extensions);
    let (token, (caller, known)) = authenticate(state, &context, &parts.headers).await?;
    let profile = state.partners(&context, &parts.headers).profile(&caller, known).await?;
    state.limits.call(parts, &Budget::User(caller.sub.clone())).await?;
    Ok(User { token, caller, profile })
}

/// The caller at work for a partner: for the one the header names, whatever else the request says.
pub(super) async fn member(state: &FaceState, parts: &Parts) -> Result<Member, Failure> {
    let member = enter(state, parts).await?;
    count(state, parts, &member).await?;
    Ok(member)
}

/// One who manages the partner's users. To others nothing is said of what else is wrong, and what is
/// refused to them uses up nobody's allowance but their own.
pub(super) async fn manager(state: &FaceState, parts: &Parts) -> Result<Member, Failure> {
    let member = enter(state, parts).await?;
    member.check_manages_users()?;
    count(state, parts, &member).await?;
    Ok(member)
}

/// Counts a call for the partner.
async fn count(state: &FaceState, parts: &Parts, member: &Member) -> Result<(), Failure> {
    state.limits.call(parts, &Budget::Partner(member.partner.id.clone())).await
}

/// Lets the caller in to the partner. The call counts as the caller's, whatever becomes of it.
async fn enter(state: &FaceState, parts: &Parts) -> Result<Member, Failure> {
    let context = context_of(&parts.extensions);
    let (_, (caller, known)) = authenticate(state, &context, &parts.headers).await?;
    state.limits.call(parts, &Budget::User(caller.sub.clone())).await?;
    let wanted = preferred(&parts.headers)?;
    let member =
        state.partners(&context, &parts.headers).enter(&caller, known, wanted.as_ref()).await?;
    if member.is_arbitrary {
        let (sub, partner) = (caller.sub.as_str(), &member.partner.id);
        tracing::warn!(sub, %partner, "no partner named, and the user has several");
    }
    Ok(member)
}

/// The token with what it says, and with the profile if checking it has shown that.
async fn authenticate(
    state: &FaceState,
    context: &RequestContext,
    headers: &HeaderMap,
) -> Result<(Secret, (Caller, Option<Profile>)), Failure> {
    let token = bearer(headers)?;
    let client = &state.mount.client;
    let checked = state.mount.pool.authenticate(context, Face::Partner, client, &token).await?;
    Ok((token, checked))
}

/// The header's value. An empty one is none; two that differ are a mistake nobody should guess at,
/// and what is no text, or longer than any id, is no partner.
fn preferred(headers: &HeaderMap) -> Result<Option<PartnerId>, Failure> {
    let mut values = headers.get_all(HEADER).iter().filter(|value| !value.is_empty());
    let first = values.next();
    if values.any(|value| Some(value) != first) {
        return Err(Failure::invalid(SHOWN_HEADER, "duplicate"));
    }
    let Some(wanted) = first else { return Ok(None) };
    if wanted.len() > most::KEY {
        return Err(Problem::PartnerForbidden.into());
    }
    let wanted = std::str::from_utf8(wanted.as_bytes());
    Ok(Some(wanted.map_err(|_| Problem::PartnerForbidden)?.into()))
}
