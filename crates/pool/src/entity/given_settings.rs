use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const TAGS: &str = "UserPoolTags";
const DELETION_PROTECTION: &str = "DeletionProtection";
const EMAIL_CONFIGURATION: &str = "EmailConfiguration";
const SMS_CONFIGURATION: &str = "SmsConfiguration";
const SMS_AUTHENTICATION_MESSAGE: &str = "SmsAuthenticationMessage";

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
