//! An app client between the protocol's settings and the engine's.

use super::convert::{epoch, secret, sensitive};
use super::error::CognitoError;
use poolkeeper_cognito_api::types::{
    CreateUserPoolClientRequest, ExplicitAuthFlowsType, FeatureType,
    PreventUserExistenceErrorTypes, RefreshTokenRotationType, TimeUnitsType,
    UpdateUserPoolClientRequest, UserPoolClientType,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{
    AppClient, AuthFlow, Contact, Rotation, TokenValidity, UserPoolRecord,
};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::{NewClient, NewSecret};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Settings that the engine keeps in its own terms and cannot give back as they came.
const MODELLED: [&str; 4] = ["UserPoolId", "ClientName", "GenerateSecret", "ClientSecret"];

/// The flows of a client that names none.
const DEFAULT_FLOWS: [AuthFlow; 3] = [AuthFlow::RefreshToken, AuthFlow::UserSrp, AuthFlow::Custom];

/// What settings are for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// A new client.
    Creation,
    /// One that is there.
    Update {
        /// Whether it has a secret.
        has_secret: bool,
    },
}

/// What an update asks for, as a new client of these settings would be asked for. Lists, URLs and
/// OAuth settings that it leaves out go back to their defaults; numbers and switches stay as they are.
///
/// # Errors
///
/// If the client's settings cannot be shown.
pub(super) fn as_creation(
    request: UpdateUserPoolClientRequest,
    client: &AppClient,
) -> Result<CreateUserPoolClientRequest, CognitoError> {
    let before = settings(client)?;
    let minutes = client.auth_session_validity.as_secs() / 60;
    Ok(CreateUserPoolClientRequest {
        user_pool_id: request.user_pool_id,
        client_name: request.client_name.unwrap_or_default(),
        generate_secret: None,
        client_secret: None,
        refresh_token_validity: request.refresh_token_validity.or(before.refresh_token_validity),
        access_token_validity: request.access_token_validity.or(before.access_token_validity),
        id_token_validity: request.id_token_validity.or(before.id_token_validity),
        token_validity_units: request.token_validity_units.or(before.token_validity_units),
        read_attributes: request.read_attributes,
        write_attributes: request.write_attributes,
        explicit_auth_flows: request.explicit_auth_flows,
        supported_identity_providers: request.supported_identity_providers,
        callback_urls: request.callback_urls,
        logout_urls: request.logout_urls,
        default_redirect_uri: request.default_redirect_uri,
        allowed_oauth_flows: request.allowed_oauth_flows,
        allowed_oauth_scopes: request.allowed_oauth_scopes,
        allowed_oauth_flows_user_pool_client: request.allowed_oauth_flows_user_pool_client,
        analytics_configuration: request.analytics_configuration,
        prevent_user_existence_errors: request
            .prevent_user_existence_errors
            .or(before.prevent_user_existence_errors),
        enable_token_revocation: request.enable_token_revocation.or(Some(client.token_revocation)),
        enable_propagate_additional_user_context_data: request
            .enable_propagate_additional_user_context_data
            .or(before.enable_propagate_additional_user_context_data),
        auth_session_validity: request.auth_session_validity.or(i32::try_from(minutes).ok()),
        refresh_token_rotation: request.refresh_token_rotation.or(before.refresh_token_rotation),
        publish_secrets_in_aws_secrets_manager: request.publish_secrets_in_aws_secrets_manager,
    })
}

/// What was asked for as the engine takes it.
pub(super) fn from_request(
    request: &CreateUserPoolClientRequest,
    pool: &UserPoolRecord,
    occasion: Occasion,
) -> Result<NewClient, CognitoError> {
    if request.publish_secrets_in_aws_secrets_manager == Some(true) {
        return Err(CognitoError::not_supported("PublishSecretsInAWSSecretsManager"));
    }
    let flows = flows(request.explicit_auth_flows.as_deref())?;
    let rotation = rotation(request.refresh_token_rotation.as_ref());
    if rotation.is_some() && flows.contains(&AuthFlow::RefreshToken) {
        return Err(CognitoError::invalid_parameter(
            "ALLOW_REFRESH_TOKEN_AUTH cannot be enabled when refresh token rotation is enabled.",
        ));
    }
    let has_secret = match occasion {
        Occasion::Creation => {
            request.client_secret.is_some() || request.generate_secret == Some(true)
        }
        Occasion::Update { has_secret } => has_secret,
    };
    if request.enable_propagate_additional_user_context_data == Some(true) && !has_secret {
        return Err(CognitoError::invalid_parameter(
            "Client Secret is required to set EnablePropagateAdditionalUserContextData as true",
        ));
    }
    let (read, write) =
        (listed(request.read_attributes.as_ref()), listed(request.write_attributes.as_ref()));
    check_attributes(pool, read.unwrap_or_default(), "read", occasion)?;
    check_attributes(pool, write.unwrap_or_default(), "write", occasion)?;
    let session_minutes = request.auth_session_validity.unwrap_or(3);
    Ok(NewClient {
        secret: new_secret(request)?,
        flows,
        validity: validity(request)?,
        auth_session_validity: Duration::from_mins(
            u64::try_from(session_minutes).unwrap_or(3).clamp(3, 15),
        ),
        hides_users: request.prevent_user_existence_errors
            == Some(PreventUserExistenceErrorTypes::Enabled),
        token_revocation: request.enable_token_revocation.unwrap_or(true),
        read_attributes: read.map(<[_]>::to_vec),
        write_attributes: write.map(<[_]>::to_vec),
        rotation,
        other: other_settings(request),
        ..NewClient::named(PoolId::from(request.user_pool_id.as_str()), request.client_name.clone())
    })
}

