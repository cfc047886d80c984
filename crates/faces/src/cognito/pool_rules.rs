//! What an operator decides about a pool's users, between the protocol's settings and the engine's.

use super::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AccountRecoverySettingType, AuthFactorType, CreateUserPoolRequest, DefaultEmailOptionType,
    RecoveryOptionNameType, VerifiedAttributeType,
};
use poolkeeper_pool::entity::{
    Contact, DeviceRules, FirstFactor, PoolRules, Recovery, SecondFactors, Template, Templates,
};
use serde_json::{Map, Value, json};

/// What was asked for as the engine takes it.
pub(super) fn from_request(request: &CreateUserPoolRequest) -> Result<PoolRules, CognitoError> {
    let invitations = request.admin_create_user_config.as_ref();
    let updates = request.user_attribute_update_settings.as_ref();
    let before_update =
        updates.and_then(|updates| updates.attributes_require_verification_before_update.as_ref());
    let auto_verified = contacts(request.auto_verified_attributes.as_deref());
    let verify_before_update = contacts(before_update.map(Vec::as_slice));
    Ok(PoolRules {
        admin_create_only: invitations
            .and_then(|config| config.allow_admin_create_user_only)
            .unwrap_or_default(),
        auto_verified,
        verify_before_update,
        recovery: request.account_recovery_setting.as_ref().map(recovery).transpose()?.flatten(),
        first_factors: first_factors(request),
        second_factors: SecondFactors {
            sms: request.sms_configuration.is_some(),
            ..SecondFactors::default()
        },
        devices: request.device_configuration.as_ref().map(|devices| DeviceRules {
            challenge_required_on_new_device: devices
                .challenge_required_on_new_device
                .unwrap_or_default(),
            device_only_remembered_on_user_prompt: devices
                .device_only_remembered_on_user_prompt
                .unwrap_or_default(),
        }),
        templates: templates(request)?,
        // Cognito has no other settings: they are the operator's.
        ..PoolRules::default()
    })
}

fn contacts(given: Option<&[VerifiedAttributeType]>) -> Vec<Contact> {
    let contact = |given: &VerifiedAttributeType| match given {
        VerifiedAttributeType::Email => Contact::Email,
        VerifiedAttributeType::PhoneNumber => Contact::PhoneNumber,
    };
    let mut contacts: Vec<_> = given.unwrap_or_default().iter().map(contact).collect();
    contacts.sort_unstable();
    contacts.dedup();
    contacts
}

/// The ways back in by their priorities. An empty list is no setting.
fn recovery(given: &AccountRecoverySettingType) -> Result<Option<Vec<Recovery>>, CognitoError> {
    let Some(mut options) = given.recovery_mechanisms.clone().filter(|given| !given.is_empty())
    else {
        return Ok(None);
    };
    options.sort_by_key(|option| option.priority);
    let ways = options.iter().map(|option| match option.name {
        RecoveryOptionNameType::VerifiedEmail => Recovery::VerifiedEmail,
        RecoveryOptionNameType::VerifiedPhoneNumber => Recovery::VerifiedPhoneNumber,
        RecoveryOptionNameType::AdminOnly => Recovery::AdminOnly,
    });
    let ways: Vec<_> = ways.collect();
    let is_repeated = |at: usize| ways.iter().skip(at + 1).any(|way| ways.get(at) == Some(way));
    if ways.contains(&Recovery::AdminOnly) && ways.len() > 1 || (0..ways.len()).any(is_repeated) {
        let message = "Invalid AccountRecoverySetting: admin_only stands alone, and each \
                       mechanism is given once.";
        return Err(CognitoError::invalid_parameter(message));
    }
    Ok(Some(ways))
}

/// The password is always one and is not listed.
fn first_factors(request: &CreateUserPoolRequest) -> Vec<FirstFactor> {
    let policies = request.policies.as_ref();
    let policy = policies.and_then(|policies| policies.sign_in_policy.as_ref());
    let given = policy.and_then(|policy| policy.allowed_first_auth_factors.as_deref());
    let factor = |given: &AuthFactorType| match given {
        AuthFactorType::EmailOtp => Some(FirstFactor::EmailOtp),
        AuthFactorType::SmsOtp => Some(FirstFactor::SmsOtp),
        _ => None,
    };
    given.unwrap_or_default().iter().filter_map(factor).collect()
}

