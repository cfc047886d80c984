use super::imitation;
use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::fmt::Write as _;

/// A response, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: parts.status, headers: parts.headers, text }
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// A text member of the body, by JSON pointer.
    #[track_caller]
    pub(crate) fn get(&self, pointer: &str) -> String {
        let json = self.json();
        let found = json.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no {pointer} in {}", self.show())).to_owned()
    }

    /// An error in one line, or the body of a success.
    pub(crate) fn line(&self) -> String {
        let json: Value = serde_json::from_str(&self.text).unwrap_or_default();
        let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or("-");
        let status = self.status.as_u16();
        if self.status.is_success() {
            format!("{status} {}", self.text)
        } else {
            format!("{status} {} {:?}", text("__type"), text("message"))
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status line and body for snapshots, with tokens and other unguessable texts replaced by
    /// their kind.
    pub(crate) fn show(&self) -> String {
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

    /// Status and whole body on one line, and those of the named headers that are there.
    pub(crate) fn row(&self, headers: &[&str]) -> String {
        let mut body = self.text.clone();
        if let Ok(mut json) = serde_json::from_str(&self.text) {
            redact(&mut json);
            body = json.to_string();
        }
        let headers = headers.iter().filter_map(|name| Some((name, self.header(name)?)));
        let row = format!("{} {body}", self.status);
        headers.fold(row, |row, (name, value)| format!("{row} {name}: {value}"))
    }

    /// As [`Self::show`], with the named headers between status and body.
    pub(crate) fn show_with(&self, headers: &[&str]) -> String {
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
        Value::Object(members) => {
            for (name, value) in members {
                // Those of imitations of Amazon look like many other things.
                if name.replace('_', "").eq_ignore_ascii_case("refreshtoken")
                    && (is_uuid(value) || imitation::is_asked_for() && value.is_string())
                {
                    *value = "[refresh token]".into();
                }
                redact(value);
            }
        }
        _ => {}
    }
}

fn is_uuid(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() == 36)
}

fn kind(text: &str) -> Option<&'static str> {
    let base64 =
        |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+/=".contains(&b));
    let parts: Vec<_> = text.split('.').collect();
    match parts.len() {
        3 if text.starts_with("eyJ") && parts.iter().all(|part| base64(part)) => Some("[jwt]"),
        5 if text.starts_with("eyJ") && parts.iter().all(|part| base64(part)) => {
            Some("[refresh token]")
        }
        1 if text.len() > 700 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Some("[number of the group]")
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
