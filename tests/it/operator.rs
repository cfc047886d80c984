//! The operators' address, next to the public one.

use crate::support::Program;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

const OPERATOR: &str = "[operator]\nlisten = \"127.0.0.1:0\"\n";

/// Starts the program with an operators' address, and returns that address.
async fn start(folder: &Path) -> (Program, SocketAddr) {
    let file = folder.join("poolkeeper.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}{OPERATOR}")).unwrap();
    let program = Program::start(folder, ":");
    for _ in 0..100 {
        let log = program.log();
        let line = log.lines().find(|line| line.contains("listening for operators"));
        if let Some((_, rest)) = line.and_then(|line| line.split_once("127.0.0.1:")) {
            let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
            return (program, SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap())));
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{}", program.log());
}

/// Sends a request, and reads until the connection is closed.
async fn exchange(address: SocketAddr, line: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request =
        format!("{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    read.expect("the connection stays open").unwrap();
    String::from_utf8(answer).unwrap()
}

/// The status and the body of an answer.
async fn ask(address: SocketAddr, line: &str) -> (String, String) {
    let answer = exchange(address, line, "").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
}

#[tokio::test]
async fn operators_are_told_how_the_server_is_and_nobody_else_is() {
    let folder = Program::folder();
    let (program, operators) = start(folder.path()).await;
    let is = |status: &str, body: &str| (status.to_owned(), body.to_owned());
    let nothing = is("404", r#"{"message":"Not Found"}"#);
    assert_eq!(ask(operators, "GET /health").await, is("200", r#"{"status":"ok"}"#));
    assert_eq!(ask(operators, "POST /health").await.0, "405");
    for line in ["GET /", "POST /", "POST /api/auth/login", "GET /inbox", "GET /openapi"] {
        assert_eq!(ask(operators, line).await, nothing, "{line}");
    }
    // The public address serves what it served without the other.
    let public = ask(program.address, "GET /health").await;
    assert_eq!(public, is("200", r#"{"status":"healthy","service":"poolkeeper"}"#));
    program.stop();
}

#[tokio::test]
async fn the_limits_hold_for_operators_too() {
    let folder = Program::folder();
    let (program, operators) = start(folder.path()).await;
    let many = "x: 1\r\n".repeat(70);
    let answer = exchange(operators, "GET /health", &many).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let answer = exchange(operators, "GET /health", "Content-Length: 1\r\nContent-Length: 1\r\n");
    assert!(answer.await.starts_with("HTTP/1.1 400 "));
    // Operators who hold all their connections take none from the public address.
    let mut held = Vec::new();
    for _ in 0..64 {
        held.push(TcpStream::connect(operators).await.unwrap());
    }
    let waiting = async {
        let request = exchange(operators, "GET /health", "");
        timeout(Duration::from_millis(300), request).await
    };
    assert!(waiting.await.is_err(), "there are more connections than 64");
    assert_eq!(ask(program.address, "GET /health").await.0, "200");
    drop(held);
    assert_eq!(ask(operators, "GET /health").await.0, "200");
    program.stop();
}
