//! How secrets look in documents. A reply's own type says nothing of its text.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// A signed token.
pub(crate) struct JwtText;

/// A value that only the server can open: a refresh token, or the session of a challenge.
pub(crate) struct SealedText;

impl JsonSchema for JwtText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "JwtText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "examples": ["eyJraWQiOiJrMSIsImFsZyI6IlJTMjU2In0.eyJzdWIiOiJjNGY2In0.c2lnbmF0dXJl"],
        })
    }
}

impl JsonSchema for SealedText {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SealedText".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": [SEALED] })
    }
}

/// What such a value may look like.
pub(crate) const SEALED: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";
