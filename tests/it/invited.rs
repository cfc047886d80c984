//! People whom the operator invites (`poolkeeper user create`): the temporary password went to their
//! address alone, so that whoever signs in with it and replaces it has the address verified.

use crate::support::{
    Answer, OTHER_CLIENT, OTHER_POOL, POOL, TENANT, TENANT_GROUP, TestServer, config,
};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::backend::administration::{Invitation, NewUser};
use poolkeeper_pool::entity::{Attributes, Contact, Kind, SignInName, User};
use poolkeeper_pool::ids::GroupName;
use serde_json::json;
use std::path::Path;

const ANN: &str = "ann@example.com";
const FRESH: &str = "N3w-Passw0rd";

fn new_user(pool: &str, username: &str) -> NewUser {
    NewUser {
        pool: pool.into(),
        username: username.to_owned(),
        attributes: Attributes::default(),
        temporary_password: None,
        kind: Kind::Person,
        invitation: Invitation::SendToVerify,
        mediums: Vec::new(),
        force_alias: false,
        groups: Vec::new(),
    }
}

/// Invites Ann as the command does, and gives the password that she was mailed.
async fn invite(server: &TestServer, change: impl FnOnce(&mut NewUser)) -> String {
    let mut new = new_user(POOL, ANN);
    new.groups = ["partner-id-acme", TENANT_GROUP].map(GroupName::from).into();
    change(&mut new);
    let is_mailed = new.invitation != Invitation::Suppress;
    server.engine.admin_create_user(&operator(), new).await.unwrap();
    if is_mailed { server.newest_code().await.0 } else { String::new() }
}

async fn ann(server: &TestServer) -> User {
    server.engine.get_user(&operator(), &POOL.into(), ANN).await.unwrap()
}

/// Replaces the temporary password at one of the faces.
async fn replace(server: &TestServer, face: &str, temporary: &str) -> Answer {
    let (path, sign_in, answer): (_, _, fn(&str) -> _) = match face {
        "partner" => ("/auth", json!({ "username": ANN, "password": temporary }), |session| {
            let body = json!({ "username": ANN, "session": session, "new_password": FRESH });
            ("PUT", "/auth/challenge/new-password", body)
        }),
        "portal" => {
            ("/api/auth/login", json!({ "username": ANN, "password": temporary }), |session| {
                let body = json!({ "username": ANN, "session": session, "new_password": FRESH });
                ("POST", "/api/auth/complete-password-change", body)
            })
        }
        _ => {
            let body = json!({ "UserName": ANN, "TenantName": TENANT, "Password": temporary });
            ("/Login", body, |session| {
                let body = json!({
                    "TenantName": TENANT,
                    "ChallengeName": "NEW_PASSWORD_REQUIRED",
                    "Session": session,
                    "Answer": FRESH,
                });
                ("POST", "/RespondToChallenge", body)
            })
        }
    };
    let asked = server.json("POST", path, &sign_in).await.json();
    let sessions = [&asked["Session"], &asked["session"], &asked["cognitoToken"]["Session"]];
    let session = sessions.into_iter().find_map(|session| session.as_str()).unwrap();
    let (method, path, body) = answer(session);
    server.json(method, path, &body).await
}

/// Resets the password by mail.
async fn reset(server: &TestServer) -> String {
    let asked = server.json("POST", "/auth/forgot_password", &json!({ "username": ANN })).await;
    let code = server.newest_code().await.0;
    let body = json!({ "username": ANN, "conf_code": code, "password": "An0ther-Passw0rd" });
    let set = server.json("POST", "/auth/forgot_password/confirm", &body).await;
    format!("{}, {}", asked.row(&[]), set.row(&[]))
}

#[tokio::test]
async fn a_user_who_replaced_the_mailed_password_can_reset_it_later() {
    for face in ["partner", "portal", "tenant"] {
        let server = TestServer::start().await;
        let temporary = invite(&server, |_| {}).await;
        assert!(!ann(&server).await.has_proven(Contact::Email));
        assert_eq!(replace(&server, face, &temporary).await.status, 200, "{face}");
        let user = ann(&server).await;
        assert!(user.has_proven(Contact::Email) && user.lets_in(Contact::Email), "{face}");
        assert_eq!(user.owned_email(), Some(ANN), "{face}");
        assert_eq!(reset(&server).await, "204 No Content , 204 No Content ", "{face}");
    }
}

#[tokio::test]
async fn tokens_say_so_at_once() {
    let server = TestServer::start().await;
    let temporary = invite(&server, |_| {}).await;
    let answer = replace(&server, "partner", &temporary).await;
    let claims = crate::support::claims(&answer.get("/IdToken"));
    assert_eq!((&claims["email"], &claims["email_verified"]), (&json!(ANN), &json!(true)));
}

