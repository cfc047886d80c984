//! The forms in which names are compared: of two names that look the same, one is taken.
//!
//! After RFC 8265 and Unicode's `NFKC_Casefold`, with two rules more: an `i` with a dot above is an
//! `i`, and the Turkish dotless one is, too, where case does not count.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Most characters of a name, as in Cognito: a longer one leads to nobody.
pub const MAX_LENGTH: usize = 128;

/// Most characters of a text that is brought into another form. Attributes have no more, and those
/// that lead to a user are looked up like names. A longer text has no other form: nobody has it,
/// and whoever sends it gets no work done.
const MAX_FOLDED: usize = 2048;

/// Whether a text is longer than a name can be. It costs the same however long the text is.
pub fn is_too_long(name: &str) -> bool {
    name.chars().nth(MAX_LENGTH).is_some()
}

/// A name in compatibility form (NFKC), without characters that nobody can see.
pub fn plain(name: &str) -> String {
    if has_one_form(name) {
        return name.to_owned();
    }
    plain_form(name.chars())
}

/// The same where case does not count.
pub fn folded(name: &str) -> String {
    if has_one_form(name) {
        return name.to_ascii_lowercase();
    }
    // By way of upper case, where sharp s, long s, both small sigmas and the dotless i meet the
    // letters that they are variants of; and into it from lower case, or the capital sharp s stays.
    let lower: String = plain_form(name.chars()).chars().flat_map(char::to_lowercase).collect();
    let upper = lower.chars().flat_map(char::to_uppercase);
    plain_form(upper.flat_map(char::to_lowercase))
}

fn has_one_form(name: &str) -> bool {
    name.chars().nth(MAX_FOLDED).is_some() || name.is_ascii()
}

/// The plain form, in one pass over the letters.
fn plain_form(letters: impl Iterator<Item = char>) -> String {
    let mut before = None;
    let visible = letters.nfkc().filter(|letter| !is_unseen(*letter)).filter(|letter| {
        let is_dot_on_i = before == Some('i') && *letter == DOT_ABOVE;
        if !is_dot_on_i {
            before = Some(*letter);
        }
        !is_dot_on_i
    });
    // What stood between two characters that belong together may be gone.
    visible.nfkc().collect()
}

const DOT_ABOVE: char = '\u{307}';

/// Whether a name shows anything: a mark needs a letter to stand on.
pub fn is_visible(name: &str) -> bool {
    let shows = |letter| !(is_unseen(letter) || is_space(letter) || is_combining_mark(letter));
    name.chars().any(shows)
}

/// Whether a character takes up room and leaves it empty, in whatever class Unicode has it.
pub fn is_space(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || is_blank(letter)
}

/// Whether a character shows nothing and takes up no room that counts: names are compared without it.
pub fn is_unseen(letter: char) -> bool {
    is_ignorable(letter) || is_blank(letter)
}

/// What fonts draw as nothing though it is a letter or a symbol to Unicode: the Hangul fillers, the
/// braille pattern without dots, the null notehead, the Khitan filler; and what annotations and
/// objects stand in.
const fn is_blank(letter: char) -> bool {
    matches!(letter,
        '\u{115f}'..='\u{1160}' | '\u{180e}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffc}' | '\u{16fe4}' | '\u{1d159}')
}

