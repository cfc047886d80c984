//! What the worst input costs at each endpoint that strangers may call, as a ratio to one password
//! hash: with names of the greatest length that there is, and with texts as long as a body may be.
//!
//! Where a name is looked at, the request costs a hash and little more, as it does for any name;
//! what is too long is to cost next to nothing. Nothing is asserted.
//!
//!     cargo bench --bench worst_input             # a minute
//!     cargo bench --bench worst_input -- --quick  # a few turns: does it still run?

#[path = "support/client.rs"]
mod client;
#[path = "support/serving.rs"]
mod serving;

use anyhow::{Context as _, Result, bail};
use client::{Client, request};
use poolkeeper::config::Config;
use poolkeeper::system::SystemRng;
use poolkeeper::workers::HashingPool;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::ports::Workers as _;
use serde_json::{Value, json};
use serving::PASSWORD;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Everything open, and no limit by address.
const CONFIG: &str = r#"
listen = "127.0.0.1:0"
public_url = "http://localhost:8080"

[[pool]]
id = "us-east-1_Benchmark"
self_sign_up = true
auto_verified_attributes = ["email"]
alias_attributes = ["email", "preferred_username"]

[[pool.client]]
id = "benchmark"
flows = [
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_USER_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
]

[[pool.client]]
id = "partner"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[pool.client]]
id = "portal"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[pool.client]]
id = "tenants"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[cognito]
attempts_per_address = 0

[partner_api]
pool = "us-east-1_Benchmark"
client = "partner"
attempts_per_address = 0

[portal_api]
pool = "us-east-1_Benchmark"
client = "portal"
attempts_per_address = 0
registration = true

[tenant_api]
attempts_per_address = 0

[[tenant]]
name = "Acme"
id = "acme"
pool = "us-east-1_Benchmark"
client = "tenants"
"#;

/// An endpoint, and a body for it; each text that a name or a secret stands in is `*`.
struct Endpoint {
    name: &'static str,
    line: &'static str,
    target: Option<&'static str>,
    body: Value,
}

fn endpoints() -> Vec<Endpoint> {
    let rest = |line, body| Endpoint { name: line, line, target: None, body };
    let cognito =
        |name, target, body| Endpoint { name, line: "POST /", target: Some(target), body };
    let initiate = |name, parameters: Value| {
        let body =
            json!({ "ClientId": "benchmark", "AuthFlow": name, "AuthParameters": parameters });
        cognito(name, "InitiateAuth", body)
    };
    let named = |name, more: Value| {
        let mut body = json!({ "ClientId": "benchmark", "Username": "*" });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        cognito(name, name, body)
    };
    let verifier = json!({
        "ClientId": "benchmark",
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": {
            "USERNAME": "*",
            "PASSWORD_CLAIM_SECRET_BLOCK": "*",
            "PASSWORD_CLAIM_SIGNATURE": "*",
            "TIMESTAMP": "*",
        },
    });
    vec![
        rest("POST /auth", json!({ "username": "*", "password": "p" })),
        rest("POST /auth/refresh_token", json!({ "token": "*" })),
        rest("POST /auth/forgot_password", json!({ "username": "*" })),
        rest("POST /api/auth/login", json!({ "username": "*", "password": "p" })),
        rest("POST /api/auth/forgot-password", json!({ "username": "*" })),
        rest(
            "POST /api/auth/reset-password",
            json!({ "username": "*", "code": "1", "new_password": "New-Passw0rd" }),
        ),
        rest("POST /api/auth/verify", json!({ "email": "*", "code": "1" })),
        rest(
            "POST /api/auth/register",
            json!({ "email": "*", "password": "New-Passw0rd", "name": "*" }),
        ),
        rest("POST /Login", json!({ "TenantName": "*", "UserName": "*", "Password": "p" })),
        rest("POST /RefreshToken", json!({ "TenantName": "*", "RefreshToken": "r" })),
        initiate("USER_PASSWORD_AUTH", json!({ "USERNAME": "*", "PASSWORD": "p" })),
        initiate("USER_SRP_AUTH", json!({ "USERNAME": "*", "SRP_A": "ab" })),
        initiate("USER_AUTH", json!({ "USERNAME": "*" })),
        initiate("REFRESH_TOKEN_AUTH", json!({ "REFRESH_TOKEN": "*" })),
        cognito("RespondToAuthChallenge", "RespondToAuthChallenge", verifier),
        named("SignUp", json!({ "Password": "New-Passw0rd" })),
        named("ConfirmSignUp", json!({ "ConfirmationCode": "1" })),
        named("ForgotPassword", json!({})),
        named("ConfirmForgotPassword", json!({ "ConfirmationCode": "1", "Password": "Passw0rd!" })),
    ]
}

