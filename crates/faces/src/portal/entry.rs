use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;

/// Something that is wrong with a body.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Problem")]
pub(super) struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ctx: Option<Context>,
    /// What was sent. All values but that of `username` are masked, and so is that if it is long.
    pub(super) input: Value,
    /// `body` or `query`, and the member, the parameter, or how many characters were fine.
    pub(super) loc: Vec<Value>,
    #[schemars(example = &"Field required")]
    pub(super) msg: Cow<'static, str>,
    #[serde(rename = "type")]
    #[schemars(example = &"missing")]
    pub(super) kind: &'static str,
    /// Where it is explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
}

/// More about a body that is no JSON, a number out of range, or a text that is too long.
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
