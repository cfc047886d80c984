//! What is invented about a name of nobody is one person, whichever of its names is asked, and the
//! persons are such as the pool has.

use crate::support::{Answer, SrpClient, TestPool, TestServer, hash_with};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Through a client that hides users, with every first factor there is.
async fn pool(server: &TestServer, mut settings: Value) -> TestPool<'_> {
    let factors = json!(["PASSWORD", "EMAIL_OTP", "SMS_OTP"]);
    settings["AutoVerifiedAttributes"] = json!(["email"]);
    settings["Policies"] = json!({ "SignInPolicy": { "AllowedFirstAuthFactors": factors } });
    settings["UsernameConfiguration"] = json!({ "CaseSensitive": false });
    server.pool(settings).await.hiding_client().await
}

async fn with_addresses(server: &TestServer) -> TestPool<'_> {
    let pool = pool(server, json!({ "UsernameAttributes": ["email", "phone_number"] })).await;
    pool.user("alice@example.com", &[("phone_number", "+254712340123")]).await;
    pool.user("bare@example.com", &[]).await;
    pool.user("+99298877", &[]).await;
    pool
}

async fn with_chosen_names(server: &TestServer) -> TestPool<'_> {
    let aliases = json!(["email", "phone_number", "preferred_username"]);
    let pool = pool(server, json!({ "AliasAttributes": aliases })).await;
    let proven = [
        ("email", "alice@example.com"),
        ("email_verified", "true"),
        ("phone_number", "+254712340123"),
        ("phone_number_verified", "true"),
    ];
    pool.user("alice", &proven).await;
    pool.user("other", &[("email", "other@example.com"), ("email_verified", "true")]).await;
    pool.user("bare", &[("preferred_username", "nickname")]).await;
    pool
}

async fn srp(pool: &TestPool<'_>, name: &str) -> Answer {
    let parameters = json!({ "USERNAME": name, "SRP_A": SrpClient::new().srp_a() });
    pool.initiate("USER_SRP_AUTH", parameters).await
}

/// The username that is told.
async fn told(pool: &TestPool<'_>, name: &str) -> String {
    srp(pool, name).await.get("/ChallengeParameters/USERNAME")
}

/// An answer without what is drawn anew each time.
fn steady(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("Session");
    if let Some(parameters) = body["ChallengeParameters"].as_object_mut() {
        parameters.remove("SRP_B");
        parameters.remove("SECRET_BLOCK");
    }
    body
}

async fn coded(pool: &TestPool<'_>, choice: &str, name: &str) -> Answer {
    let parameters = json!({ "USERNAME": name, "PREFERRED_CHALLENGE": choice });
    pool.initiate("USER_AUTH", parameters).await
}

/// Who is seen by a name.
async fn seen(pool: &TestPool<'_>, name: &str) -> Vec<Value> {
    // Codes can be asked for again after an hour.
    pool.server.clock.advance(Duration::from_hours(2));
    let named = json!({ "Username": name });
    vec![
        steady(&srp(pool, name).await),
        steady(&pool.initiate("USER_AUTH", json!({ "USERNAME": name })).await),
        steady(&coded(pool, "EMAIL_OTP", name).await),
        steady(&coded(pool, "SMS_OTP", name).await),
        steady(&pool.call("ForgotPassword", named.clone()).await),
        steady(&pool.call("ResendConfirmationCode", named).await),
    ]
}

async fn assert_one_person(pool: &TestPool<'_>, name: &str) {
    let told = told(pool, name).await;
    assert_eq!(seen(pool, name).await, seen(pool, &told).await, "{name} {told}");
    assert_eq!(seen(pool, &told.to_uppercase()).await, seen(pool, &told).await, "{told}");
}

/// (S4)
#[tokio::test]
async fn where_addresses_take_the_usernames_place_nobody_is_one_person() {
    let server = TestServer::start().await;
    let pool = with_addresses(&server).await;
    let real = ["alice@example.com", "+254712340123", "bare@example.com", "+99298877"];
    let nobodys = ["nobody@example.com", "~@9.example", "+254799990199", "+1234567", "+1"];
    for name in real.into_iter().chain(nobodys).chain(["nobody"]) {
        assert_one_person(&pool, name).await;
    }
    for name in real.into_iter().chain(nobodys) {
        let told = told(&pool, name).await;
        let parts: Vec<_> = told.split('-').map(str::len).collect();
        assert_eq!((parts, &told[14..15]), (vec![8, 4, 4, 4, 12], "4"), "{name}");
    }
}

