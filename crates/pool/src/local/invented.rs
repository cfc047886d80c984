//! What a name that leads to nobody would have if it led to somebody: such as the pool's users have,
//! and the same for the same name at every node and, but for addresses, at every time. An address may
//! change when users come or go.

use super::Local;
use crate::attributes::has_form;
use crate::entity::{Contact, User, UserPoolRecord};
use crate::ids::Username;
use crate::name;
use crate::seal::{Context, Purpose};

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

impl Local {
    /// The canonical username. A plain name would be one, in the form in which names are compared.
    /// An address or a UUID would lead to a user by an alias or by the `sub`: to a UUID where
    /// addresses take the username's place, and elsewhere to a name that the user has chosen.
    pub(super) fn invented_username(&self, pool: &UserPoolRecord, name: &str) -> Username {
        let key = pool.username_key(name);
        let is_uuid = uuid::Uuid::try_parse(&key).is_ok();
        let is_address = pool.alias_kinds().any(|kind| has_form(kind, &key));
        let has_uuids = !pool.username_attributes.is_empty();
        if !(is_address || (is_uuid && !has_uuids)) {
            return Username::new(key);
        }
        let seed = self.digest_of_unknown(pool, &key);
        if !has_uuids {
            return Username::new(draw(seed).word());
        }
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(&seed).for_each(|(to, from)| *to = *from);
        Username::new(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
    }

    /// Where codes would go, with the preferred way first: to the name itself if it is an address, or
    /// else to one such as the other user has. Of that user no more is taken than what kinds of
    /// address there are, how long the number is, and the letter that the domain begins with.
    pub(super) fn invented_address(
        &self,
        pool: &UserPoolRecord,
        name: &str,
        (ways, usual): (&[Contact], Contact),
        other: Option<&User>,
    ) -> (Contact, String) {
        // In the form in which it would be found: or else it would tell who has the address.
        let key = pool.username_key(name);
        let mut draw = draw(self.digest_of_unknown(pool, &key));
        let has = |contact: &Contact| other?.attributes.get(contact.attribute());
        let is_name = |contact: &Contact| has_form(contact.sign_in_name(), &name::plain(name));
        let first = ways.iter().find(|contact| is_name(contact) || has(contact).is_some());
        let contact = first.copied().unwrap_or(usual);
        let address = match contact {
            _ if is_name(&contact) => name::plain(name),
            Contact::Email => {
                let domain = has(&contact).and_then(|address| address.rsplit_once('@'));
                let initial = domain.and_then(|(_, domain)| domain.chars().next());
                let (local, provider) = (draw.word(), draw.letter(PROVIDERS));
                format!("{local}@{}{}.com", initial.unwrap_or(provider), draw.word())
            }
            Contact::PhoneNumber => {
                let drawn = usize::from(draw.one_of(NUMBER_LENGTHS));
                let digits = |number: &str| number.bytes().filter(u8::is_ascii_digit).count();
                let length = has(&contact).map_or(drawn, digits);
                format!("+1{}", draw.digits(length.saturating_sub(1)))
            }
        };
        (contact, address)
    }

    fn digest_of_unknown(&self, pool: &UserPoolRecord, key: &str) -> [u8; 32] {
        let context = Context { purpose: Purpose::UnknownName, pool: &pool.id, subject: key };
        self.sealer().pseudonym_bytes(context)
    }
}

fn draw(seed: [u8; 32]) -> Draw {
    Draw(seed.into_iter().cycle())
}
