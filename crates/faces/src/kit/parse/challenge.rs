use poolkeeper_pool::backend::user_pool::{Challenge, ChallengeKind, Factor};
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
        ChallengeKind::EmailOtp { destination } => delivery(&mut parameters, "EMAIL", destination),
        ChallengeKind::SmsMfa { destination } => delivery(&mut parameters, "SMS", destination),
        ChallengeKind::MfaSetup { choices } => {
            parameters.insert("MFAS_CAN_SETUP", names(choices));
        }
        ChallengeKind::DeviceSrp { key } => {
            parameters.insert("DEVICE_KEY", key.to_string());
            parameters.insert("USERNAME", challenge.username.to_string());
        }
        ChallengeKind::SelectMfaType { choices } => {
            parameters.insert("MFAS_CAN_CHOOSE", names(choices));
        }
    }
    parameters
}

fn delivery(parameters: &mut BTreeMap<&'static str, String>, medium: &str, destination: &str) {
    parameters.insert("CODE_DELIVERY_DELIVERY_MEDIUM", medium.to_owned());
    parameters.insert("CODE_DELIVERY_DESTINATION", destination.to_owned());
}

fn names(factors: &[Factor]) -> String {
    factors.iter().map(|factor| factor.name()).collect::<Value>().to_string()
}
