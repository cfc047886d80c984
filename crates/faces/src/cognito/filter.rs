//! The filter of `ListUsers`: one comparison, `name = "value"` or `name ^= "prefix"`.

use super::error::CognitoError;
use poolkeeper_pool::ports::{FilterField, UserFilter};

/// Parses a filter; an empty one lets all users through.
pub(super) fn parse(text: &str) -> Result<Option<UserFilter>, CognitoError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let flaw = || CognitoError::invalid_parameter("Error while parsing filter.");
    comparison(text).map(Some).ok_or_else(flaw)
}

fn comparison(text: &str) -> Option<UserFilter> {
    let text = text.trim();
    let end = text.find(|c: char| c.is_whitespace() || c == '=' || c == '^')?;
    let (field, rest) = text.split_at(end);
    let field = field.trim_matches('"');
    let rest = rest.trim_start();
    let (prefix, rest) = match rest.strip_prefix("^=") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix('=')?),
    };
    let value = unquote(rest.trim_start())?;
    Some(UserFilter::new(FilterField::named(field)?, value, prefix))
}

/// The text between double quotes; a backslash takes the character after it as it is.
fn unquote(text: &str) -> Option<String> {
    let mut value = String::new();
    let mut letters = text.strip_prefix('"')?.chars();
    loop {
        match letters.next()? {
            '"' => return letters.as_str().is_empty().then_some(value),
            '\\' => value.push(letters.next()?),
            letter => value.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_read() {
        let read = |text: &str| {
            let filter = parse(text).unwrap().unwrap();
            (filter.field.name(), filter.prefix, filter.value)
        };
        let expected = |field, prefix, value: &str| (field, prefix, value.to_owned());
        assert_eq!(read(r#"email = "a@b.co""#), expected("email", false, "a@b.co"));
        assert_eq!(read(r#"email="a@b.co""#), expected("email", false, "a@b.co"));
        assert_eq!(read(r#" name ^= "A\"B\\C" "#), expected("name", true, r#"A"B\C"#));
        assert_eq!(read(r#"cognito:user_status="X""#), expected("cognito:user_status", false, "X"));
        let lower = read(r#"cognito:user_status = "confirmed""#);
        assert_eq!(lower, expected("cognito:user_status", false, "CONFIRMED"));
        assert!(parse("  ").unwrap().is_none());
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "email",
            "email =",
            "email = a",
            r#"email = "a"#,
            r#"email = "a" and name = "b""#,
            r#"custom:x = "a""#,
            r#"email != "a""#,
            r#"= "a""#,
            r#"email = "a" "b""#,
            r#"email = "a\"#,
            r#"email' OR 1=1 -- = "a""#,
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}

#[cfg(test)]
mod fuzz {
    use super::*;

    #[test]
    fn filters_are_understood_or_refused() {
        bolero::check!().with_type::<String>().for_each(|text| {
            if let Ok(Some(filter)) = parse(text) {
                assert!(text.contains(filter.field.name()));
            }
        });
    }

    /// What looks like a filter up to its value.
    #[test]
    fn values_in_quotes_come_back_as_they_were() {
        bolero::check!().with_type::<(u8, bool, String)>().for_each(|(field, prefix, value)| {
            let field = FilterField::ALL[usize::from(*field) % FilterField::ALL.len()];
            let operator = if *prefix { "^=" } else { "=" };
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let parsed = parse(&format!("{} {operator} \"{quoted}\"", field.name()));
            assert_eq!(parsed.unwrap(), Some(UserFilter::new(field, value.clone(), *prefix)));
        });
    }
}
