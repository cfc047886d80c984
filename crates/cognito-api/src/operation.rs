//! What is known of an operation.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use crate::{Operation, Shape};

/// How the caller of an operation proves itself on the HTTP level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Auth {
    /// With a signature of the request by an access key.
    SigV4,
    /// Not at all: what is in the body decides.
    None,
}

/// One row of the generated table.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) auth: Auth,
    pub(crate) input: &'static Shape,
    pub(crate) has_output: bool,
    pub(crate) read_only: bool,
    pub(crate) errors: &'static [&'static str],
}

/// A request type, tied to its operation, so that the two cannot be mixed up.
pub trait OperationInput: DeserializeOwned {
    /// The operation's answer, `()` where it has an empty body.
    type Output: Serialize;
    /// The operation.
    const OPERATION: Operation;
}

impl Operation {
    /// The name, as it stands after the dot of `X-Amz-Target`.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The operation of that name. Names are case-sensitive.
    pub fn from_name(name: &str) -> Option<Self> {
        let index = Self::ALL.binary_search_by(|operation| operation.name().cmp(name)).ok()?;
        Self::ALL.get(index).copied()
    }

    /// How its caller proves itself.
    pub fn auth(self) -> Auth {
        self.entry().auth
    }

    /// The shape of its request.
    pub fn input(self) -> &'static Shape {
        self.entry().input
    }

    /// Whether it answers with a JSON object; otherwise its answer has an empty body.
    pub fn has_output(self) -> bool {
        self.entry().has_output
    }

    /// Whether the model marks it as only reading. Most operations that only read are not marked.
    pub fn marked_read_only(self) -> bool {
        self.entry().read_only
    }

    /// The errors that the model declares for it, by name.
    pub fn errors(self) -> &'static [&'static str] {
        self.entry().errors
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_operation() {
        assert_eq!(Operation::ALL.len(), 153);
        for &operation in Operation::ALL {
            assert_eq!(Operation::from_name(operation.name()), Some(operation));
            assert_eq!(format!("{operation:?}"), operation.name());
        }
        for unknown in ["", "initiateAuth", "InitiateAuth ", "AAA", "Zzz"] {
            assert_eq!(Operation::from_name(unknown), None);
        }
    }

    #[test]
    fn facts() {
        let unsigned = Operation::ALL.iter().filter(|operation| operation.auth() == Auth::None);
        assert_eq!(unsigned.count(), 34);
        let empty = Operation::ALL.iter().filter(|operation| !operation.has_output());
        assert_eq!(empty.count(), 13);
        assert!(!Operation::AdminAddUserToGroup.has_output());
        assert_eq!(Operation::SignUp.input().name, "SignUpRequest");
        assert!(Operation::SignUp.errors().contains(&"UsernameExistsException"));
        assert!(Operation::ListUserSessions.marked_read_only());
    }
}
