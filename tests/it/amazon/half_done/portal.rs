use super::*;
use insta::assert_snapshot;

const BOSS: &str = "boss@example.com";

pub(super) struct Portal;

#[async_trait]
impl Face for Portal {
    fn endpoints(&self) -> &'static [&'static str] {
        &[
            "POST /api/auth/login",
            "POST /api/auth/login up to a challenge",
            "POST /api/auth/login of one who may not come in",
            "POST /api/auth/complete-mfa",
            "POST /api/auth/complete-password-change",
            "POST /api/auth/complete-password-change up to a second factor",
            "POST /api/auth/refresh-token",
            "POST /api/auth/refresh-token where tokens are replaced",
            "POST /api/auth/refresh",
            "POST /api/auth/reset-password",
            "GET /api/auth/me",
            "POST /api/auth/change-password",
            "GET /api/admin/users",
            "POST /api/admin/users",
            "POST /api/admin/users whose invitation cannot be sent",
            "GET /api/admin/users/{user}",
            "PUT /api/admin/users/{user}",
            "DELETE /api/admin/users/{user}",
            "DELETE /api/admin/users/{user} of an administrator",
            "POST /api/admin/users/{user}/enable",
            "POST /api/admin/users/{user}/disable",
            "POST /api/admin/users/{user}/reset-password to a given one",
            "POST /api/admin/users/{user}/reset-password by a code",
            "POST /api/admin/users/{user}/groups/staff",
            "POST /api/admin/users/{user}/groups/account-disabled",
            "DELETE /api/admin/users/{user}/groups/staff",
            "DELETE /api/admin/users/{user}/groups/admin",
            "GET /api/admin/groups",
            "POST /api/admin/groups",
            "DELETE /api/admin/groups/{user}",
        ]
    }

    /// A server with an administrator.
    async fn server(&self) -> TestServer {
        let server = server(None, |config| {
            config.portal_api.as_mut().unwrap().second_factors = true;
        })
        .await;
        server.user(BOSS, &["admin"]).await;
        server.make_group("staff").await;
        server
    }

    async fn administrator(&self, server: &TestServer) -> String {
        token(server, PORTAL_CLIENT, BOSS).await
    }

    async fn prepare(&self, stage: &Stage, endpoint: &str, user: &str) -> Sending {
        if endpoint.contains("/api/admin") {
            administered(stage, endpoint, user).await
        } else {
            own(&stage.server, endpoint, user).await
        }
    }

    fn standing(&self, endpoint: &str) -> Option<CallFault> {
        let how = How::Refused("CodeDeliveryFailureException");
        let call = CallFault { operation: "AdminCreateUser", number: 1, how };
        endpoint.ends_with("cannot be sent").then_some(call)
    }
}

/// What users do for themselves.
async fn own(server: &TestServer, endpoint: &str, user: &str) -> Sending {
    let sign_in = Sending::new(
        "POST /api/auth/login",
        user,
        json!({ "username": user, "password": PASSWORD }),
    );
    let (path, case) = (line(endpoint), endpoint.splitn(3, ' ').nth(2));
    let needs_session = path.contains("complete-");
    match (path.as_str(), case) {
        ("POST /api/auth/login", Some("of one who may not come in")) => {
            server.user(user, &["account-disabled"]).await;
        }
        ("POST /api/auth/login", Some(_)) | ("POST /api/auth/complete-mfa", _) => {
            server.totp_user(user, &[]).await;
        }
        ("POST /api/auth/complete-password-change", case) => {
            let new = server.new_user(user, &[]).await;
            if case.is_some() {
                with_app(server, &new).await;
            }
        }
        _ => {
            server.user(user, &[]).await;
        }
    }
    if path == "POST /api/auth/login" {
        return sign_in;
    }
    if needs_session {
        let body = json!({
            "username": user,
            "session": sign_in.send(server).await.get("/session"),
            "challenge": "SOFTWARE_TOKEN_MFA",
            "code": CODE,
            "new_password": FRESH,
        });
        return Sending::new(path, user, body).with_app(TOTP_KEY);
    }
    if path.starts_with("POST /api/auth/refresh") {
        if case.is_some() {
            replace_refresh_tokens(server).await;
        }
        let refresh_token = sign_in.send(server).await.get("/refresh_token");
        return Sending::new(path, user, json!({ "refresh_token": refresh_token }));
    }
    let token = token(server, PORTAL_CLIENT, user).await;
    let sending = Sending::new(path.as_str(), user, Value::Null).with_sign_in(token.clone());
    match path.as_str() {
        "POST /api/auth/reset-password" => {
            let code = reset_code(server, PORTAL_CLIENT, user).await;
            let body = json!({ "username": user, "code": code, "new_password": FRESH });
            Sending { body, ..sending }
        }
        "POST /api/auth/change-password" => {
            let body = json!({ "current_password": PASSWORD, "new_password": FRESH });
            Sending { body, ..sending }.with_token(token)
        }
        _ => sending.with_token(token),
    }
}

