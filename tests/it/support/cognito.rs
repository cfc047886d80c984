use super::signer::Signer;
use super::{ACCESS_KEY, ACCESS_SECRET, Answer, REGION, TestServer};
use axum::body::Body;
use axum::http::Request;
use poolkeeper_pool::ports::Clock as _;
use serde_json::{Value, json};

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
const HOST: &str = "localhost:8080";

/// A client of Cognito's protocol.
pub struct Cognito<'a> {
    server: &'a TestServer,
}

impl<'a> Cognito<'a> {
    pub(super) fn new(server: &'a TestServer) -> Self {
        Self { server }
    }

    /// Calls a public operation.
    pub async fn call(&self, operation: &str, body: &Value) -> Answer {
        self.raw(&target(operation), &[], &body.to_string()).await
    }

    /// Calls an administrative operation, signed with the test's access key.
    pub async fn admin(&self, operation: &str, body: &Value) -> Answer {
        let time = self.time();
        let signer = Signer {
            key: ACCESS_KEY,
            secret: ACCESS_SECRET,
            region: REGION,
            service: "cognito-idp",
            time: &time,
        };
        self.signed(&signer, operation, &body.to_string(), &body.to_string()).await
    }

    /// Signs one body and sends another, or the same.
    pub async fn signed(
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
    pub async fn raw(&self, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::post("/");
        request = request.header("content-type", CONTENT_TYPE).header("x-amz-target", target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.server.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// The server's time as signatures carry it.
    pub fn time(&self) -> String {
        let at = jiff::Timestamp::from_millisecond(self.server.clock.now().millis()).unwrap();
        at.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// Signs in with a password through the public client.
    pub async fn sign_in(&self, username: &str, password: &str) -> Answer {
        let parameters = json!({ "USERNAME": username, "PASSWORD": password });
        self.initiate("USER_PASSWORD_AUTH", parameters).await
    }

    /// `InitiateAuth` through the public client.
    pub async fn initiate(&self, flow: &str, parameters: Value) -> Answer {
        let body = json!({
            "AuthFlow": flow,
            "ClientId": super::PUBLIC_CLIENT,
            "AuthParameters": parameters,
        });
        self.call("InitiateAuth", &body).await
    }

    /// `RespondToAuthChallenge` through the public client.
    pub async fn respond(&self, challenge: &str, session: &str, responses: Value) -> Answer {
        let body = json!({
            "ChallengeName": challenge,
            "ClientId": super::PUBLIC_CLIENT,
            "Session": session,
            "ChallengeResponses": responses,
        });
        self.call("RespondToAuthChallenge", &body).await
    }
}

fn target(operation: &str) -> String {
    format!("AWSCognitoIdentityProviderService.{operation}")
}
