use super::Scopes;
use crate::entity::{AppClient, Group, User};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The claims of an access token. It has no `aud`: resource servers check `client_id`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The user.
    pub sub: String,
    /// Names of the user's groups, best precedence first; absent if there are none.
    #[serde(rename = "cognito:groups", default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The device it was issued to; absent where the pool tracks none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_key: Option<String>,
    /// The tenant it was issued for; absent but for sign-ins through the tenant API. Cognito has no
    /// such claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The pool's issuer.
    pub iss: String,
    /// The app client.
    pub client_id: String,
    /// The sign-in; absent where the client's tokens cannot be revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_jti: Option<String>,
    /// The event of authentication.
    pub event_id: String,
    /// `access`.
    pub token_use: String,
    /// What its holder may do.
    pub scope: Scopes,
    /// When the user signed in (epoch seconds).
    pub auth_time: i64,
    /// When the token expires (epoch seconds).
    pub exp: i64,
    /// When the token was issued (epoch seconds).
    pub iat: i64,
    /// The token's own id.
    pub jti: String,
    /// The canonical username.
    pub username: String,
}

/// What an ID token of the same sign-in says about the user.
pub(super) fn id_claims(
    access: &AccessClaims,
    id_jti: &str,
    exp: i64,
    user: &User,
    groups: &[Group],
    client: &AppClient,
) -> Map<String, Value> {
    let mut claims = attribute_claims(user, client);
    claims.extend(group_claims(groups));
    let fixed = [
        ("sub", json!(access.sub)),
        ("aud", json!(access.client_id)),
        ("iss", json!(access.iss)),
        ("cognito:username", json!(access.username)),
        ("event_id", json!(access.event_id)),
        ("token_use", json!("id")),
        ("auth_time", json!(access.auth_time)),
        ("exp", json!(exp)),
        ("iat", json!(access.iat)),
        ("jti", json!(id_jti)),
    ];
    claims.extend(fixed.map(|(name, value)| (name.to_owned(), value)));
    if let Some(origin) = &access.origin_jti {
        claims.insert("origin_jti".to_owned(), json!(origin));
    }
    if let Some(tenant) = &access.tenant_id {
        claims.insert("tenant_id".to_owned(), json!(tenant));
    }
    claims
}

fn attribute_claims(user: &User, client: &AppClient) -> Map<String, Value> {
    let readable = user.attributes.iter().filter(|(name, _)| client.may_read(name));
    readable.map(|(name, value)| (name.to_owned(), attribute_claim(name, value))).collect()
}

/// Attributes are text; OpenID Connect wants some claims in another type.
fn attribute_claim(name: &str, value: &str) -> Value {
    match name {
        "email_verified" | "phone_number_verified" => json!(value == "true"),
        "updated_at" => value.parse::<i64>().map_or_else(|_| json!(value), |number| json!(number)),
        "identities" => serde_json::from_str(value).unwrap_or_else(|_| json!(value)),
        "address" => json!({ "formatted": value }),
        _ => json!(value),
    }
}

fn group_claims(groups: &[Group]) -> Map<String, Value> {
    let mut claims = Map::new();
    if !groups.is_empty() {
        let names: Vec<_> = groups.iter().map(|group| &group.name).collect();
        claims.insert("cognito:groups".to_owned(), json!(names));
    }
    let roles: Vec<_> = groups.iter().filter_map(|group| group.role_arn.as_ref()).collect();
    if !roles.is_empty() {
        claims.insert("cognito:roles".to_owned(), json!(roles));
    }
    if let Some(role) = preferred_role(groups) {
        claims.insert("cognito:preferred_role".to_owned(), json!(role));
    }
    claims
}

/// The role of the groups with the best precedence, if they agree on one.
fn preferred_role(groups: &[Group]) -> Option<&String> {
    let best = groups.iter().filter_map(|group| group.precedence).min()?;
    let best_groups = groups.iter().filter(|group| group.precedence == Some(best));
    let roles: BTreeSet<_> = best_groups.filter_map(|group| group.role_arn.as_ref()).collect();
    if roles.len() == 1 { roles.into_iter().next() } else { None }
}
