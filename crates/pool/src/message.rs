//! Messages to users: what they say, and how addresses are shown to those who may not know them.

use crate::change::Change;
use crate::crypto::seal::{self, Context, Sealer, Unsealable};
use crate::crypto::secret::Secret;
use crate::entity::{
    Channel, Contact, DeliveryProgress, Message, MessagePurpose, Template, Templates, User,
};
use crate::ids::{MessageId, PoolId, Sub, Username};
use crate::system::Rng;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long messages are kept at most, sent or not.
pub const KEPT: Duration = Duration::from_hours(7 * 24);
/// How long those to nobody are.
const UNSENT_KEPT: Duration = Duration::from_mins(10);
/// How old those to nobody are from the beginning, so that they go after that time.
const UNSENT_AGE: Duration = KEPT.saturating_sub(UNSENT_KEPT);

/// What a message says and to whom; sealed while it waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Content {
    /// The address.
    pub to: String,
    /// The subject of a mail.
    pub subject: String,
    /// The text.
    pub body: Secret,
    /// The code or temporary password in the text, if there is one.
    pub code: Option<Secret>,
    /// Whether the text of a mail is HTML.
    #[serde(default)]
    pub html: bool,
    /// Whom it is about, if it is sent even once that user is gone.
    #[serde(default)]
    pub about: Option<Username>,
}

/// What a message is made of.
#[derive(Clone, Copy, Debug)]
pub struct Notice<'a> {
    /// Why it is sent.
    pub purpose: MessagePurpose,
    /// What kind of address it goes to.
    pub contact: Contact,
    /// The address.
    pub to: &'a str,
    /// What the user is called in it.
    pub username: &'a str,
    /// The code or temporary password in it.
    pub code: &'a Secret,
}

impl Notice<'_> {
    /// Writes the message as the pool's templates want it.
    pub fn compose(&self, templates: &Templates) -> Content {
        let address = (self.contact, self.to);
        let text =
            self.words(templates).filled(address, self.username, ("{####}", self.code.expose()));
        Content { code: Some(self.code.clone()), ..text }
    }

    fn words<'t>(&self, templates: &'t Templates) -> Words<'t> {
        let (template, subject, text) = match self.purpose {
            MessagePurpose::Invitation => (
                &templates.invitation,
                "Your temporary password",
                "Your username is {username} and temporary password is {####}.",
            ),
            MessagePurpose::SignInCode => (
                &templates.sign_in,
                "Your authentication code",
                "Your authentication code is {####}.",
            ),
            MessagePurpose::ConfirmSignUp | MessagePurpose::VerifyAttribute => (
                &templates.verification,
                "Your verification code",
                "Your confirmation code is {####}.",
            ),
            // A lock has no code: `locked_out` writes its message.
            MessagePurpose::ResetPassword | MessagePurpose::LockedOut => (
                &templates.verification,
                "Your password reset code",
                "Your password reset code is {####}.",
            ),
            MessagePurpose::AccountChanged => {
                return Words::of_change(templates, self.contact, false);
            }
        };
        Words { template, subject, text }
    }
}

/// The mail that tells an owner of a lock. It names nobody: whoever chooses a username does not choose
/// what it says.
pub fn locked_out(to: &str) -> Content {
    Content {
        to: to.to_owned(),
        subject: "Wrong sign-ins have locked your account".to_owned(),
        body: Secret::from(
            "Somebody has tried five times in a row to sign in to your account with a wrong \
             password or code. Sign-ins are refused for a moment now, and for longer with every \
             further attempt, up to fifteen minutes. If it was not you, nobody has come in, and \
             there is nothing that you must do.",
        ),
        code: None,
        html: false,
        about: None,
    }
}

/// Word to a user that something about the account has changed. It holds no secret.
#[derive(Clone, Copy, Debug)]
pub struct ChangeNotice<'a> {
    /// What kind of address it goes to.
    pub contact: Contact,
    /// The address.
    pub to: &'a str,
    /// What the user is called in it.
    pub username: &'a str,
    /// What has changed, in sentences.
    pub change: &'a str,
    /// Whether the account is gone with it.
    pub is_gone: bool,
}

