//! One call of the AWS SDK for Rust: the task is JSON on standard input, what came of it JSON on
//! standard output. `test_sdk_rust.py` puts the calls together.

use aws_sdk_cognitoidentityprovider as cognito;
use aws_smithy_http_client::{Builder, Connector};
use cognito::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use cognito::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use cognito::operation::initiate_auth::InitiateAuthError;
use cognito::types::{
    AttributeType, AuthFlowType, ChallengeNameType, MessageActionType, SoftwareTokenMfaSettingsType,
};
use serde_json::{Value, json};
use std::io::{Read as _, stdin};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    let task = Task(serde_json::from_str(&text)?);
    let client = cognito::Client::from_conf(settings(&task));
    println!("{}", carry_out(&client, &task).await?);
    Ok(())
}

/// What to do, and with what.
struct Task(Value);

impl Task {
    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("no {name} in the task"))
    }

    fn attributes(&self) -> Vec<AttributeType> {
        let all = self.0["attributes"].as_object().into_iter().flatten();
        let attribute = |(name, value): (&String, &Value)| {
            AttributeType::builder().name(name).set_value(value.as_str().map(str::to_owned)).build()
        };
        all.map(|pair| attribute(pair).expect("a name")).collect()
    }
}

fn settings(task: &Task) -> cognito::Config {
    let key = Credentials::new(task.text("key_id"), task.text("key_secret"), None, None, "test");
    cognito::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(task.text("url"))
        .region(Region::new(task.text("region").to_owned()))
        .credentials_provider(key)
        .http_client(plain_http())
        .retry_config(cognito::config::retry::RetryConfig::disabled())
        .build()
}

/// The server speaks plain HTTP: no TLS library is compiled for it.
fn plain_http() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|_, components| {
        let mut connector = Connector::builder();
        if let Some(sleep) = components.and_then(|components| components.sleep_impl()) {
            connector = connector.sleep_impl(sleep);
        }
        connector.build_http()
    })
}

async fn carry_out(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    match task.text("do") {
        "sign_up" => sign_up(client, task).await,
        "confirm_sign_up" => confirm_sign_up(client, task).await,
        "sign_in" => sign_in(client, task).await,
        "sign_in_with_session" => sign_in_with_session(client, task).await,
        "answer" => answer(client, task).await,
        "refresh" => refresh(client, task).await,
        "set_up_app" => set_up_app(client, task).await,
        "prove_app" => prove_app(client, task).await,
        "who_am_i" => who_am_i(client, task).await,
        "sign_out" => sign_out(client, task).await,
        "invite" => invite(client, task).await,
        "list" => list(client, task).await,
        "remove" => remove(client, task).await,
        other => panic!("no task {other}"),
    }
}

async fn sign_up(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let call = client.sign_up().client_id(task.text("client")).username(task.text("username"));
    let call = call.set_password(task.0["password"].as_str().map(str::to_owned));
    let answer = call.set_user_attributes(Some(task.attributes())).send().await?;
    let sent = answer.code_delivery_details().and_then(|details| details.destination());
    Ok(json!({
        "confirmed": answer.user_confirmed(),
        "sub": answer.user_sub(),
        "sent_to": sent,
        "session": answer.session(),
    }))
}

async fn confirm_sign_up(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let call = client.confirm_sign_up().client_id(task.text("client"));
    let call = call.username(task.text("username")).confirmation_code(task.text("code"));
    let answer = call.set_session(task.0["session"].as_str().map(str::to_owned)).send().await?;
    Ok(json!({ "session": answer.session() }))
}

/// A password sign-in. What is refused shows as the SDK's own types.
async fn sign_in(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let call = client.initiate_auth().client_id(task.text("client"));
    let call = call.auth_flow(AuthFlowType::UserPasswordAuth);
    let call = call.auth_parameters("USERNAME", task.text("username"));
    match call.auth_parameters("PASSWORD", task.text("password")).send().await {
        Ok(answer) => {
            Ok(step(answer.challenge_name(), answer.session(), answer.authentication_result()))
        }
        Err(error) => told(&error),
    }
}

fn told(error: &SdkError<InitiateAuthError>) -> Result<Value, Failure> {
    let service = error.as_service_error().ok_or_else(|| DisplayErrorContext(error).to_string())?;
    let kind = match service {
        InitiateAuthError::NotAuthorizedException(_) => "not authorized",
        InitiateAuthError::UserNotConfirmedException(_) => "not confirmed",
        InitiateAuthError::UserNotFoundException(_) => "not found",
        InitiateAuthError::InvalidParameterException(_) => "invalid parameter",
        _ => "something else",
    };
    Ok(json!({ "refused": kind, "message": service.message() }))
}