/// From now on, a refresh token is good once.
async fn replace_refresh_tokens(server: &TestServer) {
    let settings = json!({
        "UserPoolId": POOL,
        "ClientId": PORTAL_CLIENT,
        "ClientName": PORTAL_CLIENT,
        "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": 0 },
    });
    let changed = server.cognito().admin("UpdateUserPoolClient", &settings).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
}

/// What an administrator does.
async fn administered(Stage { server, boss }: &Stage, endpoint: &str, user: &str) -> Sending {
    let line = line(endpoint).replace("{user}", user);
    let sending = Sending::new(line.as_str(), user, Value::Null).with_token(boss.clone());
    match line.as_str() {
        "POST /api/admin/groups" => {
            return Sending { body: json!({ "name": user }), ..sending };
        }
        "POST /api/admin/users" => {
            let body = json!({ "username": user, "email": user, "temporary_password": PASSWORD });
            return Sending { body, ..sending };
        }
        line if line.starts_with("DELETE /api/admin/groups") => {
            server.make_group(user).await;
            return sending;
        }
        _ => {}
    }
    let is_administrator = endpoint.ends_with("administrator") || endpoint.ends_with("/admin");
    let group = if is_administrator { "admin" } else { "staff" };
    let groups: &[&str] = if endpoint.starts_with("POST") { &[] } else { &[group] };
    let found = server.user(user, groups).await;
    if line.ends_with("/enable") {
        server.edit(&found, |user| user.enabled = false).await;
    }
    let ends_sign_ins = line.ends_with("/disable") || line.ends_with("/reset-password");
    let sending = if ends_sign_ins {
        sending.with_sign_in(token(server, PORTAL_CLIENT, user).await)
    } else {
        sending
    };
    match endpoint.splitn(3, ' ').nth(2) {
        Some("to a given one") => {
            Sending { body: json!({ "temporary_password": FRESH }), ..sending }
        }
        Some("by a code") => {
            server.edit(&found, |user| user.attributes.set("email_verified", "true")).await;
            Sending { body: json!({}), ..sending }
        }
        _ if line.starts_with("PUT") => {
            let body = json!({ "attributes": { "name": "Ann" }, "email": format!("new-{user}") });
            Sending { body, about: format!("new-{user}"), ..sending }
        }
        _ => sending,
    }
}

