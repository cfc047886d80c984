use crate::support::{Answer, OTHER_POOL, POOL, Table, TestServer};
use insta::assert_snapshot;
use poolkeeper::system::operator;
use poolkeeper_pool::entity::{User, UserStatus};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::Duration;

async fn list(server: &TestServer, more: Value) -> Answer {
    let mut body = json!({ "UserPoolId": POOL });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.cognito().admin("ListUsers", &body).await
}

/// The local parts of the addresses of a page.
fn names(page: &Answer) -> Vec<String> {
    let page = page.json();
    let users = page["Users"].as_array().unwrap().iter();
    let email = |user: &Value| {
        let attributes = user["Attributes"].as_array().unwrap();
        let email = attributes.iter().find(|attribute| attribute["Name"] == "email").unwrap();
        email["Value"].as_str().unwrap().split('@').next().unwrap().to_owned()
    };
    users.map(email).collect()
}

/// A server with five users.
async fn server() -> TestServer {
    let server = TestServer::start().await;
    for name in ["alice", "adam", "bob", "carol", "dora"] {
        let user = server.user(&format!("{name}@example.com"), &[]).await;
        let edit = |user: &mut User| {
            user.attributes.set("name", name.to_uppercase());
            user.attributes.set("family_name", "O\"Neil\\");
            if name == "bob" {
                user.enabled = false;
            }
            if name == "dora" {
                user.status = UserStatus::ForceChangePassword;
            }
        };
        server.edit(&user, edit).await;
    }
    server
}

