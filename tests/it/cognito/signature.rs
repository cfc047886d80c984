//! Signatures of administrative operations.

use crate::support::{ACCESS_KEY, OTHER_POOL, POOL, REGION, Signer, Table, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_cognito_api::{Auth, Operation};
use poolkeeper_pool::crypto::secret::Secret;
use serde_json::{Value, json};
use std::time::Duration;

const DESCRIBE: &str = "DescribeUserPool";
const TARGET: &str = "AWSCognitoIdentityProviderService.DescribeUserPool";

/// Of keys that a test makes.
const SECRET: &str = "a key's secret";

fn body() -> Value {
    json!({ "UserPoolId": POOL })
}

/// Makes a key that may call these operations on these pools.
async fn make_key(server: &TestServer, key: &str, operations: &[&str], pools: &[&str]) {
    let texts = |list: &[&str]| list.iter().copied().map(str::to_owned).collect::<Vec<_>>();
    let (secret, operations, pools) = (Secret::from(SECRET), texts(operations), texts(pools));
    server
        .engine
        .put_access_key(&operator(), key.into(), &secret, operations, pools)
        .await
        .unwrap();
}

/// What an operation answers to those who may not call it, with `*` for its name.
async fn refusals(server: &TestServer, operation: &str) -> String {
    let cognito = server.cognito();
    let time = cognito.time();
    let own = Signer::own(&time);
    let signers = [
        ("wrong secret", Signer { secret: "0123456789", ..own }),
        ("key for another pool", Signer { key: "PKELSEWHERE", secret: SECRET, ..own }),
        ("key for other operations", Signer { key: "PKOTHERWISE", secret: SECRET, ..own }),
    ];
    let mut answers = vec![("unsigned", cognito.call(operation, &body()).await)];
    for (case, signer) in signers {
        answers.push((case, cognito.signed_by(&signer, operation, &body()).await));
    }
    let rows = answers.iter().map(|(case, answer)| {
        let row = answer.row(&["x-amzn-errortype"]);
        format!("{case}: {}", row.replace(operation, "*"))
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// One table for every operation that needs a signature, offered by this release or not.
#[tokio::test]
async fn every_operation_refuses_whoever_has_not_signed_with_a_key_for_it() {
    let server = TestServer::start().await;
    make_key(&server, "PKELSEWHERE", &["*"], &[OTHER_POOL]).await;
    // An operation that needs no key.
    make_key(&server, "PKOTHERWISE", &["SignUp"], &["*"]).await;
    let before = server.cognito().admin(DESCRIBE, &body()).await;
    assert_eq!(before.status, 200);
    let expected = refusals(&server, DESCRIBE).await;
    assert_snapshot!(expected, @r#"
    unsigned: 400 Bad Request {"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"} x-amzn-errortype: MissingAuthenticationTokenException
    wrong secret: 400 Bad Request {"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."} x-amzn-errortype: InvalidSignatureException
    key for another pool: 400 Bad Request {"__type":"AccessDeniedException","message":"User: arn:aws:iam::123456789012:user/PKELSEWHERE is not authorized to perform: cognito-idp:*"} x-amzn-errortype: AccessDeniedException
    key for other operations: 400 Bad Request {"__type":"AccessDeniedException","message":"User: arn:aws:iam::123456789012:user/PKOTHERWISE is not authorized to perform: cognito-idp:*"} x-amzn-errortype: AccessDeniedException
    "#);
    for operation in Operation::ALL.iter().filter(|operation| operation.auth() == Auth::SigV4) {
        let told = refusals(&server, operation.name()).await;
        assert_eq!(told, expected, "{operation}");
    }
    let after = server.cognito().admin(DESCRIBE, &body()).await;
    assert_eq!(after.text, before.text);
}

/// All others need one. The names stand here, so that none leaves the table above unnoticed.
#[tokio::test]
async fn operations_that_need_no_signature() {
    let server = TestServer::start().await;
    let mut open = Vec::new();
    for operation in Operation::ALL {
        let answer = server.cognito().call(operation.name(), &json!({})).await;
        if !answer.text.contains("MissingAuthenticationTokenException") {
            open.push(operation.name());
        }
    }
    assert_snapshot!(open.join("\n"), @"
    AssociateSoftwareToken
    ChangePassword
    CompleteWebAuthnRegistration
    ConfirmDevice
    ConfirmForgotPassword
    ConfirmSignUp
    DeleteUser
    DeleteUserAttributes
    DeleteWebAuthnCredential
    ForgetDevice
    ForgotPassword
    GetDevice
    GetTokensFromRefreshToken
    GetUser
    GetUserAttributeVerificationCode
    GetUserAuthFactors
    GlobalSignOut
    InitiateAuth
    ListDevices
    ListUserSessions
    ListWebAuthnCredentials
    ResendConfirmationCode
    RespondToAuthChallenge
    RevokeToken
    RevokeUserSession
    SetUserMFAPreference
    SetUserSettings
    SignUp
    StartWebAuthnRegistration
    UpdateAuthEventFeedback
    UpdateDeviceStatus
    UpdateUserAttributes
    VerifySoftwareToken
    VerifyUserAttribute
    ");
}

#[tokio::test]
async fn signed_otherwise() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let time = cognito.time();
    let own = Signer::own(&time);
    let cases = [
        ("as it should be", own),
        ("unknown key", Signer { key: "PKOTHER", ..own }),
        ("wrong secret", Signer { secret: "0123456789", ..own }),
        ("other region", Signer { region: "us-east-1", ..own }),
        ("other service", Signer { service: "iam", ..own }),
    ];
    let mut table = Table::default();
    for (case, signer) in cases {
        let answer = cognito.signed_by(&signer, DESCRIBE, &body()).await;
        if case == "as it should be" {
            assert_eq!(answer.status, 200);
        } else {
            table.row(case, &answer);
        }
    }
    assert_snapshot!(table, @r#"
    unknown key: 400 UnrecognizedClientException "The security token included in the request is invalid."
    wrong secret: 400 InvalidSignatureException "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    other region: 400 InvalidSignatureException "Credential should be scoped to the region eu-west-1."
    other service: 400 IncompleteSignatureException "Authorization is missing, malformed or not covered by the signature."
    "#);
}

#[tokio::test]
async fn altered_after_signing() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let time = cognito.time();
    let (signed, sent) = (body().to_string(), json!({ "UserPoolId": OTHER_POOL }).to_string());
    let answer = cognito.signed(&Signer::own(&time), DESCRIBE, &signed, &sent).await;
    assert_snapshot!(answer.show(), @r#"
    400 Bad Request
    {
      "__type": "InvalidSignatureException",
      "message": "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    }
    "#);
}

#[tokio::test]
async fn five_minutes_of_skew_are_allowed() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    for (seconds, status) in [(300, 200), (301, 400)] {
        let skew = Duration::from_secs(seconds);
        let now = cognito.time();
        server.clock.advance(skew);
        let later = cognito.time();
        let old = cognito.signed_by(&Signer::own(&now), DESCRIBE, &body()).await;
        server.clock.rewind(skew);
        let early = cognito.signed_by(&Signer::own(&later), DESCRIBE, &body()).await;
        assert_eq!([old.status, early.status].map(|status| status.as_u16()), [status; 2]);
    }
}

#[tokio::test]
async fn too_old() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let time = cognito.time();
    server.clock.advance(Duration::from_secs(301));
    let answer = cognito.signed_by(&Signer::own(&time), DESCRIBE, &body()).await;
    assert_snapshot!(answer.line(), @r#"400 InvalidSignatureException "Signature expired: 20260102T030405Z""#);
}

/// Sends the right signature over these headers, with more headers that it does not cover.
async fn signed_over(
    server: &TestServer,
    covered: &[(&str, &str)],
    more: &[(&str, &str)],
) -> crate::support::Answer {
    let time = server.cognito().time();
    let mut covered = covered.to_vec();
    covered.sort_unstable();
    let authorization = Signer::own(&time).authorization(&covered, body().to_string().as_bytes());
    let mut headers = vec![("authorization", authorization.as_str())];
    headers.extend(covered.iter().filter(|(name, _)| *name != "x-amz-target"));
    headers.extend(more);
    server.cognito().raw(TARGET, &headers, &body().to_string()).await
}

/// Signs for one host and sends another, as a client behind a proxy.
async fn through_a_proxy(server: &TestServer, signed: &str, sent: &[(&str, &str)]) -> String {
    let time = server.cognito().time();
    let covered = [("host", signed), ("x-amz-date", time.as_str()), ("x-amz-target", TARGET)];
    let authorization = Signer::own(&time).authorization(&covered, body().to_string().as_bytes());
    let mut headers = vec![("authorization", authorization.as_str()), covered[1]];
    headers.extend(sent);
    server.observer.heard();
    let answer = server.cognito().raw(TARGET, &headers, &body().to_string()).await;
    format!("{}\n  {}", answer.row(&[]), server.observer.heard().join("\n"))
}

/// The caller is told the same as after any wrong signature.
#[tokio::test]
async fn the_operator_is_told_that_a_proxy_changed_the_host() {
    let server = TestServer::configured(|config| {
        config.public_url = "https://auth.example.com:8443".to_owned();
        config.hosts = vec!["auth.internal".to_owned()];
        config.trusted_proxies =
            poolkeeper_faces::TrustedProxies::new(vec!["192.0.2.1".parse().unwrap()]);
    })
    .await;
    let forwarded =
        [("host", "localhost"), ("x-forwarded-host", "x.example.com"), ("x-forwarded-port", "9")];
    let right = [("host", "auth.example.com:8443")];
    let passed_on = through_a_proxy(&server, "auth.example.com:8443", &right).await;
    assert!(passed_on.starts_with("200 OK ") && !passed_on.contains("detail="), "{passed_on}");
    let mut rows = Vec::new();
    for (signed, sent) in [
        // nginx with `proxy_set_header Host $host`.
        ("auth.example.com:8443", &[("host", "auth.example.com")][..]),
        // nginx without any setting.
        ("auth.example.com:8443", &[("host", "127.0.0.1:8080")]),
        ("auth.internal", &[("host", "auth.example.com")]),
        ("x.example.com:9", &forwarded),
        ("elsewhere.example.com", &[("host", "auth.example.com")]),
    ] {
        rows.push(format!("{signed}: {}", through_a_proxy(&server, signed, sent).await));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    auth.example.com:8443: 400 Bad Request {"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
      answered Cognito DescribeUserPool 400 InvalidSignatureException reason=SignedForOtherHost detail="the request was signed for Host auth.example.com:8443 but arrived with Host auth.example.com" pool=- client=- user=- address=192.0.2.1
    auth.example.com:8443: 400 Bad Request {"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
      answered Cognito DescribeUserPool 400 InvalidSignatureException reason=SignedForOtherHost detail="the request was signed for Host auth.example.com:8443 but arrived with Host 127.0.0.1:8080" pool=- client=- user=- address=192.0.2.1
    auth.internal: 400 Bad Request {"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
      answered Cognito DescribeUserPool 400 InvalidSignatureException reason=SignedForOtherHost detail="the request was signed for Host auth.internal but arrived with Host auth.example.com" pool=- client=- user=- address=192.0.2.1
    x.example.com:9: 400 Bad Request {"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
      answered Cognito DescribeUserPool 400 InvalidSignatureException reason=SignedForOtherHost detail="the request was signed for Host x.example.com:9 but arrived with Host localhost" pool=- client=- user=- address=192.0.2.1
    elsewhere.example.com: 400 Bad Request {"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."}
      answered Cognito DescribeUserPool 400 InvalidSignatureException reason=- pool=- client=- user=- address=192.0.2.1
    "#);
}

#[tokio::test]
async fn headers_that_must_be_covered() {
    let server = TestServer::start().await;
    let time = server.cognito().time();
    let (host, date) = (("host", "localhost:8080"), ("x-amz-date", time.as_str()));
    let target = ("x-amz-target", TARGET);
    let all = [host, date, target];
    assert_eq!(signed_over(&server, &all, &[]).await.status, 200);
    let mut table = Table::default();
    table.row("no host", &signed_over(&server, &[date, target], &[host]).await);
    table.row("no date", &signed_over(&server, &[host, target], &[date]).await);
    table.row("no target", &signed_over(&server, &[host, date], &[]).await);
    table.row("a host that is not there", &signed_over(&server, &[date, target], &[]).await);
    let token = ("x-amz-security-token", "temporary");
    table.row("a session token", &signed_over(&server, &[host, date, target, token], &[]).await);
    table.row("one not covered", &signed_over(&server, &all, &[token]).await);
    let second = [("x-amz-date", "20200101T000000Z")];
    table.row("a second date", &signed_over(&server, &all, &second).await);
    let second = [("x-amz-target", "AWSCognitoIdentityProviderService.ListUsers")];
    table.row("a second target", &signed_over(&server, &all, &second).await);
    assert_snapshot!(table, @r#"
    no host: 400 IncompleteSignatureException "Authorization is missing, malformed or not covered by the signature."
    no date: 400 IncompleteSignatureException "Authorization is missing, malformed or not covered by the signature."
    no target: 400 IncompleteSignatureException "Authorization is missing, malformed or not covered by the signature."
    a host that is not there: 400 IncompleteSignatureException "Authorization is missing, malformed or not covered by the signature."
    a session token: 400 UnrecognizedClientException "The security token included in the request is invalid."
    one not covered: 400 UnrecognizedClientException "The security token included in the request is invalid."
    a second date: 400 IncompleteSignatureException "X-Amz-Date is missing, malformed or not covered by the signature."
    a second target: 400 IncompleteSignatureException "X-Amz-Target is missing, malformed or not covered by the signature."
    "#);
}

#[tokio::test]
async fn surplus_spaces_in_headers_do_not_count() {
    let server = TestServer::start().await;
    let time = server.cognito().time();
    let agent = |value| {
        let (host, target) = (("host", "localhost:8080"), ("x-amz-target", TARGET));
        [host, ("user-agent", value), ("x-amz-date", time.as_str()), target]
    };
    let authorization =
        Signer::own(&time).authorization(&agent("an agent"), body().to_string().as_bytes());
    let mut sent = agent("  an   agent ");
    sent[3] = ("authorization", authorization.as_str());
    let answer = server.cognito().raw(TARGET, &sent, &body().to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn malformed_headers() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let time = cognito.time();
    let scope = format!("{ACCESS_KEY}/{}/{REGION}/cognito-idp/aws4_request", &time[..8]);
    let header = |scope: &str, signature: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature={signature}"
        )
    };
    let zeros = "0".repeat(64);
    let cases = [
        ("empty", String::new()),
        ("bearer", "Bearer x".to_owned()),
        ("algorithm alone", "AWS4-HMAC-SHA256".to_owned()),
        ("short scope", header(ACCESS_KEY, &zeros)),
        ("short signature", header(&scope, "00")),
        ("wrong signature", header(&scope, &zeros)),
    ];
    let mut table = Table::default();
    for (case, authorization) in cases {
        let headers = [
            ("host", "localhost:8080"),
            ("x-amz-date", time.as_str()),
            ("authorization", authorization.as_str()),
        ];
        table.row(case, &cognito.raw(TARGET, &headers, &body().to_string()).await);
    }
    let right = header(&scope, &zeros);
    let undated = [("host", "localhost:8080"), ("authorization", right.as_str())];
    table.row("no date", &cognito.raw(TARGET, &undated, &body().to_string()).await);
    assert_snapshot!(table, @r#"
    empty: 400 IncompleteSignatureException "Authorization is missing, malformed or not covered by the signature."
    bearer: 400 IncompleteSignatureException "Authorization is missing, malformed or not covered by the signature."
    algorithm alone: 400 IncompleteSignatureException "Authorization is missing, malformed or not covered by the signature."
    short scope: 400 IncompleteSignatureException "Authorization is missing, malformed or not covered by the signature."
    short signature: 400 IncompleteSignatureException "Authorization is missing, malformed or not covered by the signature."
    wrong signature: 400 InvalidSignatureException "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    no date: 400 IncompleteSignatureException "X-Amz-Date is missing, malformed or not covered by the signature."
    "#);
}

#[tokio::test]
async fn a_key_may_do_what_it_was_made_for_and_no_more() {
    let server = TestServer::start().await;
    make_key(&server, "PKREADER", &[DESCRIBE], &[POOL]).await;
    let cognito = server.cognito();
    let time = cognito.time();
    let signer = Signer { key: "PKREADER", secret: SECRET, ..Signer::own(&time) };
    assert_eq!(cognito.signed_by(&signer, DESCRIBE, &body()).await.status, 200);
    let mut table = Table::default();
    let other_pool = json!({ "UserPoolId": OTHER_POOL });
    table.row("other pool", &cognito.signed_by(&signer, DESCRIBE, &other_pool).await);
    table.row("no pool", &cognito.signed_by(&signer, DESCRIBE, &json!({})).await);
    table.row("star", &cognito.signed_by(&signer, DESCRIBE, &json!({ "UserPoolId": "*" })).await);
    table.row("other operation", &cognito.signed_by(&signer, "ListUsers", &body()).await);
    let twice = format!(r#"{{"UserPoolId":"{POOL}","UserPoolId":"{OTHER_POOL}"}}"#);
    table.row("two pools", &cognito.signed(&signer, DESCRIBE, &twice, &twice).await);
    assert_snapshot!(table, @r#"
    other pool: 400 AccessDeniedException "User: arn:aws:iam::123456789012:user/PKREADER is not authorized to perform: cognito-idp:DescribeUserPool"
    no pool: 400 AccessDeniedException "User: arn:aws:iam::123456789012:user/PKREADER is not authorized to perform: cognito-idp:DescribeUserPool"
    star: 400 AccessDeniedException "User: arn:aws:iam::123456789012:user/PKREADER is not authorized to perform: cognito-idp:DescribeUserPool"
    other operation: 400 AccessDeniedException "User: arn:aws:iam::123456789012:user/PKREADER is not authorized to perform: cognito-idp:ListUsers"
    two pools: 400 AccessDeniedException "User: arn:aws:iam::123456789012:user/PKREADER is not authorized to perform: cognito-idp:DescribeUserPool"
    "#);
}

#[tokio::test]
async fn a_key_for_one_pool_makes_no_pools() {
    let server = TestServer::start().await;
    make_key(&server, "PKMAKER", &["*"], &[POOL]).await;
    let cognito = server.cognito();
    let time = cognito.time();
    let signer = Signer { key: "PKMAKER", secret: SECRET, ..Signer::own(&time) };
    let pool = json!({ "PoolName": "mine", "UserPoolId": POOL });
    let mut table = Table::default();
    table.row(
        "as usual",
        &cognito.signed_by(&signer, "CreateUserPool", &json!({ "PoolName": "a" })).await,
    );
    let answer = cognito.signed_by(&signer, "CreateUserPool", &pool).await;
    table.row("with a pool that the operation does not know", &answer);
    assert_snapshot!(table, @r#"
    as usual: 400 AccessDeniedException "User: arn:aws:iam::123456789012:user/PKMAKER is not authorized to perform: cognito-idp:CreateUserPool"
    with a pool that the operation does not know: 400 AccessDeniedException "User: arn:aws:iam::123456789012:user/PKMAKER is not authorized to perform: cognito-idp:CreateUserPool"
    "#);
}
