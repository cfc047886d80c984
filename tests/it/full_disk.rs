//! A disk without space under the built program (P2). The limit on file sizes stands in for the disk: it
//! needs no mount, leaves nothing behind, and can be raised while the program runs.

use crate::support::Program;
use serde_json::json;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

const KEYS: &str = "/us-east-1_Program12/.well-known/jwks.json";

fn get(program: &Program, path: &str) -> (u16, String) {
    send(program, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
}

fn sign_up(program: &Program, name: &str) -> (u16, String) {
    let body = json!({ "email": name, "password": "Passw0rd!", "name": "A" }).to_string();
    let request = format!(
        "POST /api/auth/register HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    send(program, &request)
}

fn send(program: &Program, request: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(program.address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer[9..12].parse().unwrap(), answer)
}

#[test]
fn reads_are_served_and_writes_come_back_with_space() {
    let folder = Program::folder();
    let program = Program::start(folder.path(), "true");
    assert_eq!(sign_up(&program, "ann@example.com").0, 201);
    // The first who asks for them has them made.
    assert_eq!(get(&program, KEYS).0, 200);
    program.stop();

    let program = Program::start(folder.path(), "trap '' XFSZ; ulimit -S -f 0");
    let keys = get(&program, KEYS);
    assert_eq!(keys.0, 200, "{}", keys.1);
    let (status, answer) = sign_up(&program, "ben@example.com");
    assert_eq!(status, 503, "{answer}");
    assert!(answer.to_lowercase().contains("\r\nretry-after: 1\r\n"), "{answer}");
    program.limit("--fsize=unlimited:");
    // The next that asks finds the space.
    assert_eq!(sign_up(&program, "ben@example.com").0, 201);
    assert_eq!(get(&program, KEYS).0, 200);
    program.stop();
}
