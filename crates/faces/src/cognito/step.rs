//! What the operations that sign in are called with and answer, whichever flow they go through.

use super::convert::{Parameters, secret, sensitive};
use crate::kit;
use poolkeeper_cognito_api::Sensitive;
use poolkeeper_cognito_api::types::{
    AuthFlowType, AuthenticationResultType, ChallengeNameType, NewDeviceMetadataType,
};
use poolkeeper_pool::backend::user_pool::{
    Challenge, ChallengeKind, ClientProof, NewDevice, Outcome, SignedIn, Via,
};
use poolkeeper_pool::ids::{ClientId, PoolId};
use poolkeeper_pool::local::SrpChallenge;
use std::collections::BTreeMap;

/// What both kinds of operation answer.
pub(super) struct NextStep {
    pub(super) challenge_name: Option<ChallengeNameType>,
    pub(super) session: Option<Sensitive>,
    pub(super) challenge_parameters: BTreeMap<String, String>,
    pub(super) authentication_result: Option<AuthenticationResultType>,
    pub(super) available_challenges: Option<Vec<ChallengeNameType>>,
}

/// A call of `InitiateAuth`, or of `AdminInitiateAuth`, which names a pool.
pub(super) struct Initiation<'a> {
    pub(super) pool: Option<PoolId>,
    pub(super) client: ClientId,
    pub(super) flow: AuthFlowType,
    pub(super) parameters: &'a Parameters,
    /// Of a sign-up that was just confirmed, for `USER_AUTH`.
    pub(super) session: Option<&'a Sensitive>,
}

/// A call of `RespondToAuthChallenge`, or of `AdminRespondToAuthChallenge`, which names a pool.
pub(super) struct Response<'a> {
    pub(super) pool: Option<PoolId>,
    pub(super) client: ClientId,
    pub(super) challenge: ChallengeNameType,
    pub(super) session: Option<&'a Sensitive>,
    pub(super) responses: &'a Parameters,
}

impl Initiation<'_> {
    /// Through which app client the call comes.
    pub(super) fn via(&self) -> Via {
        via(self.pool.as_ref(), &self.client, self.parameters)
    }
}

impl Response<'_> {
    /// Through which app client the call comes.
    pub(super) fn via(&self) -> Via {
        via(self.pool.as_ref(), &self.client, self.responses)
    }
}

fn via(pool: Option<&PoolId>, client: &ClientId, parameters: &Parameters) -> Via {
    let proof = ClientProof::SecretHash(parameters.get("SECRET_HASH").map(secret));
    Via { pool: pool.cloned(), client: client.clone(), proof }
}

pub(super) fn step(outcome: Outcome) -> NextStep {
    match outcome {
        Outcome::SignedIn(signed_in) => signed_in_step(&signed_in),
        Outcome::Challenge(challenge) => challenge_step(&challenge),
    }
}

pub(super) fn signed_in_step(signed_in: &SignedIn) -> NextStep {
    NextStep {
        challenge_name: None,
        session: None,
        challenge_parameters: BTreeMap::new(),
        authentication_result: Some(authentication_result(signed_in)),
        available_challenges: None,
    }
}

/// The tokens as every operation hands them out.
pub(super) fn authentication_result(signed_in: &SignedIn) -> AuthenticationResultType {
    AuthenticationResultType {
        access_token: Some(sensitive(&signed_in.access_token)),
        expires_in: i32::try_from(signed_in.expires_in).ok(),
        token_type: Some("Bearer".to_owned()),
        refresh_token: signed_in.refresh_token.as_ref().map(sensitive),
        id_token: Some(sensitive(&signed_in.id_token)),
        new_device_metadata: signed_in.new_device.as_ref().map(metadata),
    }
}

fn challenge_step(challenge: &Challenge) -> NextStep {
    let name = match challenge.kind {
        ChallengeKind::NewPasswordRequired { .. } => ChallengeNameType::NewPasswordRequired,
        ChallengeKind::SoftwareTokenMfa { .. } => ChallengeNameType::SoftwareTokenMfa,
        ChallengeKind::EmailOtp { .. } => ChallengeNameType::EmailOtp,
        ChallengeKind::SmsMfa { .. } => ChallengeNameType::SmsMfa,
        ChallengeKind::MfaSetup { .. } => ChallengeNameType::MfaSetup,
        ChallengeKind::DeviceSrp { .. } => ChallengeNameType::DeviceSrpAuth,
        ChallengeKind::SelectMfaType { .. } => ChallengeNameType::SelectMfaType,
    };
    NextStep {
        challenge_name: Some(name),
        session: Some(sensitive(&challenge.session)),
        challenge_parameters: named(kit::challenge_parameters(challenge)),
        authentication_result: None,
        available_challenges: None,
    }
}

pub(super) fn password_verifier_step(challenge: &SrpChallenge) -> NextStep {
    let parameters = [
        ("SALT", challenge.salt.clone()),
        ("SRP_B", challenge.srp_b.clone()),
        ("SECRET_BLOCK", challenge.secret_block.expose().to_owned()),
        ("USERNAME", challenge.user_id.to_string()),
        ("USER_ID_FOR_SRP", challenge.user_id.to_string()),
    ];
    NextStep {
        challenge_name: Some(ChallengeNameType::PasswordVerifier),
        session: None,
        challenge_parameters: named(parameters),
        authentication_result: None,
        available_challenges: None,
    }
}

pub(super) fn named(
    parameters: impl IntoIterator<Item = (&'static str, String)>,
) -> BTreeMap<String, String> {
    parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub(super) fn metadata(new: &NewDevice) -> NewDeviceMetadataType {
    NewDeviceMetadataType {
        device_key: Some(new.key.to_string()),
        device_group_key: Some(new.group_key.clone()),
    }
}
