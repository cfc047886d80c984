//! The routers over an engine that is scripted: what it answers hangs on what it is sent.

mod dispatch;
mod fake;
mod idle;
mod inbox;
pub(crate) mod json;
mod partner;
mod portal;
mod tenant;
mod well_known;

use crate::{
    Counting, Faces, PartnerLimits, PartnerMount, PortalMount, PortalTexts, TenantMount,
    WellKnownMount,
};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use fake::Fake;
use http_body_util::BodyExt;
use idle::Idle;
use poolkeeper_pool::backend::administrators::Administrators;
use poolkeeper_pool::backend::partners::PartnerGroups;
use poolkeeper_pool::ports::Unobserved;
use std::sync::Arc;
use tower::ServiceExt;

/// All faces at their default paths, but the partner API at its documented prefix.
fn faces(fake: &Arc<Fake>) -> Faces {
    let mut faces = Faces::new(fake.clone(), fake.clone(), Arc::new(Unobserved));
    let counting = Counting { clock: fake.clone(), nodes: None };
    faces.partner = Some(PartnerMount {
        pool: fake.clone(),
        self_service: Arc::new(Idle),
        administration: Arc::new(Idle),
        directory: fake.clone(),
        pool_id: fake::POOL.into(),
        pool_name: "Example".to_owned(),
        client: fake::CLIENT.into(),
        groups: PartnerGroups::default(),
        prefix: crate::DOCUMENTED_PREFIX.to_owned(),
        first_party_apps: Vec::new(),
        limits: PartnerLimits::NONE,
        counting: counting.clone(),
    });
    faces.portal = Some(PortalMount {
        pool: fake.clone(),
        self_service: Arc::new(Idle),
        administration: Arc::new(Idle),
        pool_id: fake::POOL.into(),
        client: fake::CLIENT.into(),
        prefix: String::new(),
        texts: PortalTexts::default(),
        administrators: Administrators {
            pool: fake::POOL.into(),
            addresses: vec!["chief@example.com".to_owned()],
            second_factors: false,
        },
        cors_origins: vec!["https://app.example.com".to_owned()],
        expose_unknown_users: true,
        registration: true,
        second_factors: false,
        attempts_per_address: None,
        counting: counting.clone(),
    });
    faces.tenant = Some(TenantMount {
        pool: fake.clone(),
        directory: fake.clone(),
        tenancy: fake.clone(),
        counting: counting.clone(),
        prefix: String::new(),
        flat_tokens: false,
        cors_origins: Vec::new(),
        attempts_per_address: None,
    });
    let public_url = "https://id.example.com".to_owned();
    faces.well_known = Some(WellKnownMount { keys: fake.clone(), public_url });
    faces.inbox = Some(fake.clone());
    faces.api_docs = true;
    faces
}

fn router() -> Router {
    faces(&Arc::new(Fake::default())).router()
}

/// What came back.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    /// A header's value, empty if it is not there.
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    #[track_caller]
    fn assert(&self, status: u16, body: &str) {
        assert_eq!((self.status.as_u16(), self.body.as_str()), (status, body));
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        assert!(!self.header("x-request-id").is_empty());
        assert!(!self.header("cache-control").is_empty());
    }
}

/// Sends `METHOD /path`, headers as `name: value`, and a body.
async fn send(router: &Router, line: &str, headers: &[&str], body: &str) -> Reply {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for header in headers {
        let (name, value) = header.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    Reply { status: parts.status, headers: parts.headers, body }
}

/// Sends a JSON body.
async fn send_json(router: &Router, line: &str, body: &str) -> Reply {
    send(router, line, &["content-type: application/json"], body).await
}
