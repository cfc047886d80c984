//! Verbs that no sign-in API shows whole: self-service and administration.

use super::ALICE;
use crate::support::*;
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::backend::administration::{
    Administration as _, Invitation, NewGroup, NewUser, Page,
};
use poolkeeper_pool::backend::self_service::{MfaSwitch, Registration, SelfService as _};
use poolkeeper_pool::backend::user_pool::{Factor, UserPool as _, Via};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Attributes, Face, Kind};
use poolkeeper_pool::ids::{ClientId, GroupName, PoolId};
use poolkeeper_pool::{Error, Refusal};
use std::path::Path;

const NEW_PASSWORD: &str = "N3w-Passw0rd";

async fn server() -> TestServer {
    let mut config = config(Path::new(""));
    config.pools[0].rules.admin_create_only = false;
    config.pools[0].rules.auto_verified = vec![poolkeeper_pool::entity::Contact::Email];
    TestServer::at_amazon(config, AtAmazon::default()).await
}

fn client() -> ClientId {
    ClientId::from(CONFIDENTIAL_CLIENT)
}

fn pool() -> PoolId {
    PoolId::from(POOL)
}

#[tokio::test]
async fn a_user_signs_up_confirms_forgets_and_resets() {
    let server = server().await;
    let registration = Registration {
        via: Via::trusted(&client()),
        username: "new@example.com".to_owned(),
        password: Some(Secret::from(PASSWORD)),
        attributes: Attributes::from_iter([("email", "new@example.com"), ("name", "Nora")]),
        groups: vec![GroupName::from("admin")],
        by_administrator: false,
    };
    let made = server.pools.register(&operator(), registration.clone()).await.unwrap();
    assert_eq!(made.delivery.unwrap().destination, "n***@e***");
    let again = server.pools.register(&operator(), registration.clone()).await.unwrap_err();
    assert_eq!(again.to_string(), "the username is taken");
    let (code, _) = server.newest_code().await;
    let wrong = Secret::from(if code == "000000" { "000001" } else { "000000" });
    let name = "new@example.com";
    let refused =
        server.pools.confirm_registration(&operator(), &client(), name, &wrong).await.unwrap_err();
    assert_eq!(refused.to_string(), "the verification code is wrong");
    let code = Secret::from(code.as_str());
    server.pools.confirm_registration(&operator(), &client(), name, &code).await.unwrap();
    let groups = server.pools.groups_of(&operator(), &pool(), name).await.unwrap();
    assert_eq!(groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["admin"]);

    let delivery = server.pools.forgot_password(&operator(), &client(), name).await.unwrap();
    assert_eq!(delivery.destination, "n***@e***");
    let code = Secret::from(server.newest_code().await.0.as_str());
    let reset = |code: Secret, password: &'static str| {
        let (pools, password) = (&server.pools, Secret::from(password));
        async move {
            pools.confirm_forgot_password(&operator(), &client(), name, &code, &password).await
        }
    };
    let weak = reset(code.clone(), "weak").await.unwrap_err();
    assert_eq!(weak.to_string(), "the password breaks the policy: Password not long enough");
    let malformed = reset(Secret::from("not a code"), NEW_PASSWORD).await.unwrap_err();
    assert_eq!(malformed.to_string(), "the verification code is wrong");
    reset(code, NEW_PASSWORD).await.unwrap();
    let tokens = Tokens::of(&server.cognito().sign_in(name, NEW_PASSWORD).await);
    let access = Secret::from(tokens.access.as_str());
    let (old, new) = (Secret::from(NEW_PASSWORD), Secret::from(PASSWORD));
    let refused = server.pools.change_password(&operator(), &access, &new, &old).await.unwrap_err();
    assert_eq!(refused.to_string(), "wrong username or password");
    server.pools.change_password(&operator(), &access, &old, &new).await.unwrap();
    assert_eq!(server.cognito().sign_in(name, PASSWORD).await.status, 200);
}

