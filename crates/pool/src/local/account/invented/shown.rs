//! What the mask of an address shows of it, as a number.

use crate::attributes::{is_email, is_phone_number};
use crate::entity::Contact;
use crate::message::shown_digits;

/// The characters that a local part can begin with.
const LOCAL_PARTS: &[u8; 81] =
    b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-/=?^_`{|}~";
/// Those of them that a domain can begin with.
const DOMAINS: u128 = 62;
const EMAILS: u128 = 81 * DOMAINS;
const MOST_DIGITS: usize = 15;

/// What a mask shows ([`crate::message::mask`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// There is no address.
    Nothing,
    /// What the two parts of an e-mail address begin with.
    Email { local: char, domain: char },
    /// How many digits a phone number has, and the number that the last ones make.
    Number { digits: usize, tail: u128 },
}

impl Shown {
    /// How many different masks there are.
    pub(super) const COUNT: u128 = 1 + EMAILS + shorter_numbers(MOST_DIGITS + 1);

    /// What is shown of a name, which is nothing unless it is an address.
    pub(super) fn of(name: &str) -> Self {
        if is_email(name) {
            let (local, domain) = name.split_once('@').unwrap_or_default();
            let first = |part: &str| part.chars().next();
            first(local)
                .zip(first(domain))
                .map_or(Self::Nothing, |(local, domain)| Self::Email { local, domain })
        } else if is_phone_number(name) {
            let digits = name.len().saturating_sub(1);
            let hidden = name.len().saturating_sub(shown_digits(digits));
            let tail = name.get(hidden..).and_then(|tail| tail.parse().ok());
            Self::Number { digits, tail: tail.unwrap_or_default() }
        } else {
            Self::Nothing
        }
    }

    /// The number of this mask, below [`Self::COUNT`].
    pub(super) fn index(self) -> u128 {
        match self {
            Self::Nothing => 0,
            Self::Email { local, domain } => 1 + place(local) * DOMAINS + place(domain),
            Self::Number { digits, tail } => 1 + EMAILS + shorter_numbers(digits) + tail,
        }
    }

    /// The mask of this number.
    pub(super) fn at(index: u128) -> Option<Self> {
        let Some(index) = index.checked_sub(1) else { return Some(Self::Nothing) };
        let Some(index) = index.checked_sub(EMAILS) else {
            let [local, domain] = [letter(index / DOMAINS)?, letter(index % DOMAINS)?];
            return Some(Self::Email { local, domain });
        };
        (1..=MOST_DIGITS).find_map(|digits| {
            let tail = index.checked_sub(shorter_numbers(digits))?;
            (tail < tails(digits)).then_some(Self::Number { digits, tail })
        })
    }

    /// The kind of address.
    pub(super) const fn contact(self) -> Option<Contact> {
        match self {
            Self::Nothing => None,
            Self::Email { .. } => Some(Contact::Email),
            Self::Number { .. } => Some(Contact::PhoneNumber),
        }
    }
}

fn place(letter: char) -> u128 {
    let found = LOCAL_PARTS.iter().position(|other| char::from(*other) == letter);
    found.and_then(|place| u128::try_from(place).ok()).unwrap_or_default()
}

fn letter(place: u128) -> Option<char> {
    LOCAL_PARTS.get(usize::try_from(place).ok()?).copied().map(char::from)
}

/// How many masks there are of numbers with fewer digits.
const fn shorter_numbers(digits: usize) -> u128 {
    let (mut count, mut shorter) = (0, 1);
    while shorter < digits {
        count += tails(shorter);
        shorter += 1;
    }
    count
}

/// How many masks there are of numbers with so many digits.
const fn tails(digits: usize) -> u128 {
    let (mut tails, mut shown) = (1, 0);
    while shown < shown_digits(digits) {
        tails *= 10;
        shown += 1;
    }
    tails
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::mask;

    #[test]
    fn each_mask_has_its_own_number() {
        for index in 0..Shown::COUNT {
            assert_eq!(Shown::at(index).map(Shown::index), Some(index));
        }
        assert_eq!(Shown::at(Shown::COUNT), None);
    }

    #[test]
    fn masks_that_look_the_same_are_the_same() {
        let names = [
            "alice@example.com",
            "adam@example.org",
            "Alice@example.com",
            "a@9.example",
            "~@x.yz",
            "+1",
            "+12",
            "+123",
            "+12345",
            "+992345",
            "+1234567",
            "+254712340123",
            "+254799990123",
            "+254799990124",
            "+123456789012345",
            "+10000",
        ];
        for (one, other) in names.iter().flat_map(|one| names.map(|other| (*one, other))) {
            let looks = [one, other].map(|name| {
                let contact = Shown::of(name).contact().unwrap();
                mask(contact, name)
            });
            let same = Shown::of(one) == Shown::of(other);
            assert_eq!(looks[0] == looks[1], same, "{one} {other}");
            assert_eq!(Shown::at(Shown::of(one).index()), Some(Shown::of(one)));
        }
        for name in ["alice", "", "+", "@", "a@b", "4a7e2c1e-0000-4000-8000-000000000000"] {
            assert_eq!(Shown::of(name), Shown::Nothing, "{name}");
        }
    }
}