/// The older members say the same as the template, which wins where both are given.
fn templates(request: &CreateUserPoolRequest) -> Result<Templates, CognitoError> {
    let verification = request.verification_message_template.clone().unwrap_or_default();
    if verification.default_email_option == Some(DefaultEmailOptionType::ConfirmWithLink) {
        return Err(CognitoError::not_supported("CONFIRM_WITH_LINK"));
    }
    let invitations = request.admin_create_user_config.as_ref();
    let invitation = invitations.and_then(|config| config.invite_message_template.clone());
    let invitation = invitation.unwrap_or_default();
    Ok(Templates {
        verification: Template {
            subject: verification
                .email_subject
                .or_else(|| request.email_verification_subject.clone()),
            email: verification
                .email_message
                .or_else(|| request.email_verification_message.clone()),
            sms: verification.sms_message.or_else(|| request.sms_verification_message.clone()),
        },
        invitation: Template {
            subject: invitation.email_subject,
            email: invitation.email_message,
            sms: invitation.sms_message,
        },
        sign_in: Template {
            sms: request.sms_authentication_message.clone(),
            ..Template::default()
        },
        notice: Template::default(),
    })
}

/// The same as Cognito spells it, for pools whose settings did not come through the protocol.
/// What is as it is by default is left out.
pub(super) fn to_settings(rules: &PoolRules) -> Map<String, Value> {
    let mut settings = Map::new();
    let mut set = |name: &str, value: Value| drop(settings.insert(name.to_owned(), value));
    let Templates { verification, invitation, sign_in, notice: _ } = &rules.templates;
    let mut invitations = Map::new();
    if rules.admin_create_only {
        invitations.insert("AllowAdminCreateUserOnly".to_owned(), json!(true));
    }
    if let Some(template) = template_settings(invitation, "SMSMessage") {
        invitations.insert("InviteMessageTemplate".to_owned(), template);
    }
    if !invitations.is_empty() {
        set("AdminCreateUserConfig", Value::Object(invitations));
    }
    if let Some(template) = template_settings(verification, "SmsMessage") {
        set("VerificationMessageTemplate", template);
    }
    if let Some(text) = &sign_in.sms {
        set("SmsAuthenticationMessage", json!(text));
    }
    if !rules.first_factors.is_empty() {
        let factors: Vec<_> = [json!("PASSWORD")]
            .into_iter()
            .chain(rules.first_factors.iter().map(|f| json!(f)))
            .collect();
        set("Policies", json!({ "SignInPolicy": { "AllowedFirstAuthFactors": factors } }));
    }
    if !rules.auto_verified.is_empty() {
        set("AutoVerifiedAttributes", json!(rules.auto_verified));
    }
    if !rules.verify_before_update.is_empty() {
        let attributes = json!(rules.verify_before_update);
        let name = "AttributesRequireVerificationBeforeUpdate";
        set("UserAttributeUpdateSettings", json!({ name: attributes }));
    }
    if let Some(ways) = &rules.recovery {
        let option = |(at, way)| json!({ "Priority": at + 1, "Name": way });
        let options: Vec<_> = ways.iter().enumerate().map(option).collect();
        set("AccountRecoverySetting", json!({ "RecoveryMechanisms": options }));
    }
    if let Some(devices) = rules.devices {
        let DeviceRules { challenge_required_on_new_device, device_only_remembered_on_user_prompt } =
            devices;
        let value = json!({
            "ChallengeRequiredOnNewDevice": challenge_required_on_new_device,
            "DeviceOnlyRememberedOnUserPrompt": device_only_remembered_on_user_prompt,
        });
        set("DeviceConfiguration", value);
    }
    settings
}

/// The texts of a template that are given, if any is.
fn template_settings(template: &Template, sms_name: &str) -> Option<Value> {
    let Template { subject, email, sms } = template;
    let texts = [("EmailSubject", subject), ("EmailMessage", email), (sms_name, sms)];
    let given =
        texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text.as_ref()?))));
    let given: Map<String, Value> = given.collect();
    (!given.is_empty()).then_some(Value::Object(given))
}

/// Settings over defaults: members of an object that are not given keep theirs.
pub(super) fn overlaid(defaults: Value, given: Value) -> Value {
    match (defaults, given) {
        (Value::Object(mut defaults), Value::Object(given)) => {
            for (name, value) in given {
                let below = defaults.remove(&name).unwrap_or_default();
                defaults.insert(name, overlaid(below, value));
            }
            Value::Object(defaults)
        }
        (_, given) => given,
    }
}