#[expect(clippy::too_many_lines, reason = "one table, read as one")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_portal_api() {
    assert_snapshot!(table(Portal).await, @r#"
    throttled | cut | 500 | answer lost
    POST /api/auth/login 200
      AdminInitiateAuth | 500 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      GetUser | 200 | 200 | 200
    POST /api/auth/login up to a challenge 200
      AdminInitiateAuth | 500 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 500 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 500 → 200 | 503 → 200 | 503 → 200
    POST /api/auth/login of one who may not come in 401
      AdminInitiateAuth | 500 → 401 | 503 → 401 | 503 → 401 | 503 → 401
      GetUser | 401 | 401 | 401
      RevokeToken | 401 | 401 | 401 | 401
    POST /api/auth/complete-mfa 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      GetUser | 200 | 200 | 200
    POST /api/auth/complete-password-change 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      GetUser | 200 | 200 | 200
    POST /api/auth/complete-password-change up to a second factor 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      AdminGetUser | 200 | 200 | 200
      AdminListGroupsForUser | 200 | 200 | 200
    POST /api/auth/refresh-token 200
      GetTokensFromRefreshToken | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      GetUser | 200 | 200 | 200
    POST /api/auth/refresh-token where tokens are replaced 200
      GetTokensFromRefreshToken | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      GetUser | 200 | 200 | 200
    POST /api/auth/refresh 200
      GetTokensFromRefreshToken | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      GetUser | 200 | 200 | 200
    POST /api/auth/reset-password 200
      ConfirmForgotPassword | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 400
      AdminUserGlobalSignOut | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
      AdminListDevices | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
    GET /api/auth/me 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    POST /api/auth/change-password 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      ChangePassword | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      AdminListDevices | 200 [ForgetDevices] | 200 [ForgetDevices] | 200 [ForgetDevices]
    GET /api/admin/users 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      ListUsers | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      DescribeUserPool | 429 → 200 | 503 → 200 | 503 → 200
    POST /api/admin/users 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminCreateUser | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 400
    POST /api/admin/users whose invitation cannot be sent 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminCreateUser | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 400
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
    GET /api/admin/users/{user} 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    PUT /api/admin/users/{user} 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminUpdateUserAttributes | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 404
    DELETE /api/admin/users/{user} 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminDeleteUser | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 404
    DELETE /api/admin/users/{user} of an administrator 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      ListUsersInGroup | 429 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminDeleteUser | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 404
    POST /api/admin/users/{user}/enable 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminEnableUser | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
    POST /api/admin/users/{user}/disable 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminDisableUser | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminUserGlobalSignOut | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
      AdminListDevices | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
    POST /api/admin/users/{user}/reset-password to a given one 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminSetUserPassword | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminUserGlobalSignOut | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
      AdminListDevices | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
    POST /api/admin/users/{user}/reset-password by a code 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminResetUserPassword | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminUserGlobalSignOut | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
      AdminListDevices | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
    POST /api/admin/users/{user}/groups/staff 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminAddUserToGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
    POST /api/admin/users/{user}/groups/account-disabled 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminAddUserToGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
    DELETE /api/admin/users/{user}/groups/staff 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRemoveUserFromGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
    DELETE /api/admin/users/{user}/groups/admin 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      ListUsersInGroup | 429 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRemoveUserFromGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
    GET /api/admin/groups 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      ListGroups | 429 → 200 | 503 → 200 | 503 → 200
    POST /api/admin/groups 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      CreateGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 400
    DELETE /api/admin/groups/{user} 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      DeleteGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 404

    429 Too Many Requests {"detail":"Too many requests. Please try again later","error":"TooManyRequestsException","message":"Too many requests. Please try again later","success":false} retry-after: 1
    429 Too Many Requests {"detail":"Too many requests. Please try again later"} retry-after: 1
    500 Internal Server Error {"detail":"Authentication error: TooManyRequestsException"} retry-after: 1
    503 Service Unavailable {"detail":"Failed to add user to group: Service unavailable","error":"UnknownError","message":"Failed to add user to group: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to create group: Service unavailable","error":"UnknownError","message":"Failed to create group: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to create user: Service unavailable","error":"UnknownError","message":"Failed to create user: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to delete group: Service unavailable","error":"UnknownError","message":"Failed to delete group: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to delete user: Service unavailable","error":"UnknownError","message":"Failed to delete user: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to disable user: Service unavailable","error":"UnknownError","message":"Failed to disable user: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to enable user: Service unavailable","error":"UnknownError","message":"Failed to enable user: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to get user: Service unavailable","error":"UnknownError","message":"Failed to get user: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to list groups: Service unavailable","error":"UnknownError","message":"Failed to list groups: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to list users: Service unavailable","error":"UnknownError","message":"Failed to list users: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to remove user from group: Service unavailable","error":"UnknownError","message":"Failed to remove user from group: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to reset password: Service unavailable","error":"UnknownError","message":"Failed to reset password: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Failed to reset password: Service unavailable"} retry-after: 1
    503 Service Unavailable {"detail":"Failed to update user: Service unavailable","error":"UnknownError","message":"Failed to update user: Service unavailable","success":false} retry-after: 1
    503 Service Unavailable {"detail":"Login failed: Service unavailable"} retry-after: 1
    503 Service Unavailable {"detail":"Password change failed: Service unavailable"} retry-after: 1
    503 Service Unavailable {"detail":"Service unavailable"} retry-after: 1
    503 Service Unavailable {"detail":"Token refresh failed: Service unavailable"} retry-after: 1
    "#);
}
