use crate::entity::Contact;
use serde::{Deserialize, Serialize};

/// An attribute by whose value users may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInName {
    /// E-mail address.
    Email,
    /// Phone number in E.164 form.
    PhoneNumber,
    /// A name the user chooses; an alias only.
    PreferredUsername,
}

impl SignInName {
    /// The attribute's name.
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
            Self::PreferredUsername => "preferred_username",
        }
    }

    /// The kind of address that it is, if it is one.
    pub const fn contact(self) -> Option<Contact> {
        match self {
            Self::Email => Some(Contact::Email),
            Self::PhoneNumber => Some(Contact::PhoneNumber),
            Self::PreferredUsername => None,
        }
    }
}

impl Contact {
    /// The same attribute as a name to sign in by.
    pub const fn sign_in_name(self) -> SignInName {
        match self {
            Self::Email => SignInName::Email,
            Self::PhoneNumber => SignInName::PhoneNumber,
        }
    }
}
