use super::*;
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::Grant;

const ACME: &str = "partner-id-acme";
const BOSS: &str = "boss@example.com";
const ACCESS: [&str; 2] = ["webapp-access-group-1", "webapp-access-group-2"];

pub(super) struct Partner;

#[async_trait]
impl Face for Partner {
    fn endpoints(&self) -> &'static [&'static str] {
        &[
            "POST /auth",
            "POST /auth up to a challenge",
            "POST /auth of one who may not come in",
            "POST /auth of one with two factors",
            "PUT /auth/challenge/mfa-token",
            "PUT /auth/challenge/new-password",
            "PUT /auth/challenge/new-password up to a second factor",
            "POST /auth/refresh_token",
            "POST /auth/forgot_password/confirm",
            "GET /partners",
            "GET /permissions",
            "GET /features",
            "GET /auth/mfa/settings",
            "PUT /auth/mfa/settings on",
            "PUT /auth/mfa/settings off",
            "GET /auth/mfa/configure/totp",
            "PUT /auth/mfa/configure/totp",
            "GET /auth/partners/users",
            "POST /auth/partners/users",
            "POST /auth/partners/users whose code cannot be sent",
            "PUT /auth/partners/users/{email}/disable",
            "PUT /auth/partners/users/{email}/enable",
            "PUT /auth/partners/users/{email}/groups",
        ]
    }

    /// A server with an administrator of a partner's users.
    async fn server(&self) -> TestServer {
        let server = server(None, |_| ()).await;
        server.user(BOSS, &[ACME]).await;
        let boss = server.found(BOSS).await;
        for group in ["user-admins"].iter().chain(&ACCESS) {
            server.make_group(group).await;
            let (pool, permission) = (server.main_pool(), Grant::MANAGE_USERS.to_owned());
            let grant = Grant { pool, group: (*group).into(), partner: None, permission };
            server.engine.grant(&operator(), grant).await.unwrap();
        }
        server.join(&boss, "user-admins").await;
        server
    }

    async fn administrator(&self, server: &TestServer) -> String {
        token(server, PARTNER_CLIENT, BOSS).await
    }

    async fn prepare(&self, stage: &Stage, endpoint: &str, user: &str) -> Sending {
        let server = &stage.server;
        match endpoint.split_once(' ').unwrap().1 {
            path if path.starts_with("/auth/challenge") || path.starts_with("/auth ") => {
                challenged(server, endpoint, user).await
            }
            path if path.starts_with("/auth/partners") => managed(stage, endpoint, user).await,
            _ => own(server, endpoint, user).await,
        }
    }

    fn standing(&self, endpoint: &str) -> Option<CallFault> {
        let how = How::Refused("CodeDeliveryFailureException");
        let call = CallFault { operation: "SignUp", number: 1, how };
        endpoint.ends_with("cannot be sent").then_some(call)
    }
}

/// Sign-ins of which something is asked.
async fn challenged(server: &TestServer, endpoint: &str, user: &str) -> Sending {
    let password = json!({ "username": user, "password": PASSWORD });
    let sign_in = Sending::new("POST /auth", user, password);
    match endpoint {
        "POST /auth up to a challenge" => {
            server.totp_user(user, &[]).await;
            return sign_in;
        }
        "POST /auth of one who may not come in" => {
            server.user(user, &["account-disabled"]).await;
            return sign_in;
        }
        "POST /auth of one with two factors" => {
            with_two_factors(server, user).await;
            return sign_in;
        }
        "PUT /auth/challenge/mfa-token" => {
            server.totp_user(user, &[]).await;
        }
        "PUT /auth/challenge/new-password" => {
            server.new_user(user, &[]).await;
        }
        "PUT /auth/challenge/new-password up to a second factor" => {
            let new = server.new_user(user, &[]).await;
            with_app(server, &new).await;
        }
        _ => panic!("{endpoint}"),
    }
    let session = sign_in.send(server).await.get("/Session");
    let body = json!({
        "username": user,
        "session": session,
        "challenge": "SOFTWARE_TOKEN_MFA",
        "mfa_token": CODE,
        "new_password": FRESH,
    });
    Sending::new(line(endpoint), user, body).with_app(TOTP_KEY)
}

