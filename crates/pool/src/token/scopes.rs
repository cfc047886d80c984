use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The scope that lets users manage themselves.
const SELF_SERVICE: &str = "aws.cognito.signin.user.admin";

/// What the holder of an access token may do. As a claim, scopes are separated by spaces (RFC 6749,
/// 3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Those of a sign-in through an API.
    pub fn self_service() -> Self {
        Self(vec![SELF_SERVICE.to_owned()])
    }

    /// Whether users may manage themselves.
    pub fn allow_self_service(&self) -> bool {
        self.0.iter().any(|scope| scope == SELF_SERVICE)
    }
}

impl From<&str> for Scopes {
    fn from(claim: &str) -> Self {
        Self(claim.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.join(" "))
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|claim| Self::from(claim.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_holds_scopes_between_spaces() {
        for (claim, allows) in [
            ("aws.cognito.signin.user.admin", true),
            ("openid aws.cognito.signin.user.admin email", true),
            ("openid", false),
            ("aws.cognito.signin.user.administrator", false),
            ("", false),
        ] {
            let scopes = Scopes::from(claim);
            assert_eq!(scopes.allow_self_service(), allows, "{claim}");
            assert_eq!(scopes.to_string(), claim);
        }
    }
}