async fn sign_in_with_session(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let call = client.initiate_auth().client_id(task.text("client"));
    let call = call.auth_flow(AuthFlowType::UserAuth).session(task.text("session"));
    let answer = call.auth_parameters("USERNAME", task.text("username")).send().await?;
    Ok(step(answer.challenge_name(), answer.session(), answer.authentication_result()))
}

async fn answer(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let call = client.respond_to_auth_challenge().client_id(task.text("client"));
    let call = call.challenge_name(ChallengeNameType::from(task.text("challenge")));
    let call = call.session(task.text("session"));
    let responses = task.0["responses"].as_object().into_iter().flatten();
    let answer = responses
        .fold(call, |call, (name, value)| {
            call.challenge_responses(name, value.as_str().expect("a text"))
        })
        .send()
        .await?;
    Ok(step(answer.challenge_name(), answer.session(), answer.authentication_result()))
}

async fn refresh(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let call = client.initiate_auth().client_id(task.text("client"));
    let call = call.auth_flow(AuthFlowType::RefreshTokenAuth);
    let answer = call.auth_parameters("REFRESH_TOKEN", task.text("refresh_token")).send().await?;
    Ok(step(answer.challenge_name(), answer.session(), answer.authentication_result()))
}

fn step(
    challenge: Option<&ChallengeNameType>,
    session: Option<&str>,
    tokens: Option<&cognito::types::AuthenticationResultType>,
) -> Value {
    json!({
        "challenge": challenge.map(ChallengeNameType::as_str),
        "session": session,
        "access_token": tokens.and_then(|tokens| tokens.access_token()),
        "id_token": tokens.and_then(|tokens| tokens.id_token()),
        "refresh_token": tokens.and_then(|tokens| tokens.refresh_token()),
        "expires_in": tokens.map(|tokens| tokens.expires_in()),
    })
}

async fn set_up_app(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let call = client.associate_software_token().access_token(task.text("access_token"));
    Ok(json!({ "secret": call.send().await?.secret_code() }))
}

async fn prove_app(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let token = task.text("access_token");
    let call = client.verify_software_token().access_token(token).user_code(task.text("code"));
    let proven = call.send().await?;
    let preferred =
        SoftwareTokenMfaSettingsType::builder().enabled(true).preferred_mfa(true).build();
    let call = client.set_user_mfa_preference().access_token(token);
    call.software_token_mfa_settings(preferred).send().await?;
    Ok(json!({ "status": proven.status().map(|status| status.as_str()) }))
}

async fn who_am_i(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let user = client.get_user().access_token(task.text("access_token")).send().await?;
    Ok(json!({ "username": user.username(), "attributes": pairs(user.user_attributes()) }))
}

async fn sign_out(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    client.global_sign_out().access_token(task.text("access_token")).send().await?;
    Ok(json!({}))
}

async fn invite(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let call = client.admin_create_user().user_pool_id(task.text("pool"));
    let call = call.username(task.text("username")).temporary_password(task.text("password"));
    let call = call.message_action(MessageActionType::Suppress);
    let answer = call.set_user_attributes(Some(task.attributes())).send().await?;
    let user = answer.user().ok_or("no user")?;
    let created = user.user_create_date().ok_or("no date")?;
    Ok(json!({
        "status": user.user_status().map(|status| status.as_str()),
        "created": created.secs(),
    }))
}

/// Two users a page, all pages.
async fn list(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let pages = client.list_users().user_pool_id(task.text("pool")).limit(2).into_paginator();
    let users = pages.items().send().collect::<Result<Vec<_>, _>>().await?;
    Ok(users.iter().map(|user| user.username()).collect())
}

async fn remove(client: &cognito::Client, task: &Task) -> Result<Value, Failure> {
    let (pool, name) = (task.text("pool"), task.text("username"));
    client.admin_delete_user().user_pool_id(pool).username(name).send().await?;
    let gone = client.admin_get_user().user_pool_id(pool).username(name).send().await;
    let error = gone.expect_err("a user that was deleted").into_service_error();
    Ok(json!({ "gone": error.is_user_not_found_exception() }))
}

fn pairs(attributes: &[AttributeType]) -> Value {
    attributes.iter().map(|one| (one.name().to_owned(), json!(one.value()))).collect()
}
