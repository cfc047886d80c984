//! Access and refresh tokens that somebody has had a hand in.

use crate::world::*;
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use poolkeeper_pool::Refusal;
use poolkeeper_pool::backend::entry_policy::EntryPolicy;
use poolkeeper_pool::backend::user_pool::{Refresh, SignedIn, UserPool as _, Via};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::MfaMode;
use serde_json::{Value, json};
use std::time::Duration;

fn tokens(world: &World) -> SignedIn {
    world.user("ann", |_| {});
    signed_in(wait(world.sign_in("ann", PASSWORD)))
}

#[track_caller]
fn refuse(world: &World, token: &str) {
    let told = refusal(wait(world.engine.authorize(&operator(), &Secret::new(token))));
    let shown: String = token.chars().take(200).collect();
    assert_eq!(told, Refusal::AccessTokenInvalid, "{shown}");
}

fn parts(token: &Secret) -> [String; 3] {
    let parts: Vec<_> = token.expose().split('.').map(str::to_owned).collect();
    parts.try_into().unwrap()
}

fn encode(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

fn claims(token: &Secret) -> Value {
    serde_json::from_slice(&BASE64.decode(&parts(token)[1]).unwrap()).unwrap()
}

#[test]
fn every_byte_of_an_access_token_counts() {
    let world = World::new(1, MfaMode::Off);
    let token = tokens(&world).access_token;
    let text = token.expose();
    for at in 0..text.len() {
        for other in [b'A', b'B', b'.', b'=', b' ', b'+', b'/', b'_', b'-'] {
            let mut bytes = text.as_bytes().to_vec();
            if bytes[at] != other {
                bytes[at] = other;
                refuse(&world, std::str::from_utf8(&bytes).unwrap());
            }
        }
        refuse(&world, &text[..at]);
    }
    wait(world.engine.authorize(&operator(), &token)).unwrap();
}

#[test]
fn nothing_may_be_added_to_an_access_token() {
    let world = World::new(2, MfaMode::Off);
    let [header, payload, signature] = parts(&tokens(&world).access_token);
    for token in [
        format!(".{header}.{payload}.{signature}"),
        format!("{header}.{payload}.{signature}."),
        format!("{header}.{payload}..{signature}"),
        format!("{header}..{payload}.{signature}"),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!("{header}.{payload}.{payload}.{signature}"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}=.{signature}"),
        format!("{header}.{payload}.{signature}="),
        format!("{header}.{payload}.{signature}\n"),
        format!(" {header}.{payload}.{signature}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        "..".to_owned(),
        String::new(),
        "ä.ö.ü".to_owned(),
        format!("{header}.{payload}.{}", "A".repeat(1 << 20)),
        format!("{header}.{}.{signature}", "A".repeat(1 << 20)),
        format!("{}.{payload}.{signature}", "A".repeat(1 << 20)),
        "a.".repeat(100_000),
    ] {
        refuse(&world, &token);
    }
}

#[test]
fn no_header_but_our_own_counts() {
    let world = World::new(3, MfaMode::Off);
    let signed_in = tokens(&world);
    let [header, payload, signature] = parts(&signed_in.access_token);
    let own: Value = serde_json::from_slice(&BASE64.decode(&header).unwrap()).unwrap();
    let kid = own["kid"].as_str().unwrap();
    let jwks = wait(world.engine.jwks(&POOL.into())).unwrap();
    for algorithm in ["none", "None", "NONE", "nOnE", "HS256", "RS384", "ES256", "", "RS256 "] {
        let forged = encode(&json!({ "kid": kid, "alg": algorithm }));
        for signature in ["", signature.as_str()] {
            refuse(&world, &format!("{forged}.{payload}.{signature}"));
        }
    }
    let key = &jwks["keys"][1];
    for secret in [key.to_string(), key["n"].as_str().unwrap().to_owned(), jwks.to_string()] {
        let forged = encode(&json!({ "kid": kid, "alg": "HS256" }));
        let signed = format!("{forged}.{payload}");
        let tag =
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), signed.as_bytes());
        refuse(&world, &format!("{signed}.{}", BASE64.encode(tag)));
    }
    for header in [
        json!({ "kid": kid, "alg": "RS256", "jku": "https://evil.example/jwks.json" }),
        json!({ "kid": kid, "alg": "RS256", "x5u": "https://evil.example/x" }),
        json!({ "kid": kid, "alg": "RS256", "jwk": key }),
        json!({ "kid": kid, "alg": "RS256", "crit": ["x"] }),
        json!({ "alg": "RS256" }),
        json!({ "kid": "nobody's", "alg": "RS256" }),
        json!({ "kid": ["a"], "alg": "RS256" }),
        json!({ "alg": "RS256", "kid": kid, "typ": "JWT" }),
    ] {
        refuse(&world, &format!("{}.{payload}.{signature}", encode(&header)));
    }
}

