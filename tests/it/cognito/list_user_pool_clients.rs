use super::listing;
use crate::support::{OTHER_POOL, POOL, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn by_id() {
    let server = TestServer::start().await;
    let operation = "ListUserPoolClients";
    let other = server.cognito().admin(operation, &json!({ "UserPoolId": OTHER_POOL })).await;
    assert_snapshot!(other.show(), @r#"
    200 OK
    {
      "UserPoolClients": [
        {
          "ClientId": "other",
          "ClientName": "other",
          "UserPoolId": "eu-west-1_OtherPool"
        }
      ]
    }
    "#);
    let body = json!({ "UserPoolId": POOL });
    let entries = "/UserPoolClients/*/ClientId";
    let pages = listing::pages(&server, operation, body, "MaxResults", entries).await;
    assert_snapshot!(pages, @"
    confidential partner
    portal public
    tenant
    ");
}

#[tokio::test]
async fn refused() {
    let server = TestServer::start().await;
    let body = json!({ "UserPoolId": POOL });
    let refused = listing::refused(&server, "ListUserPoolClients", body, "MaxResults").await;
    assert_snapshot!(refused, @r#"
    no cursor: 400 InvalidParameterException "Invalid pagination token."
    another listing: 400 InvalidParameterException "Invalid pagination token."
    another pool: 400 InvalidParameterException "Invalid pagination token."
    unknown pool: 400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist."
    too many: 400 InvalidParameterException "1 validation error detected: Value '61' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 60"
    unsigned: 400 MissingAuthenticationTokenException "Missing Authentication Token"
    an hour old: 400 InvalidParameterException "Invalid pagination token."
    "#);
}
