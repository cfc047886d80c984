//! Devices that sign-ins are remembered on. To Cognito they are devices like any other: they prove
//! a password by SRP. We are the client that does; the password travels, sealed, in the group key
//! that the caller holds.

use crate::amazon::Amazon;
use crate::connection::call::{Repeat, none_if_refused};
use crate::connection::settings::{AppClient, Flow};
use crate::connection::trouble::{Purpose, is_exception};
use crate::convert::missing;
use crate::sign_in::context::SignInContext;
use crate::sign_in::step::AmazonStep;
use aws_sdk_cognitoidentityprovider::types::{
    ChallengeNameType, DeviceRememberedStatusType, DeviceSecretVerifierConfigType, DeviceType,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use poolkeeper_pool::backend::user_pool::{DevicePair, NewDevice};
use poolkeeper_pool::crypto::seal::{SealPurpose, Sealed};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::crypto::srp::{ClientExchange, Identity, Question, Verifier};
use poolkeeper_pool::entity::TrustedDevice;
use poolkeeper_pool::error::{Refusal, Result};
use poolkeeper_pool::ids::{DeviceKey, Username, random_client_secret};
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What group keys begin with.
const MARK: &str = "-";

/// What devices are called at Amazon that are remembered.
const REMEMBERED: &str = "Poolkeeper";

/// What devices are called there that only keep a refresh token good.
const OF_ONE_SIGN_IN: &str = "Poolkeeper sign-in";

/// A remembered device, as its caller holds it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Remembered {
    pub(crate) key: DeviceKey,
    /// The key of its group at Amazon.
    group: String,
    password: Secret,
    username: Username,
    expires_at: Timestamp,
}

impl Remembered {
    pub(crate) fn is_of(&self, username: &str) -> bool {
        self.username.as_str() == username
    }

    fn who(&self) -> Identity<'_> {
        Identity { realm: &self.group, name: self.key.as_str() }
    }
}

/// What has become of the device that Amazon has made up for a sign-in.
pub(crate) enum Confirmed {
    /// It is confirmed, so that tokens are refreshed, and remembered if its keys are here.
    Refreshable(Option<DevicePair>),
    /// It is not.
    Not,
}

impl Confirmed {
    pub(crate) const fn is_refreshable(&self) -> bool {
        matches!(self, Self::Refreshable(_))
    }

    pub(crate) fn remembered(self) -> Option<DevicePair> {
        match self {
            Self::Refreshable(keys) => keys,
            Self::Not => None,
        }
    }
}

impl Amazon {
    /// What a caller shows, if it is a device of ours and not too old. Whose it is shows later.
    pub(crate) fn open_device(&self, client: &AppClient, pair: &DevicePair) -> Option<Remembered> {
        let bytes = BASE64.decode(pair.group_key.expose().strip_prefix(MARK)?).ok()?;
        let context = self.context(SealPurpose::ForeignDevice, &client.id);
        let opened = self.parts.sealer.open_record(context, &Sealed::from_bytes(bytes));
        let device: Remembered = opened.ok()?;
        (device.key == pair.key && device.expires_at > self.now()).then_some(device)
    }

    /// Confirms the device that Amazon has made up for a sign-in: Amazon refreshes no tokens for one
    /// that is not confirmed. It is remembered, in place of those before, if that is wanted. Otherwise
    /// nobody keeps its password, so that it stands for no second factor.
    ///
    /// Whoever has answered a challenge is signed in, even if Amazon is too busy for the device.
    pub(crate) async fn confirm_new_device(
        &self,
        context: SignInContext<'_>,
        username: &Username,
        access_token: &Secret,
        new: &NewDevice,
    ) -> Result<Confirmed> {
        let device = Remembered {
            key: new.key.clone(),
            group: new.group_key.clone(),
            password: random_client_secret(self.parts.rng.as_ref()),
            username: username.clone(),
            expires_at: self.now().after(TrustedDevice::LIFE),
        };
        let name = if context.remember { REMEMBERED } else { OF_ONE_SIGN_IN };
        let is_to_be_told = match self.confirm(&device, name, access_token).await {
            Err(problem) if problem.may_pass() && context.answered.is_some() => {
                tracing::warn!(%problem, "a device could not be confirmed; its sign-in cannot be refreshed");
                return Ok(Confirmed::Not);
            }
            confirmed => confirmed?,
        };
        if !context.remember {
            return Ok(Confirmed::Refreshable(None));
        }
        match self.replace_devices(username, &device, is_to_be_told, access_token).await {
            Err(problem) if problem.may_pass() => {
                tracing::warn!(%problem, "a device could not be remembered");
                return Ok(Confirmed::Refreshable(None));
            }
            replaced => replaced?,
        }
        let client = &context.client.id;
        let purpose = self.context(SealPurpose::ForeignDevice, client);
        let sealed = self.parts.sealer.seal_record(purpose, &device, self.parts.rng.as_ref());
        let group_key = Secret::new(format!("{MARK}{}", BASE64.encode(sealed.as_bytes())));
        Ok(Confirmed::Refreshable(Some(DevicePair { key: device.key, group_key })))
    }

    /// Has a device remembered, in place of those before.
    async fn replace_devices(
        &self,
        username: &Username,
        device: &Remembered,
        is_to_be_told: bool,
        access_token: &Secret,
    ) -> Result<()> {
        if is_to_be_told {
            let update = self.sdk.update_device_status().access_token(access_token.expose());
            let update = update
                .device_key(device.key.as_str())
                .device_remembered_status(DeviceRememberedStatusType::Remembered);
            self.call(Repeat::Safely, Purpose::NewDevice, || update.clone().send()).await?;
        }
        self.forget(username.as_str(), |other| {
            other.device_key() != Some(device.key.as_str()) && !is_of_one_sign_in(other)
        })
        .await
    }

