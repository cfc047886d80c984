//! Changes that belong together when something happens to a user.

use crate::change::Change;
use crate::entity::{Contact, Mfa, User, UserPoolRecord, UserStatus};
use crate::time::Timestamp;

impl User {
    /// A change that holds only if nobody changes the user meanwhile.
    #[must_use]
    pub fn unchanged(&self) -> Change {
        let (pool, sub) = (self.pool.clone(), self.sub.clone());
        Change::ExpectUser { pool, sub, version: self.version }
    }

    /// Gives the account to who has just proven this address. What somebody else may have set
    /// before is of no use from now on: password, second factors, devices, sign-ins, and addresses
    /// that nobody has proven. The changes do not contain the user's own.
    #[must_use]
    pub fn hand_over(&mut self, contact: Contact, at: Timestamp) -> Vec<Change> {
        self.status = UserStatus::Confirmed;
        self.password = None;
        // Ends sign-ins that are half-way, and what a trusted device remembers.
        self.password_set_at = at;
        self.mfa = Mfa::default();
        if let Some(address) = self.attributes.get(contact.attribute()).map(str::to_owned) {
            self.prove(contact, &address, at);
        }
        for other in Contact::ALL {
            if !self.has_proven(other) {
                self.attributes.set(other.attribute(), "");
                self.attributes.set(other.verified_attribute(), "");
            }
        }
        self.note_owner(contact);
        self.modified_at = at;
        let (pool, sub) = (self.pool.clone(), self.sub.clone());
        let devices = Change::DeleteDevicesOf { pool: pool.clone(), sub: sub.clone() };
        vec![devices, Change::RevokeSessionsOf { pool, sub, at }]
    }

    /// Ends every sign-in of the user: the changes, of which one is the user's own.
    #[must_use]
    pub fn sign_out(&mut self, at: Timestamp) -> Vec<Change> {
        self.signed_out_at = Some(at);
        let (pool, sub) = (self.pool.clone(), self.sub.clone());
        vec![Change::UpdateUser(Box::new(self.clone())), Change::RevokeSessionsOf { pool, sub, at }]
    }
}

impl UserPoolRecord {
    /// The names that lead to a user no more after a change, and those that do from now on.
    pub fn moved_aliases(&self, before: &User, user: &User) -> Vec<Change> {
        let (before, after) = (self.aliases(before), self.aliases(user));
        let reserved = self.reserved_alias(&user.username);
        let gone = before.iter().filter(|alias| !after.contains(alias));
        let gone = gone.filter(|alias| reserved.as_ref() != Some(alias));
        let new = after.iter().filter(|alias| !before.contains(alias));
        let owner = || (self.id.clone(), user.sub.clone());
        let remove = gone.map(|alias| {
            let (pool, sub) = owner();
            Change::RemoveAlias { pool, sub, key: alias.clone() }
        });
        let add = new.map(|alias| {
            let (pool, sub) = owner();
            Change::AddAlias { pool, sub, key: alias.clone() }
        });
        remove.chain(add).collect()
    }
}