#[tokio::test]
async fn a_user_whole() {
    let server = TestServer::start().await;
    server.user("alice@example.com", &["admin"]).await;
    assert_snapshot!(list(&server, json!({})).await.show(), @r#"
    200 OK
    {
      "Users": [
        {
          "Attributes": [
            {
              "Name": "sub",
              "Value": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
            },
            {
              "Name": "email",
              "Value": "alice@example.com"
            }
          ],
          "Enabled": true,
          "UserCreateDate": 1767323045,
          "UserLastModifiedDate": 1767323045,
          "UserStatus": "CONFIRMED",
          "Username": "94e34a0e-ffe1-4c58-b223-48245a58bc09"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn nobody() {
    let server = TestServer::start().await;
    assert_snapshot!(list(&server, json!({})).await.show(), @r#"
    200 OK
    {
      "Users": []
    }
    "#);
}

#[tokio::test]
async fn filters() {
    let server = server().await;
    let alice =
        server.engine.get_user(&operator(), &POOL.into(), "alice@example.com").await.unwrap();
    let filters = [
        "",
        r#"email = "bob@example.com""#,
        r#"email = "BOB@example.com""#,
        r#"email ^= "a""#,
        r#"email ^= "A""#,
        r#"email ^= "a%""#,
        r#"name="ALICE""#,
        r#"name = "alice""#,
        r#"family_name = "O\"Neil\\""#,
        r#"given_name = "x""#,
        r#"cognito:user_status = "FORCE_CHANGE_PASSWORD""#,
        r#"cognito:user_status = "force_change_password""#,
        r#"status = "Disabled""#,
        r#"status = "disabled""#,
        r#"status = "Enabled""#,
        r#"username = "alice@example.com""#,
        r#"phone_number ^= "+49""#,
    ];
    let mut lines = String::new();
    for filter in filters {
        let mut found = names(&list(&server, json!({ "Filter": filter })).await);
        found.sort();
        writeln!(lines, "{filter}: {}", found.join(" ")).unwrap();
    }
    assert_snapshot!(lines, @r#"
    : adam alice bob carol dora
    email = "bob@example.com": bob
    email = "BOB@example.com": bob
    email ^= "a": adam alice
    email ^= "A": adam alice
    email ^= "a%": 
    name="ALICE": alice
    name = "alice": alice
    family_name = "O\"Neil\\": adam alice bob carol dora
    given_name = "x": 
    cognito:user_status = "FORCE_CHANGE_PASSWORD": dora
    cognito:user_status = "force_change_password": dora
    status = "Disabled": bob
    status = "disabled": 
    status = "Enabled": adam alice carol dora
    username = "alice@example.com": 
    phone_number ^= "+49":
    "#);
    for field in ["sub", "username"] {
        let filter = format!("{field} = \"{}\"", alice.sub);
        assert_eq!(names(&list(&server, json!({ "Filter": filter })).await), ["alice"], "{field}");
    }
}

#[tokio::test]
async fn the_filtered_field_orders_the_result() {
    let server = server().await;
    let found = list(&server, json!({ "Filter": "email ^= \"\"" })).await;
    assert_eq!(names(&found), ["adam", "alice", "bob", "carol", "dora"]);
}

#[tokio::test]
async fn filters_that_are_none() {
    let server = TestServer::start().await;
    let filters = [
        "email",
        "email = bob",
        r#"email = "bob"#,
        r#"email == "bob""#,
        r#"email = "a" or email = "b""#,
        r#"custom:x = "a""#,
        r#"birthdate = "a""#,
        r#"' OR 1=1 -- = "a""#,
    ];
    let mut table = Table::default();
    for filter in filters {
        table.row(filter, &list(&server, json!({ "Filter": filter })).await);
    }
    let long = format!("email = \"{}\"", "x".repeat(256));
    table.row("too long", &list(&server, json!({ "Filter": long })).await);
    assert_snapshot!(table, @r#"
    email: 400 InvalidParameterException "Error while parsing filter."
    email = bob: 400 InvalidParameterException "Error while parsing filter."
    email = "bob: 400 InvalidParameterException "Error while parsing filter."
    email == "bob": 400 InvalidParameterException "Error while parsing filter."
    email = "a" or email = "b": 400 InvalidParameterException "Error while parsing filter."
    custom:x = "a": 400 InvalidParameterException "Error while parsing filter."
    birthdate = "a": 400 InvalidParameterException "Error while parsing filter."
    ' OR 1=1 -- = "a": 400 InvalidParameterException "Error while parsing filter."
    too long: 400 InvalidParameterException "1 validation error detected: Value 'email = \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' at 'filter' failed to satisfy constraint: Member must have length less than or equal to 256"
    "#);
}

#[tokio::test]
async fn attributes_to_get() {
    let server = server().await;
    let filter = r#"name = "ALICE""#;
    let cases = [json!(["email"]), json!(["email", "name"]), json!(["nickname"]), json!([])];
    let mut lines = String::new();
    for case in &cases {
        let page = list(&server, json!({ "Filter": filter, "AttributesToGet": case })).await;
        writeln!(lines, "{case}: {}", page.json()["Users"][0]["Attributes"]).unwrap();
    }
    let unknown = list(&server, json!({ "AttributesToGet": ["no_such"] })).await;
    writeln!(lines, "no_such: {}", unknown.line()).unwrap();
    assert_snapshot!(lines, @r#"
    ["email"]: [{"Name":"email","Value":"alice@example.com"}]
    ["email","name"]: [{"Name":"email","Value":"alice@example.com"},{"Name":"name","Value":"ALICE"}]
    ["nickname"]: []
    []: []
    no_such: 400 InvalidParameterException "Input fails to satisfy the constraints."
    "#);
}

#[tokio::test]
async fn sub_is_shown_if_it_is_asked_for() {
    let server = server().await;
    let page = list(&server, json!({ "Limit": 1, "AttributesToGet": ["sub"] })).await.json();
    assert_eq!(page["Users"][0]["Attributes"][0]["Value"], page["Users"][0]["Username"]);
}

/// All pages, each as its names.
async fn pages(server: &TestServer, ask: Value) -> Vec<Vec<String>> {
    let (mut pages, mut ask) = (Vec::new(), ask);
    loop {
        let page = list(server, ask.clone()).await;
        pages.push(names(&page));
        match page.json().get("PaginationToken") {
            Some(token) => ask["PaginationToken"] = token.clone(),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn pages_show_everybody_once() {
    let server = server().await;
    let by_email = pages(&server, json!({ "Filter": "email ^= \"\"", "Limit": 2 })).await;
    assert_snapshot!(format!("{by_email:?}"), @r#"[["adam", "alice"], ["bob", "carol"], ["dora"]]"#);
    for limit in [1, 2, 3, 5, 60] {
        let mut all = pages(&server, json!({ "Limit": limit })).await.concat();
        all.sort();
        assert_eq!(all, ["adam", "alice", "bob", "carol", "dora"], "{limit}");
    }
}

#[tokio::test]
async fn a_limit_of_zero_is_the_largest_page() {
    let server = server().await;
    assert_eq!(names(&list(&server, json!({ "Limit": 0 })).await).len(), 5);
}

#[tokio::test]
async fn cursors_that_do_not_count() {
    let server = server().await;
    let filter = r#"email ^= "a""#;
    let first = list(&server, json!({ "Filter": filter, "Limit": 1 })).await;
    let cursor = first.get("/PaginationToken");
    let mut altered = cursor.clone();
    altered.replace_range(20..21, if cursor.as_bytes()[20] == b'A' { "B" } else { "A" });
    let cases = [
        ("altered", json!({ "Filter": filter, "PaginationToken": altered })),
        ("no cursor", json!({ "Filter": filter, "PaginationToken": "whatever" })),
        ("another filter", json!({ "Filter": r#"email ^= "b""#, "PaginationToken": cursor })),
        ("no filter", json!({ "PaginationToken": cursor })),
        (
            "equal instead of prefix",
            json!({ "Filter": r#"email = "a""#, "PaginationToken": cursor }),
        ),
        (
            "another pool",
            json!({ "UserPoolId": OTHER_POOL, "Filter": filter, "PaginationToken": cursor }),
        ),
    ];
    let mut table = Table::default();
    for (case, ask) in cases {
        table.row(case, &list(&server, ask).await);
    }
    let ask = json!({ "Filter": filter, "PaginationToken": cursor });
    server.clock.advance(Duration::from_secs(3599));
    assert_eq!(names(&list(&server, ask.clone()).await), ["alice"]);
    server.clock.advance(Duration::from_secs(1));
    table.row("an hour old", &list(&server, ask).await);
    assert_snapshot!(table, @r#"
    altered: 400 InvalidParameterException "Invalid pagination token."
    no cursor: 400 InvalidParameterException "Invalid pagination token."
    another filter: 400 InvalidParameterException "Invalid pagination token."
    no filter: 400 InvalidParameterException "Invalid pagination token."
    equal instead of prefix: 400 InvalidParameterException "Invalid pagination token."
    another pool: 400 InvalidParameterException "Invalid pagination token."
    an hour old: 400 InvalidParameterException "Invalid pagination token."
    "#);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let unknown = list(&server, json!({ "UserPoolId": "eu-west-1_Nowhere" })).await;
    assert_snapshot!(unknown.line(), @r#"400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist.""#);
}