impl ChangeNotice<'_> {
    /// Writes the message as the pool's templates want it.
    pub fn compose(&self, templates: &Templates) -> Content {
        let words = Words::of_change(templates, self.contact, self.is_gone);
        words.filled((self.contact, self.to), self.username, ("{change}", self.change))
    }
}

/// The pool's words for one kind of message, and those for want of them: Cognito's own where it has
/// such a message.
struct Words<'t> {
    template: &'t Template,
    subject: &'static str,
    text: &'static str,
}

impl<'t> Words<'t> {
    fn of_change(templates: &'t Templates, contact: Contact, is_gone: bool) -> Self {
        let subject = if is_gone { "Your account was deleted" } else { "Your account was changed" };
        let text = match contact {
            Contact::Email if is_gone => {
                "{change} Your username was {username}.\n\nIf you did this, there is nothing more to \
                 do. If you did not, tell your administrator at once."
            }
            Contact::PhoneNumber if is_gone => "{change} Not you? Tell your administrator.",
            Contact::Email => {
                "{change} Your username is {username}.\n\nIf you did this, there is nothing more to \
                 do. If you did not, set a new password at once with \"Forgot password\" where you \
                 sign in: that ends all sign-ins, also that of whoever did this. If you receive no \
                 code there, ask your administrator to end them."
            }
            Contact::PhoneNumber => {
                "{change} Not you? Set a new password with \"Forgot password\": that ends all \
                 sign-ins."
            }
        };
        Self { template: &templates.notice, subject, text }
    }

    /// The message to an address, with a word filled in.
    fn filled(
        &self,
        (contact, to): (Contact, &str),
        username: &str,
        (placeholder, word): (&str, &str),
    ) -> Content {
        let given = match contact {
            Contact::Email => &self.template.email,
            Contact::PhoneNumber => &self.template.sms,
        };
        let text = given.as_deref().unwrap_or(self.text);
        let html = contact == Contact::Email && text.contains('<');
        let shown = if html { escape(username) } else { username.to_owned() };
        let body = text.replace("{username}", &shown).replace(placeholder, word);
        let subject = self.template.subject.as_deref().unwrap_or(self.subject);
        Content {
            to: to.to_owned(),
            subject: subject.replace("{username}", username),
            body: Secret::new(body),
            code: None,
            html,
            about: None,
        }
    }
}

/// Whoever chooses a username does not choose what a mail looks like.
fn escape(text: &str) -> String {
    let escaped = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect()
}

/// The change that puts a message into the outbox, to be sent before `expires_at`.
pub fn enqueue(
    (sealer, rng, now): (&Sealer, &dyn Rng, Timestamp),
    user: &User,
    channel: Channel,
    purpose: MessagePurpose,
    expires_at: Timestamp,
    content: &Content,
) -> Change {
    let owner = (&user.pool, user.sub.clone());
    let message = written((sealer, rng, now), owner, (channel, purpose, expires_at), content);
    Change::Enqueue(message)
}

/// The change that puts a message to nobody into the outbox, where it is never sent: what is done
/// about a name that leads to nobody is what is done about a user.
pub fn enqueue_unsent(
    (sealer, rng, now): (&Sealer, &dyn Rng, Timestamp),
    pool: &PoolId,
    channel: Channel,
    purpose: MessagePurpose,
    expires_at: Timestamp,
    content: &Content,
) -> Change {
    let owner = (pool, Sub::nobody());
    let message = written((sealer, rng, now), owner, (channel, purpose, expires_at), content);
    // As if it was delivered before anybody came to send it, and as if that was long ago: nobody
    // misses it, and strangers can have many of them made.
    let progress = DeliveryProgress { delivered_at: Some(now), ..message.progress };
    let age = i64::try_from(UNSENT_AGE.as_millis()).unwrap_or_default();
    let created_at = Timestamp::from_millis(now.millis().saturating_sub(age));
    Change::Enqueue(Message { created_at, progress, ..message })
}

fn written(
    (sealer, rng, now): (&Sealer, &dyn Rng, Timestamp),
    (pool, sub): (&PoolId, Sub),
    (channel, purpose, expires_at): (Channel, MessagePurpose, Timestamp),
    content: &Content,
) -> Message {
    let id = MessageId::fresh(now, rng);
    let sealed = sealer.seal_record(context(pool, &id), content, rng);
    Message {
        pool: pool.clone(),
        id,
        sub,
        channel,
        purpose,
        created_at: now,
        expires_at,
        content: sealed,
        progress: DeliveryProgress::begin(now, expires_at),
    }
}

