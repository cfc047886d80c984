use crate::entity::SignInName;

/// A name besides the username: its kind, and the form in which the user is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AliasKey {
    kind: AliasKind,
    stored: String,
}

/// The kinds of names besides the username.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AliasKind {
    /// A name to sign in with.
    SignIn(SignInName),
    /// A profile at an identity provider.
    Link,
}

impl AliasKey {
    /// The key of a name to sign in with. `name` is in the form in which the pool compares names.
    pub fn sign_in(kind: SignInName, name: &str) -> Self {
        let stored = format!("{}:{name}", kind.attribute());
        Self { kind: AliasKind::SignIn(kind), stored }
    }

    /// The key of a profile at an identity provider, made of its parts. A JSON list keeps the parts
    /// apart whatever they contain, and no sign-in name is looked up in such a form.
    pub(in crate::entity) fn link(parts: [&str; 3]) -> Self {
        let parts = serde_json::json!(parts);
        Self { kind: AliasKind::Link, stored: format!("link:{parts}") }
    }

    /// The kind of the name.
    pub const fn kind(&self) -> AliasKind {
        self.kind
    }

    /// The form in which it is stored.
    pub fn as_str(&self) -> &str {
        &self.stored
    }

    /// Makes the key lead to nobody: no alias is stored under an empty key.
    pub fn clear(&mut self) {
        self.stored.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of earlier releases must still lead to users.
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