/// What users do for themselves.
async fn own(server: &TestServer, endpoint: &str, user: &str) -> Sending {
    let found = server.user(user, &[ACME]).await;
    if endpoint == "POST /auth" {
        return Sending::new(endpoint, user, json!({ "username": user, "password": PASSWORD }));
    }
    let token = token(server, PARTNER_CLIENT, user).await;
    let sending = Sending::new(line(endpoint), user, Value::Null).with_sign_in(token.clone());
    match endpoint {
        "POST /auth/refresh_token" => {
            let body = json!({ "username": user, "password": PASSWORD });
            let signed_in = server.json("POST", "/auth", &body).await;
            Sending { body: json!({ "token": signed_in.get("/RefreshToken") }), ..sending }
        }
        "POST /auth/forgot_password/confirm" => {
            let code = reset_code(server, PARTNER_CLIENT, user).await;
            let body = json!({ "username": user, "conf_code": code, "password": FRESH });
            Sending { body, ..sending }
        }
        "PUT /auth/mfa/settings on" => {
            Sending { body: json!({ "enabled": true }), ..sending }.with_token(token)
        }
        "PUT /auth/mfa/settings off" => {
            with_app(server, &found).await;
            Sending { body: json!({ "enabled": false }), ..sending }.with_token(token)
        }
        "PUT /auth/mfa/configure/totp" => {
            let asked = json!({ "AccessToken": token });
            let key = server.cognito().call("AssociateSoftwareToken", &asked).await;
            let sending = Sending { body: json!({ "mfa_token": CODE }), ..sending };
            sending.with_token(token).with_app(&key.get("/SecretCode"))
        }
        _ => sending.with_token(token),
    }
}

/// What a partner's administrator does with users.
async fn managed(Stage { server, boss }: &Stage, endpoint: &str, user: &str) -> Sending {
    let line = line(endpoint).replace("{email}", user);
    let sending = Sending::new(line.as_str(), user, Value::Null).with_token(boss.clone());
    if endpoint.starts_with("POST /auth/partners/users") {
        let body = json!({ "email": user, "password": PASSWORD, "groups": ACCESS });
        return Sending { body, ..sending };
    }
    server.user(user, &[ACME, ACCESS[0]]).await;
    if endpoint.ends_with("/disable") {
        return sending.with_sign_in(token(server, PARTNER_CLIENT, user).await);
    }
    if endpoint.ends_with("/enable") {
        let line = line.replace("enable", "disable");
        let disabled = Sending { line, ..sending.clone() }.send(server).await;
        assert_eq!(disabled.status, 204, "{}", disabled.text);
    }
    if endpoint.ends_with("/groups") {
        return Sending { body: json!({ "groups": [ACCESS[1]] }), ..sending };
    }
    sending
}

