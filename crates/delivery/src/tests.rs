//! Both senders against servers of the test's own, on loopback.

use super::*;
use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use poolkeeper_pool::entity::{Channel, MessagePurpose};
use poolkeeper_pool::ports::{Outgoing, SendError, Sender};
use poolkeeper_pool::system::Clock;
use poolkeeper_pool::time::Timestamp;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_767_323_045)
    }
}

fn outgoing(channel: Channel) -> Outgoing {
    Outgoing {
        id: "0190d7a0-0000-7000-8000-000000000000".into(),
        pool: "us-east-1_Example01".into(),
        channel,
        purpose: MessagePurpose::SignInCode,
        to: "ann@example.com".to_owned(),
        subject: "Ihr Code für heute".to_owned(),
        body: "Your code is 123456.".into(),
        html: false,
        code: Some("123456".into()),
        username: "ann".into(),
        created_at: Timestamp::from_seconds(1_767_323_000),
        from: Some("Pool <pool@example.com>".to_owned()),
        reply_to: Some("not an address".to_owned()),
    }
}

fn reason(result: Result<(), SendError>) -> String {
    match result {
        Err(SendError::Transient(reason)) => format!("transient: {reason}"),
        Err(SendError::Permanent(reason)) => format!("permanent: {reason}"),
        Ok(()) => panic!("it was sent"),
    }
}

// --- mail ----------------------------------------------------------------------------------------

/// A mail server for one connection: `replies` says what it answers to commands that begin so,
/// where that is not what a friendly server answers. Ends with all it was told.
async fn mail_server(replies: &'static [(&str, &str)]) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        let mut heard = String::new();
        let mut in_data = false;
        writer.write_all(b"220 test\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            heard.push_str(&line);
            heard.push('\n');
            if in_data && line != "." {
                continue;
            }
            let special = replies.iter().find(|(start, _)| line.starts_with(start));
            let usual = match line.get(..4).unwrap_or(&line) {
                "EHLO" => "250-test\r\n250 AUTH PLAIN",
                "AUTH" => "235 welcome",
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 fine",
            };
            in_data = line == "DATA" && special.is_none();
            let reply = special.map_or(usual, |(_, reply)| reply);
            if writer.write_all(format!("{reply}\r\n").as_bytes()).await.is_err() {
                break;
            }
        }
        heard
    });
    (port, server)
}

fn smtp(port: u16, tls: Tls) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls,
        credentials: Some(("user".to_owned(), "pass".into())),
        from: "Example <no-reply@example.com>".to_owned(),
        reply_to: Some("help@example.com".to_owned()),
        from_pools: false,
    }
}

async fn mail_to(replies: &'static [(&str, &str)]) -> (Result<(), SendError>, String) {
    let (port, server) = mail_server(replies).await;
    let sender = Smtp::new(&smtp(port, Tls::None)).unwrap();
    let result = sender.send(&outgoing(Channel::Email)).await;
    drop(sender);
    (result, server.await.unwrap())
}

#[tokio::test]
async fn a_mail_arrives_whole() {
    let (result, heard) = mail_to(&[]).await;
    result.unwrap();
    for line in [
        "AUTH PLAIN AHVzZXIAcGFzcw==",
        "MAIL FROM:<no-reply@example.com>",
        "RCPT TO:<ann@example.com>",
        "From: Example <no-reply@example.com>",
        "Reply-To: help@example.com",
        "To: ann@example.com",
        "Message-ID: <0190d7a0-0000-7000-8000-000000000000@example.com>",
        "Date: Fri, 02 Jan 2026 03:03:20 +0000",
        "Content-Type: text/plain; charset=utf-8",
        "Your code is 123456.",
    ] {
        assert!(heard.lines().any(|heard| heard.starts_with(line)), "{line}:\n{heard}");
    }
    assert!(heard.contains("Subject: Ihr Code =?utf-8?b?"), "{heard}");
}

