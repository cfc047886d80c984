use super::{Admin, ROOT};
use insta::assert_snapshot;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_whole_page() {
    let admin = Admin::start().await;
    let answer = admin.bare("GET users").await;
    let id = answer.get("/users/0/username");
    assert_snapshot!(answer.show_with(&["cache-control"]).replace(&id, "[sub]"), @r#"
    200 OK
    cache-control: no-store
    {
      "pagination_token": null,
      "success": true,
      "total": 1,
      "users": [
        {
          "attributes": {
            "email": "root@example.com",
            "sub": "[sub]"
          },
          "created_at": "2026-01-02T03:04:05Z",
          "created_date": "2026-01-02T03:04:05Z",
          "email": "root@example.com",
          "email_verified": false,
          "enabled": true,
          "groups": [
            "admin"
          ],
          "last_modified_date": "2026-01-02T03:04:05Z",
          "status": "CONFIRMED",
          "updated_at": "2026-01-02T03:04:05Z",
          "user_status": "CONFIRMED",
          "username": "[sub]"
        }
      ]
    }
    "#);
    assert_eq!(answer.get("/users/0/email"), ROOT);
}

#[tokio::test]
async fn page_by_page() {
    let admin = Admin::start().await;
    for number in 0..6 {
        admin.server.user(&format!("user{number}@example.com"), &[]).await;
    }
    let mut seen = BTreeSet::new();
    let (mut query, mut sizes) = ("?limit=3&pagination_token=".to_owned(), Vec::new());
    loop {
        let page = admin.bare(&format!("GET users{query}")).await.json();
        let users = page["users"].as_array().unwrap();
        assert_eq!(page["total"], 7);
        sizes.push(users.len());
        seen.extend(users.iter().map(|user| user["email"].as_str().unwrap().to_owned()));
        let Some(token) = page["pagination_token"].as_str() else { break };
        query = format!("?limit=3&pagination_token={token}");
    }
    assert_eq!((sizes, seen.len()), (vec![3, 3, 1], 7));
}

#[tokio::test]
async fn sixty_at_most() {
    let admin = Admin::start().await;
    for number in 0..60 {
        admin.server.user(&format!("user{number}@example.com"), &[]).await;
    }
    for (query, count) in [("", 60), ("?limit=60", 60), ("?limit=1", 1)] {
        let page = admin.bare(&format!("GET users{query}")).await.json();
        assert_eq!(page["users"].as_array().unwrap().len(), count, "{query}");
        assert!(page["pagination_token"].is_string());
    }
}

#[tokio::test]
async fn queries_that_break_the_rules() {
    let admin = Admin::start().await;
    let mut rows = Vec::new();
    for query in [
        "limit=0",
        "limit=-1",
        "limit=61",
        "limit=ten",
        "limit=",
        "limit",
        "limit=1&limit=x",
        "pagination_token=x",
    ] {
        rows.push(format!("{query}: {}", admin.bare(&format!("GET users?{query}")).await.row(&[])));
    }
    assert_snapshot!(rows.join("\n"), @r#"
    limit=0: 422 Unprocessable Entity {"detail":[{"ctx":{"ge":1},"input":"0","loc":["query","limit"],"msg":"Input should be greater than or equal to 1","type":"greater_than_equal","url":"https://errors.pydantic.dev/2.5/v/greater_than_equal"}]}
    limit=-1: 422 Unprocessable Entity {"detail":[{"ctx":{"ge":1},"input":"-1","loc":["query","limit"],"msg":"Input should be greater than or equal to 1","type":"greater_than_equal","url":"https://errors.pydantic.dev/2.5/v/greater_than_equal"}]}
    limit=61: 422 Unprocessable Entity {"detail":[{"ctx":{"le":60},"input":"61","loc":["query","limit"],"msg":"Input should be less than or equal to 60","type":"less_than_equal","url":"https://errors.pydantic.dev/2.5/v/less_than_equal"}]}
    limit=ten: 422 Unprocessable Entity {"detail":[{"input":"ten","loc":["query","limit"],"msg":"Input should be a valid integer, unable to parse string as an integer","type":"int_parsing","url":"https://errors.pydantic.dev/2.5/v/int_parsing"}]}
    limit=: 422 Unprocessable Entity {"detail":[{"input":"","loc":["query","limit"],"msg":"Input should be a valid integer, unable to parse string as an integer","type":"int_parsing","url":"https://errors.pydantic.dev/2.5/v/int_parsing"}]}
    limit: 422 Unprocessable Entity {"detail":[{"input":"","loc":["query","limit"],"msg":"Input should be a valid integer, unable to parse string as an integer","type":"int_parsing","url":"https://errors.pydantic.dev/2.5/v/int_parsing"}]}
    limit=1&limit=x: 422 Unprocessable Entity {"detail":[{"input":"x","loc":["query","limit"],"msg":"Input should be a valid integer, unable to parse string as an integer","type":"int_parsing","url":"https://errors.pydantic.dev/2.5/v/int_parsing"}]}
    pagination_token=x: 400 Bad Request {"detail":"Invalid pagination token.","error":"InvalidParameterException","message":"Invalid pagination token.","success":false}
    "#);
    for query in ["limit=%201%20", "limit=x&limit=1", "other=1"] {
        assert_eq!(admin.bare(&format!("GET users?{query}")).await.status, 200, "{query}");
    }
}
