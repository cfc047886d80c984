use super::Admin;
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn made_listed_and_removed() {
    let admin = Admin::start().await;
    let body = json!({ "name": "editor", "description": "Edits", "precedence": 2.0 });
    let answer = admin.call("POST groups", body).await;
    assert_snapshot!(answer.show_with(&["cache-control"]), @r#"
    200 OK
    cache-control: no-store
    {
      "group": {
        "creation_date": "2026-01-02T03:04:05Z",
        "description": "Edits",
        "last_modified_date": "2026-01-02T03:04:05Z",
        "name": "editor",
        "precedence": 2
      },
      "message": "Group created successfully",
      "success": true
    }
    "#);
    let listed = admin.bare("GET groups").await.json();
    let editor =
        listed["groups"].as_array().unwrap().iter().find(|group| group["name"] == "editor");
    assert_eq!(*editor.unwrap(), answer.json()["group"]);
    assert_snapshot!(admin.bare("DELETE groups/editor").await.show(), @r#"
    200 OK
    {
      "message": "Group deleted successfully",
      "success": true
    }
    "#);
    assert_snapshot!(admin.bare("DELETE groups/editor").await.row(&[]), @r#"404 Not Found {"detail":"Group not found","error":"ResourceNotFoundException","message":"Group not found","success":false}"#);
}

#[tokio::test]
async fn the_whole_list() {
    let admin = Admin::start().await;
    for name in ["account-disabled", "external-user", "tenant-acme", "tenant-globex", "fd42"] {
        assert_eq!(admin.bare(&format!("DELETE groups/{name}")).await.status, 200);
    }
    assert_snapshot!(admin.bare("GET groups").await.show(), @r#"
    200 OK
    {
      "groups": [
        {
          "creation_date": "2026-01-02T03:04:05Z",
          "description": null,
          "last_modified_date": "2026-01-02T03:04:05Z",
          "name": "admin",
          "precedence": null
        },
        {
          "creation_date": "2026-01-02T03:04:05Z",
          "description": null,
          "last_modified_date": "2026-01-02T03:04:05Z",
          "name": "partner-id-acme",
          "precedence": null
        }
      ],
      "success": true
    }
    "#);
    for number in 0..130 {
        let body = json!({ "name": format!("group-{number:03}") });
        assert_eq!(admin.call("POST groups", body).await.status, 200);
    }
    let listed = admin.bare("GET groups").await.json();
    assert_eq!(listed["groups"].as_array().unwrap().len(), 132);
}

#[tokio::test]
async fn refusals() {
    let admin = Admin::start().await;
    let long = "x".repeat(129);
    let mut rows = Vec::new();
    for body in [
        json!({ "name": "admin" }),
        json!({ "name": "" }),
        json!({ "name": "two words" }),
        json!({ "name": long }),
        json!({ "name": "a", "precedence": -1 }),
        json!({ "name": "a", "precedence": 2_147_483_648_i64 }),
        json!({ "name": "a", "description": "x".repeat(2049) }),
        json!({ "name": "a", "precedence": 1e30 }),
        json!({ "name": "a", "precedence": 1.5 }),
        json!({ "description": 1, "precedence": "1" }),
    ] {
        let answer = admin.call("POST groups", body.clone()).await;
        let mut shown = body.to_string();
        shown.truncate(60);
        rows.push(format!("{shown}: {}", answer.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    {"name":"admin"}: 400 Bad Request {"detail":"Group already exists","error":"GroupExistsException","message":"Group already exists","success":false}
    {"name":""}: 400 Bad Request {"detail":"The name of a group has 1 to 128 characters and no spaces.","error":"InvalidParameterException","message":"The name of a group has 1 to 128 characters and no spaces.","success":false}
    {"name":"two words"}: 400 Bad Request {"detail":"The name of a group has 1 to 128 characters and no spaces.","error":"InvalidParameterException","message":"The name of a group has 1 to 128 characters and no spaces.","success":false}
    {"name":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: 400 Bad Request {"detail":"The name of a group has 1 to 128 characters and no spaces.","error":"InvalidParameterException","message":"The name of a group has 1 to 128 characters and no spaces.","success":false}
    {"name":"a","precedence":-1}: 422 Unprocessable Entity {"detail":[{"ctx":{"ge":0},"input":"**********","loc":["body","precedence"],"msg":"Input should be greater than or equal to 0","type":"greater_than_equal","url":"https://errors.pydantic.dev/2.5/v/greater_than_equal"}]}
    {"name":"a","precedence":2147483648}: 422 Unprocessable Entity {"detail":[{"ctx":{"le":2147483647},"input":"**********","loc":["body","precedence"],"msg":"Input should be less than or equal to 2147483647","type":"less_than_equal","url":"https://errors.pydantic.dev/2.5/v/less_than_equal"}]}
    {"description":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: 400 Bad Request {"detail":"The description of a group has at most 2048 characters.","error":"InvalidParameterException","message":"The description of a group has at most 2048 characters.","success":false}
    {"name":"a","precedence":1e+30}: 422 Unprocessable Entity {"detail":[{"ctx":{"le":2147483647},"input":"**********","loc":["body","precedence"],"msg":"Input should be less than or equal to 2147483647","type":"less_than_equal","url":"https://errors.pydantic.dev/2.5/v/less_than_equal"}]}
    {"name":"a","precedence":1.5}: 422 Unprocessable Entity {"detail":[{"input":"**********","loc":["body","precedence"],"msg":"Input should be a valid integer","type":"int_type","url":"https://errors.pydantic.dev/2.5/v/int_type"}]}
    {"description":1,"precedence":"1"}: 422 Unprocessable Entity {"detail":[{"input":{"description":"**********","precedence":"**********"},"loc":["body","name"],"msg":"Field required","type":"missing","url":"https://errors.pydantic.dev/2.5/v/missing"},{"input":"**********","loc":["body","description"],"msg":"Input should be a valid string","type":"string_type","url":"https://errors.pydantic.dev/2.5/v/string_type"},{"input":"**********","loc":["body","precedence"],"msg":"Input should be a valid integer","type":"int_type","url":"https://errors.pydantic.dev/2.5/v/int_type"}]}
    "#);
}