    /// Whether the pool wants to hear that the device is to be remembered.
    async fn confirm(
        &self,
        device: &Remembered,
        name: &str,
        access_token: &Secret,
    ) -> Result<bool> {
        let verifier =
            Verifier::of_password(device.who(), &device.password, self.parts.rng.as_ref());
        let (salt, verifier) = verifier.to_client();
        let verifier = DeviceSecretVerifierConfigType::builder()
            .salt(salt)
            .password_verifier(verifier)
            .build();
        let confirm = self.sdk.confirm_device().access_token(access_token.expose());
        let confirm = confirm
            .device_key(device.key.as_str())
            .device_name(name)
            .device_secret_verifier_config(verifier);
        let confirmed =
            self.call(Repeat::Never, Purpose::NewDevice, || confirm.clone().send()).await?;
        Ok(confirmed.user_confirmation_necessary)
    }

    /// Forgets all devices of a user.
    pub(crate) async fn forget_devices(&self, username: &str) -> Result<()> {
        self.forget(username, |_| true).await
    }

    /// Forgets those devices of a user that a rule picks.
    async fn forget(&self, username: &str, rule: impl Fn(&DeviceType) -> bool) -> Result<()> {
        // Signed sign-ins are on no device.
        if self.settings.clients.iter().all(|client| client.flow == Flow::Admin) {
            return Ok(());
        }
        let devices = self.devices_of(username).await?.into_iter().filter(rule);
        for key in devices.filter_map(|device| device.device_key) {
            let pool = self.settings.pool.as_str();
            let call = self.sdk.admin_forget_device();
            let call = call.user_pool_id(pool).username(username).device_key(key);
            let forgotten =
                self.call(Repeat::Safely, Purpose::Administration, || call.clone().send()).await;
            none_if_refused(forgotten, &Refusal::DeviceNotFound)?;
        }
        Ok(())
    }

    async fn devices_of(&self, username: &str) -> Result<Vec<DeviceType>> {
        let call = self.sdk.admin_list_devices();
        let call = call.user_pool_id(self.settings.pool.as_str()).username(username).limit(60);
        let (mut devices, mut next) = (Vec::new(), None);
        loop {
            let page = call.clone().set_pagination_token(next);
            let page =
                self.call(Repeat::Safely, Purpose::Administration, || page.clone().send()).await;
            if tracks_none(&page) {
                return Ok(Vec::new());
            }
            let page = page?;
            devices.extend(page.devices.unwrap_or_default());
            next = page.pagination_token;
            if next.is_none() {
                return Ok(devices);
            }
        }
    }

    /// Answers `DEVICE_SRP_AUTH` and `DEVICE_PASSWORD_VERIFIER`.
    pub(crate) async fn prove_device(
        &self,
        request: &RequestContext,
        client: &AppClient,
        username: &str,
        session: Option<&str>,
        device: &Remembered,
    ) -> Result<AmazonStep> {
        let exchange = ClientExchange::begin(self.parts.rng.as_ref());
        let key = device.key.as_str();
        let opening = [("DEVICE_KEY", key.to_owned()), ("SRP_A", exchange.client_value())];
        let challenge = ChallengeNameType::DeviceSrpAuth;
        let asked = self.answer(request, client, (challenge, session), username, opening).await?;
        let parameter = |name: &'static str| {
            asked.parameters.get(name).map(String::as_str).ok_or_else(|| missing(name))
        };
        let secret_block = parameter("SECRET_BLOCK")?;
        let question =
            Question { salt: parameter("SALT")?, server_value: parameter("SRP_B")?, secret_block };
        let timestamp = srp_time(self.now());
        let claim = exchange.prove(device.who(), &device.password, question, &timestamp);
        let claim = claim.ok_or_else(|| missing("a question that may be answered"))?;
        let claim = [
            ("DEVICE_KEY", key.to_owned()),
            ("PASSWORD_CLAIM_SECRET_BLOCK", secret_block.to_owned()),
            ("PASSWORD_CLAIM_SIGNATURE", claim),
            ("TIMESTAMP", timestamp),
        ];
        let challenge = ChallengeNameType::DevicePasswordVerifier;
        let session = asked.session.as_deref();
        self.answer(request, client, (challenge, session), username, claim).await
    }
}

fn is_of_one_sign_in(device: &DeviceType) -> bool {
    device.device_attributes().iter().any(|attribute| {
        attribute.name() == "device_name" && attribute.value() == Some(OF_ONE_SIGN_IN)
    })
}

/// Whether Amazon says that the pool does not track devices.
fn tracks_none<T>(answer: &Result<T>) -> bool {
    let untracked = "InvalidUserPoolConfigurationException";
    answer.as_ref().is_err_and(|error| is_exception(error, untracked))
}

/// A time as clients of Cognito write it: `Tue Jan 2 03:04:05 UTC 2024`.
fn srp_time(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
    at.strftime("%a %b %-d %H:%M:%S UTC %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_clients_do() {
        assert_eq!(srp_time(Timestamp::from_millis(0)), "Thu Jan 1 00:00:00 UTC 1970");
        let at = Timestamp::from_seconds(1_709_176_210);
        assert_eq!(srp_time(at), "Thu Feb 29 03:10:10 UTC 2024");
    }
}
