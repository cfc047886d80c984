//! The built program without credentials for Amazon.

use crate::support::Program;
use serde_json::json;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// What the program serves: a pool at Amazon instead of its own. Nobody listens at the endpoint,
/// and nobody is asked.
const AT_AMAZON: &str = r#"
[[pool]]
id = "us-east-1_Program12"
backend = "aws"

[pool.aws]
endpoint = "http://127.0.0.1:1"
failures = 1

[[pool.client]]
id = "app"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]

[portal_api]
pool = "us-east-1_Program12"
client = "app"
"#;

fn sign_in(program: &Program) -> String {
    let body = json!({ "username": "ann@example.com", "password": "Passw0rd!" }).to_string();
    let request = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(program.address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    format!("{} {body}", head.lines().next().unwrap())
}

#[test]
fn the_log_says_where_credentials_were_looked_for_and_calls_go_on() {
    let folder = Program::folder();
    let file = folder.path().join("poolkeeper.toml");
    let config = fs::read_to_string(&file).unwrap();
    let (ours, _) = config.split_once("[[pool]]").unwrap();
    fs::write(&file, format!("{ours}{AT_AMAZON}")).unwrap();
    let nowhere = "for name in $(env | sed -n 's/^\\(AWS_[A-Z_0-9]*\\)=.*/\\1/p'); do unset $name; \
                   done; export HOME=\"$PWD\" AWS_EC2_METADATA_DISABLED=true";
    let program = Program::start(folder.path(), nowhere);
    for _ in 0..3 {
        assert_eq!(
            sign_in(&program),
            r#"HTTP/1.1 500 Internal Server Error {"detail":"Login failed: Internal error"}"#
        );
    }
    let log = program.log();
    assert_eq!(log.matches("no usable AWS credentials: set AWS_ACCESS_KEY_ID").count(), 3, "{log}");
    assert!(log.contains("Environment: "), "{log}");
    assert!(!log.contains("calls to Amazon are paused"), "{log}");
    program.stop();
}
