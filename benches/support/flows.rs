//! What takes two requests, the second of which depends on the answer to the first.

use super::bench::{Operation, Parts, clients, cognito, login_request};
use super::client::Client;
use super::server::{CLIENT, POOL, Server, USER};
use super::serving::PASSWORD;
use super::work::{Runner, Weight, Work, runner, timed};
use anyhow::{Context as _, Result};
use poolkeeper::system::SystemRng;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::crypto::srp::{ClientExchange, Identity, Question};
use poolkeeper_pool::ids::{PoolId, Sub};
use serde_json::{Value, json};
use std::sync::Arc;

/// The time that clients of SRP sign: the server looks at its form.
pub(crate) const TIMESTAMP: &str = "Fri Jan 2 03:04:05 UTC 2026";

pub(super) fn all(server: &Server) -> Result<[Operation; 3]> {
    let by = |runner: fn(&Server) -> Result<Runner>| -> Result<Vec<Runner>> {
        (0..clients()).map(|_| runner(server)).collect()
    };
    Ok([
        Operation {
            work: Work::new("SRP login", Weight::Heavy, by(srp)?),
            parts: Parts { srp: 1, sign: 2, commit: 1, http: 2, ..Parts::REQUEST },
            rest: "what a password login has, twice, and sealing the exchange between its two requests; \
                   the client's arithmetic is in the operation as in the parts",
        },
        Operation {
            work: Work::new("password and TOTP login", Weight::Heavy, by(totp)?),
            parts: Parts { argon2: 1, sign: 2, commit: 2, http: 2, ..Parts::REQUEST },
            rest: "what a password login has, twice, and the code of the app; one commit uses up \
                   challenge and code, one makes the session",
        },
        Operation {
            work: Work::new("sign-up and confirmation", Weight::Heavy, by(sign_up)?),
            parts: Parts { argon2: 1, verifier: 1, commit: 2, http: 2, ..Parts::REQUEST },
            rest: "looking for the name, sealing the password, the message with the code. Sending it and \
                   reading it are not measured",
        },
    ])
}

fn srp(server: &Server) -> Result<Runner> {
    let mut client = Client::connect(server.address())?;
    let exchange = ClientExchange::begin(&SystemRng);
    let body = json!({
        "AuthFlow": "USER_SRP_AUTH",
        "ClientId": CLIENT,
        "AuthParameters": { "USERNAME": USER, "SRP_A": exchange.client_value() },
    });
    let begin = cognito("InitiateAuth", &body)?;
    let (pool, password) = (PoolId::from(POOL), Secret::from(PASSWORD));
    Ok(runner(move || {
        let asked: Value = serde_json::from_slice(client.call(&begin, "200")?)?;
        let parameter = |name| text(&asked, &format!("/ChallengeParameters/{name}"));
        let name = parameter("USER_ID_FOR_SRP")?;
        let who = Identity { realm: pool.short_name(), name };
        let question = Question {
            salt: parameter("SALT")?,
            server_value: parameter("SRP_B")?,
            secret_block: parameter("SECRET_BLOCK")?,
        };
        let proof = exchange.prove(who, &password, question, TIMESTAMP);
        let body = json!({
            "ChallengeName": "PASSWORD_VERIFIER",
            "ClientId": CLIENT,
            "ChallengeResponses": {
                "USERNAME": name,
                "PASSWORD_CLAIM_SECRET_BLOCK": question.secret_block,
                "PASSWORD_CLAIM_SIGNATURE": proof.context("the question may not be answered")?,
                "TIMESTAMP": TIMESTAMP,
            },
        });
        signed_in(client.call(&cognito("RespondToAuthChallenge", &body)?, "200")?)
    }))
}

fn totp(server: &Server) -> Result<Runner> {
    let mut client = Client::connect(server.address())?;
    let factors = Arc::clone(server.factors());
    Ok(Box::new(move || {
        let (user, code) = factors.next()?;
        let begin = login_request(&user)?;
        let signed_in = timed(|| {
            let asked: Value = serde_json::from_slice(client.call(&begin, "200")?)?;
            let body = json!({
                "ChallengeName": "SOFTWARE_TOKEN_MFA",
                "ClientId": CLIENT,
                "Session": text(&asked, "/Session")?,
                "ChallengeResponses": { "USERNAME": user, "SOFTWARE_TOKEN_MFA_CODE": code },
            });
            signed_in(client.call(&cognito("RespondToAuthChallenge", &body)?, "200")?)
        });
        signed_in.map(|((), time)| time)
    }))
}

fn sign_up(server: &Server) -> Result<Runner> {
    let mut client = Client::connect(server.address())?;
    let codes = server.codes();
    Ok(Box::new(move || {
        let email = format!("{}@example.com", Sub::random(&SystemRng));
        let body = json!({ "ClientId": CLIENT, "Username": email, "Password": PASSWORD });
        let request = cognito("SignUp", &body)?;
        let ((), signing_up) = timed(|| client.call(&request, "200").map(drop))?;
        let code = codes.of(&email)?;
        let body =
            json!({ "ClientId": CLIENT, "Username": email, "ConfirmationCode": code.expose() });
        let request = cognito("ConfirmSignUp", &body)?;
        let ((), confirming) = timed(|| client.call(&request, "200").map(drop))?;
        Ok(signing_up + confirming)
    }))
}

/// A text in an answer.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.with_context(|| format!("no {pointer} in {value}"))
}

/// Checks that an answer holds tokens and no further challenge.
fn signed_in(answer: &[u8]) -> Result<()> {
    text(&serde_json::from_slice(answer)?, "/AuthenticationResult/AccessToken").map(drop)
}
