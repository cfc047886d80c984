use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::fmt::Write as _;

/// A response, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, text }
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// A text member of the body, by JSON pointer.
    #[track_caller]
    pub fn get(&self, pointer: &str) -> String {
        let json = self.json();
        let found = json.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no {pointer} in {}", self.show())).to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status line and body for snapshots, with tokens and other unguessable texts replaced by
    /// their kind.
    pub fn show(&self) -> String {
        let mut shown = format!("{}\n", self.status);
        match serde_json::from_str::<Value>(&self.text) {
            Ok(mut json) => {
                redact(&mut json);
                write!(shown, "{json:#}").unwrap();
            }
            Err(_) => shown.push_str(&self.text),
        }
        shown
    }

    /// As [`Self::show`], with the named headers between status and body.
    pub fn show_with(&self, headers: &[&str]) -> String {
        let shown = self.show();
        let (status, body) = shown.split_once('\n').unwrap();
        let mut with = format!("{status}\n");
        for name in headers {
            writeln!(with, "{name}: {}", self.header(name).unwrap_or("-")).unwrap();
        }
        with + body
    }
}

fn redact(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(kind) = kind(text) {
                *text = kind.to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(members) => members.values_mut().for_each(redact),
        _ => {}
    }
}

fn kind(text: &str) -> Option<&'static str> {
    let base64 = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let parts: Vec<_> = text.split('.').collect();
    match parts.len() {
        3 if text.starts_with("eyJ") && parts.iter().all(|part| base64(part)) => Some("[jwt]"),
        5 if text.starts_with("eyJ") && parts.iter().all(|part| base64(part)) => {
            Some("[refresh token]")
        }
        1 if text.len() > 150 && base64(text) => Some("[sealed]"),
        1 if text.len() == 52
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) =>
        {
            Some("[totp key]")
        }
        _ => None,
    }
}
