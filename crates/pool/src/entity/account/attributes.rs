use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A user's attributes, by name. Values are text, as everywhere in Cognito.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(BTreeMap<String, String>);

impl Attributes {
    /// The value of an attribute, if the user has it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether a flag such as `email_verified` is `"true"`.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// Sets an attribute; an empty value removes it, as in Cognito.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        if value.is_empty() {
            self.0.remove(&name);
        } else {
            self.0.insert(name, value);
        }
    }

    /// All attributes in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut attributes = Self::default();
        for (name, value) in pairs {
            attributes.set(name, value);
        }
        attributes
    }
}

/// One of the attributes that every pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardAttribute {
    /// Its name, an OpenID Connect claim.
    pub name: &'static str,
    /// `String`, `Boolean` or `Number`.
    pub data_type: &'static str,
    /// Whether users may write it at all.
    pub mutable: bool,
    /// Whether every user has it.
    pub required: bool,
    /// Smallest and largest length of a string.
    pub lengths: Option<(&'static str, &'static str)>,
}

const fn text(name: &'static str) -> StandardAttribute {
    StandardAttribute {
        name,
        data_type: "String",
        mutable: true,
        required: false,
        lengths: Some(("0", "2048")),
    }
}

const fn plain(name: &'static str, data_type: &'static str) -> StandardAttribute {
    StandardAttribute { name, data_type, mutable: true, required: false, lengths: None }
}

/// The standard attributes in the order in which `DescribeUserPool` lists them.
pub const STANDARD_ATTRIBUTES: [StandardAttribute; 20] = [
    StandardAttribute {
        mutable: false,
        required: true,
        lengths: Some(("1", "2048")),
        ..text("sub")
    },
    text("name"),
    text("given_name"),
    text("family_name"),
    text("middle_name"),
    text("nickname"),
    text("preferred_username"),
    text("profile"),
    text("picture"),
    text("website"),
    text("email"),
    plain("email_verified", "Boolean"),
    text("gender"),
    StandardAttribute { lengths: Some(("10", "10")), ..text("birthdate") },
    text("zoneinfo"),
    text("locale"),
    text("phone_number"),
    plain("phone_number_verified", "Boolean"),
    text("address"),
    plain("updated_at", "Number"),
];
