//! What nothing can sign in without, each by itself, by the libraries that the server uses.

use super::database::Database;
use super::flows::TIMESTAMP;
use super::server::{CLIENT, POOL, USER, cores};
use super::serving::PASSWORD;
use super::work::{Runner, Weight, Work, runner};
use anyhow::{Context as _, Result, ensure};
use argon2_rust::params::{Memory, TagLen};
use argon2_rust::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use poolkeeper::system::{SystemClock, SystemRng};
use poolkeeper::workers::HashingSettings;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::crypto::srp::{
    Claim, ClientExchange, Exchange, Identity, Question, Verifier, client_value,
};
use poolkeeper_pool::entity::Session;
use poolkeeper_pool::ids::{SessionId, Sub};
use poolkeeper_pool::system::Clock as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// Comparing a password with its hash, with the server's parameters and a kept arena as the
/// server's own threads do. As many at a time as there are cores: more would only wait.
pub(crate) fn argon2(settings: HashingSettings) -> Result<Work> {
    let params = Params::builder()
        .memory(Memory::kib(settings.memory_kib.into()))
        .passes(settings.iterations)
        .lanes(1)
        .tag_len(TagLen::bytes(32))
        .build()?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = [7; 16];
    let mut tag = [0; 32];
    argon2.hash_into(PASSWORD.as_bytes(), &salt, &mut tag)?;
    let verify = || -> Runner {
        let mut hasher = argon2.hasher();
        runner(move || Ok(hasher.verify(PASSWORD.as_bytes(), &salt, &tag)?))
    };
    Ok(Work::new("argon2id", Weight::Heavy, one_for_each_core(verify)))
}

/// Signing and verifying a token of this length with a key that is parsed already.
pub(crate) fn rsa(token: &str) -> Result<[Work; 2]> {
    let pair = Arc::new(RsaKeyPair::generate(KeySize::Rsa2048)?);
    let der = pair.public_key().as_der()?;
    let public = Arc::new(ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_ref())?);
    let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
    let message: Arc<[u8]> = Arc::from(signed.as_bytes());
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &message, &mut signature)?;
    let sign = || -> Runner {
        let (pair, message, mut signature) = (pair.clone(), message.clone(), signature.clone());
        runner(move || {
            Ok(pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &message, &mut signature)?)
        })
    };
    let verify = || -> Runner {
        let (public, message, signature) = (public.clone(), message.clone(), signature.clone());
        runner(move || Ok(public.verify_sig(&message, &signature)?))
    };
    Ok([
        Work::new("RSA-2048 signature", Weight::Light, one_for_each_core(sign)),
        Work::new("RSA-2048 verification", Weight::Light, one_for_each_core(verify)),
    ])
}

/// A sign-in by SRP, both sides of it but for the client's first step; and the verifier of a password,
/// which a sign-up makes.
pub(crate) fn srp() -> [Work; 2] {
    const WHO: Identity<'_> = Identity { realm: "Benchmark", name: USER };
    let make = || Verifier::of_password(WHO, &Secret::from(PASSWORD), &SystemRng);
    let prove = || -> Runner {
        let (verifier, client) = (make(), ClientExchange::begin(&SystemRng));
        runner(move || {
            let value = client_value(&client.client_value()).context("no value of the client")?;
            let exchange = Exchange::begin(verifier.clone(), value, &SystemRng);
            let (salt, value) = (exchange.salt(), exchange.server_value());
            let asked = Question { salt: &salt, server_value: &value, secret_block: "" };
            let proof = client.prove(WHO, &Secret::from(PASSWORD), asked, TIMESTAMP);
            let signature = &proof.context("no proof")?;
            let claim = Claim { signature, secret_block: &[], timestamp: TIMESTAMP };
            ensure!(exchange.is_proven_by(WHO, &claim), "a right proof is wrong");
            Ok(())
        })
    };
    let verifier = || {
        runner(move || {
            black_box(make());
            Ok(())
        })
    };
    [
        Work::new("SRP, server and client", Weight::Heavy, one_for_each_core(prove)),
        Work::new("SRP verifier", Weight::Light, one_for_each_core(verifier)),
    ]
}

/// Making one session durable, in a database of its own in the same place. As many callers as there
/// are HTTP clients, since the store lets them share a sync.
pub(crate) fn commit(database: &Database, runtime: &Handle, callers: usize) -> Result<Work> {
    let store = runtime.block_on(database.bare())?;
    let commit = || -> Runner {
        let (store, runtime) = (Arc::clone(&store), runtime.clone());
        runner(move || {
            let changes = vec![Change::CreateSession(session())];
            Ok(runtime.block_on(store.commit(changes))?)
        })
    };
    let runners = (0..callers).map(|_| commit()).collect();
    Ok(Work::new("durable commit of a session", Weight::Light, runners))
}

fn session() -> Session {
    let now = SystemClock.now();
    Session {
        pool: POOL.into(),
        id: SessionId::random(&SystemRng),
        sub: Sub::random(&SystemRng),
        client: CLIENT.into(),
        auth_time: now,
        expires_at: now.after(Duration::from_hours(24)),
        rotation: 0,
        rotated_at: None,
        revoked_at: None,
        address: Some("127.0.0.1".to_owned()),
        device_key: None,
        tenant: None,
        face: None,
    }
}

fn one_for_each_core(runner: impl Fn() -> Runner) -> Vec<Runner> {
    (0..cores()).map(|_| runner()).collect()
}
