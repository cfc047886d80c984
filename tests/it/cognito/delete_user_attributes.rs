use crate::support::{Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test]
async fn attributes_go_and_the_rest_stays() {
    let server = TestServer::start().await;
    let schema = json!([{ "Name": "email", "AttributeDataType": "String", "Required": true }]);
    let pool = server.pool(json!({ "Schema": schema })).await;
    pool.user("otto", &[("email", "o@example.com"), ("name", "Otto"), ("nickname", "O")]).await;
    let token = pool.tokens("otto").await.access;
    let delete = async |names: &[&str]| {
        let body = json!({ "AccessToken": token, "UserAttributeNames": names });
        server.cognito().call("DeleteUserAttributes", &body).await
    };
    let mut table = Table::default();
    table.row("two", &delete(&["name", "nickname"]).await);
    table.row("again", &delete(&["name"]).await);
    table.row("required", &delete(&["email"]).await);
    table.row("unknown", &delete(&["unknown"]).await);
    table.row("not writable", &delete(&["email_verified"]).await);
    table.row("sub", &delete(&["sub"]).await);
    assert_snapshot!(table, @r#"
    two: 200 {}
    again: 200 {}
    required: 400 InvalidParameterException "Attributes did not conform to the schema: email: The attribute is required\n"
    unknown: 400 InvalidParameterException "Attributes did not conform to the schema: unknown: Attribute does not exist in the schema.\n"
    not writable: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    sub: 400 NotAuthorizedException "A client attempted to write unauthorized attribute"
    "#);
    assert_eq!(pool.attribute("otto", "name").await, None);
    assert_eq!(pool.attribute("otto", "email").await.as_deref(), Some("o@example.com"));
}

#[tokio::test]
async fn the_last_factor_of_a_pool_that_insists_on_one_stays() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({ "MfaConfiguration": "ON" })).await;
    pool.user("otto", &[("email", "o@example.com")]).await;
    let block = json!({ "Enabled": true, "PreferredMfa": true });
    let preference = json!({ "Username": "otto", "EmailMfaSettings": block });
    pool.admin("AdminSetUserMFAPreference", preference).await;
    let asked = pool.sign_in("otto", crate::support::PASSWORD).await;
    let responses = json!({ "USERNAME": "otto", "EMAIL_OTP_CODE": server.newest_code().await.0 });
    let done = pool.respond("EMAIL_OTP", &asked.get("/Session"), responses).await;
    let token = done.get("/AuthenticationResult/AccessToken");
    let body = json!({ "AccessToken": token, "UserAttributeNames": ["email"] });
    let refused = server.cognito().call("DeleteUserAttributes", &body).await;
    assert_snapshot!(refused.line(), @r#"400 InvalidParameterException "MFA is required by the user pool and cannot be turned off.""#);
}
