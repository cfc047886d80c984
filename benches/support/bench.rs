//! What is measured: the bare parts, and the operations that are made of them.

use super::client::{Client, request};
use super::server::{CLIENT, Server, USER, cores};
use super::serving::PASSWORD;
use super::work::{Runner, Weight, Work, runner};
use super::{bare, flows, requests};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

/// Everything that is measured.
pub(crate) struct Bench {
    pub(crate) bare: Bare,
    pub(crate) operations: Vec<Operation>,
}

/// What nothing can sign in without.
pub(crate) struct Bare {
    pub(crate) argon2: Work,
    pub(crate) sign: Work,
    pub(crate) verify: Work,
    pub(crate) srp: Work,
    pub(crate) verifier: Work,
    pub(crate) commit: Work,
    pub(crate) http: Work,
}

/// One or more requests to the server.
pub(crate) struct Operation {
    pub(crate) work: Work,
    /// The bare parts it consists of.
    pub(crate) parts: Parts,
    /// What else it does.
    pub(crate) rest: &'static str,
}

/// How many of each bare part.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) argon2: u32,
    pub(crate) sign: u32,
    pub(crate) verify: u32,
    pub(crate) srp: u32,
    pub(crate) verifier: u32,
    pub(crate) commit: u32,
    pub(crate) http: u32,
}

impl Parts {
    /// A request that does nothing.
    pub(crate) const REQUEST: Self =
        Self { argon2: 0, sign: 0, verify: 0, srp: 0, verifier: 0, commit: 0, http: 1 };
}

/// The tokens of a user who has signed in.
pub(crate) struct Tokens(Value);

impl Tokens {
    pub(crate) fn get(&self, name: &str) -> Result<&str> {
        let token = self.0.pointer(&format!("/AuthenticationResult/{name}"));
        token.and_then(Value::as_str).with_context(|| format!("no {name} in {}", self.0))
    }
}

impl Bench {
    pub(crate) fn prepare(server: &Server) -> Result<Self> {
        let address = server.address();
        let tokens = sign_in(address)?;
        let [sign, verify] = bare::rsa(tokens.get("AccessToken")?)?;
        let [srp, verifier] = bare::srp();
        let bare = Bare {
            argon2: bare::argon2(server.hashing())?,
            sign,
            verify,
            srp,
            verifier,
            commit: bare::commit(server.database(), server.runtime(), clients())?,
            http: Work::new(
                "HTTP round trip (GET /status/)",
                Weight::Light,
                callers(address, &request("GET /status/", &[], "")?)?,
            ),
        };
        let mut operations = requests::all(address, &tokens)?;
        operations.extend(flows::all(server)?);
        Ok(Self { bare, operations })
    }

    /// In the order in which they take turns.
    pub(crate) fn all(&mut self) -> impl Iterator<Item = &mut Work> {
        let operations = self.operations.iter_mut().map(|operation| &mut operation.work);
        self.bare.all_mut().into_iter().chain(operations)
    }
}

impl Bare {
    pub(crate) fn all(&self) -> [&Work; 7] {
        let Self { argon2, sign, verify, srp, verifier, commit, http } = self;
        [argon2, sign, verify, srp, verifier, commit, http]
    }

    fn all_mut(&mut self) -> [&mut Work; 7] {
        let Self { argon2, sign, verify, srp, verifier, commit, http } = self;
        [argon2, sign, verify, srp, verifier, commit, http]
    }

    /// Each part of an operation, and how many there are of it.
    pub(crate) fn parts(&self, parts: Parts) -> impl Iterator<Item = (&Work, u32)> {
        let Parts { argon2, sign, verify, srp, verifier, commit, http } = parts;
        let counts = [argon2, sign, verify, srp, verifier, commit, http];
        self.all().into_iter().zip(counts).filter(|(_, count)| *count > 0)
    }

    /// What the parts of an operation come to in each turn.
    pub(crate) fn sums(&self, parts: Parts, turns: fn(&Work) -> &[Duration]) -> Vec<Duration> {
        let time = |work: &Work, turn: usize| turns(work).get(turn).copied().unwrap_or_default();
        let sum = |turn| self.parts(parts).map(|(work, count)| time(work, turn) * count).sum();
        (0..turns(&self.http).len()).map(sum).collect()
    }
}

/// How many clients there are when all cores are to be busy.
pub(crate) fn clients() -> usize {
    2 * cores()
}

fn sign_in(address: SocketAddr) -> Result<Tokens> {
    let mut client = Client::connect(address)?;
    Ok(Tokens(serde_json::from_slice(client.call(&login_request(USER)?, "200")?)?))
}

/// A sign-in by password through Cognito's protocol.
pub(crate) fn login_request(user: &str) -> Result<Vec<u8>> {
    let body = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": CLIENT,
        "AuthParameters": { "USERNAME": user, "PASSWORD": PASSWORD },
    });
    cognito("InitiateAuth", &body)
}

/// A call of Cognito's protocol.
pub(crate) fn cognito(operation: &str, body: &Value) -> Result<Vec<u8>> {
    let target = format!("AWSCognitoIdentityProviderService.{operation}");
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", &target)];
    request("POST /", &headers, &body.to_string())
}

/// Clients that send this request, each over a connection of its own that it keeps.
pub(crate) fn callers(address: SocketAddr, request: &[u8]) -> Result<Vec<Runner>> {
    let caller = |_| -> Result<Runner> {
        let (mut client, request) = (Client::connect(address)?, request.to_vec());
        Ok(runner(move || client.call(&request, "200").map(drop)))
    };
    (0..clients()).map(caller).collect()
}
