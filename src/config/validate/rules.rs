//! What a pool's table says about its users: sign-up, proofs, ways back in, factors, messages.

use super::super::raw::{RawPool, RawTemplates};
use super::Check;
use poolkeeper_pool::entity::{
    Contact, FirstFactor, FreshProof, MfaMode, PasswordPolicy, PoolRules, Recovery, SecondFactors,
    Template, Templates,
};
use toml::Spanned;

/// Longest subject, mail and text message.
const SUBJECT: usize = 140;
const EMAIL: usize = 20_000;
const SMS: usize = 140;

/// Most days that people have to prove a sign-up.
const MOST_DAYS: u32 = 3650;

/// What stands for a code or a temporary password, and for who gets it.
const CODE: &str = "{####}";
const USERNAME: &str = "{username}";

/// What stands for what has changed about an account.
const CHANGE: &str = "{change}";

impl Check<'_> {
    pub(super) fn rules(&mut self, raw: &RawPool) -> PoolRules {
        let auto_verified = self.once(&raw.auto_verified_attributes, contact);
        let verify_before_update = self.once(&raw.verify_before_update, contact);
        for early in &raw.verify_before_update {
            if !auto_verified.contains(early.get_ref()) {
                self.mistake(early, "no code would be sent: auto_verified_attributes lacks it");
            }
        }
        PoolRules {
            // A pool is not opened to the public by leaving a line out.
            admin_create_only: !raw.self_sign_up,
            auto_verified,
            verify_before_update,
            recovery: raw.recovery.as_ref().map(|ways| self.recovery(ways)),
            first_factors: self.once(&raw.first_factors, first_factor),
            second_factors: self.second_factors(raw),
            devices: raw.devices,
            templates: self.templates(&raw.templates),
            unconfirmed_days: raw.unconfirmed_user_days.as_ref().map(|days| self.days(days)),
            fresh_proof: self.fresh_proof(raw),
            without_notices: raw.notices == Some(false),
            default_write: raw.default_write_attributes,
        }
    }

    fn days(&mut self, raw: &Spanned<u32>) -> u32 {
        if *raw.get_ref() > MOST_DAYS {
            self.mistake(
                raw,
                format!("at most {MOST_DAYS} days, or 0 to keep unconfirmed users forever"),
            );
        }
        *raw.get_ref()
    }

    /// The values, none of which should be there twice.
    fn once<T: Copy + PartialEq>(
        &mut self,
        raw: &[Spanned<T>],
        name: fn(T) -> &'static str,
    ) -> Vec<T> {
        let mut seen = Vec::with_capacity(raw.len());
        for value in raw {
            if seen.contains(value.get_ref()) {
                self.mistake(value, format!("\"{}\" occurs twice", name(*value.get_ref())));
            } else {
                seen.push(*value.get_ref());
            }
        }
        seen
    }

    fn recovery(&mut self, raw: &Spanned<Vec<Spanned<Recovery>>>) -> Vec<Recovery> {
        let ways = self.once(raw.get_ref(), recovery);
        if ways.is_empty() {
            self.mistake(
                raw,
                "nobody could reset a forgotten password: remove the line, or write admin_only",
            );
        }
        if ways.contains(&Recovery::AdminOnly) && ways.len() > 1 {
            self.mistake(raw, "admin_only must be the only entry");
        }
        ways
    }

    fn second_factors(&mut self, raw: &RawPool) -> SecondFactors {
        let Some(given) = &raw.second_factors else { return SecondFactors::default() };
        if raw.mfa != MfaMode::Off && given.get_ref().is_none() {
            self.mistake(given, "the pool asks for a second factor: at least one must be on");
        }
        *given.get_ref()
    }

    fn fresh_proof(&mut self, raw: &RawPool) -> FreshProof {
        const DAY: u32 = 24 * 60;
        let Some(given) = &raw.fresh_proof else { return FreshProof::default() };
        let FreshProof { sign_in_apis_minutes, cognito_minutes } = *given.get_ref();
        for (name, minutes) in
            [("sign_in_apis_minutes", sign_in_apis_minutes), ("cognito_minutes", cognito_minutes)]
        {
            if minutes > DAY {
                self.mistake(given, format!("{name} is out of range: 0 to {DAY} is allowed"));
            }
        }
        *given.get_ref()
    }

    fn templates(&mut self, raw: &RawTemplates) -> Templates {
        let RawTemplates { verification, invitation, sign_in, notice } = raw;
        Templates {
            verification: self.template(verification.as_ref(), &[CODE]),
            invitation: self.template(invitation.as_ref(), &[CODE, USERNAME]),
            sign_in: self.template(sign_in.as_ref(), &[CODE]),
            notice: self.template(notice.as_ref(), &[CHANGE]),
        }
    }

    /// The texts, of which all but the subject should have these words.
    fn template(&mut self, raw: Option<&Spanned<Template>>, words: &[&str]) -> Template {
        let Some(raw) = raw else { return Template::default() };
        let Template { subject, email, sms } = raw.get_ref();
        let texts = [("subject", subject, SUBJECT), ("email", email, EMAIL), ("sms", sms, SMS)];
        for (name, text, most) in texts {
            let Some(text) = text else { continue };
            if text.chars().count() > most {
                self.mistake(raw, format!("{name} is too long: at most {most} characters"));
            }
            let needed = words.iter().filter(|_| name != "subject");
            for word in needed.filter(|word| !text.contains(**word)) {
                self.mistake(raw, format!("{name} lacks {word}"));
            }
        }
        raw.get_ref().clone()
    }

    pub(super) fn password_policy(&mut self, policy: &Spanned<PasswordPolicy>) {
        let PasswordPolicy {
            minimum_length,
            temporary_password_validity_days,
            password_history_size,
            ..
        } = policy.get_ref();
        let ranges = [
            ("minimum_length", *minimum_length, 6..=99),
            ("temporary_password_validity_days", *temporary_password_validity_days, 0..=365),
            ("password_history_size", *password_history_size, 0..=24),
        ];
        for (name, number, range) in ranges {
            if !range.contains(&number) {
                let (least, most) = (range.start(), range.end());
                let message = format!("{name} is out of range: {least} to {most} is allowed");
                self.mistake(policy, message);
            }
        }
    }
}

fn contact(contact: Contact) -> &'static str {
    contact.attribute()
}

fn recovery(way: Recovery) -> &'static str {
    match way {
        Recovery::VerifiedEmail => "verified_email",
        Recovery::VerifiedPhoneNumber => "verified_phone_number",
        Recovery::AdminOnly => "admin_only",
    }
}

fn first_factor(factor: FirstFactor) -> &'static str {
    match factor {
        FirstFactor::EmailOtp => "EMAIL_OTP",
        FirstFactor::SmsOtp => "SMS_OTP",
    }
}