/// Unicode's `Default_Ignorable_Code_Point`: joiners, selectors, fillers, marks of direction.
const fn is_ignorable(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_the_same_whatever_the_case_rule() {
        let alike = [
            ("caf\u{e9}", "cafe\u{301}"),         // composed, decomposed
            ("admin", "ａｄｍｉｎ"),              // full width
            ("office", "o\u{fb03}ce"),            // a ligature
            ("\u{212a}elvin", "Kelvin"),          // the sign for kelvin
            ("\u{212b}ngstrom", "\u{c5}ngstrom"), // the sign for angstrom
            ("root", "ro\u{200d}ot"),             // a joiner
            ("root", "roo\u{fe0f}t"),             // a variation selector
            ("root", "root\u{3164}"),             // a filler
            ("root", "ro\u{2800}ot"),             // braille without dots
            ("ivan", "i\u{307}van"),              // a dot on top of a dot
            ("ivan", "i\u{307}\u{307}van"),       // and another
            ("\u{e9}", "e\u{34f}\u{301}"),        // a joiner in the middle of a letter
        ];
        for (one, other) in alike {
            assert_eq!(plain(one), plain(other), "{one:?} {other:?}");
            assert_eq!(folded(one), folded(other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_name_shows_something() {
        for nothing in [
            "",
            " ",
            "\u{a0}",
            "\u{3000}",
            "\u{7}",
            "\u{200b}",
            "\u{2800}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{ffa0}",
            "\u{180e}",
            "\u{34f}",
            "\u{fe0f}",
            "\u{e0041}",
            "\u{301}",
            "\u{20dd}",
            "\u{2800}\u{301}",
            "\u{fff9}",
            "\u{16fe4}",
            "\u{1d159}",
        ] {
            assert!(!is_visible(nothing), "{nothing:?}");
            assert!(!is_visible(&plain(nothing)), "{nothing:?}");
        }
        for something in ["a", "\u{2801}", "e\u{301}", "\u{30ab}", "\u{1f600}", "a\u{2800}"] {
            assert!(is_visible(something) && is_visible(&plain(something)), "{something:?}");
        }
    }

    #[test]
    fn where_case_does_not_count_its_oddities_do_not_either() {
        let alike = [
            ("ALICE", "alice"),
            ("stra\u{df}e", "STRASSE"),
            ("\u{1e9e}", "ss"),
            ("\u{3c3}\u{3c2}", "\u{3a3}\u{3a3}"), // both small sigmas
            ("\u{17f}am", "sam"),                 // the long s
            ("\u{131}van", "Ivan"),               // the dotless i
            ("\u{130}van", "ivan"),               // the dotted capital
            ("\u{1f80}", "\u{1f88}"),             // a title-case letter of Greek
            ("Ａｄｍｉｎ", "admin"),
        ];
        for (one, other) in alike {
            assert_eq!(folded(one), folded(other), "{one:?} {other:?}");
        }
        let apart = [("ALICE", "alice"), ("stra\u{df}e", "strasse"), ("\u{131}van", "ivan")];
        for (one, other) in apart {
            assert_ne!(plain(one), plain(other));
        }
        assert_ne!(folded("m\u{fc}ller"), folded("mueller"));
    }

    /// (L6)
    #[test]
    fn each_letter_is_looked_at_once_however_they_follow_each_other() {
        for worst in ["i\u{307}", "\u{307}", "\u{fdfa}", "i\u{34f}\u{307}", "\u{1f82}", "e\u{301}"]
        {
            let name = format!("i{}", worst.repeat(MAX_FOLDED));
            let mut read = 0;
            plain_form(name.chars().inspect(|_| read += 1));
            assert_eq!(read, name.chars().count(), "{worst:?}");
        }
        assert_eq!(plain(&format!("i{}van", "\u{307}".repeat(2000))), "ivan");
    }

    /// (L6)
    #[test]
    fn what_is_longer_than_any_attribute_is_not_folded() {
        let longest = "\u{ff21}".repeat(MAX_FOLDED);
        assert_eq!(plain(&longest), "A".repeat(MAX_FOLDED));
        assert_eq!(folded(&longest), "a".repeat(MAX_FOLDED));
        let longer = format!("{longest}\u{ff21}");
        assert_eq!(plain(&longer), longer);
        assert_eq!(folded(&longer), longer);
        assert!(is_too_long(&"\u{ff21}".repeat(MAX_LENGTH + 1)));
        assert!(!is_too_long(&"\u{ff21}".repeat(MAX_LENGTH)));
    }

    #[test]
    fn a_form_is_its_own_form() {
        let odd =
            ["i\u{307}\u{307}x", "\u{130}\u{34f}\u{307}", "\u{1fb3}\u{345}", "A\u{30a}\u{fe0f}"];
        // All that there is but ideographs, which have no other forms.
        let all = (0..0x2_0000).chain(0xe_0000..0xe_1000).filter_map(char::from_u32);
        let all = all.map(String::from);
        for name in all.chain(odd.map(str::to_owned)) {
            assert_eq!(plain(&plain(&name)), plain(&name), "{name:?}");
            assert_eq!(folded(&folded(&name)), folded(&name), "{name:?}");
        }
    }
}