/// (S4)
#[tokio::test]
async fn where_users_choose_usernames_nobody_is_one_person() {
    let server = TestServer::start().await;
    let pool = with_chosen_names(&server).await;
    let names = [
        "alice@example.com",
        "+254712340123",
        "nickname",
        "nobody@example.com",
        "~@9.example",
        "+254799990199",
        "+1234567",
        "+1",
        "nobody",
    ];
    for name in names {
        assert_one_person(&pool, name).await;
    }
    for name in ["nobody@example.com", "+254799990199"] {
        let told = told(&pool, name).await;
        assert!(!told.contains(['@', '+', '-']), "{told}");
    }
    // A UUID is a name that somebody may have chosen. A `sub` is as unknown as any other.
    let sub = pool.attribute("alice", "sub").await.unwrap();
    for name in [sub.as_str(), "4a7e2c1e-3b5d-4f60-8a91-b2c3d4e5f607"] {
        assert_one_person(&pool, name).await;
        assert_eq!(told(&pool, name).await, name);
    }
}

/// (S4)
#[tokio::test]
async fn the_mask_of_a_name_is_its_own() {
    let server = TestServer::start().await;
    for pool in [with_addresses(&server).await, with_chosen_names(&server).await] {
        for name in ["alice@example.com", "nobody@example.com"] {
            let initial = &name[..1];
            for name in [name.to_owned(), told(&pool, name).await] {
                server.clock.advance(Duration::from_hours(2));
                let mask = coded(&pool, "EMAIL_OTP", &name).await;
                let mask = mask.get("/ChallengeParameters/CODE_DELIVERY_DESTINATION");
                assert_eq!(mask, format!("{initial}***@e***"), "{name}");
            }
        }
        for name in ["+254712340123", "+254799990123"] {
            for name in [name.to_owned(), told(&pool, name).await] {
                server.clock.advance(Duration::from_hours(2));
                let mask = coded(&pool, "SMS_OTP", &name).await;
                let mask = mask.get("/ChallengeParameters/CODE_DELIVERY_DESTINATION");
                assert_eq!(mask, "+********0123", "{name}");
            }
        }
    }
}

/// (S4)
#[tokio::test]
async fn spellings_of_a_name_lead_to_one_person() {
    let server = TestServer::start().await;
    for pool in [with_addresses(&server).await, with_chosen_names(&server).await] {
        for [name, other] in [
            ["alice@example.com", "\u{ff21}LICE@example.COM"],
            ["nobody@example.com", "\u{ff2e}OBODY@example.COM"],
            ["ss@example.com", "\u{df}@example.com"],
        ] {
            assert_eq!(seen(&pool, name).await, seen(&pool, other).await, "{name} {other}");
        }
    }
    // A `sub`, too, where it is another name.
    let pool = with_chosen_names(&server).await;
    let own = pool.attribute("alice", "sub").await.unwrap();
    for sub in [own, "4a7e2c1e-3b5d-4f60-8a91-b2c3d4e5f607".to_owned()] {
        assert_eq!(seen(&pool, &sub).await, seen(&pool, &sub.to_uppercase()).await, "{sub}");
    }
}

/// Whoever comes or goes under a name changes nothing about nobody. (S4)
#[tokio::test]
async fn nobody_is_the_same_before_and_after_somebody() {
    let server = TestServer::start().await;
    let pool = with_chosen_names(&server).await;
    let before = seen(&pool, "nobody@example.com").await;
    let called = told(&pool, "nobody@example.com").await;
    let email = [("email", "nobody@example.com"), ("email_verified", "true")];
    pool.user("somebody", &email).await;
    assert_eq!(told(&pool, "nobody@example.com").await, "somebody");
    assert_eq!(told(&pool, &called).await, called);
    pool.admin("AdminDeleteUser", json!({ "Username": "somebody" })).await;
    assert_eq!(seen(&pool, "nobody@example.com").await, before);
    assert_eq!(seen(&pool, &called).await, before);
}

