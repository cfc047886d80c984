//! When a user's addresses were proven, and which of them are in doubt.

use crate::entity::{Contact, Proof, User};
use crate::time::Timestamp;
use std::time::Duration;

/// How long a proven address counts for less than one that was proven before it. Whoever holds a
/// session could have added it. The older address hears of that at once, and a week is time to read it
/// and to act, also for who is away for some days.
pub const SETTLING: Duration = Duration::from_hours(7 * 24);

impl User {
    /// Makes an address the user's that has just been proven, and ends doubts about it. One that was
    /// proven and beyond doubt keeps its age.
    pub fn prove(&mut self, contact: Contact, address: &str, at: Timestamp) {
        let is_same = self.attributes.get(contact.attribute()) == Some(address);
        if is_same && self.lets_in(contact) {
            return;
        }
        self.attributes.set(contact.attribute(), address);
        self.attributes.set(contact.verified_attribute(), "true");
        let proof = Proof { address: address.to_owned(), at, is_doubtful: false };
        self.provenance.proofs.insert(contact, proof);
    }

    /// Whether the user has a verified address of this kind that is beyond doubt: a code to it may
    /// stand in the password's place, or replace the password.
    pub fn lets_in(&self, contact: Contact) -> bool {
        self.has_proven(contact) && !self.proof(contact).is_some_and(|proof| proof.is_doubtful)
    }

    /// The first of these verified addresses, unless it was proven of late and another one before it.
    pub fn first_settled(&self, contacts: &[Contact], now: Timestamp) -> Option<Contact> {
        let first = *contacts.first()?;
        let older = contacts.iter().find(|other| self.is_newer(first, **other, now));
        Some(older.copied().unwrap_or(first))
    }

    /// Puts in doubt what was proven of late, after this address, by which the password has just been
    /// reset: whoever had the old password could have added it. It stays verified and a second factor.
    pub fn doubt_newer_than(&mut self, contact: Contact, now: Timestamp) {
        for other in Contact::ALL {
            if self.has_proven(other)
                && self.is_newer(other, contact, now)
                && let Some(proof) = self.provenance.proofs.get_mut(&other)
            {
                proof.is_doubtful = true;
            }
        }
    }

    /// Whether this address was proven of late, after the other one. Of one whose time is not known, it
    /// was before such times were kept.
    fn is_newer(&self, contact: Contact, other: Contact, now: Timestamp) -> bool {
        let Some(proof) = self.proof(contact) else { return false };
        let is_recent = now < proof.at.after(SETTLING);
        is_recent && self.proof(other).is_none_or(|other| other.at < proof.at)
    }

    fn proof(&self, contact: Contact) -> Option<&Proof> {
        let address = self.attributes.get(contact.attribute());
        let proof = self.provenance.proofs.get(&contact);
        proof.filter(|proof| address == Some(proof.address.as_str()))
    }
}
