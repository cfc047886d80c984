//! What a name that leads to nobody would have if it led to somebody: such as the pool's users have,
//! and the same for the same name at every node and, but for addresses, at every time. An address may
//! change when users come or go. Whoever is told a username and asks again with it sees the same person.

mod shown;
mod told_name;

use self::shown::Shown;
use self::told_name::{Form, Secrets};
use crate::attributes::has_form;
use crate::entity::{Contact, User, UserPoolRecord};
use crate::ids::{Sub, Username};
use crate::local::Local;
use crate::message::shown_digits;

/// The letters that names begin with, about as often as they do.
const INITIALS: &[u8] =
    b"aaaaaaaaaaabbbbbccccccccdddddddeeeeefffggghhhiijjjjjjjjjjjkkkkkkllllllmmmmmmmmmmm\
    nnnnooppprrrrrrsssssssssttttttuvvwwyz";
const CONSONANTS: &[u8] = b"bcdfghjklmnprstvz";
const VOWELS: &[u8] = b"aaeeiouo";
/// The letters that the domains of large mail providers begin with.
const PROVIDERS: &[u8] = b"ggggggggggghhhhooooyyymiaw";
/// How many digits phone numbers have.
const NUMBER_LENGTHS: &[u8] = &[11, 11, 11, 11, 12, 12, 12, 10, 13];

/// Draws from a name's digest: always the same in the same order.
struct Draw(std::iter::Cycle<std::array::IntoIter<u8, 32>>);

impl Draw {
    fn one_of(&mut self, choices: &[u8]) -> u8 {
        let byte = self.0.next().map_or(0, usize::from);
        byte.checked_rem(choices.len()).and_then(|at| choices.get(at)).copied().unwrap_or(b'a')
    }

    fn letter(&mut self, choices: &[u8]) -> char {
        char::from(self.one_of(choices))
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| self.letter(b"0123456789")).collect()
    }

    /// Something that can be said.
    fn word(&mut self) -> String {
        let syllables = 2 + usize::from(self.one_of(&[0, 0, 1]));
        let first = self.letter(INITIALS);
        let mut word = String::from(first);
        for _ in 0..syllables {
            if !VOWELS.contains(&word.bytes().last().unwrap_or_default()) {
                word.push(self.letter(VOWELS));
            }
            word.push(self.letter(CONSONANTS));
        }
        word
    }
}

/// The person that an unknown name would lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::local) struct Nobody {
    /// The username, in the form in which names are compared. All else is drawn from it.
    pub(in crate::local) username: Username,
    /// What the mask of an address shows, if the address is known.
    shown: Shown,
}

impl Nobody {
    /// Whether the name was an address of this kind.
    pub(in crate::local) fn is_known_by(&self, contact: Contact) -> bool {
        self.shown.contact() == Some(contact)
    }
}

impl Local {
    /// The person that a name would lead to. A plain name would be the username. An address would lead
    /// to a user by an alias: to a UUID where addresses take the username's place, and elsewhere to a
    /// name that the user has chosen.
    pub(in crate::local) fn invented(&self, pool: &UserPoolRecord, name: &str) -> Nobody {
        let (key, form, secrets) = (pool.username_key(name), Form::of(pool), self.secrets(pool));
        let shown = Shown::of(&key);
        let is_address = pool.alias_kinds().any(|kind| has_form(kind, &key));
        if is_address {
            let username = Username::new(form.tell(secrets, &key, shown));
            return Nobody { username, shown };
        }
        let shown = if shown == Shown::Nothing { form.read(secrets, &key) } else { Some(shown) };
        Nobody { username: Username::new(key), shown: shown.unwrap_or(Shown::Nothing) }
    }

    /// The same where the name may have led to a user, who may lack an address: what is invented then
    /// is drawn from the user's username, so that each name of the user shows the same.
    pub(in crate::local) fn person(
        &self,
        pool: &UserPoolRecord,
        name: &str,
        user: Option<&User>,
    ) -> Nobody {
        // By way of the username for nobody, too, so that it takes as long.
        let told = self.invented_username(pool, name);
        let username = user.map_or(&told, |user| &user.username);
        self.invented(pool, username.as_str())
    }

    /// The canonical username.
    pub(in crate::local) fn invented_username(
        &self,
        pool: &UserPoolRecord,
        name: &str,
    ) -> Username {
        self.invented(pool, name).username
    }

    /// The place among the subs, which are random, where an unknown name finds somebody else. Each
    /// person has its own place, as users do: one record for all would always be in the cache.
    pub(in crate::local) fn place_of_nobody(&self, pool: &UserPoolRecord, name: &str) -> Sub {
        let nobody = self.invented(pool, name);
        let drawn = self.secrets(pool).digest("place", nobody.username.as_str());
        let bits = drawn.into_iter().take(16).fold(0, |bits, byte| bits << 8 | u128::from(byte));
        Sub::new(uuid::Uuid::from_u128(bits).to_string())
    }

    /// Where codes of this kind would go: to the address that the name is, as far as a mask shows it,
    /// or else to one such as the other user has. Of that user no more is taken than how long the
    /// number is, and the letter that the domain begins with.
    pub(in crate::local) fn invented_address(
        &self,
        pool: &UserPoolRecord,
        nobody: &Nobody,
        contact: Contact,
        other: Option<&User>,
    ) -> String {
        let attribute = contact.attribute();
        let mut draw = draw(self.secrets(pool).digest(attribute, nobody.username.as_str()));
        let others = other.and_then(|other| other.attributes.get(attribute));
        match (contact, nobody.shown) {
            (Contact::Email, Shown::Email { local, domain }) => {
                format!("{local}{}@{domain}{}.com", draw.word(), draw.word())
            }
            (Contact::PhoneNumber, Shown::Number { digits, tail }) => {
                let shown = shown_digits(digits);
                let hidden = draw.digits(digits.saturating_sub(shown));
                if shown == 0 { format!("+{hidden}") } else { format!("+{hidden}{tail:0shown$}") }
            }
            (Contact::Email, _) => {
                let domain = others.and_then(|address| address.rsplit_once('@'));
                let initial = domain.and_then(|(_, domain)| domain.chars().next());
                let (local, provider) = (draw.word(), draw.letter(PROVIDERS));
                format!("{local}@{}{}.com", initial.unwrap_or(provider), draw.word())
            }
            (Contact::PhoneNumber, _) => {
                let drawn = usize::from(draw.one_of(NUMBER_LENGTHS));
                let digits = |number: &str| number.bytes().filter(u8::is_ascii_digit).count();
                let length = others.map_or(drawn, digits);
                format!("+1{}", draw.digits(length.saturating_sub(1)))
            }
        }
    }

    fn secrets<'a>(&'a self, pool: &'a UserPoolRecord) -> Secrets<'a> {
        Secrets { sealer: self.sealer(), pool: &pool.id }
    }
}

fn draw(seed: [u8; 32]) -> Draw {
    Draw(seed.into_iter().cycle())
}
