//! The username that is told for an unknown address or `sub`. Whoever asks again with it must see the
//! same mask, and nothing is stored, so the username itself carries what the mask shows. Only we can
//! read it.

use super::shown::Shown;
use crate::crypto::seal::{Context, SealPurpose, Sealer};
use crate::entity::UserPoolRecord;
use crate::ids::PoolId;

const CONSONANTS: &[u8] = b"bcdfghjklmnprstvz";
const VOWELS: &[u8] = b"aeiou";
const DIGITS: &[u8] = b"0123456789";
/// The letters of each place of a chosen name, such as `bakortemil4821`.
const PLACES: [&[u8]; 14] = [
    CONSONANTS, VOWELS, CONSONANTS, VOWELS, CONSONANTS, CONSONANTS, VOWELS, CONSONANTS, VOWELS,
    CONSONANTS, DIGITS, DIGITS, DIGITS, DIGITS,
];

/// What a pool's usernames look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// UUIDs, where addresses take their place.
    Uuid,
    /// Names that users choose.
    Chosen,
}

/// A name stands for a number of three parts: a digest of the name that was given (`person`), the
/// number of the mask, shifted by a digest of `person`, and a proof that we made both.
impl Form {
    /// The form that a pool's usernames have.
    pub(super) fn of(pool: &UserPoolRecord) -> Self {
        if pool.username_attributes.is_empty() { Self::Chosen } else { Self::Uuid }
    }

    /// The username for the address or `sub` in `key`, whose mask shows this.
    pub(super) fn tell(self, secrets: Secrets<'_>, key: &str, shown: Shown) -> String {
        let person = secrets.number("person", key) % self.persons();
        let mask = (shown.index() + secrets.shift(person)) % MASKS;
        let proof = secrets.proof(person, mask) % self.proofs();
        self.write((person * MASKS + mask) * self.proofs() + proof)
    }

    /// What the mask shows, if we made this name.
    pub(super) fn read(self, secrets: Secrets<'_>, name: &str) -> Option<Shown> {
        let number = self.number(name);
        let (digits, is_written) = (number.unwrap_or_default(), number.is_some());
        let (rest, proof) = (digits / self.proofs(), digits % self.proofs());
        let (person, mask) = (rest / MASKS, rest % MASKS);
        // Both whatever the name looks like, so that it takes as long.
        let (right, shift) = (secrets.proof(person, mask), secrets.shift(person));
        let is_ours = is_written && person < self.persons() && right % self.proofs() == proof;
        Shown::at((mask + MASKS - shift) % MASKS).filter(|_| is_ours)
    }

    /// How many names there are.
    const fn names(self) -> u128 {
        match self {
            Self::Uuid => 1 << 122,
            Self::Chosen => (17_u128 * 5 * 17 * 5 * 17).pow(2) * 10_u128.pow(4),
        }
    }

    /// How many proofs. One in so many names of this form is taken for one of ours. It does no harm:
    /// nobody was told that name, and its mask is always the same, too.
    const fn proofs(self) -> u128 {
        match self {
            Self::Uuid => 1 << 32,
            Self::Chosen => 200,
        }
    }

    /// How many digests. Two addresses that share one and have the same mask are told one username.
    const fn persons(self) -> u128 {
        self.names() / (MASKS * self.proofs())
    }

    fn write(self, number: u128) -> String {
        match self {
            Self::Uuid => {
                // Around the bits that say which version and variant it is.
                let (high, middle, low) = (number >> 74, number >> 62 & 0xfff, number & LOW);
                let bits = high << 80 | 4 << 76 | middle << 64 | 2 << 62 | low;
                uuid::Uuid::from_u128(bits).to_string()
            }
            Self::Chosen => {
                let mut rest = number;
                let letters = PLACES.iter().rev().filter_map(|letters| {
                    let count = u128::try_from(letters.len()).ok()?;
                    let letter = letters.get(usize::try_from(rest % count).ok()?);
                    rest /= count;
                    letter.copied().map(char::from)
                });
                let letters: Vec<char> = letters.collect();
                letters.into_iter().rev().collect()
            }
        }
    }

    /// The number of a name, in exactly the spelling in which we write it.
    fn number(self, name: &str) -> Option<u128> {
        let number = match self {
            Self::Uuid => {
                let bits = uuid::Uuid::try_parse(name).ok()?.as_u128();
                bits >> 80 << 74 | (bits >> 64 & 0xfff) << 62 | bits & LOW
            }
            Self::Chosen => name.bytes().zip(PLACES).try_fold(0, |number, (letter, letters)| {
                let place = letters.iter().position(|other| *other == letter)?;
                let [place, count] = [place, letters.len()].map(u128::try_from);
                Some(number * count.ok()? + place.ok()?)
            })?,
        };
        (self.write(number) == name).then_some(number)
    }
}

const MASKS: u128 = Shown::COUNT;
/// The bits of a UUID behind its variant.
const LOW: u128 = (1 << 62) - 1;