#[test]
fn no_claim_can_be_changed() {
    let world = World::new(4, MfaMode::Off);
    let token = tokens(&world).access_token;
    let [header, _, signature] = parts(&token);
    for (name, value) in [
        ("exp", json!(i64::MAX)),
        ("exp", json!("9999999999")),
        ("exp", json!(1e300)),
        ("exp", json!(-1)),
        ("exp", Value::Null),
        ("sub", json!("somebody")),
        ("iss", json!("https://evil.example/eu-west-1_Pool")),
        ("iss", json!("eu-west-1_Pool")),
        ("iss", json!("")),
        ("token_use", json!("id")),
        ("scope", json!("")),
        ("username", json!("root")),
        ("cognito:groups", json!(["admin"])),
        ("origin_jti", Value::Null),
    ] {
        let mut changed = claims(&token);
        changed[name] = value;
        refuse(&world, &format!("{header}.{}.{signature}", encode(&changed)));
    }
    let deep = format!("{{\"iss\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    refuse(&world, &format!("{header}.{}.{signature}", BASE64.encode(deep)));
    let twice = r#"{"iss":"https://auth.example.com/eu-west-1_Pool","iss":"x"}"#;
    refuse(&world, &format!("{header}.{}.{signature}", BASE64.encode(twice)));
}

#[test]
fn tokens_of_another_kind_pool_or_issuer_are_refused() {
    let world = World::new(5, MfaMode::Off);
    let signed_in = tokens(&world);
    refuse(&world, signed_in.id_token.expose());
    refuse(&world, signed_in.refresh_token.unwrap().expose());
    let elsewhere = World::new(6, MfaMode::Off);
    // The same keys by chance of the tests' own, so that it is the pool that is compared.
    let foreign = tokens(&elsewhere).access_token;
    let told = refusal(wait(world.engine.authorize(&operator(), &foreign)));
    assert!(matches!(told, Refusal::AccessTokenInvalid | Refusal::AccessTokenRevoked), "{told}");
    world.pool("eu-west-1_Other", MfaMode::Off);
    let [header, _, signature] = parts(&signed_in.access_token);
    let mut moved = claims(&signed_in.access_token);
    moved["iss"] = json!("https://auth.example.com/eu-west-1_Other");
    refuse(&world, &format!("{header}.{}.{signature}", encode(&moved)));
}

#[test]
fn halves_of_two_good_tokens_make_no_third() {
    let world = World::new(7, MfaMode::Off);
    let first = tokens(&world);
    let second = signed_in(wait(world.sign_in("ann", PASSWORD)));
    let (a, b) = (parts(&first.access_token), parts(&second.access_token));
    let (id, header) = (parts(&first.id_token), &a[0]);
    refuse(&world, &format!("{header}.{}.{}", a[1], b[2]));
    refuse(&world, &format!("{header}.{}.{}", id[1], id[2]));
    refuse(&world, &format!("{}.{}.{}", id[0], a[1], a[2]));
}

#[test]
fn access_tokens_end_with_their_life_the_sign_in_the_user_and_the_password() {
    type Event = (fn(&World, &SignedIn), Refusal);
    let events: [Event; 5] = [
        (|world, _| world.later(Duration::from_hours(1)), Refusal::AccessTokenExpired),
        (
            |world, tokens| {
                let token = tokens.refresh_token.as_ref().unwrap();
                wait(world.engine.revoke_token(&operator(), &CLIENT.into(), token, None)).unwrap();
            },
            Refusal::AccessTokenRevoked,
        ),
        (
            |world, tokens| {
                wait(world.engine.global_sign_out(&operator(), &tokens.access_token)).unwrap();
            },
            Refusal::AccessTokenRevoked,
        ),
        (
            |world, _| {
                let password = Secret::from("Br4nd-new!");
                let pool = POOL.into();
                wait(world.engine.set_password(&operator(), &pool, "ann", &password, true))
                    .unwrap();
            },
            Refusal::AccessTokenRevoked,
        ),
        (
            |world, _| {
                let user = wait(world.engine.get_user(&operator(), &POOL.into(), "ann")).unwrap();
                world.edit(&user, |user| user.enabled = false);
            },
            Refusal::UserDisabled,
        ),
    ];
    for (happen, expected) in events {
        let world = World::new(8, MfaMode::Off);
        let tokens = tokens(&world);
        wait(world.engine.authorize(&operator(), &tokens.access_token)).unwrap();
        happen(&world, &tokens);
        assert_eq!(
            refusal(wait(world.engine.authorize(&operator(), &tokens.access_token))),
            expected
        );
        let told = wait(refresh(&world, CLIENT, tokens.refresh_token.unwrap().expose()));
        assert_eq!(told.is_ok(), expected == Refusal::AccessTokenExpired, "{expected}");
    }
}

async fn refresh(world: &World, client: &str, token: &str) -> poolkeeper_pool::Result<SignedIn> {
    let (via, refresh_token) = (Via::trusted(&client.into()), Secret::new(token));
    let entry_policy = EntryPolicy::default();
    let command = Refresh { via, refresh_token, device_key: None, entry_policy };
    world.engine.refresh(&operator(), command).await
}

#[test]
fn every_part_of_a_refresh_token_counts() {
    let world = World::new(9, MfaMode::Off);
    let token = tokens(&world).refresh_token.unwrap();
    let text = token.expose();
    let parts: Vec<_> = text.split('.').map(str::to_owned).collect();
    let mut altered = Vec::new();
    for at in 0..text.len() {
        for other in [b'A', b'B', b'.', b'='] {
            let mut bytes = text.as_bytes().to_vec();
            if bytes[at] != other {
                bytes[at] = other;
                altered.push(String::from_utf8(bytes).unwrap());
            }
        }
        altered.push(text[..at].to_owned());
    }
    for part in 0..parts.len() {
        for change in ["", "A", "AAAA"] {
            let mut parts = parts.clone();
            parts[part] = change.to_owned();
            altered.push(parts.join("."));
        }
        let mut fewer = parts.clone();
        fewer.remove(part);
        altered.push(fewer.join("."));
        let mut more = parts.clone();
        more.insert(part, String::new());
        altered.push(more.join("."));
    }
    altered.push(format!("{text}{}", "A".repeat(1 << 20)));
    for text in altered {
        let told = refusal(wait(refresh(&world, CLIENT, &text)));
        assert_eq!(told, Refusal::RefreshTokenInvalid, "{}", text.len());
    }
    wait(refresh(&world, CLIENT, text)).unwrap();
}

#[test]
fn a_refresh_token_has_one_spelling() {
    let world = World::new(10, MfaMode::Off);
    let token = tokens(&world).refresh_token.unwrap();
    let parts: Vec<_> = token.expose().split('.').collect();
    let bytes: Vec<_> = parts[1..].iter().flat_map(|part| BASE64.decode(part).unwrap()).collect();
    let cuts = [[0, 0, 0], [1, 1, 1], [1, 14, 30], [0, 13, 40], [2, 13, 40]];
    for [first, second, third] in cuts {
        let split = [
            &bytes[..first],
            &bytes[first..second.max(first)],
            &bytes[second.max(first)..third.max(second)],
            &bytes[third.max(second)..],
        ];
        let split = split.map(|part| BASE64.encode(part)).join(".");
        let told = refusal(wait(refresh(&world, CLIENT, &format!("{}.{split}", parts[0]))));
        assert_eq!(told, Refusal::RefreshTokenInvalid);
    }
}

#[test]
fn refresh_tokens_work_for_their_client_and_life_only() {
    let world = World::new(11, MfaMode::Off);
    let token = tokens(&world).refresh_token.unwrap();
    world.client(POOL, "other");
    world.pool("eu-west-1_Other", MfaMode::Off);
    world.client("eu-west-1_Other", "elsewhere");
    for client in ["other", "elsewhere"] {
        let told = refusal(wait(refresh(&world, client, token.expose())));
        assert_eq!(told, Refusal::RefreshTokenInvalid, "{client}");
        let told = wait(world.engine.revoke(&operator(), &Via::trusted(&client.into()), &token));
        assert_eq!(refusal(told), Refusal::RefreshTokenInvalid, "{client}");
    }
    let session = world.begin_challenge();
    assert!(wait(refresh(&world, CLIENT, session.expose())).is_err());
    wait(refresh(&world, CLIENT, token.expose())).unwrap();
    world.later(Duration::from_hours(720));
    let told = refusal(wait(refresh(&world, CLIENT, token.expose())));
    assert_eq!(told, Refusal::RefreshTokenExpired);
}

impl World {
    fn begin_challenge(&self) -> Secret {
        self.user("new", |user| {
            user.status = poolkeeper_pool::entity::UserStatus::ForceChangePassword;
        });
        self.begin("new")
    }
}

#[test]
fn secrets_do_not_show() {
    let world = World::new(12, MfaMode::Off);
    let signed_in = tokens(&world);
    let shown = format!("{signed_in:?}");
    for token in [&signed_in.access_token, &signed_in.id_token, &signed_in.refresh_token.unwrap()] {
        assert!(!shown.contains(token.expose()));
    }
    let command = format!("{:?}", new_password("S3cret!pass"));
    assert!(!command.contains("S3cret"), "{command}");
    let user = wait(world.engine.get_user(&operator(), &POOL.into(), "ann")).unwrap();
    assert!(!format!("{user:?}").contains("hash of"));
}