/// Opens a message.
///
/// # Errors
///
/// [`Unsealable`] if it was sealed for another message or under a master key that is not held, or
/// is damaged.
pub fn open(message: &Message, sealer: &Sealer) -> Result<Content, Unsealable> {
    sealer.open_record(context(&message.pool, &message.id), &message.content)
}

fn context<'a>(pool: &'a PoolId, id: &'a MessageId) -> Context<'a> {
    Context { purpose: seal::SealPurpose::Message, pool, subject: id.as_str() }
}

/// An address as Cognito shows it to those who may not know it.
pub fn mask(contact: Contact, address: &str) -> String {
    match contact {
        Contact::Email => mask_address(address),
        Contact::PhoneNumber => mask_number(address),
    }
}

/// A phone number as Cognito shows it: `+*******0123`. Of short numbers less is shown.
fn mask_number(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    let hidden = digits.len() - shown_digits(digits.len());
    let tail: String = digits.iter().skip(hidden).collect();
    format!("+{}{tail}", "*".repeat(hidden))
}

/// How many of a phone number's digits are shown.
pub const fn shown_digits(digits: usize) -> usize {
    if digits < 8 { digits / 2 } else { 4 }
}

/// An e-mail address as Cognito shows it: `j***@g***`.
pub fn mask_address(address: &str) -> String {
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    format!("{}***@{}***", first(local), first(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(code: &Secret) -> Notice<'_> {
        let (purpose, contact) = (MessagePurpose::VerifyAttribute, Contact::Email);
        Notice { purpose, contact, to: "a@b.co", username: "<b>&\"ann\"</b>", code }
    }

    #[test]
    fn templates_name_the_user_and_the_code() {
        let code = Secret::from("123456");
        let template = Template {
            subject: Some("Hello {username}".to_owned()),
            email: Some("{username}: {####} {####}".to_owned()),
            sms: Some("code {####}".to_owned()),
        };
        let templates = Templates { verification: template, ..Templates::default() };
        let mail = notice(&code).compose(&templates);
        assert_eq!(mail.subject, "Hello <b>&\"ann\"</b>");
        assert_eq!(mail.body.expose(), "<b>&\"ann\"</b>: 123456 123456");
        let sms = Notice { contact: Contact::PhoneNumber, ..notice(&code) }.compose(&templates);
        assert_eq!(sms.body.expose(), "code 123456");
    }

    #[test]
    fn a_message_to_nobody_is_never_due_and_soon_swept() {
        let now = Timestamp::from_seconds(1_000_000_000);
        let (sealer, pool) = (Sealer::new(&[1; 32]), PoolId::from("us-east-1_a"));
        let parts = (&sealer, &Zeros as &dyn Rng, now);
        let (purpose, expires_at) =
            (MessagePurpose::SignInCode, now.after(Duration::from_hours(1)));
        let content = locked_out("a@b.co");
        let change = enqueue_unsent(parts, &pool, Channel::Email, purpose, expires_at, &content);
        let Change::Enqueue(message) = change else { panic!("{change:?}") };
        assert_eq!(message.sub, Sub::nobody());
        assert_eq!(message.progress.delivered_at, Some(now));
        assert_eq!(now.since(message.created_at), UNSENT_AGE);
    }

    struct Zeros;

    impl Rng for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn a_username_is_no_markup() {
        let code = Secret::from("123456");
        let email = Some("<p>{username}: {####}</p>".to_owned());
        let verification = Template { email, ..Template::default() };
        let mail = notice(&code).compose(&Templates { verification, ..Templates::default() });
        let body = "<p>&lt;b&gt;&amp;&quot;ann&quot;&lt;/b&gt;: 123456</p>";
        assert_eq!(mail.body.expose(), body);
    }

    #[test]
    fn addresses_are_masked() {
        assert_eq!(mask(Contact::Email, "jane@gmail.com"), "j***@g***");
        assert_eq!(mask(Contact::PhoneNumber, "+14325551212"), "+*******1212");
        assert_eq!(mask(Contact::PhoneNumber, "+1234"), "+**34");
    }
}
