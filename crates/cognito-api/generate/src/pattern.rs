//! Java regular expressions, in the few constructs that the model uses, for the `regex` crate.

use anyhow::{Context as _, Result, bail};

/// Where in a bracketed class the translation is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Outside,
    /// A `-` here is a character, not a range.
    Fresh,
    /// One character was read, of which a `-` would make a range.
    One,
    /// A range was opened.
    Open,
}

/// Translates a pattern that has to match the whole value.
///
/// In Java `\w`, `\d` and `\s` know ASCII only and `.` stops at five line terminators. What is not
/// known to mean the same in both dialects is refused.
pub(crate) fn translate(java: &str) -> Result<String> {
    let (all, rest) = match java.strip_prefix("(?s)") {
        Some(rest) => (true, rest),
        None => (false, java),
    };
    let mut out = String::from(if all { r"\A(?s:" } else { r"\A(?:" });
    let mut class = Class::Outside;
    let mut characters = rest.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        let inside = class != Class::Outside;
        match character {
            // Between the letters and hyphens that the model has it, it is the same in ASCII.
            '\\' if !inside && next == Some('b') => {
                characters.next();
                out.push_str(r"(?-u:\b)");
            }
            '\\' => {
                let is_set = escape(&mut characters, &mut out)?;
                class = match (class, is_set) {
                    (Class::Outside, _) => Class::Outside,
                    (Class::Open, true) => bail!("a range that ends in a class"),
                    (_, true) | (Class::Open, false) => Class::Fresh,
                    (_, false) => Class::One,
                };
            }
            '[' if inside => bail!("a class within a class"),
            '&' if inside && next == Some('&') => bail!("an intersection of classes"),
            '[' => {
                out.push('[');
                if next == Some('^') {
                    characters.next();
                    out.push('^');
                }
                class = Class::Fresh;
            }
            ']' if inside => {
                out.push(']');
                class = Class::Outside;
            }
            '-' if inside => {
                if class == Class::One && next != Some(']') {
                    out.push('-');
                    class = Class::Open;
                } else {
                    out.push_str(r"\-");
                    class = Class::Fresh;
                }
            }
            '.' if !inside && !all => out.push_str(r"[^\n\r\u{85}\u{2028}\u{2029}]"),
            '(' if !inside && next == Some('?') => {
                characters.next();
                if characters.next() != Some(':') {
                    bail!("a group that is neither plain nor (?:");
                }
                out.push_str("(?:");
            }
            other => {
                out.push(other);
                class = match class {
                    Class::Outside => Class::Outside,
                    Class::Open => Class::Fresh,
                    Class::Fresh | Class::One => Class::One,
                };
            }
        }
    }
    out.push_str(r")\z");
    Ok(out)
}

/// What follows a backslash. Says whether it is a set of characters, rather than one of them.
fn escape(characters: &mut impl Iterator<Item = char>, out: &mut String) -> Result<bool> {
    let escaped = characters.next().context("a lone backslash")?;
    let set = match escaped {
        'w' => "[0-9A-Za-z_]",
        'd' => "[0-9]",
        's' => r"[\t\n\x0B\x0C\r ]",
        'S' => r"[^\t\n\x0B\x0C\r ]",
        _ => "",
    };
    if !set.is_empty() {
        out.push_str(set);
        return Ok(true);
    }
    out.push('\\');
    out.push(escaped);
    match escaped {
        'p' => loop {
            let part = characters.next().context("an open \\p")?;
            out.push(part);
            if part == '}' {
                return Ok(true);
            }
        },
        'x' => {
            out.push(characters.next().context("a short \\x")?);
            out.push(characters.next().context("a short \\x")?);
        }
        't' | 'n' | 'r' | '-' | '.' | '{' | '}' | '[' | ']' | '\\' | '+' | '*' => {}
        other => bail!("\\{other} is not known"),
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::translate;

    #[test]
    fn known_constructs() {
        for (java, rust) in [
            (r"[\w+]+", r"\A(?:[[0-9A-Za-z_]+]+)\z"),
            ("[A-Za-z0-9-_=.]+", r"\A(?:[A-Za-z0-9\-_=.]+)\z"),
            (r"[\w-]+_[0-9a-f-]+", r"\A(?:[[0-9A-Za-z_]\-]+_[0-9a-f\-]+)\z"),
            (r"[\w+=/,.@-]", r"\A(?:[[0-9A-Za-z_]+=/,.@\-])\z"),
            (r"[\x21\x23-\x5B\x5D-\x7E]+", r"\A(?:[\x21\x23-\x5B\x5D-\x7E]+)\z"),
            (r"[^_\p{Z}]", r"\A(?:[^_\p{Z}])\z"),
            (r".*\{####\}", r"\A(?:[^\n\r\u{85}\u{2028}\u{2029}]*\{####\})\z"),
            ("(?s).*", r"\A(?s:.*)\z"),
            ("a(?:b|c)?", r"\A(?:a(?:b|c)?)\z"),
            (r"[a-f]{8}\b-", r"\A(?:[a-f]{8}(?-u:\b)-)\z"),
        ] {
            assert_eq!(translate(java).ok().as_deref(), Some(rust), "{java}");
        }
    }

    #[test]
    fn unknown_constructs_are_refused() {
        for java in [r"a(?<!\.)", r"[\b]", r"\B", "[a[b]]", "[a&&b]", r"[a-\w]", r"(a)\1"] {
            assert!(translate(java).is_err(), "{java}");
        }
    }
}
