use crate::entity::{AliasKey, GivenSettings, PoolRules, SessionRules, SignInName, User};
use crate::ids::{PoolId, Username};
use crate::name;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a pool asks for a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MfaMode {
    /// Never.
    #[default]
    Off,
    /// Of users who have one enabled.
    Optional,
    /// Of every user; those who have none must set one up.
    On,
}

impl MfaMode {
    /// Cognito's spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "OFF",
            Self::Optional => "OPTIONAL",
            Self::On => "ON",
        }
    }
}

/// What a password must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordPolicy {
    /// Smallest number of characters.
    pub minimum_length: u32,
    /// Needs an upper-case letter of basic Latin.
    pub require_uppercase: bool,
    /// Needs a lower-case letter of basic Latin.
    pub require_lowercase: bool,
    /// Needs a digit.
    pub require_numbers: bool,
    /// Needs one of Cognito's symbols.
    pub require_symbols: bool,
    /// Days for which a temporary password works.
    pub temporary_password_validity_days: u32,
    /// How many of a user's passwords, the present one among them, a new one must differ from.
    pub password_history_size: u32,
}

impl Default for PasswordPolicy {
    /// Cognito's defaults.
    fn default() -> Self {
        Self {
            minimum_length: 8,
            require_uppercase: true,
            require_lowercase: true,
            require_numbers: true,
            require_symbols: true,
            temporary_password_validity_days: 7,
            password_history_size: 0,
        }
    }
}

/// A custom attribute, or a standard one whose settings the pool's creator changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaAttribute {
    /// Full name, custom ones with their `custom:` prefix.
    pub name: String,
    /// `String`, `Number`, `Boolean` or `DateTime`.
    pub data_type: String,
    /// Whether it can be written after the user's creation.
    pub mutable: bool,
    /// Whether sign-ups must give it.
    pub required: bool,
    /// `DeveloperOnlyAttribute`.
    pub developer_only: bool,
    /// Smallest and largest length of a string, or value of a number, as given.
    pub range: Option<(Option<String>, Option<String>)>,
}

/// A user pool: its settings. Users, clients and groups are records of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserPoolRecord {
    /// Its id.
    pub id: PoolId,
    /// Display name.
    pub name: String,
    /// Whether it asks for a second factor.
    pub mfa: MfaMode,
    /// What a password must look like.
    pub password_policy: PasswordPolicy,
    /// Attributes that take the username's place (`UsernameAttributes`).
    pub username_attributes: Vec<SignInName>,
    /// Attributes that work beside the username once verified (`AliasAttributes`).
    pub alias_attributes: Vec<SignInName>,
    /// Whether usernames and aliases that differ in case only are different.
    pub case_sensitive: bool,
    /// All attributes users can have, standard ones first, in order.
    pub schema: Vec<SchemaAttribute>,
    /// What the operator decides about its users.
    #[serde(default)]
    pub rules: PoolRules,
    /// How it keeps track of sign-ins.
    #[serde(default)]
    pub sessions: SessionRules,
    /// Settings that are given back as they were given.
    pub other: GivenSettings,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub modified_at: Timestamp,
    /// Counts changes; a commit decided on an older version is refused.
    pub version: i64,
}

impl UserPoolRecord {
    /// The form under which a username is looked up: names that look the same are the same.
    pub fn username_key(&self, name: &str) -> String {
        if self.case_sensitive { name::plain(name) } else { name::folded(name) }
    }

    /// The form under which an alias is looked up: kind and value.
    pub fn alias_key(&self, kind: SignInName, value: &str) -> AliasKey {
        AliasKey::sign_in(kind, &self.username_key(value))
    }

    /// Every kind of alias that may lead to a user of this pool.
    pub fn alias_kinds(&self) -> impl Iterator<Item = SignInName> {
        self.username_attributes.iter().chain(&self.alias_attributes).copied()
    }

    /// The names beside the username that lead to a user. An address that does not stand in the
    /// username's place needs to be verified first; a preferred username has nothing that could be.
    pub fn aliases(&self, user: &User) -> Vec<AliasKey> {
        let alias = |kind: SignInName| Some(self.alias_key(kind, self.name(user, kind)?));
        self.alias_kinds().filter_map(alias).collect()
    }

    /// What leads to a user as a name of this kind.
    pub(crate) fn name<'a>(&self, user: &'a User, kind: SignInName) -> Option<&'a str> {
        let value = user.attributes.get(kind.attribute())?;
        let Some(contact) = kind.contact() else { return Some(value) };
        if user.has_proven(contact) {
            return Some(value);
        }
        if !self.username_attributes.contains(&kind) {
            return None;
        }
        match &user.provenance.names {
            None => Some(value),
            Some(names) => names.get(&contact).map(String::as_str),
        }
    }

    /// Has a user keep the addresses that stand in the username's place, whatever the attributes
    /// say next, until a new one is proven.
    pub fn keep_names(&self, user: &mut User) {
        let names = self
            .username_attributes
            .iter()
            .filter_map(|kind| Some((kind.contact()?, self.name(user, *kind)?.to_owned())));
        user.provenance.names = Some(names.collect());
    }

    /// Where people choose a second name, the username is taken for that, too: nobody else's second
    /// name leads to where somebody's first one does.
    pub fn reserved_alias(&self, username: &Username) -> Option<AliasKey> {
        let kind = SignInName::PreferredUsername;
        let is_alias = self.alias_attributes.contains(&kind);
        is_alias.then(|| self.alias_key(kind, username.as_str()))
    }

    /// The settings of an attribute, if the pool knows it.
    pub fn attribute(&self, name: &str) -> Option<&SchemaAttribute> {
        self.schema.iter().find(|attribute| attribute.name == name)
    }
}
