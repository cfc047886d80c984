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

/// No client of this release registered itself.
#[tokio::test]
async fn by_type() {
    let server = TestServer::start().await;
    let cognito = server.cognito();
    let list = async |kind: &str| {
        let body = json!({ "UserPoolId": OTHER_POOL, "ClientType": kind });
        cognito.admin("ListUserPoolClients", &body).await.line()
    };
    assert_snapshot!(list("REGULAR").await, @r#"200 {"UserPoolClients":[{"ClientId":"other","UserPoolId":"eu-west-1_OtherPool","ClientName":"other"}]}"#);
    assert_snapshot!(list("DCR").await, @r#"200 {"UserPoolClients":[]}"#);
    let body = json!({ "UserPoolId": "eu-west-1_Nowhere", "ClientType": "DCR" });
    let unknown = cognito.admin("ListUserPoolClients", &body).await;
    assert_snapshot!(unknown.line(), @r#"400 ResourceNotFoundException "User pool eu-west-1_Nowhere does not exist.""#);
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
    an hour old: 400 InvalidParameterException "Invalid pagination token."
    "#);
}
