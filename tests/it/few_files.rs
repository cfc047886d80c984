//! A system that lets the built program have few files open (S3).

use crate::support::Program;
use poolkeeper::server::Limits;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// Connects from a loopback address.
async fn connect(program: &Program, source: u8) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, source], 0))).unwrap();
    socket.connect(program.address).await.unwrap()
}

/// Whether a caller from a loopback address is served within two seconds.
async fn is_served(program: &Program, source: u8) -> bool {
    let answer = async {
        let mut stream = connect(program, source).await;
        let request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = timeout(Duration::from_secs(2), answer).await;
    answer.is_ok_and(|answer| answer.starts_with("HTTP/1.1 200 "))
}

/// The program finds out only when it accepts: it has started with room for more.
#[tokio::test]
async fn idle_connections_that_take_all_files_keep_nobody_out() {
    // This process has as many open.
    Limits::of_this_system();
    let folder = Program::folder();
    let program = Program::start(folder.path(), "ulimit -n 1024");
    program.limit("--nofile=256:256");
    let mut idle = Vec::new();
    for source in (2..10).cycle().take(300) {
        idle.push(connect(&program, source).await);
    }
    let before = program.processor_time();
    assert!(is_served(&program, 100).await, "{}", program.log());
    let spent = program.processor_time() - before;
    assert!(spent < 30, "it has spun for {spent} hundredths of a second");
    drop(idle);
    for source in 100..110 {
        assert!(is_served(&program, source).await, "{}", program.log());
    }
    let log = program.stop();
    assert!(log.contains("Too many open files"), "{log}");
}
