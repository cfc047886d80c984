//! Machine credentials: who manages them, and what becomes of them.

use super::{
    ADMINS, ALICE, GLOBEX, GLOBEX_GROUP, administered, call, change, configured, leave, login,
    new_machine, refresh, token, with_administrator,
};
use crate::support::{
    Answer, PASSWORD, POOL, PORTAL_CLIENT, SERVICE_GROUP, TENANT, TENANT_GROUP, claims,
    is_asked_for,
};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::backend::administration::{Administration as _, NewServiceAccount, Page};
use poolkeeper_pool::backend::tenancy::Tenancy as _;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{Attributes, Kind, Tenant};
use poolkeeper_pool::ids::GroupName;
use poolkeeper_pool::ports::Store as _;
use serde_json::{Value, json};

const PATHS: [&str; 3] = ["/Credentials", "/Credentials/Create", "/Credentials/Delete"];
const LIST: &str = PATHS[0];
const CREATE: &str = PATHS[1];
const DELETE: &str = PATHS[2];

/// A body that fits each of the paths.
fn any() -> Value {
    json!({ "Name": "x", "ClientID": "x" })
}

fn ids(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let found = json["data"]["credentials"].as_array().unwrap().iter();
    found.map(|entry| entry["ClientID"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn from_making_one_to_its_end() {
    let (server, token) = with_administrator().await;
    let body = json!({
        "Name": " Turnstile 7 ", "Grants": ["read-transaction-data", "read-activity-logs"],
    });
    let made = call(&server, CREATE, &token, &body).await;
    let (id, secret) = (made.get("/data/ClientID"), made.get("/data/Secret"));
    // Where usernames are addresses, Amazon makes up one of its own.
    assert_eq!((id.len(), secret.len()), (if is_asked_for() { 36 } else { 26 }, 44));
    let told = |answer: &Answer| {
        let created = answer.json().pointer("/data/CreatedOn").map(ToString::to_string);
        let shown = answer.show().replace(&id, "[id]").replace(&secret, "[secret]");
        created.map_or(shown.clone(), |created| shown.replace(&created, "[now]"))
    };
    assert_snapshot!(told(&made), @r#"
    200 OK
    {
      "data": {
        "ClientID": "[id]",
        "CreatedOn": [now],
        "Grants": [
          "read-activity-logs",
          "read-transaction-data"
        ],
        "Name": "Turnstile 7",
        "Secret": "[secret]"
      },
      "message": "Success"
    }
    "#);

    let signed_in = login(&server, &id, TENANT, &secret).await;
    let get = |name: &str| signed_in.get(&format!("/cognitoToken/AuthenticationResult/{name}"));
    let (access, refresh_token) = (get("AccessToken"), get("RefreshToken"));
    let claims = claims(&get("IdToken"));
    let mut groups = vec!["read-activity-logs", "read-transaction-data", TENANT_GROUP];
    groups.extend(is_asked_for().then_some(SERVICE_GROUP));
    groups.sort_unstable();
    assert_eq!(claims["cognito:groups"], json!(groups));
    assert_eq!(claims["name"], "Turnstile 7");

    let list = call(&server, LIST, &token, &json!({})).await;
    let created = list.json()["data"]["credentials"][0]["CreatedOn"].to_string();
    assert_snapshot!(told(&list).replace(&created, "[now]"), @r#"
    200 OK
    {
      "data": {
        "NextPageToken": null,
        "credentials": [
          {
            "ClientID": "[id]",
            "CreatedOn": [now],
            "Grants": [
              "read-activity-logs",
              "read-transaction-data"
            ],
            "Name": "Turnstile 7"
          }
        ]
      },
      "message": "Success"
    }
    "#);

    let gone = call(&server, DELETE, &token, &json!({ "ClientID": id })).await;
    assert_snapshot!(told(&gone), @r#"
    200 OK
    {
      "data": {},
      "message": "Success"
    }
    "#);
    // At once: sign-in, refresh, and the access token.
    assert_eq!(login(&server, &id, TENANT, &secret).await.status, 401);
    assert_eq!(refresh(&server, TENANT, &refresh_token).await.status, 401);
    assert_eq!(server.cognito().get_user(&access).await.status, 400);
    assert_eq!(call(&server, LIST, &access, &json!({})).await.status, 401);
    let again = call(&server, DELETE, &token, &json!({ "ClientID": id })).await;
    assert_snapshot!(again.row(&[]), @r#"404 Not Found {"error":"NotFound","message":"There is no such credential"}"#);
    assert_eq!(ids(&call(&server, LIST, &token, &json!({})).await), Vec::<String>::new());
}

#[tokio::test]
async fn the_secret_is_stored_hashed() {
    let (server, token) = with_administrator().await;
    let (id, secret) = new_machine(&server, &token, &[]).await;
    let user = server.found(&id).await;
    assert_eq!(user.kind, Kind::Service);
    assert!(!format!("{user:?}").contains(&secret));
    let stored = user.password.unwrap();
    assert!(!String::from_utf8_lossy(stored.as_bytes()).contains(&secret));
}

#[tokio::test]
async fn pages() {
    let (server, token) = with_administrator().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(new_machine(&server, &token, &[]).await.0);
    }
    let (mut seen, mut next) = (Vec::new(), Value::Null);
    let mut sizes = Vec::new();
    loop {
        let body = json!({ "PageSize": 2, "NextPageToken": next });
        let answer = call(&server, LIST, &token, &body).await;
        sizes.push(ids(&answer).len());
        seen.extend(ids(&answer));
        next = answer.json()["data"]["NextPageToken"].clone();
        if next.is_null() {
            break;
        }
    }
    made.sort();
    seen.sort();
    assert_eq!((seen, sizes), (made, vec![2, 2, 1]));
    let mut rows = Vec::new();
    for body in [
        json!({ "PageSize": 0 }),
        json!({ "PageSize": 51 }),
        json!({ "PageSize": "2" }),
        json!({ "PageSize": 1.5 }),
        json!({ "NextPageToken": "garbage" }),
        json!({ "NextPageToken": 1 }),
    ] {
        rows.push(format!("{body}: {}", call(&server, LIST, &token, &body).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    {"PageSize":0}: 400 Bad Request {"error":"BadRequest","message":"PageSize must be a number from 1 to 50, NextPageToken a text: PageSize is too small"}
    {"PageSize":51}: 400 Bad Request {"error":"BadRequest","message":"PageSize must be a number from 1 to 50, NextPageToken a text: PageSize is larger than 50"}
    {"PageSize":"2"}: 400 Bad Request {"error":"BadRequest","message":"PageSize must be a number from 1 to 50, NextPageToken a text: PageSize has the wrong type"}
    {"PageSize":1.5}: 400 Bad Request {"error":"BadRequest","message":"PageSize must be a number from 1 to 50, NextPageToken a text: PageSize has the wrong type"}
    {"NextPageToken":"garbage"}: 400 Bad Request {"error":"BadRequest","message":"Invalid pagination token."}
    {"NextPageToken":1}: 400 Bad Request {"error":"BadRequest","message":"PageSize must be a number from 1 to 50, NextPageToken a text: NextPageToken has the wrong type"}
    "#);
}

#[tokio::test]
async fn nobody_grants_what_is_not_on_the_list() {
    let (server, token) = with_administrator().await;
    server.join(&server.found(ALICE).await, "admin").await;
    let mut rows = Vec::new();
    for grant in [ADMINS, TENANT_GROUP, GLOBEX_GROUP, "admin", "Read-Activity-Logs", "fd42", ""] {
        let body = json!({ "Name": "x", "Grants": ["read-activity-logs", grant] });
        rows.push(format!("{grant}: {}", call(&server, CREATE, &token, &body).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    acme-admins: 400 Bad Request {"error":"BadRequest","message":"acme-admins is no grant: a grant is a group that tenants may put machine credentials into. Here these are read-activity-logs, read-transaction-data, download-consent-list."}
    tenant-acme: 400 Bad Request {"error":"BadRequest","message":"tenant-acme is no grant: a grant is a group that tenants may put machine credentials into. Here these are read-activity-logs, read-transaction-data, download-consent-list."}
    tenant-globex: 400 Bad Request {"error":"BadRequest","message":"tenant-globex is no grant: a grant is a group that tenants may put machine credentials into. Here these are read-activity-logs, read-transaction-data, download-consent-list."}
    admin: 400 Bad Request {"error":"BadRequest","message":"admin is no grant: a grant is a group that tenants may put machine credentials into. Here these are read-activity-logs, read-transaction-data, download-consent-list."}
    Read-Activity-Logs: 400 Bad Request {"error":"BadRequest","message":"Read-Activity-Logs is no grant: a grant is a group that tenants may put machine credentials into. Here these are read-activity-logs, read-transaction-data, download-consent-list."}
    fd42: 400 Bad Request {"error":"BadRequest","message":"fd42 is no grant: a grant is a group that tenants may put machine credentials into. Here these are read-activity-logs, read-transaction-data, download-consent-list."}
    : 400 Bad Request {"error":"BadRequest","message":"Name is required, of 1 to 128 characters; Grants must be a list of names: Grants has an empty entry"}
    "#);
    assert_eq!(ids(&call(&server, LIST, &token, &json!({})).await), Vec::<String>::new());
    // One that is asked for twice is granted once.
    let twice = json!({ "Name": "x", "Grants": ["read-activity-logs", "read-activity-logs"] });
    let answer = call(&server, CREATE, &token, &twice).await;
    assert_eq!(answer.json()["data"]["Grants"], json!(["read-activity-logs"]));
}

#[tokio::test]
async fn by_default_nothing_is_granted() {
    let server = configured(|api| api.grants = Vec::new()).await;
    let (server, token) = administered(server).await;
    let body = json!({ "Name": "x", "Grants": ["read-activity-logs"] });
    assert_snapshot!(call(&server, CREATE, &token, &body).await.row(&[]), @r#"400 Bad Request {"error":"BadRequest","message":"read-activity-logs is no grant: a grant is a group that tenants may put machine credentials into. There are none here: tenant_api.grants lists them."}"#);
    let body = json!({ "Name": "x", "Grants": [] });
    assert_eq!(call(&server, CREATE, &token, &body).await.status, 200);
}

#[tokio::test]
async fn bodies_that_break_the_rules() {
    let (server, token) = with_administrator().await;
    let mut rows = Vec::new();
    for (path, body) in [
        (CREATE, json!({})),
        (CREATE, json!({ "Name": "  " })),
        (CREATE, json!({ "Name": "x".repeat(129) })),
        (CREATE, json!({ "name": "x" })),
        (CREATE, json!({ "Name": "x", "Grants": "read-activity-logs" })),
        (CREATE, json!({ "Name": "x", "Grants": [1] })),
        (DELETE, json!({})),
        (DELETE, json!({ "ClientID": "" })),
        (LIST, json!([])),
    ] {
        rows.push(format!("{path}: {}", call(&server, path, &token, &body).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    /Credentials/Create: 400 Bad Request {"error":"BadRequest","message":"Name is required, of 1 to 128 characters; Grants must be a list of names: Name is missing"}
    /Credentials/Create: 400 Bad Request {"error":"BadRequest","message":"Name is required, of 1 to 128 characters; Grants must be a list of names: Name is empty"}
    /Credentials/Create: 400 Bad Request {"error":"BadRequest","message":"Name is required, of 1 to 128 characters; Grants must be a list of names: Name is longer than 128 characters"}
    /Credentials/Create: 400 Bad Request {"error":"BadRequest","message":"Name is required, of 1 to 128 characters; Grants must be a list of names: Name is missing"}
    /Credentials/Create: 400 Bad Request {"error":"BadRequest","message":"Name is required, of 1 to 128 characters; Grants must be a list of names: Grants has the wrong type"}
    /Credentials/Create: 400 Bad Request {"error":"BadRequest","message":"Name is required, of 1 to 128 characters; Grants must be a list of names: Grants has the wrong type"}
    /Credentials/Delete: 400 Bad Request {"error":"BadRequest","message":"ClientID is required: ClientID is missing"}
    /Credentials/Delete: 400 Bad Request {"error":"BadRequest","message":"ClientID is required: ClientID is empty"}
    /Credentials: 400 Bad Request {"error":"BadRequest","message":"The request body must be a JSON object: it is another JSON value"}
    "#);
    let unknown = json!({ "Name": "x", "Kind": "admin", "TenantName": GLOBEX });
    assert_eq!(call(&server, CREATE, &token, &unknown).await.status, 200);
}

#[tokio::test]
async fn a_tenant_has_a_hundred_at_most() {
    let (server, token) = with_administrator().await;
    for _ in 0..100 {
        new_machine(&server, &token, &[]).await;
    }
    let answer = call(&server, CREATE, &token, &json!({ "Name": "x" })).await;
    assert_snapshot!(answer.row(&[]), @r#"409 Conflict {"error":"Conflict","message":"The tenant has as many machine credentials as there can be."}"#);
}

/// Who administers a tenant is asked anew at every call.
#[tokio::test]
async fn only_for_people_who_administer_the_tenant_now() {
    let (server, token) = with_administrator().await;
    let (id, secret) = new_machine(&server, &token, &[]).await;
    server.user("bob@example.com", &[TENANT_GROUP]).await;
    let bob = super::token(&server, "bob@example.com", TENANT, "AccessToken").await;
    // Not even a machine that somebody has put into the group.
    let user = server.found(&id).await;
    server.join(&user, ADMINS).await;
    let machine = login(&server, &id, TENANT, &secret).await;
    let machine = machine.get("/cognitoToken/AuthenticationResult/AccessToken");
    let mut rows = Vec::new();
    for path in PATHS {
        for (case, token) in [("a member", &bob), ("a machine", &machine)] {
            let answer = call(&server, path, token, &any()).await;
            rows.push(format!("{path}, {case}: {}", answer.row(&["www-authenticate"])));
        }
    }
    leave(&server, ALICE, ADMINS).await;
    rows.push(format!("no longer: {}", call(&server, LIST, &token, &any()).await.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    /Credentials, a member: 403 Forbidden {"error":"Forbidden","message":"Only administrators of the tenant may do this"}
    /Credentials, a machine: 403 Forbidden {"error":"Forbidden","message":"Only administrators of the tenant may do this"}
    /Credentials/Create, a member: 403 Forbidden {"error":"Forbidden","message":"Only administrators of the tenant may do this"}
    /Credentials/Create, a machine: 403 Forbidden {"error":"Forbidden","message":"Only administrators of the tenant may do this"}
    /Credentials/Delete, a member: 403 Forbidden {"error":"Forbidden","message":"Only administrators of the tenant may do this"}
    /Credentials/Delete, a machine: 403 Forbidden {"error":"Forbidden","message":"Only administrators of the tenant may do this"}
    no longer: 403 Forbidden {"error":"Forbidden","message":"Only administrators of the tenant may do this"}
    "#);
    let alice = server.found(ALICE).await;
    server.join(&alice, ADMINS).await;
    assert_eq!(call(&server, LIST, &token, &any()).await.status, 200);
    change(&server, TENANT, |tenant| Tenant { admin_group: None, ..tenant }).await;
    assert_eq!(call(&server, LIST, &token, &any()).await.status, 403);
}

/// Alice administers both tenants of the pool: each sign-in is good for one.
#[tokio::test]
async fn never_those_of_another_tenant() {
    let (server, acme) = with_administrator().await;
    let alice = server.found(ALICE).await;
    server.join(&alice, GLOBEX_GROUP).await;
    server.join(&alice, "globex-admins").await;
    let globex = token(&server, ALICE, GLOBEX, "AccessToken").await;
    let (id, secret) = new_machine(&server, &acme, &[]).await;
    let unknown = call(&server, DELETE, &globex, &json!({ "ClientID": "nobody" })).await;
    for name in [id.as_str(), &id.to_uppercase(), ALICE, alice.sub.as_str()] {
        let foreign = call(&server, DELETE, &globex, &json!({ "ClientID": name })).await;
        assert_eq!(foreign.row(&[]), unknown.row(&[]), "{name}");
        assert_eq!(foreign.status, 404);
    }
    assert_eq!(ids(&call(&server, LIST, &globex, &json!({})).await), Vec::<String>::new());
    let own = ids(&call(&server, LIST, &acme, &json!({})).await);
    assert_eq!(own, [id.as_str()]);
    // A cursor of one tenant opens nothing at another.
    new_machine(&server, &acme, &[]).await;
    let page = call(&server, LIST, &acme, &json!({ "PageSize": 1 })).await;
    let body = json!({ "NextPageToken": page.get("/data/NextPageToken") });
    assert_eq!(call(&server, LIST, &globex, &body).await.status, 400);
    // And what a machine may do at one tenant it may not at the other.
    assert_eq!(login(&server, &id, GLOBEX, &secret).await.status, 401);
    assert_eq!(login(&server, &id, TENANT, &secret).await.status, 200);
}

/// Whoever else may put users into groups puts no machine into a second tenant: its tokens would
/// name that tenant's group.
#[tokio::test]
async fn a_machine_is_put_into_no_second_tenant() {
    let (server, token) = with_administrator().await;
    let (id, secret) = new_machine(&server, &token, &["read-activity-logs"]).await;
    server.machine("robot@example.com", &[TENANT_GROUP]).await;
    let mut rows = Vec::new();
    for name in [id.as_str(), "robot@example.com"] {
        for group in [GLOBEX_GROUP, "globex-admins", ADMINS, "download-consent-list", "admin"] {
            server.make_group(group).await;
            let body = json!({ "UserPoolId": POOL, "Username": name, "GroupName": group });
            let answer = server.cognito().admin("AdminAddUserToGroup", &body).await;
            let name = if name == id { "a credential" } else { "a service account" };
            rows.push(format!("{name}, {group}: {}", answer.row(&[])));
        }
    }
    let root = server.user("root@example.com", &["admin"]).await;
    let login = json!({ "username": root.attributes.get("email"), "password": PASSWORD });
    let portal = server.json("POST", "/api/auth/login", &login).await.get("/access_token");
    let bearer = format!("Bearer {portal}");
    let line = format!("POST /api/admin/users/{id}/groups/{GLOBEX_GROUP}");
    let answer = server.call(&line, &[("authorization", &bearer)], "").await;
    rows.push(format!("the portal: {}", answer.row(&[])));
    assert_snapshot!(rows.join("\n"), @r#"
    a credential, tenant-globex: 400 Bad Request {"__type":"InvalidParameterException","message":"A machine belongs to one tenant, but a group belongs to another."}
    a credential, globex-admins: 400 Bad Request {"__type":"InvalidParameterException","message":"A machine belongs to one tenant, but a group belongs to another."}
    a credential, acme-admins: 200 OK 
    a credential, download-consent-list: 200 OK 
    a credential, admin: 200 OK 
    a service account, tenant-globex: 400 Bad Request {"__type":"InvalidParameterException","message":"A machine belongs to one tenant, but a group belongs to another."}
    a service account, globex-admins: 400 Bad Request {"__type":"InvalidParameterException","message":"A machine belongs to one tenant, but a group belongs to another."}
    a service account, acme-admins: 200 OK 
    a service account, download-consent-list: 200 OK 
    a service account, admin: 200 OK 
    the portal: 400 Bad Request {"detail":"A machine belongs to one tenant, but a group belongs to another.","error":"InvalidParameterException","message":"A machine belongs to one tenant, but a group belongs to another.","success":false}
    "#);
    let signed_in = super::login(&server, &id, TENANT, &secret).await;
    let access = signed_in.get("/cognitoToken/AuthenticationResult/AccessToken");
    assert_eq!(
        claims(&access)["cognito:groups"],
        json!([ADMINS, "admin", "download-consent-list", "read-activity-logs", TENANT_GROUP])
    );
    // A person may belong to both.
    server.join(&server.found(ALICE).await, GLOBEX_GROUP).await;
}

/// Two calls at once, each of which would be right alone.
#[tokio::test]
async fn a_machine_is_put_into_no_two_tenants_at_once() {
    let server = configured(|_| ()).await;
    for group in [TENANT_GROUP, GLOBEX_GROUP] {
        server.make_group(group).await;
    }
    let (pool, engine, request) = (server.main_pool(), &server.engine, operator());
    let join = |name, group| engine.add_to_group(&request, &pool, name, group);
    let [acme, globex] = [TENANT_GROUP, GLOBEX_GROUP].map(GroupName::from);
    for name in ["robot-1", "robot-2", "robot-3", "robot-4"] {
        server.machine(name, &[]).await;
        let joined = tokio::join!(join(name, &acme), join(name, &globex));
        let refused = [joined.0, joined.1].into_iter().filter_map(Result::err);
        let refused: Vec<_> = refused.map(|error| error.to_string()).collect();
        let told = "A machine belongs to one tenant, but a group belongs to another.";
        assert_eq!(refused, [told], "{name}");
        let groups = engine.list_groups_of(&request, &pool, name, None, 9).await.unwrap();
        let names = groups.entries.iter().map(|group| &group.name);
        assert_eq!(names.filter(|name| [&acme, &globex].contains(name)).count(), 1, "{name}");
    }
}

/// Nor is one made in two, or by a grant that is another tenant's group, which no check of the
/// configuration knows of.
#[tokio::test]
async fn no_machine_is_made_in_two_tenants() {
    let server = configured(|api| api.grants.push("tenant-initech".into())).await;
    let (server, token) = administered(server).await;
    let initech = Tenant {
        name: "Initech".to_owned(),
        id: "id-of-initech".into(),
        group: Some("tenant-initech".into()),
        admin_group: None,
        ..super::tenant(&server, TENANT).await
    };
    server.store.commit(vec![Change::CreateTenant(initech.clone())]).await.unwrap();
    let body = json!({ "Name": "x", "Grants": ["tenant-initech"] });
    let mut rows = vec![call(&server, CREATE, &token, &body).await.row(&[])];
    assert_eq!(ids(&call(&server, LIST, &token, &json!({})).await), Vec::<String>::new());
    server.make_group(GLOBEX_GROUP).await;
    let new = |name: &str, groups: &[&str]| NewServiceAccount {
        pool: POOL.into(),
        username: name.to_owned(),
        attributes: Attributes::default(),
        groups: groups.iter().map(|group| GroupName::from(*group)).collect(),
    };
    let engine = &server.engine;
    let both = new("both", &[TENANT_GROUP, GLOBEX_GROUP]);
    let refused = engine.create_service_account(&operator(), both).await.unwrap_err();
    rows.push(refused.to_string());
    engine.create_service_account(&operator(), new("one", &[TENANT_GROUP])).await.unwrap();
    let refused = engine.adopt_credential(&operator(), &initech, "one").await.unwrap_err();
    rows.push(refused.to_string());
    let acme = super::tenant(&server, TENANT).await;
    engine.adopt_credential(&operator(), &acme, "one").await.unwrap();
    let refused = engine.adopt_credential(&operator(), &acme, "one").await.unwrap_err();
    rows.push(refused.to_string());
    assert_snapshot!(rows.join("\n"), @r#"
    400 Bad Request {"error":"BadRequest","message":"A machine belongs to one tenant, but a group belongs to another."}
    A machine belongs to one tenant, but a group belongs to another.
    A machine belongs to one tenant, but a group belongs to another.
    the tenant has as many machine credentials as there can be
    "#);
}

/// What a request says of tenants in other places counts for nothing.
#[tokio::test]
async fn the_token_alone_says_which_tenant() {
    let (server, token) = with_administrator().await;
    for name in ["x-tenant-id", "x-tenant-name", "tenantname", "x-partner-id", "x_tenant_id"] {
        let headers = [
            ("content-type", "application/json"),
            ("authorization", token.as_str()),
            (name, "id-of-globex"),
            (name, "Globex"),
        ];
        let body = json!({ "Name": name, "TenantName": GLOBEX, "TenantID": "id-of-globex" });
        let line = format!("POST {CREATE}?TenantName=Globex");
        assert_eq!(server.call(&line, &headers, body.to_string()).await.status, 200);
    }
    let globex = super::tenant(&server, GLOBEX).await;
    let page = Page { cursor: None, limit: 9 };
    assert!(
        server.engine.credentials(&operator(), &globex, page).await.unwrap().entries.is_empty()
    );
    assert_eq!(ids(&call(&server, LIST, &token, &json!({})).await).len(), 5);
}

/// Leaving the tenant, being disabled, the tenant's end: the token is dead.
#[tokio::test]
async fn a_token_dies_with_what_it_stands_on() {
    let mut rows = Vec::new();
    for case in ["left", "disabled", "deleted", "tenant gone", "another client"] {
        let (server, token) = with_administrator().await;
        let id = super::tenant(&server, TENANT).await.id;
        match case {
            "left" => leave(&server, ALICE, TENANT_GROUP).await,
            "disabled" => {
                server.pools.disable_user(&operator(), &server.main_pool(), ALICE).await.unwrap();
            }
            "deleted" => {
                server.pools.delete_user(&operator(), &server.main_pool(), ALICE).await.unwrap();
            }
            "tenant gone" => drop(server.engine.delete_tenant(&operator(), &id).await.unwrap()),
            _ => {
                let client = server.client(PORTAL_CLIENT);
                let other = |tenant| Tenant { client: client.clone(), ..tenant };
                change(&server, TENANT, other).await;
            }
        }
        let answer = call(&server, LIST, &token, &json!({})).await;
        rows.push(format!("{case}: {}", answer.row(&["www-authenticate"])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    left: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    disabled: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    deleted: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    tenant gone: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    another client: 401 Unauthorized {"error":"NotAuthorizedException","message":"Invalid access token"} www-authenticate: Bearer
    "#);
}

/// An administrator of the pool may remove one like any user; a password is no way to a secret.
#[tokio::test]
async fn they_are_users_of_the_pool() {
    let (server, token) = with_administrator().await;
    let (id, _) = new_machine(&server, &token, &[]).await;
    let body = json!({ "UserPoolId": POOL, "Username": id });
    assert_eq!(server.cognito().admin("AdminDeleteUser", &body).await.status, 200);
    assert_eq!(ids(&call(&server, LIST, &token, &json!({})).await), Vec::<String>::new());
    assert_eq!(login(&server, &id, TENANT, PASSWORD).await.status, 401);
}
