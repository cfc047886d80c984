//! What a request has left behind, at "Amazon" and here.

use super::Sending;
use crate::support::{SERVICE_GROUP, TENANT, TestServer};
use poolkeeper::system::operator;
use poolkeeper_pool::backend::administration::{Administration as _, Page};
use poolkeeper_pool::backend::tenancy::TenantRecords as _;
use poolkeeper_pool::crypto::seal::Sealed;
use poolkeeper_pool::entity::User;
use poolkeeper_pool::ports::Store as _;

/// How many there are: users, groups, credentials, programs.
#[derive(Clone, Copy)]
pub(super) struct Counts([i64; 4]);

impl Counts {
    pub(super) async fn of(server: &TestServer) -> Self {
        let (request, pool, store) = (operator(), server.main_pool(), &server.store);
        let tenant = server.engine.tenant(TENANT).await.unwrap().unwrap();
        let page = Page { cursor: None, limit: 1000 };
        let credentials = server.engine.credential_subs(&tenant, page).await.unwrap().entries;
        let programs = store.member_slice(&pool, &SERVICE_GROUP.into(), 0, 0).await.unwrap();
        let programs = programs.unwrap().members.unwrap_or_default();
        let length = |length: usize| i64::try_from(length).unwrap();
        Self([
            server.engine.number_of_users(&request, &pool).await.unwrap(),
            length(store.groups(&pool, None, 1000).await.unwrap().len()),
            length(credentials.len()),
            i64::try_from(programs.0).unwrap(),
        ])
    }

    /// How many more there are than before.
    fn since(self, before: Self) -> [i64; 4] {
        std::array::from_fn(|index| self.0[index] - before.0[index])
    }
}

/// How things stand with a user, and what there is more than before.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State {
    more: [i64; 4],
    user: Option<UserState>,
}

#[derive(Debug, PartialEq, Eq)]
struct UserState {
    status: String,
    factors: String,
    attributes: Vec<String>,
    groups: Vec<String>,
    devices: usize,
    old_sign_in: Option<u16>,
    has_old_password: bool,
    suspended_by_partner: bool,
}

/// The hash of a user's password.
pub(super) async fn password(server: &TestServer, name: &str) -> Option<Sealed> {
    find(server, name).await.and_then(|user| user.password)
}

async fn find(server: &TestServer, name: &str) -> Option<User> {
    server.engine.get_user(&operator(), &server.main_pool(), name).await.ok()
}

impl State {
    pub(super) async fn of(
        server: &TestServer,
        sending: &Sending,
        before: (Counts, Option<Sealed>),
    ) -> Self {
        let more = Counts::of(server).await.since(before.0);
        let Some(user) = find(server, &sending.about).await else {
            return Self { more, user: None };
        };
        let (store, pool, sub) = (&server.store, server.main_pool(), &user.sub);
        let groups = store.groups_of(&pool, sub).await.unwrap();
        let old_sign_in = match &sending.sign_in {
            Some(token) => Some(server.cognito().get_user(token).await.status.as_u16()),
            None => None,
        };
        // Addresses differ, as users do.
        let attribute = |(name, value): (&str, &str)| {
            format!("{name}={}", value.replace(&sending.about, "[address]"))
        };
        let mfa = &user.mfa;
        let has_app = mfa.totp.as_ref().map(|app| (app.enabled, app.preferred));
        Self {
            more,
            user: Some(UserState {
                status: format!("{:?} {}", user.status, user.enabled),
                factors: format!("{has_app:?} {:?} {:?}", mfa.email, mfa.sms),
                attributes: user.attributes.iter().map(attribute).collect(),
                groups: groups.iter().map(|group| group.name.to_string()).collect(),
                devices: store.devices_of(&pool, sub, None, 99).await.unwrap().len(),
                old_sign_in,
                has_old_password: user.password == before.1,
                suspended_by_partner: store.suspension(&pool, sub).await.unwrap().is_some(),
            }),
        }
    }
}
