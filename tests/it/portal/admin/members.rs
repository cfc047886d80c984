use super::super::{ALICE, login, with_token};
use super::Admin;
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn in_and_out_of_a_group() {
    let admin = Admin::start().await;
    admin.server.user(ALICE, &[]).await;
    let token = login(&admin.server, ALICE).await.get("/access_token");
    let mut rows = Vec::new();
    // A second time changes nothing.
    for method in ["POST", "POST", "DELETE", "DELETE"] {
        let line = format!("{method} users/{ALICE}/groups/admin");
        let user = format!("GET users/{ALICE}");
        rows.push(admin.bare(&line).await.row(&[]));
        rows.push(admin.bare(&user).await.json()["user"]["groups"].to_string());
        let me = with_token(&admin.server, &token, "GET /api/auth/me", &json!(null)).await;
        rows.push(me.get("/role"));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    200 OK {"message":"User added to group admin","success":true}
    ["admin"]
    admin
    200 OK {"message":"User added to group admin","success":true}
    ["admin"]
    admin
    200 OK {"message":"User removed from group admin","success":true}
    []
    user
    200 OK {"message":"User removed from group admin","success":true}
    []
    user
    "#);
}

#[tokio::test]
async fn unknown_groups_and_encoded_names() {
    let admin = Admin::start().await;
    admin.server.user(ALICE, &[]).await;
    admin.call("POST groups", json!({ "name": "a/b" })).await;
    let lines = [
        "POST users/alice@example.com/groups/none",
        "DELETE users/alice@example.com/groups/none",
        "POST users/alice%40example.com/groups/a%2Fb",
        "DELETE groups/a%2Fb",
        "DELETE groups/%FF",
    ];
    assert_snapshot!(admin.rows(&lines, json!({})).await, @r#"
    POST users/alice@example.com/groups/none: 404 Not Found {"detail":"Group not found","error":"ResourceNotFoundException","message":"Group not found","success":false}
    DELETE users/alice@example.com/groups/none: 404 Not Found {"detail":"Group not found","error":"ResourceNotFoundException","message":"Group not found","success":false}
    POST users/alice%40example.com/groups/a%2Fb: 200 OK {"message":"User added to group a/b","success":true}
    DELETE groups/a%2Fb: 200 OK {"message":"Group deleted successfully","success":true}
    DELETE groups/%FF: 404 Not Found {"detail":"Not Found"}
    "#);
}
