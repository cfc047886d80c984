//! `POST /Login`: sign in to a tenant, as a person with a password or as a machine with the secret
//! of its client id. Machines are users like any other here.

use super::failure::Failure;
use super::{TenantMount, api};
use crate::kit::{
    JwtText, Members, Name, Operation, SealedText, caller_address, challenge_parameters, json,
    members,
};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use poolkeeper_pool::entity::Tenant;
use poolkeeper_pool::ids::{ClientId, GroupName};
use poolkeeper_pool::secret::Secret;
use poolkeeper_pool::user_pool::{Admission, Challenge, Outcome, SignIn, SignedIn};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A group that nobody can be in: names of groups have no spaces.
const NOBODY: &str = "nobody at all";

const USER_NAME: Name = Name::new("UserName")
    .about("Of a person, or the client id of a machine.")
    .like("ann@example.com");
const TENANT_NAME: Name = Name::new("TenantName").about("In any case.").like("Acme");
const PASSWORD: Name =
    Name::new("Password").about("Of a person, or the secret of a machine.").like("Demo-Passw0rd");

struct Body {
    user_name: String,
    tenant_name: String,
    password: Secret,
}

impl Body {
    fn read(members: &mut Members) -> Self {
        Self {
            user_name: members.text(USER_NAME, 1..=usize::MAX),
            tenant_name: members.text(TENANT_NAME, 1..=usize::MAX),
            password: members.secret(PASSWORD, 1..=usize::MAX),
        }
    }

    fn sign_in(self, client: ClientId, group: Option<GroupName>, from: Option<String>) -> SignIn {
        let admission = Admission { required_group: group, ..Admission::default() };
        let (username, password) = (self.user_name, self.password);
        SignIn { client, username, password, device: None, admission, address: from }
    }
}

/// A sign-in that is complete.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "SignedIn")]
struct Complete<'a> {
    #[serde(rename = "cognitoToken")]
    cognito_token: CompleteToken<'a>,
    user: User<'a>,
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
#[schemars(rename = "CognitoToken")]
struct CompleteToken<'a> {
    /// Empty.
    challenge_parameters: BTreeMap<&'static str, String>,
    authentication_result: AuthenticationResult<'a>,
}

/// The tokens.
#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AuthenticationResult<'a> {
    #[schemars(with = "JwtText")]
    id_token: &'a Secret,
    #[schemars(example = &"Bearer")]
    token_type: &'static str,
    /// How many seconds the tokens are good for.
    #[schemars(example = 3600)]
    expires_in: u64,
    #[schemars(with = "Option<SealedText>")]
    refresh_token: Option<&'a Secret>,
    #[schemars(with = "JwtText")]
    access_token: &'a Secret,
}

/// Who has signed in.
#[derive(JsonSchema, Serialize)]
struct User<'a> {
    /// The user's `sub`.
    #[serde(rename = "OloID")]
    #[schemars(example = &"c4f6a2b0-4d2e-4c11-9a53-0f6f1c2d3e4f")]
    oloid: &'a str,
    #[serde(rename = "TenantID")]
    #[schemars(example = &"7f0c3a52")]
    tenant_id: &'a str,
    #[serde(rename = "TenantName")]
    #[schemars(example = &"Acme")]
    tenant_name: &'a str,
}

/// A challenge, which this API cannot answer.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Challenge")]
struct Asked<'a> {
    #[serde(rename = "cognitoToken")]
    cognito_token: AskedToken<'a>,
}

#[derive(JsonSchema, Serialize)]
#[serde(rename_all = "PascalCase")]
#[schemars(rename = "CognitoChallenge")]
struct AskedToken<'a> {
    /// Its name, as Cognito's.
    #[schemars(example = &"EMAIL_OTP")]
    challenge_name: &'static str,
    #[schemars(with = "SealedText")]
    session: &'a Secret,
    /// What is to be known to answer it. Lists and maps are JSON inside.
    challenge_parameters: BTreeMap<&'static str, String>,
}

pub(super) fn describe() -> Operation {
    Operation::new(api::SIGN_IN, "Sign in to a tenant")
        .about("Which of tenant, user and password was wrong is not told.")
        .spelled("/Login")
        .body(Body::read)
        .answers::<Complete<'_>>("Signed in.")
        .answers::<Asked<'_>>("A challenge is to be answered first.")
        .fails([Failure::NotAuthorized, Failure::UserNotConfirmed, Failure::PasswordResetRequired])
}

pub(super) async fn handle(
    State(mount): State<Arc<TenantMount>>,
    request: Request,
) -> Result<Response, Failure> {
    let from = caller_address(request.extensions());
    let body = members(request).await?.read(Body::read).map_err(|_| Failure::Incomplete)?;
    let Some(tenant) = mount.directory.tenant(&body.tenant_name).await? else {
        return Err(refuse_slowly(&mount, body, from).await);
    };
    let command = body.sign_in(tenant.client.clone(), tenant.group.clone(), from);
    match mount.pool.sign_in(command).await? {
        Outcome::SignedIn(signed_in) => Ok(complete(&signed_in, &tenant)),
        Outcome::Challenge(challenge) => Ok(asked(&challenge)),
    }
}

/// Refuses a sign-in to a tenant that does not exist, after the work of one to a tenant that does:
/// otherwise the time would tell which tenants there are. The group makes sure that even the right
/// password of a user of the decoy's pool counts as a wrong one.
async fn refuse_slowly(mount: &TenantMount, body: Body, from: Option<String>) -> Failure {
    let group = Some(GroupName::from(NOBODY));
    match mount.pool.sign_in(body.sign_in(mount.decoy.clone(), group, from)).await {
        Ok(_) => Failure::NotAuthorized,
        Err(error) => match Failure::from(error) {
            ours @ (Failure::TooManyRequests | Failure::Internal | Failure::Unavailable) => ours,
            _ => Failure::NotAuthorized,
        },
    }
}

fn complete(signed_in: &SignedIn, tenant: &Tenant) -> Response {
    let authentication_result = AuthenticationResult {
        id_token: &signed_in.id_token,
        token_type: "Bearer",
        expires_in: signed_in.expires_in,
        refresh_token: signed_in.refresh_token.as_ref(),
        access_token: &signed_in.access_token,
    };
    let challenge_parameters = BTreeMap::new();
    let cognito_token = CompleteToken { challenge_parameters, authentication_result };
    let oloid = signed_in.profile.sub.as_str();
    let user = User { oloid, tenant_id: &tenant.id, tenant_name: &tenant.name };
    json(StatusCode::OK, &Complete { cognito_token, user })
}

fn asked(challenge: &Challenge) -> Response {
    let cognito_token = AskedToken {
        challenge_name: challenge.kind.name(),
        session: &challenge.session,
        challenge_parameters: challenge_parameters(challenge),
    };
    json(StatusCode::OK, &Asked { cognito_token })
}
