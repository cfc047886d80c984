use crate::entity::Contact;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of where a user's credentials and names come from. Whoever makes an account is not
/// always the owner of the address that it is made with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provenance {
    /// Where the present password comes from.
    pub password: PasswordSource,
    /// The addresses whose owner alone can know the present password. An entry counts as long as
    /// it is the user's address.
    pub proven: BTreeMap<Contact, String>,
    /// The addresses that stand in the username's place and lead to the user, proven or not, as
    /// long as the user has no proven one in their place. `None` for users made before this was
    /// kept, whose attributes say it.
    pub names: Option<BTreeMap<Contact, String>>,
    /// When addresses were proven, where it is known: it is kept of what a user adds to an account.
    pub proofs: BTreeMap<Contact, Proof>,
}

/// Where a password comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordSource {
    /// Nothing that a rule asks for.
    #[default]
    Other,
    /// An administrator who knows it, until its user sets another.
    Administrator,
    /// Drawn here and sent to this address alone, by which its owner signs in once.
    Invitation {
        /// The kind of address.
        contact: Contact,
        /// The address.
        address: String,
        /// Whether that verifies the address: at Amazon it does not, nor in Cognito's protocol.
        #[serde(default)]
        verifies: bool,
    },
}

/// That an address was proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The address. What is said of it counts as long as it is the user's.
    pub address: String,
    /// When its owner proved it, or an administrator vouched for it.
    pub at: Timestamp,
    /// Whether the password was reset since by an address proven before. Until it is proven again,
    /// a code to this one alone lets nobody in.
    pub is_doubtful: bool,
}