/// Else there would be a user whom nobody has asked for.
#[tokio::test]
async fn a_sign_up_into_a_group_that_is_not_there_leaves_nobody() {
    let server = server().await;
    let registration = Registration {
        via: Via::trusted(&client()),
        username: "new@example.com".to_owned(),
        password: Some(Secret::from(PASSWORD)),
        attributes: Attributes::from_iter([("email", "new@example.com")]),
        groups: vec![GroupName::from("nowhere")],
        by_administrator: false,
    };
    let refused = server.pools.register(&operator(), registration).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no group nowhere");
    let nobody = server.pools.user(&operator(), &pool(), "new@example.com").await.unwrap_err();
    assert_eq!(nobody.to_string(), "there is no such user");
}

#[tokio::test]
async fn an_authenticator_app_is_enrolled_and_factors_are_switched() {
    let server = server().await;
    server.user(ALICE, &[]).await;
    let access = Secret::from(server.cognito().tokens(ALICE).await.access.as_str());
    let mfa = || async {
        let mfa = server.pools.user(&operator(), &pool(), ALICE).await.unwrap().mfa;
        format!("totp {} email {} preferred {:?}", mfa.totp, mfa.email, mfa.preferred)
    };
    let early =
        server.pools.switch_mfa(&operator(), &access, MfaSwitch::Prefer(Factor::Totp)).await;
    let early = early.unwrap_err().to_string();
    let key = server.pools.associate_totp(&operator(), &access).await.unwrap();
    let wrong =
        server.pools.enrol_totp(&operator(), &access, &Secret::from("000000")).await.unwrap_err();
    let code = Secret::from(server.totp(key.expose()).as_str());
    server.pools.enrol_totp(&operator(), &access, &code).await.unwrap();
    let enrolled = mfa().await;
    server.pools.switch_mfa(&operator(), &access, MfaSwitch::Off).await.unwrap();
    let off = mfa().await;
    server.pools.switch_mfa(&operator(), &access, MfaSwitch::On).await.unwrap();
    let on = mfa().await;
    server.pools.switch_mfa(&operator(), &access, MfaSwitch::Prefer(Factor::Email)).await.unwrap();
    let email = mfa().await;
    assert_snapshot!([early, wrong.to_string(), enrolled, off, on, email].join("\n"), @r"
    there is no authenticator app to verify
    the code does not prove the authenticator app
    totp true email false preferred Some(Totp)
    totp false email false preferred None
    totp true email false preferred Some(Totp)
    totp true email true preferred Some(Email)
    ");
}

#[tokio::test]
async fn administrators_make_change_and_remove_users_and_groups() {
    let server = server().await;
    let group = GroupName::from("service-accounts");
    let new = NewGroup {
        pool: pool(),
        name: group.clone(),
        description: Some("Programs".to_owned()),
        role_arn: None,
        precedence: Some(7),
    };
    let made = server.pools.create_group(&operator(), new.clone()).await.unwrap();
    assert_eq!((made.description.as_deref(), made.precedence), (Some("Programs"), Some(7)));
    let again = server.pools.create_group(&operator(), new).await.unwrap_err();
    assert_eq!(again.to_string(), "the group exists");
    for number in 0..5 {
        let user = NewUser {
            pool: pool(),
            username: format!("robot{number}@example.com"),
            attributes: Attributes::from_iter([("email", format!("robot{number}@example.com"))]),
            temporary_password: Some(Secret::from(PASSWORD)),
            kind: Kind::Service,
            invitation: Invitation::Suppress,
            mediums: Vec::new(),
            force_alias: false,
            groups: Vec::new(),
        };
        server.pools.create_user(&operator(), user).await.unwrap();
    }
    let part = server.pools.users_in_group_at(&operator(), &pool(), &group, 1, 2).await.unwrap();
    let whole = server.pools.users_in_group_at(&operator(), &pool(), &group, 0, 100).await.unwrap();
    assert_eq!((part.total, part.entries.len(), whole.entries.len()), (5, 2, 5));
    assert_eq!(part.entries[..], whole.entries[1..3]);
    let first = Page { cursor: None, limit: 3 };
    let listing = server.pools.users(&operator(), &pool(), first).await.unwrap();
    let next = Page { cursor: listing.next.as_deref(), limit: 3 };
    let rest = server.pools.users(&operator(), &pool(), next).await.unwrap();
    assert_eq!((listing.entries.len(), rest.entries.len(), rest.next), (3, 2, None));

    let name = "robot0@example.com";
    let given = [("name".to_owned(), "Robby".to_owned())];
    server.pools.update_attributes(&operator(), &pool(), name, &given).await.unwrap();
    server.pools.disable_user(&operator(), &pool(), name).await.unwrap();
    let user = server.pools.user(&operator(), &pool(), name).await.unwrap();
    assert_eq!((user.attributes.get("name"), user.enabled), (Some("Robby"), false));
    server.pools.enable_user(&operator(), &pool(), name).await.unwrap();
    let groups = [GroupName::from("admin")];
    let out = std::slice::from_ref(&group);
    server.pools.change_groups(&operator(), &pool(), name, &groups, out, None).await.unwrap();
    let own = server.pools.groups_of(&operator(), &pool(), name).await.unwrap();
    assert_eq!(own.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["admin"]);
    // The last administrator stays until there is another one.
    let last = server.pools.delete_user(&operator(), &pool(), name).await.unwrap_err();
    assert!(matches!(last, Error::Refused(Refusal::LastAdministrator)), "{last}");
    let other = "robot1@example.com";
    server.pools.change_groups(&operator(), &pool(), other, &groups, &[], None).await.unwrap();
    let last = server.pools.delete_user(&operator(), &pool(), name).await.unwrap_err();
    assert!(matches!(last, Error::Refused(Refusal::LastAdministrator)), "a program: {last}");
    // Nor is it given a temporary password, which somebody would replace.
    let temporary = Secret::from(PASSWORD);
    let set = server.pools.set_password(&operator(), &pool(), other, &temporary, false).await;
    let told = "a service account cannot replace a temporary password";
    assert_eq!(set.unwrap_err().to_string(), told);
    server.pools.change_groups(&operator(), &pool(), other, &[], out, None).await.unwrap();
    server.pools.set_password(&operator(), &pool(), other, &temporary, false).await.unwrap();
    server.pools.delete_user(&operator(), &pool(), name).await.unwrap();
    let gone = server.pools.user(&operator(), &pool(), name).await.unwrap_err();
    assert_eq!(gone.to_string(), "there is no such user");
    server.pools.delete_group(&operator(), &pool(), &group).await.unwrap();
    let gone = server
        .pools
        .add_to_group(&operator(), &pool(), "robot1@example.com", &group)
        .await
        .unwrap_err();
    assert_eq!(gone.to_string(), "there is no group service-accounts");
}

/// Somebody else's place is nobody's.
#[tokio::test]
async fn clients_and_pools_that_are_not_its_own_are_the_engines() {
    let server = server().await;
    let refused =
        server.pools.forgot_password(&operator(), &ClientId::from("nowhere"), ALICE).await;
    assert_eq!(refused.unwrap_err().to_string(), "there is no app client nowhere");
    let user = server
        .pools
        .user(&operator(), &PoolId::from("eu-west-1_Nowhere"), ALICE)
        .await
        .unwrap_err();
    assert_eq!(user.to_string(), "there is no user pool eu-west-1_Nowhere");
    let token = Secret::from("no token");
    let refused =
        server.pools.authenticate(&operator(), Face::Portal, &client(), &token).await.unwrap_err();
    assert_eq!(refused.to_string(), "the access token is invalid");
}
