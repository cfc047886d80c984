//! Many at once, on the real database and on several threads.

use crate::support::{Answer, CONFIDENTIAL_CLIENT, PASSWORD, TestPool, TestServer, Tokens};
use serde_json::json;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Runs `count` calls at once.
async fn at_once<F>(count: usize, call: impl Fn(usize) -> F) -> Vec<Answer>
where
    F: Future<Output = Answer> + Send + 'static,
{
    let calls: JoinSet<_> = (0..count).map(call).collect();
    calls.join_all().await
}

/// How many answers there are of each kind, most first.
fn tally(answers: &[Answer]) -> Vec<(usize, String)> {
    let mut kinds: Vec<_> = answers.iter().map(kind).collect();
    kinds.sort();
    let mut tally: Vec<(usize, String)> = Vec::new();
    for kind in kinds {
        match tally.last_mut().filter(|(_, last)| *last == kind) {
            Some((count, _)) => *count += 1,
            None => tally.push((1, kind)),
        }
    }
    tally.sort_by(|a, b| b.cmp(a));
    tally
}

fn kind(answer: &Answer) -> String {
    if answer.status.is_success() { "success".to_owned() } else { answer.get("/message") }
}

fn expect(counts: &[(usize, &str)]) -> Vec<(usize, String)> {
    counts.iter().map(|(count, kind)| (*count, (*kind).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_wrong_passwords_five_are_told_so() {
    let server = Arc::new(TestServer::telling().await);
    server.user("ann@example.com", &[]).await;
    for (name, wrong) in [
        ("ann@example.com", "Incorrect username or password."),
        ("nobody@example.com", "User does not exist."),
    ] {
        let answers = at_once(200, |_| {
            let server = Arc::clone(&server);
            async move { server.cognito().sign_in(name, "wrong").await }
        });
        let expected = [(195, "Password attempts exceeded"), (5, wrong)];
        assert_eq!(tally(&answers.await), expect(&expected), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_password_in_the_crowd_buys_no_guesses() {
    let server = Arc::new(TestServer::telling().await);
    server.user("ann@example.com", &[]).await;
    let answers = at_once(100, |at| {
        let server = Arc::clone(&server);
        let password = if at == 50 { PASSWORD } else { "wrong" };
        async move { server.cognito().sign_in("ann@example.com", password).await }
    });
    let tally = tally(&answers.await);
    let told = |kind: &str| tally.iter().find(|(_, k)| k == kind).map_or(0, |(count, _)| *count);
    let success = told("success");
    assert!(success <= 1);
    // Those before it are forgiven, as to anybody who signs in after a few mistakes.
    assert!(told("Incorrect username or password.") <= 5 + 4 * success, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_answers_with_one_code_one_signs_in() {
    let server = Arc::new(TestServer::start().await);
    server.totp_user("app@example.com", &[]).await;
    let mut sessions = Vec::new();
    for _ in 0..64 {
        let asked = server.cognito().sign_in("app@example.com", PASSWORD).await;
        sessions.push(asked.get("/Session"));
    }
    let answers = at_once(64, |at| answer_with_code(&server, sessions[at].clone())).await;
    let spent = "Your software token has already been used once.";
    assert_eq!(tally(&answers), expect(&[(63, spent), (1, "success")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_answers_to_one_session_one_signs_in() {
    let server = Arc::new(TestServer::start().await);
    server.totp_user("app@example.com", &[]).await;
    let session = server.cognito().sign_in("app@example.com", PASSWORD).await.get("/Session");
    let answers = at_once(64, |_| answer_with_code(&server, session.clone())).await;
    let spent = "Invalid session for the user, session can only be used once.";
    assert_eq!(tally(&answers), expect(&[(63, spent), (1, "success")]));
}

fn answer_with_code(
    server: &Arc<TestServer>,
    session: String,
) -> impl Future<Output = Answer> + Send + 'static {
    let server = Arc::clone(server);
    async move {
        let code = server.totp_code();
        let responses = json!({ "USERNAME": "app@example.com", "SOFTWARE_TOKEN_MFA_CODE": code });
        server.cognito().respond("SOFTWARE_TOKEN_MFA", &session, responses).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_new_passwords_one_is_taken() {
    let server = Arc::new(TestServer::start().await);
    server.new_user("new@example.com", &[]).await;
    let session = server.cognito().sign_in("new@example.com", PASSWORD).await.get("/Session");
    let answers = at_once(64, |at| {
        let (server, session) = (Arc::clone(&server), session.clone());
        async move {
            let password = format!("N3w-password-{at}");
            let responses = json!({ "USERNAME": "new@example.com", "NEW_PASSWORD": password });
            server.cognito().respond("NEW_PASSWORD_REQUIRED", &session, responses).await
        }
    });
    let answers = answers.await;
    let spent = "Invalid session for the user, session can only be used once.";
    assert_eq!(tally(&answers), expect(&[(63, spent), (1, "success")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_revocation_was_told_nothing_is_refreshed() {
    let server = Arc::new(TestServer::start().await);
    server.user("ann@example.com", &[]).await;
    for round in 0..20 {
        let tokens = server.cognito().tokens("ann@example.com").await;
        let revoked = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let answers = at_once(32, |at| refresh_or_revoke(&server, &tokens, &revoked, at == 16));
        for answer in answers.await {
            let told = kind(&answer);
            let fine = ["success", "Refresh Token has been revoked"].contains(&told.as_str());
            assert!(fine, "round {round}: {told}");
        }
        let late = server.cognito().refresh(&tokens.refresh).await;
        assert_eq!(kind(&late), "Refresh Token has been revoked");
        let access = server.cognito().get_user(&tokens.access).await;
        assert_eq!(kind(&access), "Access Token has been revoked");
    }
}

fn refresh_or_revoke(
    server: &Arc<TestServer>,
    tokens: &Tokens,
    revoked: &Arc<std::sync::atomic::AtomicBool>,
    revokes: bool,
) -> impl Future<Output = Answer> + Send + 'static {
    use std::sync::atomic::Ordering::SeqCst;
    let (server, token) = (Arc::clone(server), tokens.refresh.clone());
    let revoked = Arc::clone(revoked);
    async move {
        if revokes {
            let body = json!({ "Token": token, "ClientId": crate::support::PUBLIC_CLIENT });
            let answer = server.cognito().call("RevokeToken", &body).await;
            revoked.store(true, SeqCst);
            return answer;
        }
        let too_late = revoked.load(SeqCst);
        let answer = server.cognito().refresh(&token).await;
        assert!(!(too_late && answer.status.is_success()), "refreshed after the revocation");
        answer
    }
}

/// A hash over no name at all would do for every user.
#[tokio::test]
async fn a_secret_hash_of_nobody_is_nobodys() {
    let server = TestServer::start().await;
    server.user("ann@example.com", &[]).await;
    let sign_in = json!({
        "USERNAME": "ann@example.com",
        "PASSWORD": PASSWORD,
        "SECRET_HASH": crate::support::secret_hash("ann@example.com", CONFIDENTIAL_CLIENT),
    });
    let cognito = server.cognito();
    let tokens = cognito.initiate_as(CONFIDENTIAL_CLIENT, "USER_PASSWORD_AUTH", sign_in).await;
    let refresh = json!({
        "REFRESH_TOKEN": Tokens::of(&tokens).refresh,
        "SECRET_HASH": crate::support::secret_hash("", CONFIDENTIAL_CLIENT),
    });
    let told = cognito.initiate_as(CONFIDENTIAL_CLIENT, "REFRESH_TOKEN_AUTH", refresh).await;
    assert_eq!(told.get("/__type"), "NotAuthorizedException");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_prove_an_address_with_one_code_one_does() {
    let server = Arc::new(TestServer::start().await);
    server.user("ann@example.com", &[]).await;
    let token = server.cognito().tokens("ann@example.com").await.access;
    let ask = json!({ "AccessToken": token, "AttributeName": "email" });
    server.cognito().call("GetUserAttributeVerificationCode", &ask).await;
    let code = server.newest_code().await.0;
    let answers = at_once(12, |_| {
        let server = Arc::clone(&server);
        let body = json!({ "AccessToken": token, "AttributeName": "email", "Code": code });
        async move { server.cognito().call("VerifyUserAttribute", &body).await }
    });
    let expired = "Invalid code provided, please request a code again.";
    assert_eq!(tally(&answers.await), expect(&[(11, expired), (1, "success")]));
}

/// Exchanges one refresh token many times at once; the answers, and whether the sign-in lives.
async fn exchange_at_once(grace: u32) -> (Vec<(usize, String)>, bool) {
    let server = Arc::new(TestServer::start().await);
    let pool = server.pool(json!({})).await;
    pool.user("ann", &[]).await;
    let client = json!({
        "ClientName": "rotating",
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": grace },
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
    });
    let client = pool.admin("CreateUserPoolClient", client).await;
    let client = client.get("/UserPoolClient/ClientId");
    let tokens = TestPool { client: client.clone(), ..pool }.tokens("ann").await;
    let answers = at_once(50, |_| {
        let server = Arc::clone(&server);
        let body = json!({ "ClientId": client, "RefreshToken": tokens.refresh });
        async move { server.cognito().call("GetTokensFromRefreshToken", &body).await }
    });
    let answers = tally(&answers.await);
    (answers, server.cognito().get_user(&tokens.access).await.status == 200)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_used_many_times_at_once_is_replaced_once() {
    let (within_grace, lives) = exchange_at_once(10).await;
    assert_eq!(within_grace, expect(&[(50, "success")]));
    assert!(lives);
    // Without a grace period whoever comes second is a thief, or robbed.
    let (without, lives) = exchange_at_once(0).await;
    let successes = without.iter().find(|(_, kind)| kind == "success").map(|(count, _)| *count);
    assert_eq!(successes, Some(1), "{without:?}");
    assert!(!lives);
}

/// The session of a confirmed sign-up signs in once.
#[tokio::test(flavor = "multi_thread")]
async fn of_64_sign_ins_by_one_sign_up_one_is_let_in() {
    let server = Arc::new(TestServer::start().await);
    let pool = server.pool(json!({ "AutoVerifiedAttributes": ["email"] })).await;
    let email = json!([{ "Name": "email", "Value": "ann@example.com" }]);
    let new = json!({ "Username": "ann", "Password": PASSWORD, "UserAttributes": email });
    let session = pool.call("SignUp", new).await.get("/Session");
    let code = server.newest_code().await.0;
    let body = json!({ "Username": "ann", "ConfirmationCode": code, "Session": session });
    let session = pool.call("ConfirmSignUp", body).await.get("/Session");
    let body = json!({
        "ClientId": pool.client,
        "AuthFlow": "USER_AUTH",
        "Session": session,
        "AuthParameters": { "USERNAME": "ann" },
    });
    let answers = at_once(64, |_| {
        let (server, body) = (Arc::clone(&server), body.clone());
        async move { server.cognito().call("InitiateAuth", &body).await }
    });
    let spent = "Invalid session for the user, session can only be used once.";
    assert_eq!(tally(&answers.await), expect(&[(63, spent), (1, "success")]));
}

/// However many come at once, a user has as many sign-ins as the pool allows.
#[tokio::test(flavor = "multi_thread")]
async fn no_more_sign_ins_than_the_pool_allows() {
    let server = Arc::new(TestServer::start().await);
    let pool = server.pool(json!({})).await;
    pool.user("ann", &[]).await;
    let rules = json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 3 } });
    pool.admin("SetUserPoolSessionConfiguration", rules).await;
    let body = json!({
        "ClientId": pool.client,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": "ann", "PASSWORD": PASSWORD },
    });
    let answers = at_once(64, |_| {
        let (server, body) = (Arc::clone(&server), body.clone());
        async move { server.cognito().call("InitiateAuth", &body).await }
    });
    assert_eq!(tally(&answers.await), expect(&[(64, "success")]));
    let listed = pool.admin("AdminListUserSessions", json!({ "Username": "ann" })).await.json();
    assert_eq!(listed["Sessions"].as_array().unwrap().len(), 3);
}
