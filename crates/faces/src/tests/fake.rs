//! A pool whose users are named after what happens to them.

use crate::{DiscoveryDocument, Inbox, KeySource};
use async_trait::async_trait;
use poolkeeper_pool::Result;
use poolkeeper_pool::backend::administration::{Listing, Page};
use poolkeeper_pool::backend::entry_policy::Audience;
use poolkeeper_pool::backend::tenancy::{Credential, NewCredential, Tenancy};
use poolkeeper_pool::backend::user_pool::{
    Caller, Challenge, ChallengeAnswer, ChallengeKind, Directory, Factor, MfaSummary, Outcome,
    Profile, Refresh, Respond, SignIn, SignedIn, UserPool, Via,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{
    Attributes, Channel, Face, Grant, MessagePurpose, Partner, PartnerStatus, Tenant,
};
use poolkeeper_pool::error::{Fault, Refusal, StoreError};
use poolkeeper_pool::ids::{ClientId, GroupName, PartnerId, PoolId, Username};
use poolkeeper_pool::local::InboxEntry;
use poolkeeper_pool::password::PolicyBreach;
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::system::{Clock, Rng};
use poolkeeper_pool::time::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Mutex;

pub(super) const POOL: &str = "eu-central-1_AbCdEf123";
pub(super) const CLIENT: &str = "client";

/// Remembers what it was asked.
#[derive(Default)]
pub(super) struct Fake {
    pub(super) sign_ins: Mutex<Vec<SignIn>>,
    pub(super) addresses: Mutex<Vec<Option<String>>>,
    pub(super) revoked: Mutex<Vec<Secret>>,
}

fn profile(username: &str) -> Profile {
    let email = format!("{username}@example.com");
    let verified = if username == "sly" { "false" } else { "true" };
    let address = if username == "sly" { "chief@example.com" } else { &email };
    let attributes =
        [("email", address), ("email_verified", verified), ("name", "Ada L")].into_iter();
    let groups = if username == "root" { vec![GroupName::from("admin")] } else { Vec::new() };
    Profile {
        sub: "sub-1".into(),
        username: username.into(),
        attributes: attributes.collect(),
        groups,
        partners: None,
        owns_email: verified == "true",
        mfa: MfaSummary { totp: true, preferred: Some(Factor::Totp), ..MfaSummary::default() },
    }
}

fn signed_in(username: &str) -> SignedIn {
    SignedIn {
        access_token: "ACCESS".into(),
        id_token: "ID".into(),
        refresh_token: Some("REFRESH".into()),
        expires_in: 3600,
        profile: profile(username),
        new_device: None,
        remembered: None,
    }
}

fn challenge(kind: ChallengeKind) -> Outcome {
    let mfa = MfaSummary { required: true, email: true, ..MfaSummary::default() };
    Outcome::Challenge(Box::new(Challenge {
        kind,
        session: "SESSION".into(),
        username: "uuid-1".into(),
        mfa,
    }))
}

#[async_trait]
impl UserPool for Fake {
    async fn sign_in(&self, request: &RequestContext, command: SignIn) -> Result<Outcome> {
        self.addresses.lock().unwrap().push(request.address.clone());
        self.sign_ins.lock().unwrap().push(command.clone());
        if command.entry_policy.audience == Audience::Nobody {
            return Err(Refusal::BadCredentials.into());
        }
        let refusal = match command.username.as_str() {
            "temp" => {
                let attributes: Attributes = [("email", "t@example.com")].into_iter().collect();
                let required = vec!["name".to_owned()];
                return Ok(challenge(ChallengeKind::NewPasswordRequired { required, attributes }));
            }
            "totp" => {
                let friendly_name = Some("phone".to_owned());
                return Ok(challenge(ChallengeKind::SoftwareTokenMfa { friendly_name }));
            }
            "mail" => {
                let destination = "m***@e***".to_owned();
                return Ok(challenge(ChallengeKind::EmailOtp { destination }));
            }
            "broken" => return Err(Fault::Store(StoreError::Unavailable("x".to_owned())).into()),
            "damaged" => return Err(Fault::Damaged("secret").into()),
            "nobody" => Refusal::UserNotFound,
            "locked" => Refusal::LockedOut { until: Timestamp::from_millis(0) },
            "disabled" => Refusal::UserDisabled,
            "barred" if command.entry_policy.barred_group.is_some() => Refusal::Barred,
            "unconfirmed" => Refusal::UserNotConfirmed,
            "reset" => Refusal::PasswordResetRequired,
            "misfit" => Refusal::FlowNotEnabled("ADMIN_USER_PASSWORD_AUTH"),
            "busy" => Refusal::Busy,
            name if command.password.expose() == "right" => {
                return Ok(Outcome::SignedIn(Box::new(signed_in(name))));
            }
            _ => Refusal::BadCredentials,
        };
        Err(refusal.into())
    }

    async fn respond(&self, _: &RequestContext, command: Respond) -> Result<Outcome> {
        match command.session.expose() {
            "SESSION" => {}
            "old" => return Err(Refusal::ChallengeSessionExpired.into()),
            _ => return Err(Refusal::ChallengeSessionInvalid.into()),
        }
        let (secret, wrong) = match command.answer {
            ChallengeAnswer::SoftwareToken(code)
            | ChallengeAnswer::EmailCode(code)
            | ChallengeAnswer::SmsCode(code) => (code, Refusal::CodeMismatch),
            ChallengeAnswer::NewPassword { password, .. } => {
                (password, Refusal::PasswordPolicy(PolicyBreach::TooShort))
            }
            ChallengeAnswer::MfaSetup
            | ChallengeAnswer::MfaSetupEmail(_)
            | ChallengeAnswer::MfaType(_) => {
                return Err(Refusal::ChallengeSessionInvalid.into());
            }
        };
        match secret.expose() {
            "123456" => Ok(Outcome::SignedIn(Box::new(signed_in("ada")))),
            "more" => Ok(challenge(ChallengeKind::SoftwareTokenMfa { friendly_name: None })),
            _ => Err(wrong.into()),
        }
    }

    async fn refresh(&self, _: &RequestContext, command: Refresh) -> Result<SignedIn> {
        match command.refresh_token.expose() {
            "REFRESH" => Ok(SignedIn { refresh_token: None, ..signed_in("ada") }),
            _ => Err(Refusal::RefreshTokenInvalid.into()),
        }
    }

    async fn revoke(&self, _: &RequestContext, _: &Via, refresh_token: &Secret) -> Result<()> {
        self.revoked.lock().unwrap().push(refresh_token.clone());
        Err(Refusal::RevocationNotEnabled.into())
    }

    /// Tokens are `username:group,group`.
    async fn authenticate(
        &self,
        _: &RequestContext,
        _: Face,
        client: &ClientId,
        access_token: &Secret,
    ) -> Result<(Caller, Option<Profile>)> {
        let (username, groups) = match access_token.expose() {
            "expired" => return Err(Refusal::AccessTokenExpired.into()),
            token => token.split_once(':').ok_or(Refusal::AccessTokenInvalid)?,
        };
        let caller = Caller {
            pool: POOL.into(),
            sub: "sub-1".into(),
            username: username.into(),
            client: client.clone(),
            session: None,
            device_key: None,
            groups: groups.split(',').map(GroupName::from).collect(),
            expires_at: Timestamp::from_millis(0),
            tenant: None,
        };
        Ok((caller, None))
    }

    async fn profile(&self, _: &RequestContext, _: &ClientId, caller: &Caller) -> Result<Profile> {
        match caller.username.as_str() {
            "broken" => Err(Fault::Store(StoreError::Unavailable("x".to_owned())).into()),
            // Users are still in the groups of their tokens.
            username => {
                let profile = profile(username);
                let groups = [profile.groups, caller.groups.clone()].concat();
                Ok(Profile { groups, ..profile })
            }
        }
    }
}

#[async_trait]
impl Directory for Fake {
    async fn partner(&self, pool: &PoolId, id: &PartnerId) -> Result<Option<Partner>> {
        let text = str::to_owned;
        Ok((id.as_str() != "fd404").then(|| Partner {
            pool: pool.clone(),
            id: id.clone(),
            client_id: 17,
            name: text("Acme"),
            domain: text("acme.example"),
            currency: text("EUR"),
            vertical: text("live_entertainment"),
            demand_prediction: true,
            campaign_recommendations: false,
            status: PartnerStatus::Active,
            pricing_tier: text("growth"),
            campaign_pricing_model: text("flat"),
            ner_active: false,
            features: BTreeMap::new(),
        }))
    }

    async fn grants(&self, _: &PoolId, _: &[GroupName]) -> Result<Vec<Grant>> {
        Ok(Vec::new())
    }

    /// There is one tenant, which is found under all names.
    async fn tenant_or_other(&self, _: &str) -> Result<Option<Tenant>> {
        Ok(Some(Tenant {
            name: "Acme".to_owned(),
            id: "tenant-1".into(),
            pool: POOL.into(),
            client: CLIENT.into(),
            group: Some("staff".into()),
            admin_group: None,
        }))
    }
}

/// Nobody administers anything.
#[async_trait]
impl Tenancy for Fake {
    async fn administered(&self, _: &RequestContext, _: &Secret) -> Result<Option<Tenant>> {
        Ok(None)
    }

    async fn log_out(&self, _: &RequestContext, _: &Secret) -> Result<()> {
        Err(Fault::Store(StoreError::Unavailable("x".to_owned())).into())
    }

    async fn credentials(
        &self,
        _: &RequestContext,
        _: &Tenant,
        _: Page<'_>,
    ) -> Result<Listing<Credential>> {
        Ok(Listing { entries: Vec::new(), next: None })
    }

    async fn create_credential(
        &self,
        _: &RequestContext,
        _: &Tenant,
        _: NewCredential,
    ) -> Result<(Credential, Secret)> {
        Err(Refusal::Busy.into())
    }

    async fn delete_credential(&self, _: &RequestContext, _: &Tenant, _: &Username) -> Result<()> {
        Err(Refusal::UserNotFound.into())
    }
}

#[async_trait]
impl KeySource for Fake {
    async fn discovery(&self, pool: &PoolId) -> Result<Option<DiscoveryDocument>> {
        let issuer = format!("https://issuer.example.com/{pool}");
        Ok(self.jwks(pool).await?.map(|_| DiscoveryDocument::Made { issuer }))
    }

    async fn jwks(&self, pool: &PoolId) -> Result<Option<Value>> {
        match pool.as_str() {
            POOL => Ok(Some(json!({ "keys": [] }))),
            "broken" => Err(Fault::Signing.into()),
            _ => Ok(None),
        }
    }
}

#[async_trait]
impl Inbox for Fake {
    async fn messages(&self, to: Option<&str>, user: Option<&str>) -> Result<Vec<InboxEntry>> {
        Ok(vec![InboxEntry {
            at: Timestamp::from_millis(1_700_000_000_123),
            channel: Channel::Email,
            to: to.unwrap_or("a@example.com").to_owned(),
            username: Some(user.unwrap_or("ada").into()),
            purpose: MessagePurpose::SignInCode,
            code: Some("123456".into()),
            subject: "<b>Code</b>".to_owned(),
            body: "It's \"123456\" & <script>".into(),
        }])
    }
}

impl Clock for Fake {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000)
    }
}

impl Rng for Fake {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}
