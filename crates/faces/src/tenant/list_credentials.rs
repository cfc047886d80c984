//! `POST /Credentials`: a page of the tenant's machine credentials. Lists are POSTs in this API.

use super::credential::{CredentialBody, Envelope, success};
use super::failure::Failure;
use super::{FaceState, administrator, api, request};
use crate::kit::{Context, Members, Name, Operation, most};
use axum::extract::{Request, State};
use axum::response::Response;
use poolkeeper_pool::backend::administration::Page;
use poolkeeper_pool::crypto::secret::Secret;
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

const NEEDED: &str = "PageSize must be a number from 1 to 50, NextPageToken a text";
const MOST: usize = 50;

const PAGE_SIZE: Name = Name::new("PageSize").about("Default: 50.");
const NEXT_PAGE_TOKEN: Name =
    Name::new("NextPageToken").about("The `NextPageToken` of the previous page.");

struct Body {
    page_size: Option<usize>,
    next_page_token: Option<Secret>,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            page_size: members.optional_number(PAGE_SIZE, 1..=MOST),
            next_page_token: members.optional_secret(NEXT_PAGE_TOKEN, 0..=most::TOKEN),
        }
    }
}

/// A page of machine credentials.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "CredentialPage")]
struct Data<'a> {
    /// The token that requests the next page; null on the last page.
    #[serde(rename = "NextPageToken")]
    next_page_token: Option<&'a str>,
    credentials: Vec<CredentialBody<'a>>,
}

pub(super) fn describe() -> Operation {
    Operation::new(api::CREDENTIALS, "List machine credentials")
        .spelled("/Credentials")
        .bearer()
        .body(Body::read)
        .answers::<Envelope<Data<'_>>>("A page of machine credentials.")
        .fails([Failure::Invalid(NEEDED.into()), Failure::NotAdministrator])
}

pub(super) async fn handle(
    State(state): State<Arc<FaceState>>,
    Context(context): Context,
    request: Request,
) -> Result<Response, Failure> {
    let tenant = administrator::tenant(&state, &context, request.headers()).await?;
    let body = request::body(request, Body::read, NEEDED).await?;
    let cursor = body.next_page_token.as_ref().map(Secret::expose);
    let page = Page { cursor, limit: body.page_size.unwrap_or(MOST) };
    let listing = state.mount.tenancy.credentials(&context, &tenant, page).await?;
    let credentials = listing.entries.iter();
    Ok(success(Data {
        next_page_token: listing.next.as_deref(),
        credentials: credentials.map(|entry| CredentialBody::new(entry, None)).collect(),
    }))
}