/// Clients hash the username that they were told. (S4)
#[tokio::test]
async fn a_hash_over_the_told_username_is_good() {
    let server = TestServer::start().await;
    for mut pool in [with_addresses(&server).await, with_chosen_names(&server).await] {
        let client = json!({
            "ClientName": "confidential",
            "GenerateSecret": true,
            "PreventUserExistenceErrors": "ENABLED",
            "ExplicitAuthFlows": [
                "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH",
            ],
        });
        let made = pool.admin("CreateUserPoolClient", client).await;
        pool.client = made.get("/UserPoolClient/ClientId");
        let secret = made.get("/UserPoolClient/ClientSecret");
        let hash = |name: &str| hash_with(&secret, name, &pool.client);
        let mut all = Vec::new();
        for name in ["alice@example.com", "nobody@example.com"] {
            let claim = SrpClient::new();
            let own =
                json!({ "USERNAME": name, "SRP_A": claim.srp_a(), "SECRET_HASH": hash(name) });
            let asked = pool.initiate("USER_SRP_AUTH", own).await;
            let told = asked.get("/ChallengeParameters/USERNAME");
            let mut rows = Vec::new();
            for hashed in [name, &told, "somebody"] {
                server.clock.advance(Duration::from_hours(2));
                let hash = hash(hashed);
                let with = |mut more: Value| {
                    (more["USERNAME"], more["SECRET_HASH"]) = (json!(name), json!(hash));
                    more
                };
                let forgot = json!({ "Username": name, "SecretHash": hash });
                let choice = json!({ "PREFERRED_CHALLENGE": "EMAIL_OTP" });
                let proof = with(claim.claim(&asked, &pool.id, "wrong"));
                let proof =
                    json!({ "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": proof });
                let answers = [
                    pool.initiate("USER_PASSWORD_AUTH", with(json!({ "PASSWORD": "wrong" }))).await,
                    pool.initiate("USER_SRP_AUTH", with(json!({ "SRP_A": claim.srp_a() }))).await,
                    pool.initiate("USER_AUTH", with(choice)).await,
                    pool.call("RespondToAuthChallenge", proof).await,
                    pool.call("ForgotPassword", forgot.clone()).await,
                    pool.call("ResendConfirmationCode", forgot).await,
                ];
                rows.push(answers.map(|answer| {
                    let is_success = answer.status.is_success();
                    if is_success { "200".to_owned() } else { answer.line() }
                }));
            }
            assert_eq!(rows[0], rows[1], "{name}");
            assert_ne!(rows[0], rows[2], "{name}");
            all.push(rows);
        }
        assert_eq!(all[0], all[1]);
    }
}

/// (S4)
#[tokio::test]
async fn a_sign_in_goes_on_by_any_name_of_its_user() {
    let server = TestServer::start().await;
    for pool in [with_addresses(&server).await, with_chosen_names(&server).await] {
        let mut all = Vec::new();
        for name in ["alice@example.com", "nobody@example.com"] {
            let told = told(&pool, name).await;
            let mut lines = Vec::new();
            for (first, then) in [(name, &*told), (&*told, name), (name, "alicia@example.com")] {
                let asked = pool.initiate("USER_AUTH", json!({ "USERNAME": first })).await;
                let choice = json!({ "USERNAME": then, "ANSWER": "PASSWORD", "PASSWORD": "wrong" });
                let session = asked.get("/Session");
                lines.push(pool.respond("SELECT_CHALLENGE", &session, choice).await.line());
            }
            assert_eq!(lines[0], lines[1], "{name}");
            assert_ne!(lines[0], lines[2], "{name}");
            all.push(lines);
        }
        assert_eq!(all[0], all[1]);
    }
}

