//! Pools that live at Amazon, whose place a second Poolkeeper takes. That the sign-in APIs behave the
//! same over them is what their own tests show, run with `POOLKEEPER_TEST_BACKEND=aws`; here is what
//! those cannot show.

mod caller;
mod calls;
mod check;
mod commands;
mod credentials;
mod cut;
mod devices;
mod documents;
mod environment;
mod faults;
mod follow_ups;
mod half_done;
mod issuers;
mod keys;
mod recent;
mod tenants;
mod verbs;

use crate::support::Program;
use serde_json::json;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use tempfile::TempDir;

const ALICE: &str = "alice@example.com";

/// A folder for the built program whose only pool lives at "Amazon".
fn at_amazon(endpoint: &str) -> TempDir {
    let folder = Program::folder();
    let file = folder.path().join("poolkeeper.toml");
    let config = fs::read_to_string(&file).unwrap();
    let (ours, _) = config.split_once("[[pool]]").unwrap();
    let pool = include_str!("program.toml").replace("ENDPOINT", endpoint);
    fs::write(&file, format!("{ours}{pool}")).unwrap();
    folder
}

/// Signs in through the portal API of the built program.
fn sign_in(program: &Program, username: &str, password: &str) -> String {
    let body = json!({ "username": username, "password": password }).to_string();
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
