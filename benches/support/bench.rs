//! What is measured: the bare parts, and the requests that are made of them.

use super::bare;
use super::client::{Client, request};
use super::server::{CLIENT, Server, USER, cores};
use super::serving::PASSWORD;
use super::work::{Runner, Weight, Work};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

/// Everything that is measured.
pub(crate) struct Bench {
    pub(crate) bare: Bare,
    pub(crate) operations: [Operation; 4],
}

/// What nothing can sign in without.
pub(crate) struct Bare {
    pub(crate) argon2: Work,
    pub(crate) sign: Work,
    pub(crate) verify: Work,
    pub(crate) commit: Work,
    pub(crate) http: Work,
}

/// A request to the server.
pub(crate) struct Operation {
    pub(crate) work: Work,
    /// The bare parts it consists of.
    pub(crate) parts: Parts,
    /// What the ratio to them tells.
    pub(crate) meaning: &'static str,
}

/// How many of each bare part, besides the one HTTP round trip.
#[derive(Clone, Copy, Default)]
pub(crate) struct Parts {
    pub(crate) argon2: u32,
    pub(crate) sign: u32,
    pub(crate) verify: u32,
    pub(crate) commit: u32,
}

const LOGIN: Parts = Parts { argon2: 1, sign: 2, verify: 0, commit: 1 };

const LOGIN_MEANING: &str = "\
1 argon2id + 2 signatures + 1 commit + 1 round trip. The rest: finding client, user, groups and
lockout, the claims, JSON, the ways between threads; and that all of it finds the caches emptied by
the hash, while the bare parts find theirs full.";

const PARTNER_MEANING: &str = "\
The same in the engine, through the partner API: what differs from InitiateAuth is the face.";

const REFRESH_MEANING: &str = "\
2 signatures + 1 round trip. The rest: opening the refresh token, reading client, pool, session,
user and groups, the claims, JSON.";

const GET_USER_MEANING: &str = "\
1 verification + 1 round trip. Both are so cheap that a read of the database, and parsing the records
and the token, weigh as much.";

impl Bench {
    pub(crate) fn prepare(server: &Server) -> Result<Self> {
        let address = server.address();
        let tokens = sign_in(address)?;
        let token = |name: &str| {
            let token = tokens.pointer(&format!("/AuthenticationResult/{name}"));
            token.and_then(Value::as_str).with_context(|| format!("no {name} in {tokens}"))
        };
        let [sign, verify] = bare::rsa(token("AccessToken")?)?;
        let bare = Bare {
            argon2: bare::argon2(server.hashing())?,
            sign,
            verify,
            commit: bare::commit(server.database(), server.runtime(), clients())?,
            http: Work::new(
                "HTTP round trip (GET /status/)",
                Weight::Light,
                callers(address, &request("GET /status/", &[], "")?)?,
            ),
        };
        let operations = [
            cognito_login(address)?,
            partner_login(address)?,
            refresh(address, token("RefreshToken")?)?,
            get_user(address, token("AccessToken")?)?,
        ];
        Ok(Self { bare, operations })
    }

    /// In the order in which they take turns.
    pub(crate) fn all(&mut self) -> impl Iterator<Item = &mut Work> {
        let Self { bare: Bare { argon2, sign, verify, commit, http }, operations } = self;
        let operations = operations.iter_mut().map(|operation| &mut operation.work);
        [argon2, sign, verify, commit, http].into_iter().chain(operations)
    }
}

impl Bare {
    /// What the parts of an operation come to in each turn.
    pub(crate) fn sums(&self, parts: Parts, turns: fn(&Work) -> &[Duration]) -> Vec<Duration> {
        let Self { argon2, sign, verify, commit, http } = self;
        let parts = [
            (argon2, parts.argon2),
            (sign, parts.sign),
            (verify, parts.verify),
            (commit, parts.commit),
            (http, 1),
        ];
        let time = |work: &Work, turn: usize| turns(work).get(turn).copied().unwrap_or_default();
        let sum = |turn| parts.iter().map(|(work, count)| time(work, turn) * *count).sum();
        (0..turns(http).len()).map(sum).collect()
    }
}

/// How many clients there are when all cores are to be busy.
pub(crate) fn clients() -> usize {
    2 * cores()
}

fn cognito_login(address: SocketAddr) -> Result<Operation> {
    Ok(Operation {
        work: Work::new(
            "password login, InitiateAuth",
            Weight::Heavy,
            callers(address, &login_request()?)?,
        ),
        parts: LOGIN,
        meaning: LOGIN_MEANING,
    })
}

fn partner_login(address: SocketAddr) -> Result<Operation> {
    let body = json!({ "username": USER, "password": PASSWORD }).to_string();
    let request = request("POST /auth", &[("content-type", "application/json")], &body)?;
    Ok(Operation {
        work: Work::new("password login, POST /auth", Weight::Heavy, callers(address, &request)?),
        parts: LOGIN,
        meaning: PARTNER_MEANING,
    })
}

fn refresh(address: SocketAddr, token: &str) -> Result<Operation> {
    let body = json!({
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "ClientId": CLIENT,
        "AuthParameters": { "REFRESH_TOKEN": token },
    });
    let request = cognito("InitiateAuth", &body)?;
    Ok(Operation {
        work: Work::new("refresh, InitiateAuth", Weight::Light, callers(address, &request)?),
        parts: Parts { sign: 2, ..Parts::default() },
        meaning: REFRESH_MEANING,
    })
}

fn get_user(address: SocketAddr, token: &str) -> Result<Operation> {
    let request = cognito("GetUser", &json!({ "AccessToken": token }))?;
    Ok(Operation {
        work: Work::new("GetUser", Weight::Light, callers(address, &request)?),
        parts: Parts { verify: 1, ..Parts::default() },
        meaning: GET_USER_MEANING,
    })
}

fn sign_in(address: SocketAddr) -> Result<Value> {
    let mut client = Client::connect(address)?;
    Ok(serde_json::from_slice(client.call(&login_request()?, "200")?)?)
}

fn login_request() -> Result<Vec<u8>> {
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": CLIENT,
        "AuthParameters": { "USERNAME": USER, "PASSWORD": PASSWORD },
    });
    cognito("InitiateAuth", &body)
}

fn cognito(operation: &str, body: &Value) -> Result<Vec<u8>> {
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", &target)];
    request("POST /", &headers, &body.to_string())
}

/// Clients that send this request, each over a connection of its own that it keeps.
fn callers(address: SocketAddr, request: &[u8]) -> Result<Vec<Runner>> {
    let caller = |_| -> Result<Runner> {
        let (mut client, request) = (Client::connect(address)?, request.to_vec());
        Ok(Box::new(move || client.call(&request, "200").map(drop)))
    };
    (0..clients()).map(caller).collect()
}
