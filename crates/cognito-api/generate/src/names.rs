//! Rust names for Cognito's names.

use anyhow::{Result, ensure};

const KEYWORDS: &[&str] = &[
    "as", "break", "const", "continue", "else", "enum", "false", "fn", "for", "if", "impl", "in",
    "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "static", "struct",
    "trait", "true", "type", "unsafe", "use", "where", "while", "async", "await", "dyn", "try",
    "gen", "override", "final", "virtual", "macro",
];

/// `CallbackURLs` to `callback_urls`.
pub(crate) fn snake(name: &str) -> String {
    // Case alone cannot say where these words end.
    let name = name.replace("URLs", "Urls").replace("OAuth", "Oauth");
    let characters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    let mut before: Option<char> = None;
    for (index, &character) in characters.iter().enumerate() {
        let next_is_lower = characters.get(index + 1).is_some_and(char::is_ascii_lowercase);
        if let Some(before) = before
            && character.is_ascii_uppercase()
            && (!before.is_ascii_uppercase() || next_is_lower)
            && before != '_'
        {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
        before = Some(character);
    }
    out
}

/// The field of a member, escaped where it is a keyword.
pub(crate) fn field(name: &str) -> String {
    let snake = snake(name);
    if KEYWORDS.contains(&snake.as_str()) { format!("r#{snake}") } else { snake }
}

/// The name of a static.
pub(crate) fn screaming(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

/// What serde's `rename_all = "PascalCase"` makes of a field.
pub(crate) fn serde_pascal(field: &str) -> String {
    let mut out = String::new();
    let mut capital = true;
    for character in field.trim_start_matches("r#").chars() {
        if character == '_' {
            capital = true;
        } else if capital {
            out.push(character.to_ascii_uppercase());
            capital = false;
        } else {
            out.push(character);
        }
    }
    out
}

/// `USER_PASSWORD_AUTH` to `UserPasswordAuth`, `TLS_V1_2_2021` to `TlsV1_2_2021`.
pub(crate) fn variant(value: &str) -> Result<String> {
    let mut out = String::new();
    for word in value.split('_') {
        let mut characters = word.chars();
        let Some(first) = characters.next() else { continue };
        // Two numbers side by side would read as one.
        if first.is_ascii_digit() && out.ends_with(|last: char| last.is_ascii_digit()) {
            out.push('_');
        }
        out.push(first.to_ascii_uppercase());
        if word.chars().any(|character| character.is_ascii_lowercase()) {
            out.extend(characters);
        } else {
            out.extend(characters.map(|character| character.to_ascii_lowercase()));
        }
    }
    ensure!(
        out.starts_with(|first: char| first.is_ascii_uppercase())
            && out.chars().all(|character| character.is_ascii_alphanumeric() || character == '_'),
        "{value:?} makes no variant name"
    );
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        for (name, expected) in [
            ("ClientId", "client_id"),
            ("CallbackURLs", "callback_urls"),
            ("SMSMfaSettings", "sms_mfa_settings"),
            ("AllowedOAuthFlowsUserPoolClient", "allowed_oauth_flows_user_pool_client"),
            ("DefaultRedirectURI", "default_redirect_uri"),
            ("headerName", "header_name"),
            ("KMSKeyID", "kms_key_id"),
            ("Type", "r#type"),
        ] {
            assert_eq!(field(name), expected);
        }
        assert_eq!(serde_pascal("r#type"), "Type");
        assert_eq!(serde_pascal("sms_mfa_settings"), "SmsMfaSettings");
    }

    #[test]
    fn variants() {
        for (value, expected) in [
            ("USER_PASSWORD_AUTH", "UserPasswordAuth"),
            ("TLS_V1_2_2021", "TlsV1_2_2021"),
            ("PBKDF2_SHA256", "Pbkdf2Sha256"),
            ("LoginWithAmazon", "LoginWithAmazon"),
            ("userNotification", "UserNotification"),
            ("not_remembered", "NotRemembered"),
            ("SAML", "Saml"),
        ] {
            assert_eq!(variant(value).ok().as_deref(), Some(expected));
        }
        assert!(variant("1x").is_err());
    }
}