/// (S4)
#[tokio::test]
async fn masks_occur_as_in_the_pool() {
    const USERS: u32 = 60;
    let server = TestServer::start().await;
    let settings = json!({
        "AliasAttributes": ["email"],
        "AccountRecoverySetting": { "RecoveryMechanisms": [
            { "Name": "verified_phone_number", "Priority": 1 },
            { "Name": "verified_email", "Priority": 2 },
        ]},
    });
    let pool = pool(&server, settings).await;
    for number in 0..USERS {
        // One in three has a phone, whose number is long for every second; two in three are at one
        // company, the others at another.
        let domain = if number % 3 == 1 { "xylem.example" } else { "quartz.example" };
        let phone = if number % 2 == 0 { "+99212345678901" } else { "+9923456" };
        let email = format!("u{number}@{domain}");
        let mut attributes = vec![("email", &*email), ("email_verified", "true")];
        if number % 3 == 0 {
            attributes.extend([("phone_number", phone), ("phone_number_verified", "true")]);
        }
        pool.user(&format!("user{number}"), &attributes).await;
    }
    let classes = async |prefix: &str, names: u32| {
        let mut classes = BTreeMap::new();
        for number in 0..names {
            let name = json!({ "Username": format!("{prefix}{number}") });
            let details = pool.call("ForgotPassword", name).await;
            let mask = details.get("/CodeDeliveryDetails/Destination");
            let class = match mask.split_once('@') {
                Some((_, domain)) => format!("at {domain}"),
                None => format!("{} digits", mask.len() - 1),
            };
            *classes.entry(class).or_insert(0_u32) += 1;
        }
        classes
    };
    let users = classes("user", USERS).await;
    let nobodys = classes("nobody", 10 * USERS).await;
    assert_eq!(users.keys().collect::<Vec<_>>(), nobodys.keys().collect::<Vec<_>>());
    for (class, count) in users {
        let share = nobodys[&class];
        // Which user a name is like is drawn, and how many names each has, too.
        assert!((2 * count..30 * count).contains(&share), "{class}: {count} {share}");
    }
}

/// The way in which a code goes, as it is told.
async fn way(pool: &TestPool<'_>, name: &str) -> String {
    let details = pool.call("ForgotPassword", json!({ "Username": name })).await;
    details.get("/CodeDeliveryDetails/DeliveryMedium")
}

/// Where factors have a user's codes go another way than the name says, an unknown name has, too. (S4)
#[tokio::test]
async fn codes_to_unknown_names_go_the_ways_of_the_pools_users() {
    let server = TestServer::start().await;
    let settings = json!({
        "UsernameAttributes": ["email", "phone_number"],
        "MfaConfiguration": "OPTIONAL",
        "EmailConfiguration": { "EmailSendingAccount": "DEVELOPER" },
        "AccountRecoverySetting": { "RecoveryMechanisms": [
            { "Name": "verified_email", "Priority": 1 },
            { "Name": "verified_phone_number", "Priority": 2 },
        ]},
    });
    let pool = pool(&server, settings).await;
    for number in 0..3 {
        let name = format!("u{number}@example.com");
        let phone = format!("+1432555000{number}");
        let phone = [
            ("email_verified", "true"),
            ("phone_number", &*phone),
            ("phone_number_verified", "true"),
        ];
        pool.user(&name, &phone).await;
        let factor = json!({ "Enabled": true, "PreferredMfa": true });
        let factor = json!({ "Username": name, "EmailMfaSettings": factor });
        assert_eq!(pool.admin("AdminSetUserMFAPreference", factor).await.status, 200);
    }
    for name in ["u1@example.com", "nobody@example.com", "+14325550001", "+14325559999"] {
        assert_eq!(way(&pool, name).await, "SMS", "{name}");
    }
    let told = told(&pool, "nobody@example.com").await;
    assert_eq!(way(&pool, &told).await, "SMS");
}

/// Anybody may sign up: who has not confirmed that says nothing of the pool's users. (S4)
#[tokio::test]
async fn sign_ups_change_nothing_about_nobody() {
    let server = TestServer::start().await;
    let pool = with_chosen_names(&server).await;
    let names: Vec<_> = (0..9).map(|number| format!("nobody{number}")).collect();
    let mut before = Vec::new();
    for name in &names {
        before.push(seen(&pool, name).await);
    }
    for number in 0..30 {
        let attributes = json!([
            { "Name": "email", "Value": format!("{number}@zz.example") },
            { "Name": "phone_number", "Value": format!("+49301234{number:03}") },
        ]);
        let body = json!({ "Username": format!("stranger{number}"), "UserAttributes": attributes });
        assert_eq!(pool.call("SignUp", body).await.status, 200);
    }
    for (name, before) in names.iter().zip(before) {
        assert_eq!(seen(&pool, name).await, before, "{name}");
    }
}
