//! `MFA_SETUP`: a pool that insists on a second factor, and a user who has none.

use crate::support::{Answer, PASSWORD, Table, TestPool, TestServer, Tokens};
use insta::assert_snapshot;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::system::Clock as _;
use serde_json::{Value, json};
use std::time::Duration;

/// A pool with `MfaConfiguration` ON, with one confirmed user.
struct Strict {
    server: TestServer,
    pool: String,
    client: String,
}

impl Strict {
    async fn start() -> Self {
        let server = TestServer::start().await;
        let cognito = server.cognito();
        let pool = json!({ "PoolName": "strict", "MfaConfiguration": "ON" });
        let pool = cognito.admin("CreateUserPool", &pool).await.get("/UserPool/Id");
        let client = json!({
            "UserPoolId": pool,
            "ClientName": "c",
            "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        });
        let client = cognito.admin("CreateUserPoolClient", &client).await;
        let client = client.get("/UserPoolClient/ClientId");
        let user = json!({ "UserPoolId": pool, "Username": "mia", "MessageAction": "SUPPRESS" });
        cognito.admin("AdminCreateUser", &user).await;
        let strict = Self { server, pool, client };
        strict.set_password(true).await;
        strict
    }

    async fn set_password(&self, permanent: bool) {
        let body = json!({
            "UserPoolId": self.pool,
            "Username": "mia",
            "Password": PASSWORD,
            "Permanent": permanent,
        });
        let answer = self.server.cognito().admin("AdminSetUserPassword", &body).await;
        assert_eq!(answer.status, 200);
    }

    async fn sign_in(&self) -> Answer {
        let parameters = json!({ "USERNAME": "mia", "PASSWORD": PASSWORD });
        self.server.cognito().initiate_as(&self.client, "USER_PASSWORD_AUTH", parameters).await
    }

    async fn associate(&self, session: &str) -> Answer {
        let body = json!({ "Session": session });
        self.server.cognito().call("AssociateSoftwareToken", &body).await
    }

    async fn verify(&self, session: &str, code: &str) -> Answer {
        let body = json!({ "Session": session, "UserCode": code, "FriendlyDeviceName": "phone" });
        self.server.cognito().call("VerifySoftwareToken", &body).await
    }

    async fn respond(&self, challenge: &str, session: &str, more: Value) -> Answer {
        let mut responses = json!({ "USERNAME": "mia" });
        responses.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let body = json!({
            "ChallengeName": challenge,
            "ClientId": self.client,
            "Session": session,
            "ChallengeResponses": responses,
        });
        self.server.cognito().call("RespondToAuthChallenge", &body).await
    }

    /// The code that an app with the key of this answer shows now.
    fn code(&self, associated: &Answer) -> String {
        let key = Secret::new(associated.get("/SecretCode"));
        poolkeeper_pool::crypto::totp::code(&key, self.server.clock.now()).unwrap()
    }

    /// Sets an app up, to the end.
    async fn set_up(&self) -> Answer {
        let session = self.sign_in().await.get("/Session");
        let associated = self.associate(&session).await;
        let verified = self.verify(&associated.get("/Session"), &self.code(&associated)).await;
        let done = self.respond("MFA_SETUP", &verified.get("/Session"), json!({})).await;
        assert_eq!(done.status, 200, "{}", done.text);
        associated
    }
}

#[tokio::test]
async fn associate_verify_respond() {
    let strict = Strict::start().await;
    let asked = strict.sign_in().await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "ChallengeName": "MFA_SETUP",
      "ChallengeParameters": {
        "MFAS_CAN_SETUP": "[\"SOFTWARE_TOKEN_MFA\",\"EMAIL_OTP\"]",
        "USER_ID_FOR_SRP": "mia"
      },
      "Session": "[sealed]"
    }
    "#);
    let associated = strict.associate(&asked.get("/Session")).await;
    assert_snapshot!(associated.show(), @r#"
    200 OK
    {
      "SecretCode": "[totp key]",
      "Session": "[sealed]"
    }
    "#);
    let verified = strict.verify(&associated.get("/Session"), &strict.code(&associated)).await;
    assert_snapshot!(verified.show(), @r#"
    200 OK
    {
      "Session": "[sealed]",
      "Status": "SUCCESS"
    }
    "#);
    let done = strict.respond("MFA_SETUP", &verified.get("/Session"), json!({})).await;
    assert_snapshot!(done.show(), @r#"
    200 OK
    {
      "AuthenticationResult": {
        "AccessToken": "[jwt]",
        "ExpiresIn": 3600,
        "IdToken": "[jwt]",
        "RefreshToken": "[refresh token]",
        "TokenType": "Bearer"
      },
      "ChallengeParameters": {}
    }
    "#);
    let user = strict.server.cognito().get_user(&Tokens::of(&done).access).await;
    assert_snapshot!(user.show(), @r#"
    200 OK
    {
      "PreferredMfaSetting": "SOFTWARE_TOKEN_MFA",
      "UserAttributes": [
        {
          "Name": "sub",
          "Value": "1d9e7ff6-0300-497e-876a-a848f4dfea17"
        }
      ],
      "UserMFASettingList": [
        "SOFTWARE_TOKEN_MFA"
      ],
      "Username": "mia"
    }
    "#);
}

#[tokio::test]
async fn the_next_sign_in_asks_for_the_code() {
    let strict = Strict::start().await;
    let associated = strict.set_up().await;
    strict.server.clock.advance(Duration::from_secs(30));
    let asked = strict.sign_in().await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "ChallengeName": "SOFTWARE_TOKEN_MFA",
      "ChallengeParameters": {
        "FRIENDLY_DEVICE_NAME": "phone",
        "USER_ID_FOR_SRP": "mia"
      },
      "Session": "[sealed]"
    }
    "#);
    let code = json!({ "SOFTWARE_TOKEN_MFA_CODE": strict.code(&associated) });
    let done = strict.respond("SOFTWARE_TOKEN_MFA", &asked.get("/Session"), code).await;
    assert_eq!(done.status, 200, "{}", done.text);
}

#[tokio::test]
async fn no_step_can_be_skipped() {
    let strict = Strict::start().await;
    let asked = strict.sign_in().await.get("/Session");
    let mut table = Table::default();
    table.row("respond at once", &strict.respond("MFA_SETUP", &asked, json!({})).await);
    table.row("verify at once", &strict.verify(&asked, "123456").await);
    let associated = strict.associate(&asked).await;
    let session = associated.get("/Session");
    table.row("respond unverified", &strict.respond("MFA_SETUP", &session, json!({})).await);
    let code = strict.code(&associated);
    table.row("verify the first session", &strict.verify(&asked, &code).await);
    let code = json!({ "SOFTWARE_TOKEN_MFA_CODE": code });
    let direct = strict.respond("SOFTWARE_TOKEN_MFA", &session, code).await;
    table.row("answer another challenge", &direct);
    assert_snapshot!(table, @r#"
    respond at once: 400 NotAuthorizedException "Invalid session for the user."
    verify at once: 400 NotAuthorizedException "Invalid session for the user."
    respond unverified: 400 NotAuthorizedException "Invalid session for the user."
    verify the first session: 400 NotAuthorizedException "Invalid session for the user."
    answer another challenge: 400 NotAuthorizedException "Invalid session for the user."
    "#);
}

#[tokio::test]
async fn codes_and_sessions_that_do_not_count() {
    let strict = Strict::start().await;
    let asked = strict.sign_in().await.get("/Session");
    let (first, second) = (strict.associate(&asked).await, strict.associate(&asked).await);
    assert_ne!(first.get("/SecretCode"), second.get("/SecretCode"));
    let session = second.get("/Session");
    let mut table = Table::default();
    table.row("another key's code", &strict.verify(&session, &strict.code(&first)).await);
    table.row("forged", &strict.verify(&"x".repeat(40), "123456").await);
    let code = strict.code(&second);
    let verified = strict.verify(&session, &code).await.get("/Session");
    table.row("associate again", &strict.associate(&verified).await);
    strict.server.clock.advance(Duration::from_mins(3));
    table.row("expired", &strict.respond("MFA_SETUP", &verified, json!({})).await);
    table.row("associate, expired", &strict.associate(&asked).await);
    table.row("verify, expired", &strict.verify(&session, &code).await);
    assert_snapshot!(table, @r#"
    another key's code: 400 EnableSoftwareTokenMFAException "Code mismatch and fail enable Software Token MFA"
    forged: 400 NotAuthorizedException "Invalid session for the user."
    associate again: 400 NotAuthorizedException "Invalid session for the user."
    expired: 400 NotAuthorizedException "Invalid session for the user, session is expired."
    associate, expired: 400 NotAuthorizedException "Invalid session for the user, session is expired."
    verify, expired: 400 NotAuthorizedException "Invalid session for the user, session is expired."
    "#);
}

#[tokio::test]
async fn a_set_up_ends_with_its_session() {
    let strict = Strict::start().await;
    let asked = strict.sign_in().await.get("/Session");
    let associated = strict.associate(&asked).await;
    let verified = strict.verify(&associated.get("/Session"), &strict.code(&associated)).await;
    let verified = verified.get("/Session");
    assert_eq!(strict.respond("MFA_SETUP", &verified, json!({})).await.status, 200);
    assert_snapshot!(strict.respond("MFA_SETUP", &verified, json!({})).await.line(), @r#"400 NotAuthorizedException "Invalid session for the user, session can only be used once.""#);
}

/// Who knows only the password must not replace a factor that was set up meanwhile.
#[tokio::test]
async fn a_set_up_begun_earlier_does_not_replace_one_that_is_done() {
    let strict = Strict::start().await;
    let asked = strict.sign_in().await.get("/Session");
    let associated = strict.associate(&asked).await;
    strict.set_up().await;
    let late = strict.verify(&associated.get("/Session"), &strict.code(&associated)).await;
    assert_snapshot!(late.line(), @r#"400 NotAuthorizedException "Invalid session for the user.""#);
}

/// As at Amazon: an app that was verified counts, though the sign-in ended there.
#[tokio::test]
async fn a_verified_app_is_asked_for_by_the_next_sign_in() {
    let strict = Strict::start().await;
    let asked = strict.sign_in().await.get("/Session");
    let associated = strict.associate(&asked).await;
    let code = strict.code(&associated);
    let verified = strict.verify(&associated.get("/Session"), &code).await;
    let next = strict.sign_in().await;
    assert_eq!(next.get("/ChallengeName"), "SOFTWARE_TOKEN_MFA");
    // The code that verified it is used up, and the sign-in that was left can still be completed.
    let session = next.get("/Session");
    let again = json!({ "SOFTWARE_TOKEN_MFA_CODE": code });
    let used = strict.respond("SOFTWARE_TOKEN_MFA", &session, again).await;
    assert_snapshot!(used.line(), @r#"400 ExpiredCodeException "Your software token has already been used once.""#);
    let done = strict.respond("MFA_SETUP", &verified.get("/Session"), json!({})).await;
    assert_eq!(done.status, 200);
    strict.server.clock.advance(Duration::from_secs(30));
    let code = json!({ "SOFTWARE_TOKEN_MFA_CODE": strict.code(&associated) });
    assert_eq!(strict.respond("SOFTWARE_TOKEN_MFA", &session, code).await.status, 200);
}

#[tokio::test]
async fn after_a_new_password() {
    let strict = Strict::start().await;
    strict.set_password(false).await;
    let asked = strict.sign_in().await;
    assert_eq!(asked.get("/ChallengeName"), "NEW_PASSWORD_REQUIRED");
    let new = json!({ "NEW_PASSWORD": "N3w-Passw0rd" });
    let next = strict.respond("NEW_PASSWORD_REQUIRED", &asked.get("/Session"), new).await;
    assert_snapshot!(next.show(), @r#"
    200 OK
    {
      "ChallengeName": "MFA_SETUP",
      "ChallengeParameters": {
        "MFAS_CAN_SETUP": "[\"SOFTWARE_TOKEN_MFA\",\"EMAIL_OTP\"]",
        "USER_ID_FOR_SRP": "mia"
      },
      "Session": "[sealed]"
    }
    "#);
}

/// A pool that insists on a second factor, with a user who has no address.
async fn strict_pool(server: &TestServer) -> TestPool<'_> {
    let pool = server.pool(json!({ "MfaConfiguration": "ON" })).await;
    pool.user("mia", &[]).await;
    pool
}

async fn set_up_email(pool: &TestPool<'_>, session: &str, address: &str) -> Answer {
    pool.respond("MFA_SETUP", session, json!({ "USERNAME": "mia", "EMAIL": address })).await
}

#[tokio::test]
async fn an_address_is_set_up_by_a_code() {
    let server = TestServer::start().await;
    let pool = strict_pool(&server).await;
    let session = pool.sign_in("mia", PASSWORD).await.get("/Session");
    let asked = set_up_email(&pool, &session, "mia@example.com").await;
    assert_snapshot!(asked.show(), @r#"
    200 OK
    {
      "ChallengeName": "EMAIL_OTP",
      "ChallengeParameters": {
        "CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL",
        "CODE_DELIVERY_DESTINATION": "m***@e***",
        "USER_ID_FOR_SRP": "mia"
      },
      "Session": "[sealed]"
    }
    "#);
    let (code, to) = server.newest_code().await;
    assert_eq!(to, "mia@example.com");
    let responses = json!({ "USERNAME": "mia", "EMAIL_OTP_CODE": code });
    let done = pool.respond("EMAIL_OTP", &asked.get("/Session"), responses).await;
    let token = done.get("/AuthenticationResult/AccessToken");
    let user = server.cognito().get_user(&token).await.json();
    assert_eq!(user["PreferredMfaSetting"], "EMAIL_OTP");
    assert_eq!(pool.attribute("mia", "email").await.as_deref(), Some("mia@example.com"));
    assert_eq!(pool.attribute("mia", "email_verified").await.as_deref(), Some("true"));
    assert_eq!(pool.sign_in("mia", PASSWORD).await.get("/ChallengeName"), "EMAIL_OTP");
}

#[tokio::test]
async fn addresses_that_are_not_set_up() {
    let server = TestServer::start().await;
    let pool = strict_pool(&server).await;
    let mut table = Table::default();
    let session = pool.sign_in("mia", PASSWORD).await.get("/Session");
    table.row("no address", &set_up_email(&pool, &session, "mia").await);
    let asked = set_up_email(&pool, &session, "mia@example.com").await;
    table.row("a second one", &set_up_email(&pool, &session, "eve@example.com").await);
    let wrong = json!({ "USERNAME": "mia", "EMAIL_OTP_CODE": "x" });
    table.row("wrong code", &pool.respond("EMAIL_OTP", &asked.get("/Session"), wrong).await);
    // Who has an address by now is asked for a code that goes there.
    let session = pool.sign_in("mia", PASSWORD).await.get("/Session");
    let own = json!([{ "Name": "email", "Value": "own@example.com" }]);
    let own = json!({ "Username": "mia", "UserAttributes": own });
    pool.admin("AdminUpdateUserAttributes", own).await;
    table.row("too late", &set_up_email(&pool, &session, "eve@example.com").await);
    assert_snapshot!(table, @r#"
    no address: 400 InvalidParameterException "Invalid email address format."
    a second one: 400 NotAuthorizedException "Invalid session for the user, session can only be used once."
    wrong code: 400 CodeMismatchException "Invalid code or auth state for the user."
    too late: 400 NotAuthorizedException "Invalid session for the user."
    "#);
    assert_eq!(pool.attribute("mia", "email").await.as_deref(), Some("own@example.com"));
}
