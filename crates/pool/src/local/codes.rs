use super::Local;
use crate::attributes::has_form;
use crate::change::Change;
use crate::entity::{CodePurpose, Contact, Purpose, User, UserPoolRecord, VerificationCode};
use crate::error::{Refusal, Result};
use crate::ids::random_text;
use crate::message::{self, Notice};
use crate::name;
use crate::quota::{Quota, Use};
use crate::seal::{self, Context};
use crate::secret::Secret;
use crate::self_service::Delivery;

const DIGITS: usize = 6;

/// A code that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct NewCode<'a> {
    pub(super) purpose: CodePurpose,
    pub(super) contact: Contact,
    pub(super) address: &'a str,
    /// What the code shall not outlive: it is good only as long as this is the same.
    pub(super) basis: &'a str,
}

/// A code that somebody claims to have received.
#[derive(Clone, Copy, Debug)]
pub(super) struct GivenCode<'a> {
    pub(super) purpose: CodePurpose,
    pub(super) code: &'a Secret,
    /// The same as when it was sent.
    pub(super) basis: &'a str,
}

/// Where a pool sends codes for this, the preferred way first. Phone numbers go first at a sign-up,
/// as in Cognito.
pub(super) fn ways(pool: &UserPoolRecord, purpose: CodePurpose) -> Vec<Contact> {
    match purpose {
        CodePurpose::ConfirmSignUp | CodePurpose::SignedUp => {
            let order = [Contact::PhoneNumber, Contact::Email].into_iter();
            order.filter(|contact| pool.rules.auto_verified.contains(contact)).collect()
        }
        CodePurpose::ResetPassword => pool.rules.recovery_contacts(),
        CodePurpose::VerifyEmail => vec![Contact::Email],
        CodePurpose::VerifyPhoneNumber => vec![Contact::PhoneNumber],
    }
}

/// The kind of address that most users of such a pool have.
pub(super) fn usual(ways: &[Contact]) -> Contact {
    if ways == [Contact::PhoneNumber] { Contact::PhoneNumber } else { Contact::Email }
}

impl Local {
    /// Draws a code for a user: what stores and sends it, and what may be told about it.
    pub(super) fn new_code(
        &self,
        pool: &UserPoolRecord,
        user: &User,
        new: NewCode<'_>,
    ) -> (Vec<Change>, Delivery) {
        let code = Secret::new(random_text(self.rng(), b"0123456789", DIGITS));
        let put = self.stored_code(pool, user.sub.as_str(), new, &code);
        let purpose = match new.purpose {
            CodePurpose::ConfirmSignUp | CodePurpose::SignedUp => Purpose::ConfirmSignUp,
            CodePurpose::ResetPassword => Purpose::ResetPassword,
            CodePurpose::VerifyEmail | CodePurpose::VerifyPhoneNumber => Purpose::VerifyAttribute,
        };
        let NewCode { contact, address: to, .. } = new;
        let username = user.username.as_str();
        let content =
            Notice { purpose, contact, to, username, code: &code }.compose(&pool.rules.templates);
        let parts = (self.sealer(), self.rng(), self.now());
        let expires_at = self.now().after(new.purpose.life());
        let channel = contact.channel();
        let send = message::enqueue(parts, user, channel, purpose, expires_at, &content);
        (vec![put, send], Delivery::to(contact, &pool.username_key(to)))
    }

    /// What looks like a code that was sent, for who may not know that there was nobody to send
    /// one to: always the same place for the same name.
    pub(super) fn decoy_delivery(
        &self,
        pool: &UserPoolRecord,
        name: &str,
        subject: &str,
        purpose: CodePurpose,
    ) -> (Change, Delivery) {
        let ways = ways(pool, purpose);
        let kinds = if ways.is_empty() { &Contact::ALL[..] } else { &ways[..] };
        let (contact, address) = self.invented_address(pool, name, (kinds, usual(&ways)));
        let code = Secret::new(random_text(self.rng(), b"0123456789", DIGITS));
        let new = NewCode { purpose, contact, address: &address, basis: "" };
        let delivery = Delivery::to(contact, &pool.username_key(&address));
        (self.stored_code(pool, subject, new, &code), delivery)
    }

