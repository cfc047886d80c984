//! How a sign-in has gone: the answer that three endpoints share. All of it is a 200, and clients
//! look for `AccessToken` first and for `Challenge` then.

use super::problem::{Failure, Problem};
use crate::kit::{JwtText, Operation, SealedText, challenge_parameters, json};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::backend::user_pool::{
    Challenge, ChallengeKind, Factor, MfaSummary, Outcome, SignedIn,
};
use poolkeeper_pool::crypto::secret::Secret;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The tokens of a completed sign-in.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
#[schemars(rename = "SignedIn")]
struct Complete<'a> {
    #[schemars(with = "JwtText")]
    access_token: &'a Secret,
    #[schemars(with = "JwtText")]
    id_token: &'a Secret,
    #[schemars(with = "Option<SealedText>")]
    refresh_token: Option<&'a Secret>,
    /// Seconds until the tokens expire.
    #[schemars(example = 3600)]
    expires_in: u64,
    #[schemars(example = &"Bearer")]
    token_type: &'static str,
    #[serde(flatten)]
    device: Option<DeviceKeys<'a>>,
    #[serde(rename = "mfa_settings")]
    mfa_settings: MfaSettings,
}

/// The keys of the remembered device. Absent if the sign-in was made with them: they stay the same.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeviceKeys<'a> {
    /// Send it with later sign-ins on this device. Null unless the device is remembered.
    #[schemars(example = ())]
    device_key: Option<&'a str>,
    /// Send it together with `DeviceKey`. It is a secret.
    #[schemars(example = (), with = "Option<String>")]
    device_group_key: Option<&'a Secret>,
}

/// The challenge to answer next.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
#[schemars(rename = "Challenge")]
struct Asked<'a> {
    /// The challenge, as Cognito names it.
    #[schemars(example = &"EMAIL_OTP")]
    challenge: &'static str,
    /// Send it back with the answer.
    #[schemars(with = "SealedText")]
    session: &'a Secret,
    /// What the client needs for the answer. Lists and maps are JSON in a string.
    challenge_parameters: BTreeMap<&'static str, String>,
    #[serde(rename = "mfa_settings")]
    mfa_settings: MfaSettings,
}

/// The state of a user's second factors.
#[derive(JsonSchema, Serialize)]
struct MfaSettings {
    /// Whether the user must have a second factor.
    required: bool,
    /// Whether the user has a second factor.
    enabled: bool,
    /// `totp`, `email` or `sms`.
    #[schemars(example = &"totp")]
    preferred: Option<&'static str>,
    methods: MfaMethods,
}

/// The second factors that a user has.
#[derive(JsonSchema, Serialize)]
struct MfaMethods {
    totp: bool,
    email: bool,
}

impl From<MfaSummary> for MfaSettings {
    fn from(mfa: MfaSummary) -> Self {
        Self {
            required: mfa.required,
            enabled: mfa.totp || mfa.email || mfa.sms,
            preferred: mfa.preferred.map(|factor| match factor {
                Factor::Totp => "totp",
                Factor::Email => "email",
                Factor::Sms => "sms",
            }),
            methods: MfaMethods { totp: mfa.totp, email: mfa.email },
        }
    }
}

/// Adds these answers to what is said of an endpoint, and the failures of every step of a sign-in.
pub(super) fn describe(operation: Operation) -> Operation {
    operation
        .answers::<Complete<'_>>("Signed in.")
        .answers::<Asked<'_>>("A challenge must be answered first.")
        .fails([needs_set_up(), Failure::with_subcode(Problem::PartnerForbidden, "SUSPENDED")])
        .fails([
            Problem::ExternalUser,
            Problem::InvalidCredentials,
            Problem::AccountDisabled,
            Problem::UserNotConfirmed,
            Problem::PasswordResetRequired,
        ])
}

/// The same of an endpoint that answers with the settings.
pub(super) fn describe_settings(operation: Operation) -> Operation {
    operation.answers::<MfaSettings>("The current settings.")
}

pub(super) fn settings(mfa: MfaSummary) -> Response {
    json(StatusCode::OK, &MfaSettings::from(mfa))
}

/// Where a second factor has to be set up first, this API cannot go on: that needs a sign-in.
pub(super) fn outcome(outcome: &Outcome) -> Result<Response, Failure> {
    match outcome {
        Outcome::SignedIn(signed_in) => Ok(complete(signed_in, Some(DeviceKeys::of(signed_in)))),
        Outcome::Challenge(challenge) => match challenge.kind {
            ChallengeKind::MfaSetup { .. } => Err(needs_set_up()),
            _ => Ok(asked(challenge)),
        },
    }
}

/// The same of a sign-in that was made with the keys of a device. Those that let it in stay good, and
/// clients that keep whatever an answer says of keys would lose them to a null.
pub(super) fn outcome_on_device(result: &Outcome) -> Result<Response, Failure> {
    match result {
        Outcome::SignedIn(signed_in) => Ok(complete(signed_in, None)),
        Outcome::Challenge(_) => outcome(result),
    }
}

fn needs_set_up() -> Failure {
    Failure::with_subcode(Problem::MfaRequired, "SETUP_REQUIRED")
}

impl<'a> DeviceKeys<'a> {
    fn of(signed_in: &'a SignedIn) -> Self {
        let remembered = signed_in.remembered.as_ref();
        Self {
            device_key: remembered.map(|pair| pair.key.as_str()),
            device_group_key: remembered.map(|pair| &pair.group_key),
        }
    }
}

fn complete(signed_in: &SignedIn, device: Option<DeviceKeys<'_>>) -> Response {
    let body = Complete {
        access_token: &signed_in.access_token,
        id_token: &signed_in.id_token,
        refresh_token: signed_in.refresh_token.as_ref(),
        expires_in: signed_in.expires_in,
        token_type: "Bearer",
        device,
        mfa_settings: signed_in.profile.mfa.into(),
    };
    json(StatusCode::OK, &body)
}

fn asked(challenge: &Challenge) -> Response {
    let body = Asked {
        challenge: challenge.kind.name(),
        session: &challenge.session,
        challenge_parameters: challenge_parameters(challenge),
        mfa_settings: challenge.mfa.into(),
    };
    json(StatusCode::OK, &body)
}