/// Makes the digests of a pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Secrets<'a> {
    pub(super) sealer: &'a Sealer,
    pub(super) pool: &'a PoolId,
}

impl Secrets<'_> {
    fn shift(self, person: u128) -> u128 {
        self.number("shift", &person.to_string()) % MASKS
    }

    fn proof(self, person: u128, mask: u128) -> u128 {
        self.number("proof", &format!("{person} {mask}"))
    }

    fn number(self, what: &str, of: &str) -> u128 {
        let bytes = self.digest(what, of);
        bytes.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
    }

    /// The digest of a text; each use has its own.
    pub(super) fn digest(self, what: &str, of: &str) -> [u8; 32] {
        let subject = format!("{what} {of}");
        let (purpose, pool) = (SealPurpose::Nobody, self.pool);
        self.sealer.pseudonym_bytes(Context { purpose, pool, subject: &subject })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const KEY: [u8; 32] = [7; 32];

    fn with_secrets(check: impl Fn(Secrets<'_>)) {
        let (sealer, pool) = (Sealer::new(&KEY), PoolId::from("us-east-1_a"));
        check(Secrets { sealer: &sealer, pool: &pool });
    }

    #[test]
    fn a_name_and_its_number_lead_to_each_other() {
        for form in [Form::Uuid, Form::Chosen] {
            bolero::check!().with_type::<u128>().for_each(|drawn| {
                let number = drawn % form.names();
                assert_eq!(form.number(&form.write(number)), Some(number));
            });
            for edge in [0, 1, form.names() - 1] {
                assert_eq!(form.number(&form.write(edge)), Some(edge));
            }
        }
        assert_eq!(Form::Chosen.write(0), "babab".repeat(2) + "0000");
        assert_eq!(Form::Uuid.write(0), "00000000-0000-4000-8000-000000000000");
    }

    #[test]
    fn what_is_told_says_what_the_mask_shows() {
        with_secrets(|secrets| {
            bolero::check!().with_type::<(u128, String)>().for_each(|(index, key)| {
                let shown = Shown::at(index % Shown::COUNT).unwrap();
                for form in [Form::Uuid, Form::Chosen] {
                    let told = form.tell(secrets, key, shown);
                    assert_eq!(form.read(secrets, &told), Some(shown), "{told}");
                    assert_eq!(form.tell(secrets, key, shown), told);
                }
            });
        });
    }

    #[test]
    fn what_was_not_told_says_nothing() {
        with_secrets(|secrets| {
            let elsewhere = PoolId::from("us-east-1_b");
            let others = Secrets { pool: &elsewhere, ..secrets };
            let numbers = (0..2000).map(|name| secrets.number("test", &name.to_string()));
            let told = numbers.map(|number| {
                let name = Form::Uuid.write(number % Form::Uuid.names());
                assert_eq!(Form::Uuid.read(secrets, &name), None);
                let told = Form::Uuid.tell(others, &name, Shown::Nothing);
                assert_eq!(Form::Uuid.read(secrets, &told), None, "another pool's");
                let name = Form::Chosen.write(number % Form::Chosen.names());
                usize::from(Form::Chosen.read(secrets, &name).is_some())
            });
            // About one in two hundred is taken for ours.
            let told: usize = told.sum();
            assert!(told < 40, "{told}");
            bolero::check!().with_type::<String>().for_each(|name| {
                assert_eq!(Form::Uuid.read(secrets, name), None);
                assert_eq!(Form::Chosen.read(secrets, name), None);
            });
        });
    }

    #[test]
    fn another_spelling_was_not_told() {
        with_secrets(|secrets| {
            let shown = Shown::of("alice@example.com");
            let told = Form::Uuid.tell(secrets, "alice@example.com", shown);
            let simple = told.replace('-', "");
            for name in [told.to_uppercase(), simple, format!("{{{told}}}"), format!("{told} ")] {
                assert_eq!(Form::Uuid.read(secrets, &name), None, "{name}");
            }
            let told = Form::Chosen.tell(secrets, "alice@example.com", shown);
            for name in [told.to_uppercase(), format!("{told}0"), told.get(1..).unwrap().into()] {
                assert_eq!(Form::Chosen.read(secrets, &name), None, "{name}");
            }
        });
    }

    /// Addresses with the same mask, so that nothing but the digest differs.
    #[test]
    fn told_names_differ_and_look_drawn() {
        with_secrets(|secrets| {
            let mut letters = [0_u32; 17];
            let mut all = BTreeSet::new();
            for name in 0..850 {
                let key = format!("a{name}@example.com");
                let told = Form::Chosen.tell(secrets, &key, Shown::of(&key));
                for place in [0, 2, 5, 7] {
                    let letter = told.as_bytes()[place];
                    let at = CONSONANTS.iter().position(|other| *other == letter).unwrap();
                    letters[at] += 1;
                }
                all.insert(told);
            }
            assert_eq!(all.len(), 850);
            assert!(letters.iter().all(|count| (120..300).contains(count)), "{letters:?}");
        });
    }
}
