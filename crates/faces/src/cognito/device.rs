//! Devices between the protocol and the engine.

use super::Call;
use super::convert::{Parameters, epoch, required, secret};
use super::error::CognitoError;
use super::srp_time::signed_time;
use super::step::{NextStep, Response, named, step};
use poolkeeper_cognito_api::Sensitive;
use poolkeeper_cognito_api::types::{
    AttributeType, ChallengeNameType, DeviceRememberedStatusType, DeviceType,
};
use poolkeeper_pool::Refusal;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Device;
use poolkeeper_pool::ids::DeviceKey;
use poolkeeper_pool::local::{DeviceProof, DeviceSrp};

/// The device that a client names in a sign-in, if it does.
pub(super) fn device_key(parameters: &Parameters) -> Option<DeviceKey> {
    parameters.get("DEVICE_KEY").map(|key| DeviceKey::from(key.expose()))
}

fn required_key(parameters: &Parameters) -> Result<DeviceKey, CognitoError> {
    Ok(DeviceKey::from(required(parameters, "DEVICE_KEY")?.expose()))
}

/// `DEVICE_SRP_AUTH`. Some clients send no session with it.
pub(super) async fn device_srp(call: &Call, given: Response<'_>) -> Result<NextStep, CognitoError> {
    let command = DeviceSrp {
        via: given.via(),
        username: required(given.responses, "USERNAME")?.expose().to_owned(),
        session: given.session.map(secret),
        device_key: required_key(given.responses)?,
        srp_a: required(given.responses, "SRP_A")?.expose().to_owned(),
    };
    let challenge = call.engine.begin_device_srp(&call.context, command).await?;
    let parameters = [
        ("SALT", challenge.salt),
        ("SRP_B", challenge.srp_b),
        ("SECRET_BLOCK", challenge.secret_block.expose().to_owned()),
        ("DEVICE_KEY", challenge.device_key.to_string()),
        ("USERNAME", challenge.username.to_string()),
    ];
    Ok(NextStep {
        challenge_name: Some(ChallengeNameType::DevicePasswordVerifier),
        session: None,
        challenge_parameters: named(parameters),
        authentication_result: None,
        available_challenges: None,
    })
}

/// `DEVICE_PASSWORD_VERIFIER`. All that is needed is in the secret block; no session counts.
pub(super) async fn device_proof(
    call: &Call,
    given: Response<'_>,
) -> Result<NextStep, CognitoError> {
    let command = DeviceProof {
        via: given.via(),
        username: required(given.responses, "USERNAME")?.expose().to_owned(),
        device_key: required_key(given.responses)?,
        secret_block: secret(required(given.responses, "PASSWORD_CLAIM_SECRET_BLOCK")?),
        signature: secret(required(given.responses, "PASSWORD_CLAIM_SIGNATURE")?),
        timestamp: signed_time(given.responses)?,
    };
    Ok(step(call.engine.prove_device(&call.context, command).await?))
}

/// The access token of operations that Cognito's model lets be called without one. Nobody is meant
/// then.
pub(super) fn own_token(given: Option<&Sensitive>) -> Result<Secret, CognitoError> {
    Ok(given.map(secret).ok_or(Refusal::AccessTokenInvalid)?)
}

pub(super) fn is_remembered(status: DeviceRememberedStatusType) -> bool {
    match status {
        DeviceRememberedStatusType::Remembered => true,
        DeviceRememberedStatusType::NotRemembered => false,
    }
}

/// A device as users and administrators see it.
pub(super) fn device_type(device: Device) -> DeviceType {
    let remembered = if device.remembered { "remembered" } else { "not_remembered" };
    let attributes = [
        ("device_status", Some("valid".to_owned())),
        ("device_name", device.name),
        ("dev:device_remembered_status", Some(remembered.to_owned())),
        ("last_ip_used", device.last_address),
    ];
    let attribute = |(name, value): (&str, Option<String>)| {
        let value = Some(Sensitive::from(value?.as_str()));
        Some(AttributeType { name: name.to_owned(), value })
    };
    DeviceType {
        device_key: Some(device.key.to_string()),
        device_attributes: Some(attributes.into_iter().filter_map(attribute).collect()),
        device_create_date: Some(epoch(device.created_at)),
        device_last_modified_date: Some(epoch(device.modified_at)),
        device_last_authenticated_date: Some(epoch(device.last_authenticated_at)),
    }
}
