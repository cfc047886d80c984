use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

const TAGS: &str = "UserPoolTags";
const DELETION_PROTECTION: &str = "DeletionProtection";
const EMAIL_CONFIGURATION: &str = "EmailConfiguration";
const POLICIES: &str = "Policies";
const UPDATE_SETTINGS: &str = "UserAttributeUpdateSettings";
const RECOVERY: &str = "AccountRecoverySetting";
const SMS_CONFIGURATION: &str = "SmsConfiguration";
const FIRST_FACTORS: &str = "AllowedFirstAuthFactors";
const PASSKEYS: &str = "WebAuthnConfiguration";
const SMS_AUTHENTICATION_MESSAGE: &str = "SmsAuthenticationMessage";

/// The settings that stay if an update does not mention them.
const KEPT: [&str; 8] = [
    TAGS,
    DELETION_PROTECTION,
    "UserPoolTier",
    POLICIES,
    RECOVERY,
    SMS_CONFIGURATION,
    PASSKEYS,
    UPDATE_SETTINGS,
];

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
    /// Keeps what an update does not mention of the settings before it, where Amazon does. Of the
    /// policies, each is kept by itself. The older names of the texts of verification say the same as
    /// the template, so they are kept together.
    pub fn keep(&mut self, before: &Self) {
        if let (Some(new), Some(old)) = (self.policies_mut(), before.policies()) {
            for (name, value) in old {
                new.entry(name).or_insert_with(|| value.clone());
            }
        }
        let texts: &[&str] = if self.has_verification() { &[] } else { &VERIFICATION };
        for name in KEPT.iter().chain(texts) {
            if let Some(old) = before.0.get(*name) {
                self.0.entry(*name).or_insert_with(|| old.clone());
            }
        }
    }

    /// Whether they say what may take the password's place.
    pub fn has_sign_in_policy(&self) -> bool {
        self.policies().is_some_and(|policies| policies.contains_key("SignInPolicy"))
    }

    /// Whether they say the ways back in.
    pub fn has_recovery(&self) -> bool {
        self.0.contains_key(RECOVERY)
    }

    /// Whether they say which new addresses must be verified first.
    pub fn has_update_settings(&self) -> bool {
        self.0.contains_key(UPDATE_SETTINGS)
    }

    /// Whether they say what messages with a verification code say.
    pub fn has_verification(&self) -> bool {
        VERIFICATION.iter().any(|name| self.0.contains_key(*name))
    }

    fn policies(&self) -> Option<&Map<String, Value>> {
        self.0.get(POLICIES)?.as_object()
    }

    fn policies_mut(&mut self) -> Option<&mut Map<String, Value>> {
        self.0.get_mut(POLICIES)?.as_object_mut()
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

    /// How passkeys are set up, if they are.
    pub fn passkeys(&self) -> Option<&Value> {
        self.0.get(PASSKEYS)
    }

    /// Sets how passkeys are set up.
    pub fn set_passkeys(&mut self, passkeys: Value) {
        self.0.insert(PASSKEYS.to_owned(), passkeys);
    }

    /// Whether a passkey may take the password's place and would be all that a sign-in asks for.
    pub fn has_single_factor_passkeys(&self) -> bool {
        let allowed = self.policies().and_then(|p| p.get("SignInPolicy")?.get(FIRST_FACTORS));
        let is_allowed = allowed
            .and_then(Value::as_array)
            .is_some_and(|factors| factors.iter().any(|factor| factor == "WEB_AUTHN"));
        let factors = self.passkeys().and_then(|passkeys| passkeys.get("FactorConfiguration"));
        is_allowed && factors.and_then(Value::as_str) != Some("MULTI_FACTOR_WITH_USER_VERIFICATION")
    }

    /// Sets the text of messages with a sign-in code; `None` restores our own text.
    pub fn set_sms_authentication_message(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.0.insert(SMS_AUTHENTICATION_MESSAGE.to_owned(), text.into()),
            None => self.0.remove(SMS_AUTHENTICATION_MESSAGE),
        };
    }
}
