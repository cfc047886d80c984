use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const TAGS: &str = "UserPoolTags";
const DELETION_PROTECTION: &str = "DeletionProtection";
const EMAIL_CONFIGURATION: &str = "EmailConfiguration";
const SMS_CONFIGURATION: &str = "SmsConfiguration";
const SMS_AUTHENTICATION_MESSAGE: &str = "SmsAuthenticationMessage";

/// The settings that say what messages with a verification code say.
const VERIFICATION: [&str; 4] = [
    "VerificationMessageTemplate",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "SmsVerificationMessage",
];

/// Settings of a pool under Cognito's names, kept and returned as they were given. The engine acts
/// on those that have a method here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GivenSettings(Map<String, Value>);

impl From<Map<String, Value>> for GivenSettings {
    fn from(settings: Map<String, Value>) -> Self {
        Self(settings)
    }
}

impl GivenSettings {
    /// Those that an update leaves as they are if it does not have them. Of `Policies`, each member
    /// stays by itself.
    pub const KEPT: [&str; 10] = [
        TAGS,
        DELETION_PROTECTION,
        "UserPoolTier",
        "Policies",
        "AccountRecoverySetting",
        SMS_CONFIGURATION,
        "VerificationMessageTemplate",
        "EmailVerificationMessage",
        "EmailVerificationSubject",
        "SmsVerificationMessage",
    ];

    /// Keeps what an update does not have of the settings before it.
    pub fn keep(&mut self, before: &Self) {
        let has_texts = VERIFICATION.iter().any(|name| self.0.contains_key(*name));
        for name in Self::KEPT {
            let Some(old) = before.0.get(name) else { continue };
            match (self.0.get_mut(name), old) {
                (Some(Value::Object(new)), Value::Object(old)) if name == "Policies" => {
                    for (name, value) in old {
                        new.entry(name).or_insert_with(|| value.clone());
                    }
                }
                // The older names of the texts say the same as the template.
                (None, _) if has_texts && VERIFICATION.contains(&name) => {}
                (None, old) => drop(self.0.insert(name.to_owned(), old.clone())),
                (Some(_), _) => {}
            }
        }
    }

    /// All of them.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The pool's tags, whose values are strings. `None` if none were ever given.
    pub fn tags(&self) -> Option<&Map<String, Value>> {
        self.0.get(TAGS)?.as_object()
    }

    /// Replaces the tags.
    pub fn set_tags(&mut self, tags: Map<String, Value>) {
        self.0.insert(TAGS.to_owned(), Value::Object(tags));
    }

    /// Whether the pool is protected against deletion.
    pub fn is_protected(&self) -> bool {
        self.0.get(DELETION_PROTECTION).and_then(Value::as_str) == Some("ACTIVE")
    }

    /// The sender of mail.
    pub fn mail_from(&self) -> Option<&str> {
        self.0.get(EMAIL_CONFIGURATION)?.get("From")?.as_str()
    }

    /// The address for replies to mail.
    pub fn mail_reply_to(&self) -> Option<&str> {
        self.0.get(EMAIL_CONFIGURATION)?.get("ReplyToEmailAddress")?.as_str()
    }

    /// How text messages are sent, if that is set up.
    pub fn sms_configuration(&self) -> Option<&Value> {
        self.0.get(SMS_CONFIGURATION)
    }

    /// Sets how text messages are sent.
    pub fn set_sms_configuration(&mut self, sending: Value) {
        self.0.insert(SMS_CONFIGURATION.to_owned(), sending);
    }

    /// Sets the text of messages with a sign-in code; `None` restores our own text.
    pub fn set_sms_authentication_message(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.0.insert(SMS_AUTHENTICATION_MESSAGE.to_owned(), text.into()),
            None => self.0.remove(SMS_AUTHENTICATION_MESSAGE),
        };
    }
}