#[tokio::test]
async fn a_pool_s_own_sender_counts_where_that_is_wanted() {
    let (port, server) = mail_server(&[]).await;
    let settings = SmtpSettings { from_pools: true, credentials: None, ..smtp(port, Tls::None) };
    let message = Outgoing { html: true, ..outgoing(Channel::Email) };
    Smtp::new(&settings).unwrap().send(&message).await.unwrap();
    let heard = server.await.unwrap();
    assert!(heard.contains("MAIL FROM:<pool@example.com>"), "{heard}");
    assert!(heard.contains("From: Pool <pool@example.com>"), "{heard}");
    assert!(heard.contains("Reply-To: help@example.com"), "{heard}");
    assert!(heard.contains("Content-Type: text/html; charset=utf-8"), "{heard}");
    assert!(!heard.contains("AUTH"), "{heard}");
}

#[tokio::test]
async fn what_a_mail_server_answers_decides_whether_to_try_again() {
    const TRANSIENT: [(&str, &str); 4] = [
        ("RCPT", "450 ann@example.com is busy"),
        ("DATA", "421 closing"),
        // Our password or the server's mood, not this message.
        ("AUTH", "535 wrong password"),
        ("MAIL", "530 authenticate first"),
    ];
    const PERMANENT: [(&str, &str); 2] =
        [("RCPT", "550 ann@example.com is unknown"), (".", "554 123456 looks like spam")];
    for reply in &TRANSIENT {
        let said = reason(mail_to(std::slice::from_ref(reply)).await.0);
        assert_eq!(said, format!("transient: the mail server answered {}", &reply.1[..3]));
    }
    for reply in &PERMANENT {
        let said = reason(mail_to(std::slice::from_ref(reply)).await.0);
        assert_eq!(said, format!("permanent: the mail server answered {}", &reply.1[..3]));
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_said() {
    let (port, server) = mail_server(&[]).await;
    let sender = Smtp::new(&smtp(port, Tls::Starttls)).unwrap();
    let said = reason(sender.send(&outgoing(Channel::Email)).await);
    assert!(said.starts_with("transient: the mail server does not speak SMTP"), "{said}");
    let heard = server.await.unwrap();
    assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");
}

/// A connection that ends half-way says nothing about what the server speaks.
#[tokio::test]
async fn a_connection_that_is_dropped_half_way_is_told_as_that() {
    for said in ["", "220 te", "220 test\r\n", "220 test\r\n250-te"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(said.as_bytes()).await.unwrap();
            if said.contains('\n') {
                stream.read_buf(&mut Vec::new()).await.unwrap();
            }
        });
        let sender = Smtp::new(&smtp(port, Tls::None)).unwrap();
        let said = reason(sender.send(&outgoing(Channel::Email)).await);
        assert_eq!(said, "transient: the mail server closed the connection too early");
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_mail_server_that_is_not_there_may_come_back() {
    for tls in [Tls::None, Tls::Implicit] {
        let said = reason(Smtp::new(&smtp(1, tls)).unwrap().send(&outgoing(Channel::Email)).await);
        assert_eq!(
            said,
            "transient: cannot reach the mail server: Connection refused (os error 111)"
        );
    }
}

#[tokio::test]
async fn what_is_no_address_gets_no_mail() {
    let sender = Smtp::new(&smtp(1, Tls::None)).unwrap();
    for to in ["ann", "a@b.c\r\nBcc: eve@example.com", "a@b.c, eve@example.com", ""] {
        let message = Outgoing { to: to.to_owned(), ..outgoing(Channel::Email) };
        let said = reason(sender.send(&message).await);
        assert_eq!(said, "permanent: the recipient is not a mail address", "{to}");
    }
    // Nor does a subject become a header.
    let subject = "Hello\r\nBcc: eve@example.com".to_owned();
    let (port, server) = mail_server(&[]).await;
    let message = Outgoing { subject, ..outgoing(Channel::Email) };
    Smtp::new(&smtp(port, Tls::None)).unwrap().send(&message).await.ok();
    let heard = server.await.unwrap();
    assert!(!heard.lines().any(|line| line.starts_with("Bcc")), "{heard}");
}

#[test]
fn mailboxes() {
    for text in ["a@example.com", "Ann Example <a@example.com>", "\"Ann, X\" <a@example.com>"] {
        assert!(is_mailbox(text), "{text}");
    }
    for text in ["", "a", "a@", "Ann", "a@example.com, b@example.com", "a@b.c\nX: y"] {
        assert!(!is_mailbox(text), "{text}");
    }
}

// --- hooks ---------------------------------------------------------------------------------------

/// Answers one request, and ends with it: its head in lower case, and its body.
async fn hook_server(answer: &'static str) -> (String, JoinHandle<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        let (head, start) = loop {
            stream.read_buf(&mut heard).await.unwrap();
            let text = String::from_utf8_lossy(&heard);
            if let Some((head, _)) = text.split_once("\r\n\r\n") {
                break (head.to_ascii_lowercase(), head.len() + 4);
            }
        };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.unwrap().parse().unwrap();
        while heard.len() < start + length {
            stream.read_buf(&mut heard).await.unwrap();
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        (head, heard.split_off(start))
    });
    (url, server)
}

