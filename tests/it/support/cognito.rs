use super::signer::Signer;
use super::{Answer, PASSWORD, POOL, PUBLIC_CLIENT, TestServer, Tokens};
use axum::body::Body;
use axum::http::Request;
use poolkeeper_pool::system::Clock as _;
use serde_json::{Value, json};

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
const HOST: &str = "localhost:8080";

/// A client of Cognito's protocol.
pub(crate) struct Cognito<'a> {
    server: &'a TestServer,
}

impl<'a> Cognito<'a> {
    pub(super) fn new(server: &'a TestServer) -> Self {
        Self { server }
    }

    /// Calls a public operation.
    pub(crate) async fn call(&self, operation: &str, body: &Value) -> Answer {
        self.raw(&target(operation), &[], &body.to_string()).await
    }

    /// Calls an administrative operation, signed with the test's access key.
    pub(crate) async fn admin(&self, operation: &str, body: &Value) -> Answer {
        let time = self.time();
        self.signed_by(&Signer::own(&time), operation, body).await
    }

    /// Calls an administrative operation, signed as the test says.
    pub(crate) async fn signed_by(
        &self,
        signer: &Signer<'_>,
        operation: &str,
        body: &Value,
    ) -> Answer {
        self.signed(signer, operation, &body.to_string(), &body.to_string()).await
    }

    /// Signs one body and sends another, or the same.
    pub(crate) async fn signed(
        &self,
        signer: &Signer<'_>,
        operation: &str,
        signed: &str,
        sent: &str,
    ) -> Answer {
        let target = target(operation);
        let headers = [
            ("content-type", CONTENT_TYPE),
            ("host", HOST),
            ("x-amz-date", signer.time),
            ("x-amz-target", target.as_str()),
        ];
        let authorization = signer.authorization(&headers, signed.as_bytes());
        let extra = [
            ("host", HOST),
            ("x-amz-date", signer.time),
            ("authorization", authorization.as_str()),
        ];
        self.raw(&target, &extra, sent).await
    }

    /// Sends a request with this `X-Amz-Target`.
    pub(crate) async fn raw(&self, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        if let Some((_, operation)) = target.split_once('.').filter(|_| self.server.is_imitated) {
            return self.server.ask_imitation(operation, body).await;
        }
        let mut request = Request::post("/");
        request = request.header("content-type", CONTENT_TYPE).header("x-amz-target", target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.server.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// The server's time as signatures carry it.
    pub(crate) fn time(&self) -> String {
        let at = jiff::Timestamp::from_millisecond(self.server.clock.now().millis()).unwrap();
        at.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// Signs in with a password through the public client.
    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> Answer {
        let parameters = json!({ "USERNAME": username, "PASSWORD": password });
        self.initiate("USER_PASSWORD_AUTH", parameters).await
    }

    /// `InitiateAuth` through the public client.
    pub(crate) async fn initiate(&self, flow: &str, parameters: Value) -> Answer {
        self.initiate_as(PUBLIC_CLIENT, flow, parameters).await
    }

    /// `InitiateAuth` through a client.
    pub(crate) async fn initiate_as(&self, client: &str, flow: &str, parameters: Value) -> Answer {
        let body = json!({ "AuthFlow": flow, "ClientId": client, "AuthParameters": parameters });
        self.call("InitiateAuth", &body).await
    }

    /// `AdminInitiateAuth` in the main pool through a client.
    pub(crate) async fn admin_initiate(
        &self,
        client: &str,
        flow: &str,
        parameters: Value,
    ) -> Answer {
        let body = json!({
            "UserPoolId": POOL,
            "AuthFlow": flow,
            "ClientId": client,
            "AuthParameters": parameters,
        });
        self.admin("AdminInitiateAuth", &body).await
    }

    /// Signs in with [`PASSWORD`] through the public client, to the end.
    pub(crate) async fn tokens(&self, username: &str) -> Tokens {
        Tokens::of(&self.sign_in(username, PASSWORD).await)
    }

    /// `GetUser`.
    pub(crate) async fn get_user(&self, access_token: &str) -> Answer {
        self.call("GetUser", &json!({ "AccessToken": access_token })).await
    }

    /// New tokens through the public client.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> Answer {
        self.initiate("REFRESH_TOKEN_AUTH", json!({ "REFRESH_TOKEN": refresh_token })).await
    }

    /// `RespondToAuthChallenge` through the public client.
    pub(crate) async fn respond(&self, challenge: &str, session: &str, responses: Value) -> Answer {
        let body = json!({
            "ChallengeName": challenge,
            "ClientId": PUBLIC_CLIENT,
            "Session": session,
            "ChallengeResponses": responses,
        });
        self.call("RespondToAuthChallenge", &body).await
    }
}

fn target(operation: &str) -> String {
    format!("AWSCognitoIdentityProviderService.{operation}")
}
