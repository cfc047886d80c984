//! Signatures of Cognito's protocol that were made up, and signed requests that were changed.

use super::*;
use crate::support::{ACCESS_KEY, POOL, REGION, Signer};
use axum::body::Body;
use axum::http::Request;
use data_encoding::HEXLOWER;

const TYPE: &str = "application/x-amz-json-1.1";
const TARGET: &str = "AWSCognitoIdentityProviderService.DescribeUserPool";

/// A request as its parts: `Authorization`, the headers that it covers, and the body.
struct Signed {
    authorization: String,
    headers: Vec<(String, String)>,
    body: String,
}

fn signed(site: &Site, more: &[(String, String)]) -> Signed {
    let time = site.server.cognito().time();
    let body = json!({ "UserPoolId": POOL }).to_string();
    let own = [("content-type", TYPE), ("host", "localhost:8080"), ("x-amz-date", time.as_str())];
    let own = own.into_iter().chain([("x-amz-target", TARGET)]);
    let mut headers: Vec<_> =
        own.chain(more.iter().map(|(name, value)| (name.as_str(), value.as_str()))).collect();
    headers.sort_unstable();
    let authorization = Signer::own(&time).authorization(&headers, body.as_bytes());
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    Signed { authorization, headers: headers.collect(), body }
}

fn send(site: &Site, uri: &str, sent: &Signed) -> Answer {
    let request = Request::post(uri).header("authorization", &sent.authorization);
    let add = |request: axum::http::request::Builder, (name, value): &(String, String)| {
        request.header(name, value)
    };
    let request = sent.headers.iter().fold(request, add);
    site.wait(site.server.send(request.body(Body::from(sent.body.clone())).unwrap()))
}

/// Puts another visible letter somewhere; whether it is another.
fn changes(text: &mut String, at: u16, letter: u8) -> bool {
    let at = usize::from(at) % text.len();
    let letter = char::from(b'!' + letter % 94).to_string();
    let is_other = text[at..=at] != letter;
    text.replace_range(at..=at, &letter);
    is_other
}

#[test]
fn no_signature_covers_what_was_changed() {
    let site = Site::new();
    let answer = send(&site, "/", &signed(&site, &[]));
    assert_eq!(answer.status, 200, "{}", answer.text);
    bolero::check!().with_type::<(u8, u16, u8)>().for_each(|(part, at, letter)| {
        let mut sent = signed(&site, &[]);
        let mut query = "?x".to_owned();
        let is_changed = match part % 7 {
            0 => changes(&mut sent.authorization, *at, *letter),
            1 => changes(&mut sent.body, *at, *letter),
            2 => changes(&mut query, 1, b'A' + letter % 26 - b'!'),
            header => changes(&mut sent.headers[usize::from(header) - 3].1, *at, *letter),
        };
        let uri = if part % 7 == 2 { ["/", &query].concat() } else { "/".to_owned() };
        if is_changed || part % 7 == 2 {
            let answer = send(&site, &uri, &sent);
            assert!(answer.status.is_client_error(), "{} {}", sent.authorization, answer.text);
        }
    });
}

/// Whatever else a client signs along, the server reads as the client does.
#[test]
fn whatever_is_signed_verifies() {
    let site = Site::new();
    bolero::check!().with_type::<[Option<Vec<u8>>; 4]>().for_each(|values| {
        let mut more = Vec::new();
        for (number, value) in values.iter().enumerate() {
            let Some(value) = value else { continue };
            let visible = |byte: &u8| char::from(b' ' + byte % 95);
            let value: String = value.iter().map(visible).collect();
            let words: Vec<_> = value.split_ascii_whitespace().collect();
            more.push((format!("x-{number}"), words.join(" ")));
        }
        let answer = send(&site, "/", &signed(&site, &more));
        assert_eq!(answer.status, 200, "{more:?} {}", answer.text);
    });
}

/// With a key that there is, the right time and all that has to be covered.
#[test]
fn made_up_signatures_never_verify() {
    let site = Site::new();
    bolero::check!().with_type::<([u8; 32], [Vec<u8>; 3], u8)>().for_each(|(made, odd, form)| {
        let mut sent = signed(&site, &[]);
        let signature = HEXLOWER.encode(made.as_ref());
        let time = site.server.cognito().time();
        let text = |at: usize, usual: &str| {
            let other: String = odd[at].iter().map(|byte| char::from(b' ' + byte % 95)).collect();
            if form >> at & 1 == 0 { usual.to_owned() } else { other }
        };
        let scope = format!("{}/{REGION}/cognito-idp/aws4_request", &time[..8]);
        sent.authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={signature}",
            text(0, ACCESS_KEY),
            text(1, &scope),
            text(2, "host;x-amz-date;x-amz-target"),
        );
        let answer = send(&site, "/", &sent);
        assert!(answer.status.is_client_error(), "{} {}", sent.authorization, answer.text);
        Face::Cognito.check(&answer, &sent.authorization);
    });
}
