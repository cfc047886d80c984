//! The same where "Amazon" makes up a device for every sign-in.

use super::*;
use insta::assert_snapshot;
use poolkeeper_pool::entity::{AuthFlow, DeviceRules};

struct Devices {
    on_prompt: bool,
}

#[async_trait]
impl Face for Devices {
    fn endpoints(&self) -> &'static [&'static str] {
        if self.on_prompt {
            return &["PUT /auth/challenge/mfa-token to be remembered"];
        }
        &[
            "POST /auth",
            "POST /auth on a remembered device",
            "PUT /auth/challenge/mfa-token",
            "PUT /auth/challenge/mfa-token to be remembered",
            "POST /auth/refresh_token",
            "POST /auth/forgot_password/confirm",
            "POST /api/auth/login",
            "POST /api/auth/change-password",
            "POST /Login",
        ]
    }

    async fn server(&self) -> TestServer {
        server(Some(Flow::User), |config| {
            let pool = &mut config.pools[0];
            pool.rules.devices = Some(DeviceRules {
                challenge_required_on_new_device: true,
                device_only_remembered_on_user_prompt: self.on_prompt,
            });
            for client in &mut pool.clients {
                client.flows.push(AuthFlow::UserPassword);
            }
        })
        .await
    }

    /// A device that cannot be confirmed is told by a sign-in without a refresh token, and one that
    /// cannot take the place of others by one without its keys.
    fn may_end_otherwise(&self, operation: &str) -> bool {
        ["ConfirmDevice", "UpdateDeviceStatus", "AdminListDevices", "AdminForgetDevice"]
            .contains(&operation)
    }

    async fn prepare(&self, Stage { server, .. }: &Stage, endpoint: &str, user: &str) -> Sending {
        let password = json!({ "username": user, "password": PASSWORD });
        let sign_in = Sending::new("POST /auth", user, password.clone());
        let has_app = endpoint.contains("mfa-token") || endpoint.contains("remembered");
        if has_app {
            server.totp_user(user, &[]).await;
        } else {
            server.user(user, &[TENANT_GROUP]).await;
        }
        let path = line(endpoint);
        match path.as_str() {
            "POST /Login" => {
                let body = json!({ "UserName": user, "TenantName": TENANT, "Password": PASSWORD });
                Sending::new(path, user, body)
            }
            "POST /api/auth/login" => Sending::new(path, user, password),
            "POST /api/auth/change-password" => {
                let login = Sending::new("POST /api/auth/login", user, password);
                let token = login.send(server).await.get("/access_token");
                let body = json!({ "current_password": PASSWORD, "new_password": FRESH });
                Sending::new(path, user, body).with_sign_in(token.clone()).with_token(token)
            }
            "POST /auth/refresh_token" => {
                let token = sign_in.send(server).await.get("/RefreshToken");
                Sending::new(path, user, json!({ "token": token }))
            }
            "POST /auth/forgot_password/confirm" => {
                let token = sign_in.send(server).await.get("/AccessToken");
                let code = reset_code(server, PARTNER_CLIENT, user).await;
                let body = json!({ "username": user, "conf_code": code, "password": FRESH });
                Sending::new(path, user, body).with_sign_in(token)
            }
            "PUT /auth/challenge/mfa-token" if endpoint.ends_with("remembered") => {
                // Another device, which the new one replaces.
                remembered(server, &sign_in).await;
                code(server, &sign_in, true).await
            }
            "PUT /auth/challenge/mfa-token" => code(server, &sign_in, false).await,
            _ if has_app => {
                let mut sign_in = sign_in;
                let [key, group_key] = remembered(server, &sign_in).await;
                sign_in.body["device_key"] = key.into();
                sign_in.body["device_group_key"] = group_key.into();
                sign_in
            }
            _ => sign_in,
        }
    }
}

/// The answer to the challenge of a sign-in.
async fn code(server: &TestServer, sign_in: &Sending, remember: bool) -> Sending {
    let body = json!({
        "username": sign_in.about,
        "session": sign_in.send(server).await.get("/Session"),
        "challenge": "SOFTWARE_TOKEN_MFA",
        "mfa_token": CODE,
        "remember_device": remember,
    });
    Sending::new("PUT /auth/challenge/mfa-token", &sign_in.about, body).with_app(TOTP_KEY)
}

