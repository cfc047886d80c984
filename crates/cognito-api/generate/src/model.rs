//! The service model as it lies in `model.json`.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use anyhow::{Context as _, Result};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

/// Unknown keys are refused throughout: a new trait in a newer model must be looked at, not lost.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Model {
    #[serde(rename = "metadata")]
    _metadata: IgnoredAny,
    #[serde(rename = "pagination")]
    _pagination: IgnoredAny,
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    pub(crate) input: String,
    pub(crate) output: Option<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) auth: Auth,
    #[serde(default)]
    pub(crate) readonly: bool,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Auth {
    SigV4,
    None,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Boolean,
    Timestamp,
    Blob,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    /// In the order of declaration: violations are reported in it.
    #[serde(default, deserialize_with = "in_order")]
    pub(crate) members: Vec<(String, Reference)>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    #[serde(default)]
    pub(crate) document: bool,
    #[serde(default)]
    pub(crate) sensitive: bool,
    /// Set by an override only: redacted in Rust, echoed in messages all the same.
    #[serde(skip)]
    pub(crate) redacted: bool,
    /// Set by an override only: what is matched where it differs from what messages quote.
    #[serde(skip)]
    pub(crate) matched: Option<String>,
    /// Set by an override only: why it differs.
    #[serde(skip)]
    pub(crate) reason: Option<&'static str>,
    #[serde(default, rename = "enum")]
    pub(crate) values: Vec<String>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) pattern: Option<String>,
    pub(crate) member: Option<Reference>,
    pub(crate) key: Option<Reference>,
    pub(crate) value: Option<Reference>,
    #[serde(default, rename = "exception")]
    _exception: IgnoredAny,
    #[serde(default, rename = "fault")]
    _fault: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reference {
    pub(crate) shape: String,
    #[serde(default, rename = "box")]
    _box: IgnoredAny,
    #[serde(default, rename = "deprecated")]
    _deprecated: IgnoredAny,
}

impl Model {
    pub(crate) fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes.get(name).with_context(|| format!("there is no shape {name}"))
    }
}

impl Shape {
    /// The shapes it refers to.
    pub(crate) fn references(&self) -> impl Iterator<Item = &str> {
        self.members
            .iter()
            .map(|(_, reference)| reference)
            .chain(&self.member)
            .chain(&self.key)
            .chain(&self.value)
            .map(|reference| reference.shape.as_str())
    }
}

/// Reads an object as pairs: a map type would lose the order of the members.
fn in_order<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<(String, T)>, D::Error> {
    struct Pairs<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Pairs<T> {
        type Value = Vec<(String, T)>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }

    deserializer.deserialize_map(Pairs(PhantomData))
}
