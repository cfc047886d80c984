use crate::backend::self_service::Delivery;
use crate::change::Change;
use crate::crypto::seal::{self, Context};
use crate::crypto::secret::Secret;
use crate::entity::{
    AppClient, CodePurpose, Contact, MessagePurpose, User, UserPoolRecord, VerificationCode,
};
use crate::error::{Refusal, Result};
use crate::ids::random_text;
use crate::limits::quota::Quota;
use crate::local::Local;
use crate::local::account::named::NamedUser;
use crate::local::commit::Plan;
use crate::message::{self, Notice};
use crate::sign_in::takes_codes;
use crate::time::Timestamp;

const DIGITS: usize = 6;

/// A code that is about to be sent.
#[derive(Clone, Copy, Debug)]
pub(in crate::local) struct NewCode<'a> {
    pub(in crate::local) purpose: CodePurpose,
    pub(in crate::local) contact: Contact,
    pub(in crate::local) address: &'a str,
    /// What the code shall not outlive: it is good only as long as this is the same.
    pub(in crate::local) basis: &'a str,
}

/// A code that somebody claims to have received.
#[derive(Clone, Copy, Debug)]
pub(in crate::local) struct GivenCode<'a> {
    pub(in crate::local) purpose: CodePurpose,
    pub(in crate::local) code: &'a Secret,
    /// The same as when it was sent.
    pub(in crate::local) basis: &'a str,
}

/// Where a pool sends codes for this, the preferred way first.
pub(in crate::local) fn ways(pool: &UserPoolRecord, purpose: CodePurpose) -> Vec<Contact> {
    match purpose {
        CodePurpose::ConfirmSignUp | CodePurpose::SignedUp => sign_up_ways(pool, |_| false),
        CodePurpose::ResetPassword => pool.rules.recovery_contacts(),
        CodePurpose::VerifyEmail => vec![Contact::Email],
        CodePurpose::VerifyPhoneNumber => vec![Contact::PhoneNumber],
    }
}

/// Where the code of a sign-up goes, the preferred way first: phone numbers, as in Cognito. But a
/// pool that verifies anything verifies the address that stands in the username's place before
/// others and whether or not its kind is listed, or somebody could come in under an address that
/// nobody has proven.
pub(in crate::local) fn sign_up_ways(
    pool: &UserPoolRecord,
    is_name: impl Fn(Contact) -> bool,
) -> Vec<Contact> {
    let listed = &pool.rules.auto_verified;
    let stands = |contact: &Contact| {
        pool.username_attributes.contains(&contact.sign_in_name()) && is_name(*contact)
    };
    let order = [Contact::PhoneNumber, Contact::Email].into_iter();
    let mut ways: Vec<_> = order
        .filter(|contact| listed.contains(contact) || (!listed.is_empty() && stands(contact)))
        .collect();
    ways.sort_by_key(|contact| !stands(contact));
    ways
}

/// The kind of address that most users of such a pool have.
pub(in crate::local) fn usual(ways: &[Contact]) -> Contact {
    if ways == [Contact::PhoneNumber] { Contact::PhoneNumber } else { Contact::Email }
}

/// Where codes for this go to a user who can be sent one, or might: the preferred way that is open,
/// or else the first address that there is.
fn likely_way(
    (pool, now): (&UserPoolRecord, Timestamp),
    purpose: CodePurpose,
    kinds: &[Contact],
    user: &User,
) -> Option<Contact> {
    let open = way_back(pool, user, now).filter(|_| purpose == CodePurpose::ResetPassword);
    let has = |kind: &&Contact| user.attributes.get(kind.attribute()).is_some();
    open.or_else(|| kinds.iter().find(has).copied())
}

/// The first of the pool's ways that the user has verified, beyond doubt; one proven of late does not
/// go before an older one. One that second factors go to is none: one mailbox would be enough to get
/// in.
pub(in crate::local) fn way_back(
    pool: &UserPoolRecord,
    user: &User,
    now: Timestamp,
) -> Option<Contact> {
    let is_open = |contact: &Contact| user.lets_in(*contact) && !takes_codes(pool, user, *contact);
    let open: Vec<_> = pool.rules.recovery_contacts().into_iter().filter(is_open).collect();
    user.first_settled(&open, now)
}

impl Local {
    /// Draws a code for a user: what stores and sends it, and what may be told about it.
    pub(in crate::local) fn new_code(
        &self,
        pool: &UserPoolRecord,
        user: &User,
        new: NewCode<'_>,
    ) -> (Vec<Change>, Delivery) {
        let code = Secret::new(random_text(self.rng(), b"0123456789", DIGITS));
        let put = self.stored_code(pool, user.sub.as_str(), new, &code);
        let send = self.message(pool, (Some(user), user.username.as_str()), new, &code);
        let NewCode { contact, address: to, .. } = new;
        (vec![put, send], Delivery::to(contact, &pool.username_key(to)))
    }

    /// Sends a code to the user whom a name leads to, and counts it. Where there is nobody to send one
    /// to, or nobody who has not had enough of them, it looks as if.
    pub(in crate::local) async fn counted_code(
        &self,
        (pool, client): (&UserPoolRecord, &AppClient),
        (name, found): (&str, &NamedUser),
        code: Option<NewCode<'_>>,
        (purpose, quota): (CodePurpose, Quota),
    ) -> Result<Plan<Delivery>> {
        let counted = self.count((pool, client), (name, &found.subject), quota).await?;
        let (mut changes, delivery) = match (&found.user, code) {
            (Some(user), Some(new)) if !counted.is_silenced => {
                let (mut changes, delivery) = self.new_code(pool, user, new);
                changes.push(user.unchanged());
                (changes, delivery)
            }
            // Kept as if it was nobody's: the one that was sent last stays good.
            (_, Some(new)) => self.unsent_code(pool, (&self.nobody(pool, name), name), new),
            (_, None) => self.decoy_delivery(pool, name, found, purpose),
        };
        changes.extend(counted.changes);
        Ok(Plan::accept(delivery, changes))
    }