fn rotation(given: Option<&RefreshTokenRotationType>) -> Option<Rotation> {
    let given = given.filter(|given| given.feature == FeatureType::Enabled)?;
    let seconds = given.retry_grace_period_seconds.unwrap_or_default();
    let seconds = u64::try_from(seconds).unwrap_or_default().min(60);
    Some(Rotation { grace: Duration::from_secs(seconds) })
}

/// The attributes that a client lists. An empty list is none.
fn listed(given: Option<&Vec<String>>) -> Option<&[String]> {
    given.map(Vec::as_slice).filter(|names| !names.is_empty())
}

fn check_attributes(
    pool: &UserPoolRecord,
    names: &[String],
    kind: &str,
    occasion: Occasion,
) -> Result<(), CognitoError> {
    let is_operators = |name: &str| name == "sub" || Contact::is_verified_attribute(name);
    let fits =
        |name: &String| pool.attribute(name).is_some() && (kind == "read" || !is_operators(name));
    if names.iter().all(fits) {
        return Ok(());
    }
    let doing = if occasion == Occasion::Creation { "creating" } else { "updating" };
    let message = format!("Invalid {kind} attributes specified while {doing} a client");
    Err(CognitoError::invalid_parameter(message))
}

fn new_secret(request: &CreateUserPoolClientRequest) -> Result<NewSecret, CognitoError> {
    match (&request.client_secret, request.generate_secret.unwrap_or_default()) {
        (Some(_), true) => Err(CognitoError::invalid_parameter(
            "Only one of ClientSecret and GenerateSecret can be given.",
        )),
        (Some(given), false) => Ok(NewSecret::Given(secret(given))),
        (None, true) => Ok(NewSecret::Generate),
        (None, false) => Ok(NewSecret::None),
    }
}

/// No list means Cognito's default. The old names cannot be mixed with the new ones. They add to SRP
/// and refresh, which every client had when those names were introduced; `CUSTOM_AUTH_FLOW_ONLY` takes
/// SRP away.
fn flows(given: Option<&[ExplicitAuthFlowsType]>) -> Result<Vec<AuthFlow>, CognitoError> {
    let Some(given) = given.filter(|given| !given.is_empty()) else {
        return Ok(DEFAULT_FLOWS.to_vec());
    };
    let old = given.iter().filter(|flow| !flow.as_str().starts_with("ALLOW_")).count();
    if old != 0 && old != given.len() {
        let message =
            "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names.";
        return Err(CognitoError::invalid_parameter(message));
    }
    let flows = given.iter().map(|flow| auth_flow(*flow));
    let mut flows = flows.collect::<Result<Vec<_>, _>>()?;
    if old > 0 {
        flows.push(AuthFlow::RefreshToken);
        if !given.contains(&ExplicitAuthFlowsType::CustomAuthFlowOnly) {
            flows.push(AuthFlow::UserSrp);
        }
    }
    flows.sort_unstable();
    flows.dedup();
    Ok(flows)
}

fn auth_flow(flow: ExplicitAuthFlowsType) -> Result<AuthFlow, CognitoError> {
    Ok(match flow {
        ExplicitAuthFlowsType::AdminNoSrpAuth
        | ExplicitAuthFlowsType::AllowAdminUserPasswordAuth => AuthFlow::AdminUserPassword,
        ExplicitAuthFlowsType::CustomAuthFlowOnly | ExplicitAuthFlowsType::AllowCustomAuth => {
            AuthFlow::Custom
        }
        ExplicitAuthFlowsType::UserPasswordAuth | ExplicitAuthFlowsType::AllowUserPasswordAuth => {
            AuthFlow::UserPassword
        }
        ExplicitAuthFlowsType::AllowUserSrpAuth => AuthFlow::UserSrp,
        ExplicitAuthFlowsType::AllowRefreshTokenAuth => AuthFlow::RefreshToken,
        ExplicitAuthFlowsType::AllowUserAuth => AuthFlow::UserAuth,
        ExplicitAuthFlowsType::AllowTokenExchangeDelegation
        | ExplicitAuthFlowsType::AllowTokenExchangeImpersonation => {
            return Err(CognitoError::not_supported(flow.as_str()));
        }
    })
}

