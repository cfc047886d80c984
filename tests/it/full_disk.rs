//! A disk without space under the built program (P2). The limit on file sizes stands in for the disk: it
//! needs no mount, leaves nothing behind, and can be raised while the program runs.

use poolkeeper::config::Config;
use poolkeeper::master_key::MasterKey;
use poolkeeper::system::SystemRng;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

const CONFIG: &str = "listen = '127.0.0.1:0'
public_url = 'http://localhost'
data = 'data'
master_key_file = 'master.key'
[hashing]
memory_kib = 64
iterations = 1
allow_weak = true
[[pool]]
id = 'us-east-1_Full12345'
username_attributes = ['email']
self_sign_up = true
auto_verified_attributes = ['email']
[[pool.client]]
id = 'app'
flows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']
[portal_api]
pool = 'us-east-1_Full12345'
client = 'app'
registration = true
[[access_key]]
id = 'PK000000000000000000'
secret_file = 'access.secret'
operations = ['*']
pools = ['*']
";

struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts the program, with no space if that is wanted.
    fn start(folder: &Path, full: bool) -> Self {
        let limit = if full { "ulimit -S -f 0; " } else { "" };
        let script = format!("trap '' XFSZ; {limit}exec \"$0\" serve --config poolkeeper.toml");
        let mut process = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_poolkeeper")])
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = log.find_map(|line| {
            let line = line.unwrap();
            let (_, rest) = line.split_once("127.0.0.1:").filter(|_| line.contains("listening"))?;
            let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
            Some(format!("127.0.0.1:{port}"))
        });
        // The program would stop at a pipe that is full.
        thread::spawn(move || log.for_each(drop));
        let address = address.expect("the server does not listen");
        Self { process, address }
    }

    fn post(&self, path: &str, body: &Value) -> (u16, String) {
        let body = body.to_string();
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
    }

    fn send(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        (answer[9..12].parse().unwrap(), answer)
    }

    fn give_space(&self) {
        let pid = self.process.id().to_string();
        let raised = Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited:"]).status();
        assert!(raised.unwrap().success());
    }

    fn stop(mut self) {
        let pid = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn sign_up(server: &Server, name: &str) -> (u16, String) {
    server
        .post("/api/auth/register", &json!({ "email": name, "password": "Passw0rd!", "name": "A" }))
}

#[test]
fn reads_are_served_and_writes_come_back_with_space() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("poolkeeper.toml"), CONFIG).unwrap();
    fs::write(folder.join("access.secret"), "0123456789abcdefghijklmnopqrstuvwxyzABCD").unwrap();
    MasterKey::create(&folder.join("master.key"), &SystemRng).unwrap();
    Config::load(&folder.join("poolkeeper.toml")).unwrap();
    let server = Server::start(folder, false);
    assert_eq!(sign_up(&server, "ann@example.com").0, 201);
    server.stop();

    let server = Server::start(folder, true);
    let keys = server.get("/us-east-1_Full12345/.well-known/jwks.json");
    assert_eq!(keys.0, 200, "{}", keys.1);
    let (status, answer) = sign_up(&server, "ben@example.com");
    assert_eq!(status, 503, "{answer}");
    assert!(answer.to_lowercase().contains("\r\nretry-after: 1\r\n"), "{answer}");
    server.give_space();
    // The next that asks finds the space.
    assert_eq!(sign_up(&server, "ben@example.com").0, 201);
    assert_eq!(server.get("/us-east-1_Full12345/.well-known/jwks.json").0, 200);
    server.stop();
}
