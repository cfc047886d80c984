//! The built program finds Amazon where the environment says, by the variables that AWS's own tools obey.

use super::ALICE;
use crate::support::*;
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What AWS's tools and others read. None of it is to come from where the tests run.
const FOREIGN: &str = "unset HTTP_PROXY http_proxy HTTPS_PROXY https_proxy ALL_PROXY all_proxy NO_PROXY \
     no_proxy AWS_ENDPOINT_URL AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER AWS_USE_FIPS_ENDPOINT \
     AWS_USE_DUALSTACK_ENDPOINT AWS_IGNORE_CONFIGURED_ENDPOINT_URLS; export AWS_EC2_METADATA_DISABLED=true";

/// A folder with a configuration of a pool that is at Amazon, and what else it says.
fn folder(aws: &str, more: &str) -> TempDir {
    let folder = Program::folder();
    let config = format!(
        "listen = '127.0.0.1:0'\npublic_url = 'http://localhost'\ndata = 'data'\n\
         master_key_file = 'master.key'\n[[pool]]\nid = '{POOL}'\nbackend = 'aws'\n\
         client = [{{ id = '{PUBLIC_CLIENT}', flows = ['ALLOW_USER_PASSWORD_AUTH'] }}]\n{aws}\n\
         [portal_api]\npool = '{POOL}'\nclient = '{PUBLIC_CLIENT}'\n{more}"
    );
    fs::write(folder.path().join("poolkeeper.toml"), config).unwrap();
    folder
}

/// Sends a request to the program; status and body.
async fn ask(program: &Program, line: &str, headers: &str, body: &str) -> (String, Value) {
    let mut stream = TcpStream::connect(program.address).await.unwrap();
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let read = timeout(Duration::from_secs(20), stream.read_to_string(&mut answer)).await;
    read.expect("the program does not answer").unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().to_owned(), serde_json::from_str(body).unwrap())
}

/// What three ways to Amazon lead to: of the SDK, of the forwarder, and to the documents.
async fn ways(program: &Program) -> String {
    let wrong = json!({ "username": ALICE, "password": "Wrong-Passw0rd" }).to_string();
    let json = "Content-Type: application/json\r\n";
    let sdk = ask(program, "POST /api/auth/login", json, &wrong).await;
    let target = "Content-Type: application/x-amz-json-1.1\r\n\
                  X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth\r\n";
    let body = json!({
        "ClientId": PUBLIC_CLIENT,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": ALICE, "PASSWORD": "Wrong-Passw0rd" },
    });
    let forwarded = ask(program, "POST /", target, &body.to_string()).await;
    let (status, keys) = ask(program, &format!("GET /{POOL}/.well-known/jwks.json"), "", "").await;
    let keys = keys["keys"].as_array().map_or(0, Vec::len);
    format!("{} {}\n{} {}\n{status}, {keys} keys", sdk.0, sdk.1, forwarded.0, forwarded.1)
}

/// A server that stands in for Amazon behind a proxy. Its clock is its own, so no token of it is valid.
async fn amazon() -> TestServer {
    let how = AtAmazon { proxied: true, ..AtAmazon::default() };
    let server = TestServer::at_amazon(config(Path::new("")), how).await;
    server.user(ALICE, &[]).await;
    server
}

const FORWARD: &str = "[cognito]\nforward = true\n";

#[tokio::test]
async fn an_endpoint_of_the_environment_is_asked_for_everything() {
    let amazon = amazon().await;
    let folder = folder("", FORWARD);
    let endpoint = format!("{FOREIGN} AWS_ENDPOINT_URL=http://{}/", amazon.proxy().address);
    let program = Program::start(folder.path(), &endpoint);
    assert_snapshot!(ways(&program).await, @r#"
    401 {"detail":"Invalid credentials"}
    400 {"__type":"NotAuthorizedException","message":"Incorrect username or password."}
    200, 2 keys
    "#);
    // The keys are the pool's, and not those of the program's own database.
    let (_, keys) = ask(&program, &format!("GET /{POOL}/.well-known/jwks.json"), "", "").await;
    assert_eq!(keys, amazon.engine.jwks(&amazon.main_pool()).await.unwrap());
    program.stop();
}

/// Nobody listens at the endpoint: only the proxy leads anywhere.
#[tokio::test]
async fn a_proxy_is_on_every_way_but_to_hosts_that_are_reached_without() {
    let amazon = amazon().await;
    let folder = folder("[pool.aws]\nendpoint = 'http://127.0.0.1:9'\nattempts = 1\n", FORWARD);
    let proxy = format!("{FOREIGN} HTTP_PROXY=http://{}", amazon.proxy().address);
    let program = Program::start(folder.path(), &proxy);
    assert_snapshot!(ways(&program).await, @r#"
    401 {"detail":"Invalid credentials"}
    400 {"__type":"NotAuthorizedException","message":"Incorrect username or password."}
    200, 2 keys
    "#);
    program.stop();
    let program = Program::start(folder.path(), &format!("{proxy} NO_PROXY=10.0.0.1,127.0.0.1"));
    assert_snapshot!(ways(&program).await, @r#"
    503 {"detail":"Login failed: Service unavailable"}
    503 {"__type":"ServiceUnavailableException","message":"Amazon does not answer."}
    503, 0 keys
    "#);
    program.stop();
}

/// As in a network that only a proxy leads out of. It has to be asked, or there is no answer at all.
#[tokio::test]
async fn tls_goes_through_a_proxy_too() {
    let amazon = amazon().await;
    amazon.proxy().set(Fault::Status(502));
    let folder = folder("", FORWARD);
    let proxy = format!("{FOREIGN} https_proxy=http://{}", amazon.proxy().address);
    let program = Program::start(folder.path(), &proxy);
    assert_snapshot!(ways(&program).await, @r#"
    503 {"detail":"Login failed: Service unavailable"}
    503 {"__type":"ServiceUnavailableException","message":"Amazon does not answer."}
    503, 0 keys
    "#);
    // Both of the pool's documents are asked for at once.
    assert_eq!(amazon.proxy().connections(), 4);
    program.stop();
}
