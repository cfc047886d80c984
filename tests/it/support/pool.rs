use super::{Answer, PASSWORD, TestServer, Tokens, imitation};
use poolkeeper_pool::local::InboxEntry;
use serde_json::{Value, json};

/// A pool made through Cognito's protocol, with one public client.
pub(crate) struct TestPool<'a> {
    pub(crate) server: &'a TestServer,
    pub(crate) id: String,
    pub(crate) client: String,
}

impl TestServer {
    /// Makes a pool; a name is added to the settings.
    pub(crate) async fn pool(&self, mut settings: Value) -> TestPool<'_> {
        settings["PoolName"] = json!("test");
        let pool = self.cognito().admin("CreateUserPool", &settings).await;
        let id = pool.get("/UserPool/Id");
        let client = json!({
            "UserPoolId": id,
            "ClientName": "app",
            "ExplicitAuthFlows": [
                "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH",
                "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
            ],
        });
        let client = self.cognito().admin("CreateUserPoolClient", &client).await;
        TestPool { server: self, id, client: client.get("/UserPoolClient/ClientId") }
    }

    /// The newest code that was sent, and where it went.
    pub(crate) async fn newest_code(&self) -> (String, String) {
        self.codes().await.into_iter().next().expect("no message with a code")
    }

    /// The newest code that was sent to an address.
    pub(crate) async fn code_for(&self, address: &str) -> String {
        let mut codes = self.codes().await.into_iter();
        codes.find(|(_, to)| to == address).expect("no message with a code").0
    }

    /// The codes that were sent and where they went, the newest first.
    async fn codes(&self) -> Vec<(String, String)> {
        if self.is_imitated {
            return imitation::codes(&self.main_pool()).await;
        }
        let messages = self.engine.outbox(100).await.unwrap();
        let with_code = |entry: InboxEntry| Some((entry.code?.expose().to_owned(), entry.to));
        messages.into_iter().filter_map(with_code).collect()
    }
}

impl TestPool<'_> {
    /// Makes a confirmed user with [`PASSWORD`].
    pub(crate) async fn user(&self, name: &str, attributes: &[(&str, &str)]) {
        let attribute = |(name, value): &(&str, &str)| json!({ "Name": name, "Value": value });
        let attributes: Vec<_> = attributes.iter().map(attribute).collect();
        let user = json!({
            "UserPoolId": self.id,
            "Username": name,
            "MessageAction": "SUPPRESS",
            "UserAttributes": attributes,
        });
        let created = self.server.cognito().admin("AdminCreateUser", &user).await;
        assert_eq!(created.status, 200, "{}", created.text);
        let password = json!({ "Username": name, "Password": PASSWORD, "Permanent": true });
        self.admin("AdminSetUserPassword", password).await;
    }

    /// The same pool through a client that does not tell whether users exist.
    pub(crate) async fn hiding_client(&self) -> Self {
        let client = json!({
            "ClientName": "hiding",
            "PreventUserExistenceErrors": "ENABLED",
            "ExplicitAuthFlows": [
                "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH",
            ],
        });
        let client = self.admin("CreateUserPoolClient", client).await;
        let client = client.get("/UserPoolClient/ClientId");
        Self { server: self.server, id: self.id.clone(), client }
    }

    /// Calls an administrative operation on the pool.
    pub(crate) async fn admin(&self, operation: &str, mut body: Value) -> Answer {
        body["UserPoolId"] = json!(self.id);
        self.server.cognito().admin(operation, &body).await
    }

    /// Calls a public operation through the client.
    pub(crate) async fn call(&self, operation: &str, mut body: Value) -> Answer {
        body["ClientId"] = json!(self.client);
        self.server.cognito().call(operation, &body).await
    }

    /// Signs in with a password.
    pub(crate) async fn sign_in(&self, username: &str, password: &str) -> Answer {
        let parameters = json!({ "USERNAME": username, "PASSWORD": password });
        self.initiate("USER_PASSWORD_AUTH", parameters).await
    }

    /// `InitiateAuth`.
    pub(crate) async fn initiate(&self, flow: &str, parameters: Value) -> Answer {
        self.call("InitiateAuth", json!({ "AuthFlow": flow, "AuthParameters": parameters })).await
    }

    /// `RespondToAuthChallenge`.
    pub(crate) async fn respond(&self, challenge: &str, session: &str, responses: Value) -> Answer {
        let body = json!({
            "ChallengeName": challenge,
            "Session": session,
            "ChallengeResponses": responses,
        });
        self.call("RespondToAuthChallenge", body).await
    }

    /// Signs in with [`PASSWORD`] to the end.
    pub(crate) async fn tokens(&self, username: &str) -> Tokens {
        Tokens::of(&self.sign_in(username, PASSWORD).await)
    }

    /// An attribute of a user as administrators see it.
    pub(crate) async fn attribute(&self, username: &str, name: &str) -> Option<String> {
        let user = self.admin("AdminGetUser", json!({ "Username": username })).await.json();
        let own = user["UserAttributes"].as_array().unwrap();
        let own = own.iter().find(|attribute| attribute["Name"] == name)?;
        own["Value"].as_str().map(str::to_owned)
    }
}