    /// What looks like a code that was sent, for who may not know that there was nobody to send
    /// one to: always the same place for the same person. A user who cannot be sent one is shown the
    /// same address as those who can.
    fn decoy_delivery(
        &self,
        pool: &UserPoolRecord,
        name: &str,
        named: &NamedUser,
        purpose: CodePurpose,
    ) -> (Vec<Change>, Delivery) {
        let (user, other) = (named.user.as_ref(), named.other.as_ref());
        let nobody = self.person(pool, name, user);
        // Where codes go shows of somebody else who has the kind of address that was asked by.
        let asked = Contact::ALL.into_iter().find(|contact| nobody.is_known_by(*contact));
        let has = |other: &&User, kind: Contact| other.attributes.get(kind.attribute()).is_some();
        let alike = other.filter(|other| asked.is_none_or(|kind| has(other, kind)));
        let ways = match purpose {
            CodePurpose::ConfirmSignUp => sign_up_ways(pool, |contact| match user.or(alike) {
                Some(user) => user.goes_by(contact),
                None => nobody.is_known_by(contact),
            }),
            _ => ways(pool, purpose),
        };
        let kinds = if ways.is_empty() { &Contact::ALL[..] } else { &ways[..] };
        let likely = |user| likely_way((pool, self.now()), purpose, kinds, user);
        let invented = asked.filter(|asked| kinds.contains(asked));
        let contact = user.and_then(likely).or_else(|| alike.and_then(likely)).or(invented);
        let contact = contact.unwrap_or_else(|| usual(&ways));
        let own = user.and_then(|user| user.attributes.get(contact.attribute()));
        let invented = self.invented_address(pool, &nobody, contact, other);
        let address = own.map_or(invented, str::to_owned);
        let new = NewCode { purpose, contact, address: &address, basis: "" };
        self.unsent_code(pool, (&named.subject, name), new)
    }

    /// The same work as for a code that is sent, and a message that never leaves.
    fn unsent_code(
        &self,
        pool: &UserPoolRecord,
        (subject, name): (&str, &str),
        new: NewCode<'_>,
    ) -> (Vec<Change>, Delivery) {
        let called = self.invented_username(pool, name);
        let code = Secret::new(random_text(self.rng(), b"0123456789", DIGITS));
        let put = self.stored_code(pool, subject, new, &code);
        let send = self.message(pool, (None, called.as_str()), new, &code);
        let look = Change::LookForUser { pool: pool.id.clone() };
        let NewCode { contact, address: to, .. } = new;
        (vec![put, send, look], Delivery::to(contact, &pool.username_key(to)))
    }

    fn message(
        &self,
        pool: &UserPoolRecord,
        (user, username): (Option<&User>, &str),
        new: NewCode<'_>,
        code: &Secret,
    ) -> Change {
        let purpose = match new.purpose {
            CodePurpose::ConfirmSignUp | CodePurpose::SignedUp => MessagePurpose::ConfirmSignUp,
            CodePurpose::ResetPassword => MessagePurpose::ResetPassword,
            CodePurpose::VerifyEmail | CodePurpose::VerifyPhoneNumber => {
                MessagePurpose::VerifyAttribute
            }
        };
        let NewCode { contact, address: to, .. } = new;
        let notice = Notice { purpose, contact, to, username, code };
        let content = notice.compose(&pool.rules.templates);
        let parts = (self.sealer(), self.rng(), self.now());
        let (channel, expires_at) = (contact.channel(), self.now().after(new.purpose.life()));
        match user {
            Some(user) => message::enqueue(parts, user, channel, purpose, expires_at, &content),
            None => {
                message::enqueue_unsent(parts, &pool.id, channel, purpose, expires_at, &content)
            }
        }
    }

    pub(in crate::local) fn stored_code(
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

    /// The stored code if this is it. The caller counts the attempt and spends the code. Through
    /// clients that hide users, a wrong code is wrong whether or not one was sent.
    pub(in crate::local) async fn matching_code(
        &self,
        (pool, hides_users): (&UserPoolRecord, bool),
        subject: &str,
        given: GivenCode<'_>,
    ) -> Result<Result<VerificationCode, Refusal>> {
        let stored = self.store().code(&pool.id, subject, given.purpose).await?;
        let life = given.purpose.life();
        let whole = whole(subject, given);
        let context = digest_context(pool, &whole);
        // Computed even if there is none, so that it takes as long.
        let known = stored.as_ref().map_or("", |stored| &stored.digest);
        let is_right = self.sealer().recognises(context, known);
        let is_live = |stored: &VerificationCode| stored.expires_at.is_ahead(self.now(), life);
        Ok(match stored {
            Some(code) if is_right && is_live(&code) => Ok(code),
            Some(_) if is_right => Err(Refusal::VerificationCodeExpired),
            // Who has no code would learn whether one was sent, and so who waits for one.
            _ if hides_users => Err(Refusal::VerificationCodeWrong),
            Some(code) if is_live(&code) => Err(Refusal::VerificationCodeWrong),
            _ => Err(Refusal::VerificationCodeExpired),
        })
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
    Context { purpose: seal::SealPurpose::VerificationCode, pool: &pool.id, subject: whole }
}
