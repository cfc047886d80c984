//! How a sign-in has gone: the answer that three endpoints share. All of it is a 200, and clients
//! look for `AccessToken` first and for `Challenge` then.

use crate::kit::{challenge_parameters, json};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::secret::Secret;
use poolkeeper_pool::user_pool::{Challenge, Factor, MfaSummary, Outcome, SignedIn};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Complete<'a> {
    access_token: &'a Secret,
    id_token: &'a Secret,
    refresh_token: Option<&'a Secret>,
    expires_in: u64,
    token_type: &'static str,
    /// Null, as for every sign-in that remembers no device.
    device_key: Option<&'a str>,
    device_group_key: Option<&'a str>,
    #[serde(rename = "mfa_settings")]
    mfa_settings: MfaSettings,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Asked<'a> {
    challenge: &'static str,
    session: &'a Secret,
    challenge_parameters: BTreeMap<&'static str, String>,
    #[serde(rename = "mfa_settings")]
    mfa_settings: MfaSettings,
}

/// `mfa_settings`.
#[derive(Serialize)]
struct MfaSettings {
    required: bool,
    enabled: bool,
    preferred: Option<&'static str>,
    methods: MfaMethods,
}

#[derive(Serialize)]
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

pub(super) fn outcome(outcome: &Outcome) -> Response {
    match outcome {
        Outcome::SignedIn(signed_in) => complete(signed_in),
        Outcome::Challenge(challenge) => asked(challenge),
    }
}

fn complete(signed_in: &SignedIn) -> Response {
    let body = Complete {
        access_token: &signed_in.access_token,
        id_token: &signed_in.id_token,
        refresh_token: signed_in.refresh_token.as_ref(),
        expires_in: signed_in.expires_in,
        token_type: "Bearer",
        device_key: None,
        device_group_key: None,
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
