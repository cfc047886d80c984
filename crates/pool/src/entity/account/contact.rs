use crate::entity::Channel;
use serde::{Deserialize, Serialize};

/// An attribute that messages go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// E-mail address.
    Email,
    /// Phone number.
    PhoneNumber,
}

impl Contact {
    /// Both, in the order in which Cognito's own lists have them.
    pub const ALL: [Self; 2] = [Self::Email, Self::PhoneNumber];

    /// The attribute's name.
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
        }
    }

    /// The attribute that says whether the user has proven to own the address.
    pub const fn verified_attribute(self) -> &'static str {
        match self {
            Self::Email => "email_verified",
            Self::PhoneNumber => "phone_number_verified",
        }
    }

    /// Whether an attribute of this name says that an address is verified.
    pub fn is_verified_attribute(name: &str) -> bool {
        Self::ALL.into_iter().any(|contact| contact.verified_attribute() == name)
    }

    /// How messages travel there.
    pub const fn channel(self) -> Channel {
        match self {
            Self::Email => Channel::Email,
            Self::PhoneNumber => Channel::Sms,
        }
    }

    /// The contact that an attribute of this name is.
    pub fn named(attribute: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contact| contact.attribute() == attribute)
    }
}
