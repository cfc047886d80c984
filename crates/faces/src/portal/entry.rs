use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;

/// Something that is wrong with a request.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Problem")]
pub(super) struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ctx: Option<Context>,
    /// What was sent. All values are masked, except a `username` that is not too long.
    pub(super) input: Value,
    /// `body` or `query`, then the member, the parameter, or the position of the JSON error.
    pub(super) loc: Vec<Value>,
    #[schemars(example = &"Field required")]
    pub(super) msg: Cow<'static, str>,
    #[serde(rename = "type")]
    #[schemars(example = &"missing")]
    pub(super) kind: &'static str,
    /// A page that explains the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
}

/// Details of invalid JSON, a number out of range, or a text that is too long.
#[derive(Debug, Default, JsonSchema, Serialize)]
pub(super) struct Context {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ge: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) le: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_length: Option<usize>,
}