/// Letters that cost much: those that become many, and those that belong to the one before.
const LETTERS: [&str; 4] = ["\u{fdfa}", "\u{307}", "i\u{307}", "\u{1f82}"];

/// The longest names, and texts that nearly fill the body of a stranger's request.
fn worst(length: usize) -> impl Iterator<Item = String> {
    LETTERS.into_iter().map(move |letters| {
        let most = |text: &str| text.chars().take(length).collect::<String>();
        most(&format!("i{}", letters.repeat(length)))
    })
}

fn main() -> Result<()> {
    let turns: usize = if serving::is_whole()? { 15 } else { 1 };
    tracing_subscriber::fmt().with_writer(io::sink).init();
    let runtime = Runtime::new()?;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let text = format!("data = \"records\"\n{CONFIG}");
    let config = Config::parse(&folder.path().join("poolkeeper.toml"), &text)?;
    let address = runtime.block_on(serve(&config))?;
    let hash = median(turns.div_ceil(4), hashing(&runtime, &config)?)?;
    let mut out = io::stdout().lock();
    writeln!(out, "\none password hash: {:.2} ms\n", millis(hash))?;
    writeln!(out, "{:<36}{:>14}{:>14}", "to one hash", "longest name", "longest text")?;
    for endpoint in endpoints() {
        let mut ratios = Vec::new();
        for length in [128, 5_000] {
            let mut most: f64 = 0.0;
            for text in worst(length) {
                let mut client = Client::connect(address)?;
                // Another name each time, or the lock after five failures would be measured.
                let mut names = 0;
                // Whatever the answer is: what counts is the time.
                let time = median(turns, || {
                    names += 1;
                    let text: String = format!("{names}{text}").chars().take(length).collect();
                    client.call(&filled(&endpoint, &text)?, "").map(drop)
                })?;
                most = most.max(time.as_secs_f64() / hash.as_secs_f64());
            }
            ratios.push(format!("{most:.3}"));
        }
        let [name, text] = &ratios[..] else { bail!("two lengths") };
        writeln!(out, "{:<36}{name:>14}{text:>14}", endpoint.name)?;
    }
    Ok(())
}

/// The request with this text in each place.
fn filled(endpoint: &Endpoint, text: &str) -> Result<Vec<u8>> {
    let text = serde_json::to_string(text)?;
    let body = endpoint.body.to_string().replace("\"*\"", &text);
    match endpoint.target {
        None => request(endpoint.line, &[("content-type", "application/json")], &body),
        Some(operation) => {
            let target = format!("AWSCognitoIdentityProviderService.{operation}");
            let headers =
                [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", &target)];
            request(endpoint.line, &headers, &body)
        }
    }
}

fn hashing(runtime: &Runtime, config: &Config) -> Result<impl FnMut() -> Result<()>> {
    let workers = HashingPool::start(&config.hashing, Arc::new(SystemRng))?;
    Ok(move || {
        runtime.block_on(workers.hash(Secret::from(PASSWORD)))?;
        Ok(())
    })
}

async fn serve(config: &Config) -> Result<SocketAddr> {
    let pool = config.pools.first().context("no pool")?;
    let engine = serving::open(config, &pool.id, "user").await?;
    serving::serve(&engine, config).await
}

fn median(turns: usize, mut work: impl FnMut() -> Result<()>) -> Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..turns {
        let begin = now();
        work()?;
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    times.get(times.len() / 2).copied().context("no turns")
}

#[expect(clippy::disallowed_methods, reason = "real time is what a benchmark is about")]
fn now() -> Instant {
    Instant::now()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
