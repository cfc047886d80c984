use super::*;
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::Tenant as Record;

const BOSS: &str = "boss@example.com";
const ADMINS: &str = "acme-admins";
const RESULT: &str = "/cognitoToken/AuthenticationResult";

pub(super) struct Tenant;

#[async_trait]
impl Face for Tenant {
    fn endpoints(&self) -> &'static [&'static str] {
        &[
            "POST /Login",
            "POST /Login up to a challenge",
            "POST /Login of one who may not come in",
            "POST /RespondToChallenge with a code",
            "POST /RespondToChallenge with a new password",
            "POST /RespondToChallenge with a new password up to a second factor",
            "POST /RefreshToken",
            "POST /Credentials",
            "POST /Credentials/Create",
            "POST /Credentials/Create where its groups are missing",
            "POST /Credentials/Delete",
        ]
    }

    /// A server with an administrator of a tenant.
    async fn server(&self) -> TestServer {
        let server = server(None, |_| ()).await;
        let acme = server.engine.tenant(TENANT).await.unwrap().unwrap();
        let edit = |tenant| Record { admin_group: Some(ADMINS.into()), ..tenant };
        server.engine.update_tenant(&operator(), &acme.id, edit).await.unwrap();
        server.make_group(SERVICE_GROUP).await;
        server.make_group("read-activity-logs").await;
        server.user(BOSS, &[TENANT_GROUP, ADMINS]).await;
        server
    }

    async fn administrator(&self, server: &TestServer) -> String {
        login(BOSS).send(server).await.get(&format!("{RESULT}/AccessToken"))
    }

    async fn prepare(&self, stage: &Stage, endpoint: &str, user: &str) -> Sending {
        if endpoint.contains("/Credentials") {
            credential(stage, endpoint, user).await
        } else {
            signing_in(&stage.server, endpoint, user).await
        }
    }
}

fn login(user: &str) -> Sending {
    let body = json!({ "UserName": user, "TenantName": TENANT, "Password": PASSWORD });
    Sending::new("POST /Login", user, body)
}

async fn signing_in(server: &TestServer, endpoint: &str, user: &str) -> Sending {
    let (path, case) = (line(endpoint), endpoint.splitn(3, ' ').nth(2));
    match case {
        None => {
            server.user(user, &[TENANT_GROUP]).await;
        }
        Some("of one who may not come in") => {
            server.user(user, &["tenant-globex"]).await;
        }
        Some("up to a challenge" | "with a code") => {
            server.totp_user(user, &[TENANT_GROUP]).await;
        }
        Some(case) => {
            let new = server.new_user(user, &[TENANT_GROUP]).await;
            if case.ends_with("factor") {
                with_app(server, &new).await;
            }
        }
    }
    match path.as_str() {
        "POST /Login" => login(user),
        "POST /RefreshToken" => {
            let token = login(user).send(server).await.get(&format!("{RESULT}/RefreshToken"));
            let body = json!({ "TenantName": TENANT, "RefreshToken": token });
            Sending::new(path, user, body)
        }
        _ => {
            let asked = login(user).send(server).await;
            let challenge = asked.get("/cognitoToken/ChallengeName");
            let is_code = challenge == "SOFTWARE_TOKEN_MFA";
            let body = json!({
                "TenantName": TENANT,
                "ChallengeName": challenge,
                "Session": asked.get("/cognitoToken/Session"),
                "Answer": if is_code { CODE } else { FRESH },
            });
            Sending::new(path, user, body).with_app(TOTP_KEY)
        }
    }
}

async fn credential(Stage { server, boss }: &Stage, endpoint: &str, user: &str) -> Sending {
    let sending = Sending::new(line(endpoint), user, Value::Null).with_token(boss.clone());
    let create = Sending {
        line: "POST /Credentials/Create".to_owned(),
        body: json!({ "Name": "Turnstile", "Grants": ["read-activity-logs"] }),
        ..sending.clone()
    };
    match endpoint {
        "POST /Credentials/Create" => create,
        "POST /Credentials/Create where its groups are missing" => {
            let (pool, group) = (server.main_pool(), SERVICE_GROUP.into());
            server.engine.delete_group(&operator(), &pool, &group).await.unwrap();
            create
        }
        "POST /Credentials/Delete" => {
            let id = create.send(server).await.get("/data/ClientID");
            Sending { body: json!({ "ClientID": id }), ..sending }
        }
        _ => {
            if user.starts_with("u0") {
                assert_eq!(create.send(server).await.status, 200);
            }
            Sending { body: json!({}), ..sending }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tenant_api() {
    assert_snapshot!(table(Tenant).await, @r#"
    throttled | cut | 500 | answer lost
    POST /Login 200
      AdminInitiateAuth | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      GetUser | 200 | 200 | 200
    POST /Login up to a challenge 200
      AdminInitiateAuth | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    POST /Login of one who may not come in 401
      AdminInitiateAuth | 429 → 401 | 503 → 401 | 503 → 401 | 503 → 401
      GetUser | 401 | 401 | 401
      RevokeToken | 401 | 401 | 401 | 401
    POST /RespondToChallenge with a code 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      GetUser | 200 | 200 | 200
    POST /RespondToChallenge with a new password 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      GetUser | 200 | 200 | 200
    POST /RespondToChallenge with a new password up to a second factor 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminRespondToAuthChallenge | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 401
      AdminGetUser | 200 | 200 | 200
      AdminListGroupsForUser | 200 | 200 | 200
    POST /RefreshToken 200
      GetTokensFromRefreshToken | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      GetUser | 200 | 200 | 200
    POST /Credentials 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
    POST /Credentials/Create 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminCreateUser | 429 → 200 | 503 [RemoveUser] → 200 | 503 [RemoveUser] → 200 | 503 [RemoveUser] → 200
      AdminAddUserToGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminAddUserToGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminAddUserToGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminSetUserPassword | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminUserGlobalSignOut | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
      AdminListDevices | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
    POST /Credentials/Create where its groups are missing 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminCreateUser | 429 → 200 | 503 [RemoveUser] → 200 | 503 [RemoveUser] → 200 | 503 [RemoveUser] → 200
      AdminAddUserToGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminAddUserToGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminAddUserToGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      CreateGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminAddUserToGroup | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminSetUserPassword | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 200
      AdminUserGlobalSignOut | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
      AdminListDevices | 200 [EndEverything] | 200 [EndEverything] | 200 [EndEverything]
    POST /Credentials/Delete 200
      GetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminGetUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminListGroupsForUser | 429 → 200 | 503 → 200 | 503 → 200
      AdminDeleteUser | 429 → 200 | 503 → 200 | 503 → 200 | 503 → 404

    429 Too Many Requests {"error":"TooManyRequests","message":"Too many requests"} retry-after: 1
    503 Service Unavailable {"error":"ServiceUnavailable","message":"Service unavailable"} retry-after: 1
    "#);
}