fn validity(request: &CreateUserPoolClientRequest) -> Result<TokenValidity, CognitoError> {
    const DAY: u64 = 86_400;
    let units = request.token_validity_units.as_ref();
    let default = TokenValidity::default();
    let hours = TimeUnitsType::Hours;
    let (access_unit, id_unit, refresh_unit) = (
        units.and_then(|units| units.access_token).unwrap_or(hours),
        units.and_then(|units| units.id_token).unwrap_or(hours),
        units.and_then(|units| units.refresh_token).unwrap_or(TimeUnitsType::Days),
    );
    let longest = u64::from(TokenValidity::LONGEST_MINUTES) * 60;
    let access = life(request.access_token_validity, access_unit, default.access, 300..=longest)?;
    let id = life(request.id_token_validity, id_unit, default.id, 300..=longest)?;
    // Zero stands for the default here.
    let refresh = request.refresh_token_validity.filter(|validity| *validity != 0);
    let refresh = life(refresh, refresh_unit, default.refresh, 3600..=3650 * DAY)?;
    if refresh < access || refresh < id {
        return Err(invalid_range());
    }
    Ok(TokenValidity { access, id, refresh })
}

fn life(
    given: Option<i32>,
    unit: TimeUnitsType,
    default: Duration,
    allowed: std::ops::RangeInclusive<u64>,
) -> Result<Duration, CognitoError> {
    let Some(given) = given else { return Ok(default) };
    let seconds = match unit {
        TimeUnitsType::Seconds => 1,
        TimeUnitsType::Minutes => 60,
        TimeUnitsType::Hours => 3600,
        TimeUnitsType::Days => 86_400,
    };
    let seconds = u64::try_from(given).map(|given| given * seconds).ok();
    let seconds = seconds.filter(|seconds| allowed.contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(invalid_range)
}

fn invalid_range() -> CognitoError {
    CognitoError::invalid_parameter("Invalid range for token validity.")
}

fn other_settings(request: &CreateUserPoolClientRequest) -> Map<String, Value> {
    let Value::Object(mut settings) = json!(request) else { return Map::new() };
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    settings.retain(|name, value| {
        let is_no_list = name.ends_with("Attributes") && is_empty(value);
        !(MODELLED.contains(&name.as_str()) || is_no_list)
    });
    settings
}

/// What the engine keeps in its own terms, as Cognito spells it, where it is not the default.
fn declared(client: &AppClient) -> Map<String, Value> {
    let mut settings = Map::new();
    let mut set = |name: &str, value: Value| drop(settings.insert(name.to_owned(), value));
    if client.flows != DEFAULT_FLOWS {
        set("ExplicitAuthFlows", json!(client.flows));
    }
    if client.hides_users {
        set("PreventUserExistenceErrors", json!("ENABLED"));
    }
    let TokenValidity { access, id, refresh } = client.validity;
    // One that was made through the protocol has said in which units it wants its own.
    if client.other.is_empty() && client.validity != TokenValidity::default() {
        set("AccessTokenValidity", json!(access.as_secs()));
        set("IdTokenValidity", json!(id.as_secs()));
        set("RefreshTokenValidity", json!(refresh.as_secs()));
        let unit = "seconds";
        let units = json!({ "AccessToken": unit, "IdToken": unit, "RefreshToken": unit });
        set("TokenValidityUnits", units);
    }
    settings
}

/// A client's settings without what is as it is by default.
fn settings(client: &AppClient) -> Result<UserPoolClientType, CognitoError> {
    // A client that the operator's file declares has all its settings in the engine's terms.
    let mut settings = declared(client);
    settings.extend(client.other.clone());
    serde_json::from_value(Value::Object(settings))
        .map_err(|_| CognitoError::invalid_parameter("The client's settings cannot be shown."))
}

/// A client as Cognito shows it. The secret is shown to administrators.
pub(super) fn to_type(
    client: &AppClient,
    shown_secret: Option<&Secret>,
) -> Result<UserPoolClientType, CognitoError> {
    let kept = settings(client)?;
    let minutes = client.auth_session_validity.as_secs() / 60;
    Ok(UserPoolClientType {
        user_pool_id: Some(client.pool.to_string()),
        client_name: Some(client.name.clone()),
        client_id: Some(client.id.to_string()),
        client_secret: shown_secret.map(sensitive),
        creation_date: Some(epoch(client.created_at)),
        last_modified_date: Some(epoch(client.modified_at)),
        refresh_token_validity: kept.refresh_token_validity.filter(|days| *days != 0).or(Some(30)),
        auth_session_validity: i32::try_from(minutes).ok(),
        enable_token_revocation: Some(client.token_revocation),
        enable_propagate_additional_user_context_data: Some(
            kept.enable_propagate_additional_user_context_data.unwrap_or_default(),
        ),
        allowed_oauth_flows_user_pool_client: Some(
            kept.allowed_oauth_flows_user_pool_client.unwrap_or_default(),
        ),
        ..kept
    })
}
