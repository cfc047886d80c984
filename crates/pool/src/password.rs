//! The rules about passwords, and temporary ones made by the rules.

use crate::crypto::secret::Secret;
use crate::entity::PasswordPolicy;
use crate::ids::random_text;
use crate::system::Rng;
use std::fmt;

/// Longest password accepted anywhere, in characters. Longer ones are refused before hashing.
pub const MAX_LENGTH: usize = 256;

/// The characters that count as symbols, as Cognito documents them; an inner space counts too.
const SYMBOLS: &str = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-";

/// The first rule of a policy that a password breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyBreach {
    /// Shorter than the minimum.
    TooShort,
    /// Longer than [`MAX_LENGTH`].
    TooLong,
    /// Begins or ends with a space.
    OuterSpace,
    /// No lower-case letter.
    NoLowercase,
    /// No upper-case letter.
    NoUppercase,
    /// No digit.
    NoNumber,
    /// No symbol.
    NoSymbol,
    /// Another rule, which only Amazon knows: e.g. the password is in lists of leaked ones.
    Other,
}

impl fmt::Display for PolicyBreach {
    /// Cognito's words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooShort => "Password not long enough",
            Self::TooLong => "Password too long",
            Self::OuterSpace => "Password must not begin or end with a space",
            Self::NoLowercase => "Password must have lowercase characters",
            Self::NoUppercase => "Password must have uppercase characters",
            Self::NoNumber => "Password must have numeric characters",
            Self::NoSymbol => "Password must have symbol characters",
            Self::Other => "Password is not allowed",
        })
    }
}

/// Checks a new password. Letters and digits count in basic Latin only, as in Cognito.
///
/// # Errors
///
/// The first rule that the password breaks; never [`PolicyBreach::Other`].
pub fn check(policy: &PasswordPolicy, password: &Secret) -> Result<(), PolicyBreach> {
    let text = password.expose();
    let length = text.chars().count();
    let has = |test: fn(char) -> bool| text.chars().any(test);
    let rules = [
        (length >= policy.minimum_length as usize, PolicyBreach::TooShort),
        (length <= MAX_LENGTH, PolicyBreach::TooLong),
        (text.trim_matches(' ') == text, PolicyBreach::OuterSpace),
        (!policy.require_lowercase || has(|c| c.is_ascii_lowercase()), PolicyBreach::NoLowercase),
        (!policy.require_uppercase || has(|c| c.is_ascii_uppercase()), PolicyBreach::NoUppercase),
        (!policy.require_numbers || has(|c| c.is_ascii_digit()), PolicyBreach::NoNumber),
        (!policy.require_symbols || has(is_symbol), PolicyBreach::NoSymbol),
    ];
    rules.into_iter().find(|(kept, _)| !kept).map_or(Ok(()), |(_, breach)| Err(breach))
}

fn is_symbol(c: char) -> bool {
    c == ' ' || SYMBOLS.contains(c)
}

/// A temporary password that keeps any policy: four kinds of characters in turn, without the ones
/// that people mistake for each other, at least 12 long (over 60 bits).
pub fn temporary(policy: &PasswordPolicy, rng: &dyn Rng) -> Secret {
    const KINDS: [&[u8]; 4] =
        [b"abcdefghijkmnpqrstuvwxyz", b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"23456789", b"!@#%&*=+?"];
    let length = (policy.minimum_length as usize).clamp(12, MAX_LENGTH);
    let letters = KINDS.iter().cycle().take(length).map(|kind| random_text(rng, kind, 1));
    Secret::new(letters.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_broken_rule_is_named() {
        let policy = PasswordPolicy::default();
        let cases = [
            ("Aa1!", Err(PolicyBreach::TooShort)),
            ("        ", Err(PolicyBreach::OuterSpace)),
            ("AAAAAAA1!", Err(PolicyBreach::NoLowercase)),
            ("aaaaaaa1!", Err(PolicyBreach::NoUppercase)),
            ("aaaaaaaA!", Err(PolicyBreach::NoNumber)),
            ("aaaaaaaA1", Err(PolicyBreach::NoSymbol)),
            ("ÄÄÄÄÄÄa1!", Err(PolicyBreach::NoUppercase)),
            ("aaaaaaA1!", Ok(())),
            ("aaaa aaA1", Ok(())),
        ];
        for (password, expected) in cases {
            assert_eq!(check(&policy, &Secret::from(password)), expected, "{password}");
        }
    }

    #[test]
    fn length_counts_characters_up_to_the_maximum() {
        let policy = PasswordPolicy { require_uppercase: false, ..PasswordPolicy::default() };
        let of = |length: usize| Secret::new(format!("ä1!a{}", "é".repeat(length - 4)));
        assert_eq!(check(&policy, &of(MAX_LENGTH)), Ok(()));
        assert_eq!(check(&policy, &of(MAX_LENGTH + 1)), Err(PolicyBreach::TooLong));
    }
}