fn hook(url: &str) -> Hook {
    let settings = HookSettings { url: url.to_owned(), secret: "s3cret".into() };
    Hook::new(&settings, Arc::new(Noon)).unwrap()
}

#[tokio::test]
async fn a_call_says_everything_and_is_signed() {
    let (url, server) = hook_server("HTTP/1.1 204 No Content\r\n\r\n").await;
    hook(&url).send(&outgoing(Channel::Sms)).await.unwrap();
    let (head, body) = server.await.unwrap();
    assert!(head.starts_with("post /send http/1.1\r\n"), "{head}");
    let header = |name: &str| {
        let value = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        value.unwrap_or_else(|| panic!("{name}: {head}")).to_owned()
    };
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(header("idempotency-key"), "0190d7a0-0000-7000-8000-000000000000");
    assert_eq!(
        String::from_utf8_lossy(&body),
        r#"{"id":"0190d7a0-0000-7000-8000-000000000000","pool_id":"us-east-1_Example01","channel":"sms","purpose":"sign_in_code","to":"ann@example.com","subject":"Ihr Code für heute","body":"Your code is 123456.","html":false,"code":"123456","username":"ann","created_at":"2026-01-02T03:03:20Z"}"#
    );
    let signature = header(SIGNATURE_HEADER);
    let hex = signature.strip_prefix("t=1767323045,v1=").unwrap();
    let tag = HEXLOWER.decode(hex.as_bytes()).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"s3cret");
    hmac::verify(&key, &[b"1767323045.", &body[..]].concat(), &tag).unwrap();
}

#[tokio::test]
async fn what_a_hook_answers_decides_whether_to_try_again() {
    for (answer, expected) in [
        ("HTTP/1.1 500 No\r\n\r\n", "transient: the hook answered 500"),
        ("HTTP/1.1 503 No\r\n\r\n", "transient: the hook answered 503"),
        ("HTTP/1.1 408 No\r\n\r\n", "transient: the hook answered 408"),
        ("HTTP/1.1 429 No\r\n\r\n", "transient: the hook answered 429"),
        ("HTTP/1.1 400 No\r\n\r\n", "permanent: the hook answered 400"),
        ("HTTP/1.1 404 No\r\n\r\n", "permanent: the hook answered 404"),
        (
            "HTTP/1.1 307 No\r\nlocation: http://127.0.0.1:1/\r\n\r\n",
            "permanent: the hook answered 307",
        ),
        ("nonsense\r\n\r\n", "transient: the connection to the hook broke"),
        ("", "transient: the connection to the hook broke"),
    ] {
        let (url, server) = hook_server(answer).await;
        let said = reason(hook(&url).send(&outgoing(Channel::Sms)).await);
        assert_eq!(said, expected, "{answer}");
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_hook_that_is_not_there_may_come_back() {
    for scheme in ["http", "https"] {
        let said =
            reason(hook(&format!("{scheme}://127.0.0.1:1/")).send(&outgoing(Channel::Sms)).await);
        assert_eq!(said, "transient: cannot reach the hook: Connection refused (os error 111)");
    }
}

#[tokio::test]
async fn messages_without_a_sender_wait_for_one() {
    let (url, server) = hook_server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let courier = Courier { mail: None, sms: Some(Arc::new(hook(&url))) };
    assert_eq!(courier.missing(), [Channel::Email]);
    let said = reason(courier.send(&outgoing(Channel::Email)).await);
    assert_eq!(said, "transient: no sender is configured for email");
    courier.send(&outgoing(Channel::Sms)).await.unwrap();
    server.await.unwrap();
}