    /// The address that a name would have if it led to somebody: itself if it is one of a kind that
    /// messages would go to, or else one of the usual kind.
    pub(super) fn invented_address(
        &self,
        pool: &UserPoolRecord,
        name: &str,
        (kinds, usual): (&[Contact], Contact),
    ) -> (Contact, String) {
        // In the form in which it would be found: or else it would tell who has the address.
        let plain = name::plain(name);
        let has_form =
            |contact: &Contact| kinds.contains(contact) && has_form(contact.sign_in_name(), &plain);
        if let Some(contact) = Contact::ALL.into_iter().find(has_form) {
            return (contact, plain);
        }
        let key = pool.username_key(name);
        let purpose = seal::Purpose::UnknownName;
        let context = Context { purpose, pool: &pool.id, subject: &key };
        let seed = self.sealer().pseudonym_bytes(context);
        let drawn = |letters: &[u8]| -> String {
            let letter = |byte: &u8| letters.get(usize::from(*byte) % letters.len());
            seed.iter().filter_map(letter).map(|letter| char::from(*letter)).collect()
        };
        if usual == Contact::PhoneNumber {
            let digits: String = drawn(b"0123456789").chars().take(10).collect();
            return (Contact::PhoneNumber, format!("+1{digits}"));
        }
        let domain: String = drawn(b"ggghoym").chars().take(1).collect();
        let local: String = drawn(b"abcdefghijklmnoprstvw").chars().skip(1).take(8).collect();
        (Contact::Email, format!("{local}@{domain}.com"))
    }

    pub(super) fn stored_code(
        &self,
        pool: &UserPoolRecord,
        subject: &str,
        new: NewCode<'_>,
        code: &Secret,
    ) -> Change {
        let NewCode { purpose, contact, address, basis } = new;
        Change::PutCode(VerificationCode {
            pool: pool.id.clone(),
            subject: subject.to_owned(),
            purpose,
            digest: self.digest(pool, subject, GivenCode { purpose, code, basis }),
            contact,
            address: address.to_owned(),
            expires_at: self.now().after(purpose.life()),
        })
    }

    /// The stored code if this is it. The caller counts the attempt and spends the code.
    pub(super) async fn matching_code(
        &self,
        pool: &UserPoolRecord,
        subject: &str,
        given: GivenCode<'_>,
    ) -> Result<Result<VerificationCode, Refusal>> {
        let stored = self.store().code(&pool.id, subject, given.purpose).await?;
        let life = given.purpose.life();
        let live = stored.filter(|stored| stored.expires_at.is_ahead(self.now(), life));
        let whole = whole(subject, given);
        let context = digest_context(pool, &whole);
        Ok(match live {
            None => Err(Refusal::VerificationCodeExpired),
            Some(code) if self.sealer().recognises(context, &code.digest) => Ok(code),
            Some(_) => Err(Refusal::VerificationCodeWrong),
        })
    }

    /// One use of a quota.
    pub(super) fn use_quota(&self, pool: &UserPoolRecord, subject: &str, quota: Quota) -> Change {
        let (pool, subject) = (pool.id.clone(), subject.to_owned());
        Change::UseQuota(Use { pool, subject, quota, limit: quota.limit(), at: self.now() })
    }

    fn digest(&self, pool: &UserPoolRecord, subject: &str, given: GivenCode<'_>) -> String {
        self.sealer().pseudonym(digest_context(pool, &whole(subject, given)))
    }
}

/// All that a code is good for is in its digest, so that it is good for nothing else.
fn whole(subject: &str, given: GivenCode<'_>) -> String {
    let GivenCode { purpose, code, basis } = given;
    [subject, purpose.as_str(), basis, code.expose()].join("\n")
}

fn digest_context<'a>(pool: &'a UserPoolRecord, whole: &'a str) -> Context<'a> {
    Context { purpose: seal::Purpose::VerificationCode, pool: &pool.id, subject: whole }
}