#[expect(clippy::too_many_lines, reason = "one table, read as one")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_partner_api() {
    assert_snapshot!(table(Partner).await, @r#"
    throttled | cut | 500 | answer lost
    POST /auth 200
      AdminInitiateAuth | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      GetUser | 200 | 200 | 200
    POST /auth up to a challenge 200
      AdminInitiateAuth | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    POST /auth of one who may not come in 401
      AdminInitiateAuth | 429 → 401 | 503 → 401 | 503 → 401 | 503 → 401
      GetUser | 401 | 401 | 401
      RevokeToken | 401 | 401 | 401 | 401
    POST /auth of one with two factors 200
      AdminInitiateAuth | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
    PUT /auth/challenge/mfa-token 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      GetUser | 200 | 200 | 200
    PUT /auth/challenge/new-password 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      GetUser | 200 | 200 | 200
    PUT /auth/challenge/new-password up to a second factor 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      AdminGetUser | 200 | 200 | 200
      AdminListGroupsForUser | 200 | 200 | 200
    POST /auth/refresh_token 200
      GetTokensFromRefreshToken | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      GetUser | 200 | 200 | 200
    POST /auth/forgot_password/confirm 204
      ConfirmForgotPassword | 429 → 204 | 503 → 204 | 503 → 204 | 503 → 400
      AdminUserGlobalSignOut | 204 [EndEverything] | 204 [EndEverything] | 204 [EndEverything] | 204 [EndEverything]
      AdminListDevices | 204 [EndEverything] | 204 [EndEverything] | 204 [EndEverything]
    GET /partners 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    GET /permissions 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    GET /features 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    GET /auth/mfa/settings 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    PUT /auth/mfa/settings on 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      SetUserMFAPreference | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      SetUserMFAPreference | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    PUT /auth/mfa/settings off 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      SetUserMFAPreference | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    GET /auth/mfa/configure/totp 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AssociateSoftwareToken | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
    PUT /auth/mfa/configure/totp 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      VerifySoftwareToken | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 409 ≠
      SetUserMFAPreference | 200 [PreferApp] | 200 [PreferApp] | 200 [PreferApp] | 200 [PreferApp]
      AdminGetUser | 200 | 200 | 200
      AdminListGroupsForUser | 200 | 200 | 200
    GET /auth/partners/users 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      ListUsersInGroup | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    POST /auth/partners/users 201
      GetUser | 429 → 201 | 503 → 201 | 503 → 201
      AdminListGroupsForUser | 429 → 201 | 503 → 201 | 503 → 201
      SignUp | 429 → 201 | 503 → 201 | 503 → 201 | 503 → 409 ≠
      AdminAddUserToGroup | 201 [JoinGroup(GroupName("partner-id-acme"))] | 201 [JoinGroup(GroupName("partner-id-acme"))] | 201 [JoinGroup(GroupName("partner-id-acme"))] | 201 [JoinGroup(GroupName("partner-id-acme"))]
      AdminAddUserToGroup | 201 [JoinGroup(GroupName("webapp-access-group-1"))] | 201 [JoinGroup(GroupName("webapp-access-group-1"))] | 201 [JoinGroup(GroupName("webapp-access-group-1"))] | 201 [JoinGroup(GroupName("webapp-access-group-1"))]
      AdminAddUserToGroup | 201 [JoinGroup(GroupName("webapp-access-group-2"))] | 201 [JoinGroup(GroupName("webapp-access-group-2"))] | 201 [JoinGroup(GroupName("webapp-access-group-2"))] | 201 [JoinGroup(GroupName("webapp-access-group-2"))]
    POST /auth/partners/users whose code cannot be sent 201
      GetUser | 429 → 201 | 503 → 201 | 503 → 201
      AdminListGroupsForUser | 429 → 201 | 503 → 201 | 503 → 201
      SignUp | 429 → 201 | 503 → 201 | 503 → 201 | 503 → 409 ≠
      AdminGetUser | 429 → 201 | 503 → 201 | 503 → 201
      AdminAddUserToGroup | 201 [JoinGroup(GroupName("partner-id-acme"))] | 201 [JoinGroup(GroupName("partner-id-acme"))] | 201 [JoinGroup(GroupName("partner-id-acme"))] | 201 [JoinGroup(GroupName("partner-id-acme"))]
      AdminAddUserToGroup | 201 [JoinGroup(GroupName("webapp-access-group-1"))] | 201 [JoinGroup(GroupName("webapp-access-group-1"))] | 201 [JoinGroup(GroupName("webapp-access-group-1"))] | 201 [JoinGroup(GroupName("webapp-access-group-1"))]
      AdminAddUserToGroup | 201 [JoinGroup(GroupName("webapp-access-group-2"))] | 201 [JoinGroup(GroupName("webapp-access-group-2"))] | 201 [JoinGroup(GroupName("webapp-access-group-2"))] | 201 [JoinGroup(GroupName("webapp-access-group-2"))]
    PUT /auth/partners/users/{email}/disable 204
      GetUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminListGroupsForUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminGetUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminListGroupsForUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminListGroupsForUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminAddUserToGroup | 429 → 204 | 503 → 204 | 503 → 204 | 503 → 204
      AdminUserGlobalSignOut | 429 → 204 | 503 → 204 | 503 → 204 | 503 → 204
    PUT /auth/partners/users/{email}/enable 204
      GetUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminListGroupsForUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminGetUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminListGroupsForUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminGetUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminListGroupsForUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminRemoveUserFromGroup | 429 → 204 | 503 → 204 | 503 → 204 | 503 → 204
    PUT /auth/partners/users/{email}/groups 204
      GetUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminListGroupsForUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminGetUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminListGroupsForUser | 429 → 204 | 503 → 204 | 503 → 204
      AdminAddUserToGroup | 429 → 204 | 503 → 204 | 503 → 204 | 503 → 204
      AdminRemoveUserFromGroup | 429 → 204 | 503 → 204 | 503 → 204 | 503 → 204

    429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 1
    503 Service Unavailable {"error_code":"UPSTREAM_UNAVAILABLE","message":"error.upstream_unavailable"} retry-after: 1
    "#);
}
