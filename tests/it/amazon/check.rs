//! `poolkeeper amazon check`: the built program asks another one, in Amazon's place, how its pool is
//! set up. Both run by the machine's clock, since the one signs and the other looks at the time.

use super::ALICE;
use crate::support::*;
use insta::assert_snapshot;
use poolkeeper::master_key::MasterKey;
use poolkeeper::system::SystemRng;
use poolkeeper_aws::Expected;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

/// What every file begins with.
const HEAD: &str = r#"
listen = "127.0.0.1:0"
public_url = "http://localhost"
data = "data"
master_key_file = "master.key"

[hashing]
memory_kib = 64
iterations = 1
allow_weak = true
"#;

/// What the access key that the check is made with may call.
const ALL: &str = r#"["*"]"#;

/// A folder with a configuration file and the files of its secrets.
fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("poolkeeper.toml"), format!("{HEAD}{config}")).unwrap();
    fs::write(folder.path().join("client.secret"), CLIENT_SECRET).unwrap();
    fs::write(folder.path().join("access.secret"), ACCESS_SECRET).unwrap();
    MasterKey::create(&folder.path().join("master.key"), &SystemRng).unwrap();
    folder
}

/// The pool of a server in Amazon's place, with the operations that the access key may call.
fn at_amazon(pool: &str, operations: &str) -> String {
    format!(
        r#"{pool}
[[access_key]]
id = "PKEXAMPLE00000000001"
secret_file = "access.secret"
operations = {operations}
pools = ["*"]
"#
    )
}

/// What the command says on both streams, and its exit code.
struct Said {
    out: String,
    err: String,
    code: Option<i32>,
}

/// Runs the command on a folder.
fn run(folder: &Path, arguments: &[&str]) -> Said {
    let id = ("AWS_ACCESS_KEY_ID", "PKEXAMPLE00000000001");
    run_in(folder, arguments, &[id, ("AWS_SECRET_ACCESS_KEY", ACCESS_SECRET)])
}

/// The same with these variables.
fn run_in(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    let done = Command::new(env!("CARGO_BIN_EXE_poolkeeper"))
        .args(["amazon", "check"])
        .args(arguments)
        .current_dir(folder)
        .env("POOLKEEPER_LOG", "error")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = Said {
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
        code: done.status.code(),
    };
    for secret in [CLIENT_SECRET, ACCESS_SECRET] {
        assert!(!said.out.contains(secret) && !said.err.contains(secret), "it shows a secret");
    }
    said
}

/// What is said, with a word for the address of the program in Amazon's place, which differs each time.
fn without_address(said: &str, amazon: &Program) -> String {
    said.replace(&format!("http://{}", amazon.address), "ENDPOINT")
}

/// A file whose pool is at Amazon, where the program stands in for it.
fn file_for(amazon: &Program, pool: &str) -> String {
    pool.replace("ENDPOINT", &format!("http://{}", amazon.address))
}

const GOOD: &str = r#"
[[pool]]
id = "us-east-1_Checked123"
mfa = "OPTIONAL"
username_attributes = ["email"]
self_sign_up = true
auto_verified_attributes = ["email"]
[pool.devices]
challenge_required_on_new_device = true
[[pool.client]]
id = "app"
secret_file = "client.secret"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
[[pool.client]]
id = "web"
flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
[[pool.group]]
name = "account-disabled"
[[pool.group]]
name = "external-user"
[[pool.group]]
name = "partner-id-acme"
"#;

const FILE: &str = r#"
[[pool]]
id = "us-east-1_Checked123"
backend = "aws"
mfa = "OPTIONAL"
username_attributes = ["email"]
[pool.aws]
endpoint = "ENDPOINT"
token_issuer = "http://localhost/us-east-1_Checked123"
[[pool.client]]
id = "app"
secret_file = "client.secret"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
[[pool.client]]
id = "web"
flows = ["ALLOW_USER_PASSWORD_AUTH"]

[partner_api]
pool = "us-east-1_Checked123"
client = "app"
preset = "future-demand"

[[partner]]
pool = "us-east-1_Checked123"
id = "partner-id-acme"
client_id = 1
name = "Acme"
domain = "acme.example"
currency = "EUR"
vertical = "live_entertainment"
pricing_tier = "growth"
campaign_pricing_model = "flat"
"#;

