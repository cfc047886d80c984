//! How messages are sent.

use super::super::raw::{RawConfig, RawHook, RawMail, RawPool, RawSmtp, Text};
use super::super::secret::SecretSource;
use super::super::{HookConfig, MailConfig, SmtpConfig, syntax};
use super::Check;
use poolkeeper_delivery::{Tls, is_mailbox};
use poolkeeper_pool::entity::{Contact, FirstFactor};
use toml::Spanned;

impl Check<'_> {
    /// What a pool of our own promises to send, and nobody would. With the inbox, codes can be read
    /// there.
    pub(super) fn senders(&mut self, raw: &RawConfig) {
        if raw.inbox.enabled.as_ref().is_some_and(|on| *on.get_ref()) {
            return;
        }
        let is_here =
            |pool: &&RawPool| pool.backend.as_ref().is_none_or(|name| name.get_ref() == "embedded");
        for pool in raw.pool.iter().map(Spanned::get_ref).filter(is_here) {
            if raw.sms.is_none() {
                self.unsent_texts(pool);
            }
            if raw.mail.is_none() {
                self.unsent_mail(pool);
            }
        }
    }

    fn unsent_texts(&mut self, pool: &RawPool) {
        let unsent = "no code would arrive: [sms.hook], which sends text messages, is missing";
        if let Some(factors) = pool.second_factors.as_ref().filter(|given| given.get_ref().sms) {
            self.mistake(factors, format!("sms: {unsent}"));
        }
        for factor in pool.first_factors.iter().filter(|way| *way.get_ref() == FirstFactor::SmsOtp)
        {
            self.mistake(factor, unsent);
        }
        for contact in &pool.auto_verified_attributes {
            if *contact.get_ref() == Contact::PhoneNumber {
                self.warn(contact, unsent);
            }
        }
        self.unsent_to_names(pool, Contact::PhoneNumber, unsent);
    }

    fn unsent_mail(&mut self, pool: &RawPool) {
        let unsent = "no code would arrive: [mail.smtp] or [mail.hook] is missing";
        if let Some(factors) = pool.second_factors.as_ref().filter(|given| given.get_ref().email) {
            self.warn(factors, format!("email: {unsent}"));
        }
        for factor in &pool.first_factors {
            if *factor.get_ref() == FirstFactor::EmailOtp {
                self.warn(factor, unsent);
            }
        }
        for contact in &pool.auto_verified_attributes {
            if *contact.get_ref() == Contact::Email {
                self.warn(contact, unsent);
            }
        }
        self.unsent_to_names(pool, Contact::Email, unsent);
    }

    /// A pool that verifies anything proves every address that people sign up under, whether or not
    /// its kind is listed.
    fn unsent_to_names(&mut self, pool: &RawPool, contact: Contact, unsent: &str) {
        let listed = &pool.auto_verified_attributes;
        let is_listed = listed.iter().any(|kind| *kind.get_ref() == contact);
        if !pool.self_sign_up || listed.is_empty() || is_listed {
            return;
        }
        let kind = contact.sign_in_name();
        for name in pool.username_attributes.iter().filter(|name| *name.get_ref() == kind) {
            self.warn(name, format!("users who sign up with one must verify it, and {unsent}"));
        }
    }

    pub(super) fn mail(&mut self, raw: Spanned<RawMail>) -> Option<MailConfig> {
        let header = raw.span().start;
        let RawMail { from, reply_to, from_pools, smtp, hook } = raw.into_inner();
        match (smtp, hook) {
            (Some(smtp), None) => {
                let from = from.map(|from| self.text(from, mailbox));
                if from.is_none() {
                    self.mistakes.push((header, "needs from, the sender's address".to_owned()));
                }
                let reply_to = reply_to.map(|reply_to| self.text(reply_to, mailbox));
                let from_pools = from_pools.is_some_and(Spanned::into_inner);
                let smtp = self.smtp(smtp);
                let from = from.unwrap_or_default();
                Some(MailConfig::Smtp(SmtpConfig { from, reply_to, from_pools, ..smtp }))
            }
            (None, Some(hook)) => {
                let unused = "has no effect with mail.hook: the hook chooses the sender";
                for text in [from, reply_to].into_iter().flatten() {
                    self.mistake(&text, unused);
                }
                if let Some(from_pools) = from_pools {
                    self.mistake(&from_pools, unused);
                }
                Some(MailConfig::Hook(self.hook(hook)))
            }
            (Some(_), Some(hook)) => {
                self.mistake(&hook, "mail.smtp already says how mail is sent: keep one of the two");
                None
            }
            (None, None) => {
                self.mistakes.push((header, "needs mail.smtp or mail.hook".to_owned()));
                None
            }
        }
    }

    fn smtp(&mut self, raw: RawSmtp) -> SmtpConfig {
        let tls = self.tls(&raw);
        let default = match tls {
            Tls::Starttls => 587,
            Tls::Implicit => 465,
            Tls::None => 25,
        };
        let port = self.within(raw.port, &(1..=65_535), default);
        let password = (raw.password_file, raw.password_env);
        SmtpConfig {
            host: self.text(raw.host, syntax::host),
            port: u16::try_from(port).unwrap_or_default(),
            tls,
            credentials: self.credentials(raw.username, password),
            from: String::new(),
            reply_to: None,
            from_pools: false,
        }
    }

    fn tls(&mut self, raw: &RawSmtp) -> Tls {
        match raw.tls.as_ref().map(|tls| (tls, tls.get_ref().as_str())) {
            None | Some((_, "starttls")) => Tls::Starttls,
            Some((_, "implicit")) => Tls::Implicit,
            Some((at, "none")) => {
                if !raw.allow_cleartext && !syntax::is_loopback(raw.host.get_ref()) {
                    let message = "codes would cross the network unencrypted: set allow_cleartext \
                                   = true if that network is yours";
                    self.mistake(at, message);
                }
                Tls::None
            }
            Some((at, _)) => {
                self.mistake(at, "one of \"starttls\", \"implicit\", \"none\" is expected");
                Tls::Starttls
            }
        }
    }

    fn credentials(
        &mut self,
        username: Option<Text>,
        (file, variable): (Option<Text>, Option<Text>),
    ) -> Option<(String, SecretSource)> {
        if let Some(username) = username {
            let missing = "needs password_file or password_env";
            let password = self.needed_secret((file, variable), username.span().start, missing);
            return Some((username.into_inner(), password));
        }
        if let Some(password) = file.or(variable) {
            self.mistake(&password, "has no effect without mail.smtp.username");
        }
        None
    }

    pub(super) fn hook(&mut self, raw: Spanned<RawHook>) -> HookConfig {
        let header = raw.span().start;
        let RawHook { url, secret_file, secret_env } = raw.into_inner();
        let missing = "needs secret_file or secret_env";
        let secret = self.needed_secret((secret_file, secret_env), header, missing);
        HookConfig { url: self.text(url, syntax::hook_url), secret }
    }
}

fn mailbox(text: &str) -> syntax::Rule {
    let expected = "not a mail address: expected e.g. Example <no-reply@example.com>";
    if is_mailbox(text) { Ok(()) } else { Err(expected.to_owned()) }
}
