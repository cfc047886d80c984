use super::listing;
use crate::support::TestServer;
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn by_id() {
    let server = TestServer::start().await;
    let body = json!({ "MaxResults": 60 });
    assert_snapshot!(server.cognito().admin("ListUserPools", &body).await.show(), @r#"
    200 OK
    {
      "UserPools": [
        {
          "CreationDate": 1767323045,
          "Id": "eu-west-1_OtherPool",
          "LambdaConfig": {},
          "LastModifiedDate": 1767323045,
          "Name": "other"
        },
        {
          "CreationDate": 1767323045,
          "Id": "eu-west-1_TestPool1",
          "LambdaConfig": {},
          "LastModifiedDate": 1767323045,
          "Name": "test"
        }
      ]
    }
    "#);
    for name in ["a", "b", "c"] {
        let body = json!({ "PoolName": name });
        assert_eq!(server.cognito().admin("CreateUserPool", &body).await.status, 200);
    }
    let pages = listing::pages(&server, "ListUserPools", body, "MaxResults", "/UserPools/*/Name");
    let mut names: Vec<_> = pages.await.split_whitespace().map(str::to_owned).collect();
    names.sort();
    assert_eq!(names, ["a", "b", "c", "other", "test"]);
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let body = json!({ "MaxResults": 60 });
    let refused = listing::refused(&server, "ListUserPools", body, "MaxResults").await;
    assert_snapshot!(refused, @r#"
    no cursor: 400 InvalidParameterException "Invalid pagination token."
    another listing: 400 InvalidParameterException "Invalid pagination token."
    too many: 400 InvalidParameterException "1 validation error detected: Value '61' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 60"
    an hour old: 400 InvalidParameterException "Invalid pagination token."
    "#);
    let none = server.cognito().admin("ListUserPools", &json!({ "MaxResults": 0 })).await;
    assert_snapshot!(none.line(), @r#"400 InvalidParameterException "1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1""#);
}
