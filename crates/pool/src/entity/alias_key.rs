use crate::entity::SignInName;

/// A name beside the username: the form under which the user is looked up, and of what kind it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasKey {
    kind: AliasKind,
    stored: String,
}

/// What a name beside the username is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AliasKind {
    /// A name to sign in by.
    SignIn(SignInName),
    /// A profile at an identity provider.
    Link,
}

impl AliasKey {
    /// A name to sign in by, given in the form in which the pool compares names.
    pub fn sign_in(kind: SignInName, name: &str) -> Self {
        let stored = format!("{}:{name}", kind.attribute());
        Self { kind: AliasKind::SignIn(kind), stored }
    }

    /// A profile at an identity provider: its parts. A JSON list keeps them apart whatever is in
    /// them, and no sign-in name is looked up under such a form.
    pub(super) fn link(parts: [&str; 3]) -> Self {
        let parts = serde_json::json!(parts);
        Self { kind: AliasKind::Link, stored: format!("link:{parts}") }
    }

    /// What it is.
    pub const fn kind(&self) -> AliasKind {
        self.kind
    }

    /// The form in which it is stored.
    pub fn as_str(&self) -> &str {
        &self.stored
    }

    /// Has it lead to nobody: no alias is stored under an empty key.
    pub fn clear(&mut self) {
        self.stored.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of earlier releases lead to users.
    #[test]
    fn keys_are_stored_as_they_were() {
        let keys = [
            AliasKey::sign_in(SignInName::Email, "a@b.c"),
            AliasKey::sign_in(SignInName::PhoneNumber, "+1"),
            AliasKey::sign_in(SignInName::PreferredUsername, "ada"),
            AliasKey::link(["Google", "Cognito_Subject", "\"1\""]),
        ];
        assert_eq!(
            keys.each_ref().map(AliasKey::as_str),
            [
                "email:a@b.c",
                "phone_number:+1",
                "preferred_username:ada",
                r#"link:["Google","Cognito_Subject","\"1\""]"#,
            ]
        );
    }
}