/// Nobody is made, changed or removed by the calls that are to be refused, and each is made.
#[tokio::test]
async fn it_changes_nothing() {
    let how = AtAmazon { proxied: true, ..AtAmazon::default() };
    let config = config(Path::new(""));
    let server = TestServer::at_amazon(config.clone(), how).await;
    server.user(ALICE, &[TENANT_GROUP]).await;
    // The first who asks for them has them made.
    server.engine.jwks(&server.main_pool()).await.unwrap();
    server.observer.heard();
    let settings = amazon_settings(&config.pools[0], &config, how, server.proxy().address);
    let clock = Arc::clone(&server.clock) as _;
    let expected = Expected::default();
    poolkeeper_aws::check(&settings, &expected, clock, &SystemRng).await.unwrap();
    let heard = server.observer.heard();
    let decided: Vec<_> = heard.iter().filter(|line| line.starts_with("decided")).collect();
    assert!(decided.iter().all(|line| line.ends_with(" []")), "{decided:#?}");
    for operation in documented_operations() {
        let called = heard.iter().filter(|line| line.contains(&format!(" {operation} "))).count();
        assert!(called > 0, "{operation} is not tried");
    }
}

#[test]
fn a_pool_that_fits() {
    let server = folder(&at_amazon(GOOD, ALL));
    let amazon = Program::start(server.path(), ":");
    let front = folder(&file_for(&amazon, FILE));
    let said = run(front.path(), &[]);
    assert_snapshot!(said.out, @r"
    us-east-1_Checked123
      note     caller: the caller is unknown: no usable answer (it answered 400)
      fits     pool: exists in us-east-1
      fits     pool: has MFA OPTIONAL
      fits     pool: has email in the username's place
      fits     pool: lets people sign up
      fits     pool: verifies email addresses
      fits     pool: tracks devices: each sign-in with ALLOW_USER_PASSWORD_AUTH confirms one, so that its tokens can be refreshed
      fits     pool: has the second factors authenticator app, email
      fits     app client app: has the configuration's secret
      fits     app client app: allows ALLOW_ADMIN_USER_PASSWORD_AUTH
      fits     app client app: allows ALLOW_REFRESH_TOKEN_AUTH
      fits     app client app: hides that a user does not exist
      fits     app client app: allows tokens to be revoked
      fits     app client web: has no secret
      fits     app client web: allows ALLOW_USER_PASSWORD_AUTH
      fits     app client web: allows ALLOW_REFRESH_TOKEN_AUTH
      fits     app client web: hides that a user does not exist
      fits     app client web: allows tokens to be revoked
      fits     issuer: tokens are issued by http://localhost/us-east-1_Checked123
      fits     issuer: the public keys can be fetched
      fits     groups: there are account-disabled, external-user, partner-id-acme
      note     groups: there is no group service-accounts; programs cannot sign in without it
      fits     permissions: permitted: AdminInitiateAuth, AdminRespondToAuthChallenge, AdminGetUser, AdminListGroupsForUser, AdminListDevices, AdminUserGlobalSignOut, AdminDeleteUser, AdminDisableUser, AdminEnableUser, AdminResetUserPassword, AdminSetUserMFAPreference, AdminForgetDevice, AdminAddUserToGroup, AdminRemoveUserFromGroup, AdminSetUserPassword, AdminUpdateUserAttributes, AdminCreateUser, DescribeUserPool, ListGroups, ListUsers, ListUsersInGroup, DeleteGroup, CreateGroup
    ");
    assert_eq!((said.err.as_str(), said.code), ("", Some(0)));
    permissions_are_those_of_the_documented_policy(&said.out);
    let said = run(front.path(), &["--json"]);
    let report: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["fits"], true);
    assert_snapshot!(report["pools"][0]["findings"][1], @r##"{"about":"pool","fix":null,"says":"exists in us-east-1","verdict":"fits"}"##);
    assert_eq!(said.code, Some(0));
}

fn permissions_are_those_of_the_documented_policy(out: &str) {
    let line = out.lines().find_map(|line| line.split("permitted: ").nth(1)).unwrap();
    let tried: BTreeSet<_> = line.split(", ").map(str::to_owned).collect();
    assert_eq!(tried, documented_operations());
}

/// The operations of the policy in the documentation.
fn documented_operations() -> BTreeSet<String> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/amazon-cognito.md");
    let page = fs::read_to_string(page).unwrap();
    let policy = page.split("## Grant permissions").nth(1).unwrap().split("```").nth(1).unwrap();
    let named = policy.split("\"cognito-idp:").skip(1);
    named.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

const BAD: &str = r#"
[[pool]]
id = "us-east-1_Checked123"
mfa = "OFF"
[pool.devices]
challenge_required_on_new_device = false
[[pool.client]]
id = "app"
flows = ["ALLOW_USER_SRP_AUTH"]
prevent_user_existence_errors = false
[[pool.client]]
id = "web"
secret_file = "client.secret"
flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
"#;

/// A server in Amazon's place whose pool does not fit, and the folder of the program that asks it. Of
/// a second pool that is asked about there is nothing.
fn differing_pool() -> (TempDir, Program, TempDir) {
    let operations =
        r#"["DescribeUserPool", "DescribeUserPoolClient", "ListGroups", "AdminGetUser"]"#;
    let server = folder(&at_amazon(BAD, operations));
    let amazon = Program::start(server.path(), ":");
    let file = format!(
        "{FILE}
[[pool]]
id = 'us-east-1_NotThere1'
backend = 'aws'
[pool.aws]
endpoint = 'ENDPOINT'
[[pool.client]]
id = 'other'
flows = ['ALLOW_USER_PASSWORD_AUTH']
"
    );
    let file = file.replace("http://localhost/us", "https://elsewhere.example/us");
    let client = "id = \"web\"\n";
    let file = file.replace(
        client,
        &format!(
            "{client}flows = [\"ALLOW_USER_PASSWORD_AUTH\"]\n[[pool.client]]\nid = \"gone\"\n"
        ),
    );
    let front = folder(&file_for(&amazon, &file));
    (server, amazon, front)
}

#[test]
fn a_pool_of_which_much_does_not_fit() {
    let (_server, amazon, front) = differing_pool();
    let said = run(front.path(), &[]);
    assert_snapshot!(without_address(&said.out, &amazon), @r#"
    us-east-1_Checked123
      note     caller: the caller is unknown: no usable answer (it answered 400)
      fits     pool: exists in us-east-1
      differs  pool: has MFA OFF, the configuration says mfa = "OPTIONAL"
               run: aws cognito-idp set-user-pool-mfa-config --region us-east-1 --endpoint-url ENDPOINT --cli-input-json "$(aws cognito-idp get-user-pool-mfa-config --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --output json | jq '.UserPoolId = "us-east-1_Checked123" | .MfaConfiguration = "OPTIONAL" | if .SmsMfaConfiguration or .EmailMfaConfiguration then . else .SoftwareTokenMfaConfiguration.Enabled = true end')"
      differs  pool: has free-form usernames, the configuration says username_attributes = ["email"]
               in the file: username_attributes = []
      differs  pool: only administrators may create users: no new user of the APIs can be created
               run: aws cognito-idp update-user-pool --region us-east-1 --endpoint-url ENDPOINT --cli-input-json "$(aws cognito-idp describe-user-pool --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --query UserPool --output json | jq '{UserPoolId: .Id, PoolName: .Name, Policies, DeletionProtection, LambdaConfig, AutoVerifiedAttributes, VerificationMessageTemplate, SmsAuthenticationMessage, UserAttributeUpdateSettings, MfaConfiguration, DeviceConfiguration, EmailConfiguration, SmsConfiguration, UserPoolTags, AdminCreateUserConfig, UserPoolAddOns, AccountRecoverySetting, UserPoolTier} | del(.AdminCreateUserConfig.UnusedAccountValidityDays) | with_entries(select(.value != null)) | .AdminCreateUserConfig.AllowAdminCreateUserOnly = false')"
      differs  pool: does not verify email addresses: new users are mailed no code
               run: aws cognito-idp update-user-pool --region us-east-1 --endpoint-url ENDPOINT --cli-input-json "$(aws cognito-idp describe-user-pool --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --query UserPool --output json | jq '{UserPoolId: .Id, PoolName: .Name, Policies, DeletionProtection, LambdaConfig, AutoVerifiedAttributes, VerificationMessageTemplate, SmsAuthenticationMessage, UserAttributeUpdateSettings, MfaConfiguration, DeviceConfiguration, EmailConfiguration, SmsConfiguration, UserPoolTags, AdminCreateUserConfig, UserPoolAddOns, AccountRecoverySetting, UserPoolTier} | del(.AdminCreateUserConfig.UnusedAccountValidityDays) | with_entries(select(.value != null)) | .AutoVerifiedAttributes = ((.AutoVerifiedAttributes // []) + ["email"])')"
      differs  pool: tracks devices, but a remembered one replaces no second factor
               run: aws cognito-idp update-user-pool --region us-east-1 --endpoint-url ENDPOINT --cli-input-json "$(aws cognito-idp describe-user-pool --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --query UserPool --output json | jq '{UserPoolId: .Id, PoolName: .Name, Policies, DeletionProtection, LambdaConfig, AutoVerifiedAttributes, VerificationMessageTemplate, SmsAuthenticationMessage, UserAttributeUpdateSettings, MfaConfiguration, DeviceConfiguration, EmailConfiguration, SmsConfiguration, UserPoolTags, AdminCreateUserConfig, UserPoolAddOns, AccountRecoverySetting, UserPoolTier} | del(.AdminCreateUserConfig.UnusedAccountValidityDays) | with_entries(select(.value != null)) | .DeviceConfiguration.ChallengeRequiredOnNewDevice = true')"
      unknown  pool: second factors are not checked: GetUserPoolMfaConfig is not permitted
      differs  app client app: has no secret, and the configuration gives one
               in the file: remove secret_file or secret_env of this app client
      differs  app client app: does not allow ALLOW_ADMIN_USER_PASSWORD_AUTH: nobody can sign in
               run: aws cognito-idp update-user-pool-client --region us-east-1 --endpoint-url ENDPOINT --cli-input-json "$(aws cognito-idp describe-user-pool-client --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --client-id app --query UserPoolClient --output json | jq 'del(.ClientSecret, .CreationDate, .LastModifiedDate) | .ExplicitAuthFlows += ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]')"
      differs  app client app: allows neither ALLOW_REFRESH_TOKEN_AUTH nor rotation: no token can be refreshed
               run: aws cognito-idp update-user-pool-client --region us-east-1 --endpoint-url ENDPOINT --cli-input-json "$(aws cognito-idp describe-user-pool-client --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --client-id app --query UserPoolClient --output json | jq 'del(.ClientSecret, .CreationDate, .LastModifiedDate) | .ExplicitAuthFlows += ["ALLOW_REFRESH_TOKEN_AUTH"]')"
      differs  app client app: tells strangers that a user does not exist
               run: aws cognito-idp update-user-pool-client --region us-east-1 --endpoint-url ENDPOINT --cli-input-json "$(aws cognito-idp describe-user-pool-client --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --client-id app --query UserPoolClient --output json | jq 'del(.ClientSecret, .CreationDate, .LastModifiedDate) | .PreventUserExistenceErrors = "ENABLED"')"
      fits     app client app: allows tokens to be revoked
      differs  app client web: has a secret, and the configuration does not say where it is
               run: aws cognito-idp describe-user-pool-client --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --client-id web --query UserPoolClient.ClientSecret --output text
      fits     app client web: allows ALLOW_USER_PASSWORD_AUTH
      fits     app client web: allows ALLOW_REFRESH_TOKEN_AUTH
      fits     app client web: hides that a user does not exist
      fits     app client web: allows tokens to be revoked
      differs  app client gone: there is no such app client in the pool
               run: aws cognito-idp list-user-pool-clients --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --max-results 60
      differs  issuer: tokens are issued by http://localhost/us-east-1_Checked123, the configuration expects https://elsewhere.example/us-east-1_Checked123
               in the file: [pool.aws] token_issuer = "http://localhost/us-east-1_Checked123"
      fits     issuer: the public keys can be fetched
      differs  groups: there is no group account-disabled
               run: aws cognito-idp create-group --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --group-name account-disabled
      differs  groups: there is no group external-user
               run: aws cognito-idp create-group --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --group-name external-user
      differs  groups: there is no group partner-id-acme
               run: aws cognito-idp create-group --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --group-name partner-id-acme
      note     groups: there is no group service-accounts; programs cannot sign in without it
      fits     permissions: permitted: AdminGetUser, DescribeUserPool, ListGroups
      differs  permissions: not permitted: AdminInitiateAuth, AdminRespondToAuthChallenge, AdminListGroupsForUser, AdminListDevices, AdminUserGlobalSignOut, AdminDeleteUser, AdminDisableUser, AdminEnableUser, AdminResetUserPassword, AdminSetUserMFAPreference, AdminForgetDevice, AdminAddUserToGroup, AdminRemoveUserFromGroup, AdminSetUserPassword, AdminUpdateUserAttributes, AdminCreateUser, ListUsers, ListUsersInGroup, DeleteGroup
               by hand: add to the caller's policy: {"Statement":[{"Action":["cognito-idp:AdminInitiateAuth","cognito-idp:AdminRespondToAuthChallenge","cognito-idp:AdminListGroupsForUser","cognito-idp:AdminListDevices","cognito-idp:AdminUserGlobalSignOut","cognito-idp:AdminDeleteUser","cognito-idp:AdminDisableUser","cognito-idp:AdminEnableUser","cognito-idp:AdminResetUserPassword","cognito-idp:AdminSetUserMFAPreference","cognito-idp:AdminForgetDevice","cognito-idp:AdminAddUserToGroup","cognito-idp:AdminRemoveUserFromGroup","cognito-idp:AdminSetUserPassword","cognito-idp:AdminUpdateUserAttributes","cognito-idp:AdminCreateUser","cognito-idp:ListUsers","cognito-idp:ListUsersInGroup","cognito-idp:DeleteGroup"],"Effect":"Allow","Resource":"arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Checked123"}],"Version":"2012-10-17"}
      unknown  permissions: CreateGroup: not tried: without a known group, the call would create one
    us-east-1_NotThere1
      note     caller: the caller is unknown: no usable answer (it answered 400)
      differs  pool: there is no such pool in us-east-1
               by hand: correct the id, or use the credentials of the account that has the pool
    "#);
    assert_snapshot!(said.err, @"not everything fits (differs: 17, unknown: 2)");
    assert_eq!(said.code, Some(1));
}

#[test]
fn a_pool_that_does_not_fit_as_json() {
    let (_server, amazon, front) = differing_pool();
    let said = run(front.path(), &["--json"]);
    let report: serde_json::Value =
        serde_json::from_str(&without_address(&said.out, &amazon)).unwrap();
    assert_eq!(report["fits"], false);
    assert_snapshot!(report["pools"][0]["findings"][2], @r##"{"about":"pool","fix":{"run":"aws cognito-idp set-user-pool-mfa-config --region us-east-1 --endpoint-url ENDPOINT --cli-input-json \"$(aws cognito-idp get-user-pool-mfa-config --region us-east-1 --endpoint-url ENDPOINT --user-pool-id us-east-1_Checked123 --output json | jq '.UserPoolId = \"us-east-1_Checked123\" | .MfaConfiguration = \"OPTIONAL\" | if .SmsMfaConfiguration or .EmailMfaConfiguration then . else .SoftwareTokenMfaConfiguration.Enabled = true end')\""},"says":"has MFA OFF, the configuration says mfa = \"OPTIONAL\"","verdict":"differs"}"##);
    assert_eq!(said.code, Some(1));
}

#[test]
fn nobody_answers() {
    let file = FILE.replace("ENDPOINT", "http://127.0.0.1:9");
    let file = file.replace("[pool.aws]", "[pool.aws]\nattempts = 1");
    let front = folder(&file);
    let said = run(front.path(), &[]);
    assert_eq!(said.code, Some(1));
    assert_snapshot!(said.err, @"not everything fits (differs: 0, unknown: 1)");
    assert_snapshot!(said.out, @r#"
    us-east-1_Checked123
      note     caller: the caller is unknown: no usable answer (the connection failed: Connection refused (os error 111))
      unknown  pool: nothing was checked at http://127.0.0.1:9: no usable answer (the connection failed: Connection refused (os error 111))
               by hand: let this machine reach http://127.0.0.1:9, or correct endpoint in [pool.aws]
    "#);
}

#[test]
fn nothing_to_sign_with() {
    let front = folder(&FILE.replace("ENDPOINT", "http://127.0.0.1:9"));
    let variables = [
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ];
    let said = run_in(front.path(), &[], &variables);
    assert_eq!(said.code, Some(1));
    // The SDK's own words follow.
    let said = said.out.split(" (").next().unwrap();
    assert_snapshot!(said, @r"
    us-east-1_Checked123
      unknown  pool: nothing was checked at http://127.0.0.1:9: the call could not be made: no usable AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile file, web identity, or a role of the container or instance
    ");
}

#[test]
fn a_file_without_such_a_pool() {
    let front = folder(BAD);
    let said = run(front.path(), &[]);
    assert_eq!((said.out.as_str(), said.code), ("", Some(2)));
    assert_snapshot!(said.err, @r##"poolkeeper.toml: there is no pool with backend = "aws""##);
}
