use super::{Answer, PASSWORD, SrpClient, TestPool, TestServer, Tokens};
use serde_json::{Value, json};

/// A device with the secret that it keeps.
#[derive(Clone, Debug)]
pub(crate) struct TestDevice {
    pub(crate) key: String,
    pub(crate) group: String,
    pub(crate) secret: String,
}

impl TestDevice {
    /// As a sign-in on a new device is told.
    #[track_caller]
    pub(crate) fn of(signed_in: &Answer) -> Self {
        let told =
            |name: &str| signed_in.get(&format!("/AuthenticationResult/NewDeviceMetadata/{name}"));
        let secret = "secret of the device".to_owned();
        Self { key: told("DeviceKey"), group: told("DeviceGroupKey"), secret }
    }

    fn who(&self) -> (&str, &str) {
        (&self.group, &self.key)
    }

    /// `DeviceSecretVerifierConfig`.
    pub(crate) fn config(&self) -> Value {
        let (salt, verifier) = SrpClient::device_verifier(self.who(), &self.secret);
        json!({ "Salt": salt, "PasswordVerifier": verifier })
    }

    /// The answer to `DEVICE_PASSWORD_VERIFIER`.
    pub(crate) fn claim(&self, challenge: &Answer) -> Value {
        let mut claim = SrpClient::new().claim_of(self.who(), challenge, &self.secret);
        claim["DEVICE_KEY"] = json!(self.key);
        claim
    }
}

/// The settings of a pool that tracks devices, and has codes by text message as a second factor.
pub(crate) fn tracking(challenge_required: bool, on_prompt: bool) -> Value {
    json!({
        "MfaConfiguration": "OPTIONAL",
        "SmsConfiguration": { "SnsCallerArn": "arn:aws:iam::123456789012:role/sms" },
        "DeviceConfiguration": {
            "ChallengeRequiredOnNewDevice": challenge_required,
            "DeviceOnlyRememberedOnUserPrompt": on_prompt,
        },
    })
}

impl TestServer {
    /// A pool that asks for proofs of devices, and in it a user with one, who is asked for a code
    /// everywhere else.
    pub(crate) async fn remembered_device(
        &self,
        username: &str,
    ) -> (TestPool<'_>, Tokens, TestDevice) {
        let pool = self.pool(tracking(true, false)).await;
        pool.phone_user(username).await;
        let (tokens, device) = pool.device(username).await;
        pool.prefer_sms(username).await;
        (pool, tokens, device)
    }
}

impl TestPool<'_> {
    /// A user with a phone number.
    pub(crate) async fn phone_user(&self, username: &str) {
        self.user(username, &[("phone_number", "+14325551212")]).await;
    }

    /// Has codes sent to a user's phone number from now on.
    pub(crate) async fn prefer_sms(&self, username: &str) {
        let sms = json!({ "Enabled": true, "PreferredMfa": true });
        let body = json!({ "Username": username, "SMSMfaSettings": sms });
        assert_eq!(self.admin("AdminSetUserMFAPreference", body).await.line(), "200 {}");
    }

    /// Signs in on a new device and confirms it.
    pub(crate) async fn device(&self, username: &str) -> (Tokens, TestDevice) {
        let signed_in = self.sign_in(username, PASSWORD).await;
        let (tokens, device) = (Tokens::of(&signed_in), TestDevice::of(&signed_in));
        let confirmed = self.confirm_device(&tokens, &device).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.text);
        (tokens, device)
    }

    /// `ConfirmDevice`.
    pub(crate) async fn confirm_device(&self, tokens: &Tokens, device: &TestDevice) -> Answer {
        let body = json!({
            "AccessToken": tokens.access,
            "DeviceKey": device.key,
            "DeviceName": "Sid's phone",
            "DeviceSecretVerifierConfig": device.config(),
        });
        self.server.cognito().call("ConfirmDevice", &body).await
    }

    /// Calls an operation on a device of one's own.
    pub(crate) async fn own_device(&self, operation: &str, tokens: &Tokens, key: &str) -> Answer {
        let body = json!({ "AccessToken": tokens.access, "DeviceKey": key });
        self.server.cognito().call(operation, &body).await
    }

    /// Signs in with a password, naming a device.
    pub(crate) async fn sign_in_on(&self, username: &str, password: &str, key: &str) -> Answer {
        let parameters = json!({ "USERNAME": username, "PASSWORD": password, "DEVICE_KEY": key });
        self.initiate("USER_PASSWORD_AUTH", parameters).await
    }

    /// The first half of `USER_SRP_AUTH`, naming a device or none.
    pub(crate) async fn begin_srp(&self, username: &str, key: Option<&str>) -> Answer {
        let srp_a = SrpClient::new().srp_a();
        let parameters = json!({ "USERNAME": username, "SRP_A": srp_a, "DEVICE_KEY": key });
        self.initiate("USER_SRP_AUTH", parameters).await
    }

    /// The answer to `PASSWORD_VERIFIER`, naming a device or none.
    pub(crate) fn password_claim(
        &self,
        challenge: &Answer,
        password: &str,
        key: Option<&str>,
    ) -> Value {
        let mut responses = SrpClient::new().claim(challenge, &self.id, password);
        responses["DEVICE_KEY"] = json!(key);
        responses
    }

    /// Answers a challenge without a session.
    pub(crate) async fn respond_without_session(&self, name: &str, responses: &Value) -> Answer {
        let body = json!({ "ChallengeName": name, "ChallengeResponses": responses });
        self.call("RespondToAuthChallenge", body).await
    }

    /// Answers `DEVICE_SRP_AUTH`.
    pub(crate) async fn device_srp(&self, username: &str, session: &str, key: &str) -> Answer {
        let responses = device_srp_responses(username, key);
        self.respond("DEVICE_SRP_AUTH", session, responses).await
    }

    /// Answers `DEVICE_PASSWORD_VERIFIER`.
    pub(crate) async fn prove_device(&self, device: &TestDevice, challenge: &Answer) -> Answer {
        let claim = device.claim(challenge);
        self.respond_without_session("DEVICE_PASSWORD_VERIFIER", &claim).await
    }

    /// Signs in with the password and with a remembered device.
    pub(crate) async fn sign_in_with(&self, username: &str, device: &TestDevice) -> Answer {
        let asked = self.sign_in_on(username, PASSWORD, &device.key).await;
        let challenge = self.device_srp(username, &asked.get("/Session"), &device.key).await;
        self.prove_device(device, &challenge).await
    }
}

/// The answer to `DEVICE_SRP_AUTH`.
pub(crate) fn device_srp_responses(username: &str, key: &str) -> Value {
    json!({ "USERNAME": username, "DEVICE_KEY": key, "SRP_A": SrpClient::new().srp_a() })
}
