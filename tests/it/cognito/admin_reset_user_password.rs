use crate::support::{PASSWORD, Table, TestServer};
use insta::assert_snapshot;
use serde_json::json;

const NEW: &str = "N3w-password!";

#[tokio::test]
async fn the_password_is_worthless_until_it_is_replaced_by_the_code() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    pool.user("bo", &[("email", "bo@example.com"), ("email_verified", "true")]).await;
    let tokens = pool.tokens("bo").await;
    let mut table = Table::default();
    table.row("reset", &pool.admin("AdminResetUserPassword", json!({ "Username": "bo" })).await);
    table.row("right password", &pool.sign_in("bo", PASSWORD).await);
    table.row("wrong password", &pool.sign_in("bo", "wrong").await);
    table.row("tokens", &server.cognito().get_user(&tokens.access).await);
    let user = pool.admin("AdminGetUser", json!({ "Username": "bo" })).await;
    assert_eq!(user.get("/UserStatus"), "RESET_REQUIRED");
    let code = server.newest_code().await.0;
    let body = json!({ "Username": "bo", "ConfirmationCode": code, "Password": NEW });
    table.row("confirm", &pool.call("ConfirmForgotPassword", body).await);
    assert_snapshot!(table, @r#"
    reset: 200 {}
    right password: 400 PasswordResetRequiredException "Password reset required for the user"
    wrong password: 400 NotAuthorizedException "Incorrect username or password."
    tokens: 400 NotAuthorizedException "Access Token has been revoked"
    confirm: 200 {}
    "#);
    assert_eq!(pool.sign_in("bo", NEW).await.status, 200);
}

#[tokio::test]
async fn who_cannot_be_reset() {
    let server = TestServer::start().await;
    let pool = server.pool(json!({})).await;
    pool.user("no-address", &[]).await;
    pool.user("unverified", &[("email", "bo@example.com")]).await;
    let invited = json!({ "Username": "invited", "MessageAction": "SUPPRESS" });
    pool.admin("AdminCreateUser", invited).await;
    let mut table = Table::default();
    for name in ["no-address", "unverified", "invited", "nobody"] {
        let body = json!({ "Username": name });
        table.row(name, &pool.admin("AdminResetUserPassword", body).await);
    }
    assert_snapshot!(table, @r#"
    no-address: 400 InvalidParameterException "Cannot reset password for the user as there is no registered/verified email or phone_number"
    unverified: 400 InvalidParameterException "Cannot reset password for the user as there is no registered/verified email or phone_number"
    invited: 400 NotAuthorizedException "User password cannot be reset in the current state."
    nobody: 400 UserNotFoundException "User does not exist."
    "#);
    pool.tokens("unverified").await;
}
