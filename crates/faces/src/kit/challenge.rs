use poolkeeper_pool::user_pool::{Challenge, ChallengeKind};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// `ChallengeParameters` as Cognito sends them: values are text, lists and maps are JSON inside.
pub(crate) fn parameters(challenge: &Challenge) -> BTreeMap<&'static str, String> {
    let mut parameters = BTreeMap::new();
    parameters.insert("USER_ID_FOR_SRP", challenge.username.to_string());
    match &challenge.kind {
        ChallengeKind::NewPasswordRequired { required, attributes } => {
            let required = required.iter().map(|name| format!("userAttributes.{name}"));
            let attributes = attributes.iter().map(|(name, value)| (name, Value::from(value)));
            let attributes: BTreeMap<_, _> = attributes.collect();
            parameters.insert("requiredAttributes", required.collect::<Value>().to_string());
            parameters.insert("userAttributes", json!(attributes).to_string());
        }
        ChallengeKind::SoftwareTokenMfa { friendly_name } => {
            if let Some(name) = friendly_name {
                parameters.insert("FRIENDLY_DEVICE_NAME", name.clone());
            }
        }
        ChallengeKind::EmailOtp { destination } => {
            parameters.insert("CODE_DELIVERY_DELIVERY_MEDIUM", "EMAIL".to_owned());
            parameters.insert("CODE_DELIVERY_DESTINATION", destination.clone());
        }
        ChallengeKind::MfaSetup => {
            parameters.insert("MFAS_CAN_SETUP", json!(["SOFTWARE_TOKEN_MFA"]).to_string());
        }
        ChallengeKind::SelectMfaType { choices } => {
            let choices = choices.iter().map(|factor| factor.name());
            parameters.insert("MFAS_CAN_CHOOSE", choices.collect::<Value>().to_string());
        }
    }
    parameters
}