/// The keys of a device that is remembered from now on.
async fn remembered(server: &TestServer, sign_in: &Sending) -> [String; 2] {
    let answer = code(server, sign_in, true).await.send(server).await;
    // The next code.
    server.clock.advance(Duration::from_secs(30));
    ["/DeviceKey", "/DeviceGroupKey"].map(|name| answer.get(name))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_tracked_devices() {
    assert_snapshot!(table(Devices { on_prompt: false }).await, @r#"
    throttled | cut | 500 | answer lost
    POST /auth 200
      InitiateAuth | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      GetUser | 200 | 200 | 200
      ConfirmDevice | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200 ≠
    POST /auth on a remembered device 200
      InitiateAuth | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      RespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      RespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
    PUT /auth/challenge/mfa-token 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      RespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401 ≠
      GetUser | 200 | 200 | 200
      ConfirmDevice | 200 ≠ | 200 ≠ | 200 ≠ | 200
    PUT /auth/challenge/mfa-token to be remembered 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      RespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      GetUser | 200 | 200 | 200
      ConfirmDevice | 200 | 200 | 200 | 200 ≠
      AdminListDevices | 200 ≠ | 200 ≠ | 200 ≠
      AdminForgetDevice | 200 ≠ | 200 ≠ | 200 ≠ | 200
    POST /auth/refresh_token 200
      GetTokensFromRefreshToken | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      GetUser | 200 | 200 | 200
    POST /auth/forgot_password/confirm 204
      ConfirmForgotPassword | 429 → 204 | 503 → 204 | 503 → 204 | 503 → 400
      AdminUserGlobalSignOut | 204 [EndEverything] | 204 [EndEverything] | 204 [EndEverything] | 204 [EndEverything]
      AdminListDevices | 204 [EndEverything] | 204 [EndEverything] | 204 [EndEverything]
    POST /api/auth/login 200
      InitiateAuth | 500 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      GetUser | 200 | 200 | 200
      ConfirmDevice | 500 → 200 | 503 → 200 | 503 → 200 | 503 → 200 ≠
    POST /api/auth/change-password 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      ChangePassword | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401 ≠
      AdminListDevices | 200 [ForgetDevices] | 200 [ForgetDevices] | 200 [ForgetDevices]
      AdminForgetDevice | 200 [ForgetDevices] | 200 [ForgetDevices] | 200 [ForgetDevices] | 200 [ForgetDevices]
    POST /Login 200
      InitiateAuth | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      GetUser | 200 | 200 | 200
      ConfirmDevice | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200 ≠

    429 Too Many Requests {"detail":"Too many requests. Please try again later"} retry-after: 1
    429 Too Many Requests {"error":"TooManyRequests","message":"Too many requests"} retry-after: 1
    429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 1
    500 Internal Server Error {"detail":"Authentication error: TooManyRequestsException"} retry-after: 1
    503 Service Unavailable {"detail":"Login failed: Service unavailable"} retry-after: 1
    503 Service Unavailable {"detail":"Password change failed: Service unavailable"} retry-after: 1
    503 Service Unavailable {"detail":"Service unavailable"} retry-after: 1
    503 Service Unavailable {"error":"ServiceUnavailable","message":"Service unavailable"} retry-after: 1
    503 Service Unavailable {"error_code":"UPSTREAM_UNAVAILABLE","message":"error.upstream_unavailable"} retry-after: 1
    "#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_tracked_devices_that_wait_for_a_word() {
    assert_snapshot!(table(Devices { on_prompt: true }).await, @r#"
    throttled | cut | 500 | answer lost
    PUT /auth/challenge/mfa-token to be remembered 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      RespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      GetUser | 200 | 200 | 200
      ConfirmDevice | 200 | 200 | 200 | 200 ≠
      UpdateDeviceStatus | 200 ≠ | 200 ≠ | 200 ≠ | 200 ≠
      AdminListDevices | 200 ≠ | 200 ≠ | 200 ≠
      AdminForgetDevice | 200 ≠ | 200 ≠ | 200 ≠ | 200

    429 Too Many Requests {"error_code":"RATE_LIMITED","message":"error.rate_limited"} retry-after: 1
    503 Service Unavailable {"error_code":"UPSTREAM_UNAVAILABLE","message":"error.upstream_unavailable"} retry-after: 1
    "#);
}