/// Whoever else could know the password, or where the address is another one, nothing is proven.
#[tokio::test]
async fn nothing_else_verifies_an_address() {
    let mut rows = Vec::new();
    for case in [
        "mailed and replaced",
        "not mailed",
        "chosen by somebody",
        "moved to another address meanwhile",
        "set again by an administrator",
        "mailed again",
        "mailed again, chosen by somebody",
        "mailed to two addresses",
    ] {
        let server = TestServer::start().await;
        let chosen = "Ch0sen-Passw0rd";
        let mut temporary = invite(&server, |new| match case {
            "not mailed" => new.invitation = Invitation::Suppress,
            "chosen by somebody" => new.temporary_password = Some(chosen.into()),
            "mailed to two addresses" => {
                new.attributes.set("phone_number", "+14325551212");
                new.mediums = Contact::ALL.to_vec();
            }
            _ => {}
        })
        .await;
        let engine = &server.engine;
        match case {
            "not mailed" | "set again by an administrator" => {
                let (pool, password) = (POOL.into(), chosen.into());
                engine.set_password(&operator(), &pool, ANN, &password, false).await.unwrap();
                chosen.clone_into(&mut temporary);
            }
            "moved to another address meanwhile" => {
                let user = ann(&server).await;
                server.edit(&user, |user| user.attributes.set("email", "eve@example.com")).await;
            }
            "mailed again" | "mailed again, chosen by somebody" => {
                let given = (case != "mailed again").then(|| chosen.into());
                let pool = POOL.into();
                engine
                    .resend_invitation(&operator(), &pool, ANN, given.as_ref(), &[])
                    .await
                    .unwrap();
                temporary = server.newest_code().await.0;
            }
            _ => {}
        }
        let status = replace(&server, "partner", &temporary).await.status;
        let verified = ann(&server).await.has_proven(Contact::Email);
        rows.push(format!("{case}: {status}, {verified}"));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    mailed and replaced: 200 OK, true
    not mailed: 200 OK, false
    chosen by somebody: 200 OK, false
    moved to another address meanwhile: 200 OK, false
    set again by an administrator: 200 OK, false
    mailed again: 200 OK, true
    mailed again, chosen by somebody: 200 OK, false
    mailed to two addresses: 200 OK, false
    "#);
}

/// Amazon's invitations verify nothing, and neither do those of its protocol here.
#[tokio::test]
async fn an_invitation_by_cognito_s_protocol_verifies_nothing() {
    let server = TestServer::start().await;
    let body = json!({ "UserPoolId": POOL, "Username": ANN });
    assert_eq!(server.cognito().admin("AdminCreateUser", &body).await.status, 200);
    let temporary = server.newest_code().await.0;
    let asked = server.cognito().sign_in(ANN, &temporary).await;
    let answers = json!({ "USERNAME": ANN, "NEW_PASSWORD": FRESH });
    let session = asked.get("/Session");
    let done = server.cognito().respond("NEW_PASSWORD_REQUIRED", &session, answers).await;
    assert_eq!(done.status, 200);
    assert_eq!(ann(&server).await.attributes.get("email_verified"), None);
    // Through it, one of ours does.
    let server = TestServer::start().await;
    let temporary = invite(&server, |_| {}).await;
    let asked = server.cognito().sign_in(ANN, &temporary).await;
    let answers = json!({ "USERNAME": ANN, "NEW_PASSWORD": FRESH });
    let session = asked.get("/Session");
    let done = server.cognito().respond("NEW_PASSWORD_REQUIRED", &session, answers).await;
    assert_eq!(done.status, 200);
    assert!(ann(&server).await.has_proven(Contact::Email));
}

/// Where a verified address is a name, it is not taken from whoever has it; the sign-in goes on.
#[tokio::test]
async fn an_address_that_is_somebody_else_s_name_stays_theirs() {
    let mut config = config(Path::new(""));
    config.pools[1].username_attributes.clear();
    config.pools[1].alias_attributes = vec![SignInName::Email];
    let server = TestServer::with(config).await;
    let pool = OTHER_POOL.into();
    let mut owner = new_user(OTHER_POOL, "owner");
    owner.attributes = Attributes::from_iter([("email", ANN), ("email_verified", "true")]);
    owner.invitation = Invitation::Suppress;
    server.engine.admin_create_user(&operator(), owner).await.unwrap();
    for (name, email, is_verified) in [("second", ANN, false), ("third", "third@example.com", true)]
    {
        let mut new = new_user(OTHER_POOL, name);
        new.attributes.set("email", email);
        server.engine.admin_create_user(&operator(), new).await.unwrap();
        let temporary = server.newest_code().await.0;
        let parameters = json!({ "USERNAME": name, "PASSWORD": temporary });
        let cognito = server.cognito();
        let asked = cognito.initiate_as(OTHER_CLIENT, "USER_PASSWORD_AUTH", parameters).await;
        let body = json!({
            "ClientId": OTHER_CLIENT,
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": asked.get("/Session"),
            "ChallengeResponses": { "USERNAME": name, "NEW_PASSWORD": FRESH },
        });
        let done = cognito.call("RespondToAuthChallenge", &body).await;
        assert_eq!(done.status, 200, "{name}");
        let user = server.engine.get_user(&operator(), &pool, name).await.unwrap();
        assert_eq!(user.has_proven(Contact::Email), is_verified, "{name}");
    }
    let owner = server.engine.get_user(&operator(), &pool, ANN).await.unwrap();
    assert_eq!(owner.username.as_str(), "owner");
}
