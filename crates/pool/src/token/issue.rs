use super::claims::id_claims;
use super::refresh::LiveSession;
use super::{AccessClaims, KeyRing, RefreshToken, Scopes};
use crate::backend::user_pool::{NewDevice, SignedIn};
use crate::crypto::seal::{Context, SealPurpose, Sealer};
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, Group, KeyUse, Session, User, UserPoolRecord};
use crate::error::Fault;
use crate::ids::{DeviceKey, EventId, SessionId, TenantId, random_uuid};
use crate::sign_in::{Authenticated, DeviceClaim, profile};
use crate::system::Rng;
use crate::time::Timestamp;

/// What issuing tokens needs beyond who they are for.
#[derive(Clone, Copy)]
pub struct Issuing<'a> {
    /// The pool.
    pub pool: &'a UserPoolRecord,
    /// The app client.
    pub client: &'a AppClient,
    /// The pool's signing keys.
    pub keys: &'a KeyRing,
    /// The pool's issuer.
    pub issuer: &'a str,
    /// What the tokens are good for.
    pub scopes: &'a Scopes,
    /// Seals refresh tokens.
    pub sealer: &'a Sealer,
    /// Random source.
    pub rng: &'a dyn Rng,
    /// The current time.
    pub now: Timestamp,
}

/// Issues the tokens of a completed sign-in, with the session that they belong to and that must
/// be committed before they are handed out.
///
/// # Errors
///
/// [`Fault::Signing`] if the pool has no key to sign with, or signing fails.
pub fn issue(
    with: Issuing<'_>,
    authenticated: Authenticated,
    address: Option<String>,
) -> Result<(SignedIn, Session), Fault> {
    let Authenticated { user, groups, event, device, face, tenant, remembered, .. } = authenticated;
    let (device_key, new_device) = match device {
        DeviceClaim::Untracked => (None, None),
        DeviceClaim::Named(key) => (Some(key), None),
        DeviceClaim::New => {
            let new = with.new_device();
            (Some(new.key.clone()), Some(new))
        }
    };
    let session = Session {
        pool: with.pool.id.clone(),
        id: SessionId::random(with.rng),
        sub: user.sub.clone(),
        client: with.client.id.clone(),
        auth_time: with.now,
        expires_at: with.now.after(with.client.validity.refresh),
        rotation: 0,
        rotated_at: None,
        revoked_at: None,
        address,
        device_key,
        tenant,
        face: Some(face),
    };
    let mut signed_in = with.tokens(&session, &user, &groups, &event)?;
    signed_in.refresh_token = Some(with.refresh_token(&session));
    signed_in.new_device = new_device;
    signed_in.remembered = remembered;
    Ok((signed_in, session))
}

/// Issues access and ID tokens again for a sign-in that is still alive.
///
/// # Errors
///
/// [`Fault::Signing`] if the pool has no key to sign with, or signing fails.
pub fn reissue(with: Issuing<'_>, live: &LiveSession, groups: &[Group]) -> Result<SignedIn, Fault> {
    with.tokens(live.session(), live.user(), groups, &EventId::random(with.rng))
}

/// The same with a refresh token of this rotation, which lives no longer than the first one.
///
/// # Errors
///
/// [`Fault::Signing`] if the pool has no key to sign with, or signing fails.
pub fn rotate(
    with: Issuing<'_>,
    live: &LiveSession,
    groups: &[Group],
    rotation: i64,
) -> Result<SignedIn, Fault> {
    let session = Session { rotation, ..live.session().clone() };
    let signed_in = reissue(with, live, groups)?;
    Ok(SignedIn { refresh_token: Some(with.refresh_token(&session)), ..signed_in })
}

/// The key of a device's group: a hyphen and eight letters and digits. It is drawn from the
/// device's key, so that nothing needs to be kept of devices which nobody confirms.
pub(crate) fn device_group_key(pool: &UserPoolRecord, key: &DeviceKey, sealer: &Sealer) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let context =
        Context { purpose: SealPurpose::DeviceGroup, pool: &pool.id, subject: key.as_str() };
    let drawn = sealer.pseudonym_bytes(context);
    let letters = drawn.iter().filter_map(|byte| LETTERS.get(usize::from(byte % 32)));
    let letters: String = letters.take(8).map(|letter| char::from(*letter)).collect();
    format!("-{letters}")
}

impl Issuing<'_> {
    fn refresh_token(&self, session: &Session) -> Secret {
        let token = RefreshToken::of(session);
        token.seal(&self.pool.id, &self.client.id, self.sealer, self.rng)
    }

    fn new_device(&self) -> NewDevice {
        let key = DeviceKey::random(&self.pool.id, self.rng);
        NewDevice { group_key: device_group_key(self.pool, &key, self.sealer), key }
    }

    fn tokens(
        &self,
        session: &Session,
        user: &User,
        groups: &[Group],
        event: &EventId,
    ) -> Result<SignedIn, Fault> {
        let validity = self.client.validity;
        let access = AccessClaims {
            sub: user.sub.to_string(),
            groups: groups.iter().map(|group| group.name.to_string()).collect(),
            device_key: session.device_key.as_ref().map(DeviceKey::to_string),
            tenant_id: session.tenant.as_ref().map(TenantId::to_string),
            iss: self.issuer.to_owned(),
            client_id: self.client.id.to_string(),
            origin_jti: self.client.token_revocation.then(|| session.id.to_string()),
            event_id: event.to_string(),
            token_use: "access".to_owned(),
            scope: self.scopes.clone(),
            auth_time: session.auth_time.seconds(),
            exp: self.now.after(validity.access).seconds(),
            iat: self.now.seconds(),
            jti: random_uuid(self.rng),
            username: user.username.to_string(),
        };
        let id_expires = self.now.after(validity.id).seconds();
        let id_jti = random_uuid(self.rng);
        let id = id_claims(&access, &id_jti, id_expires, user, groups, self.client);
        Ok(SignedIn {
            access_token: self.keys.sign(KeyUse::Access, &access, self.now)?,
            id_token: self.keys.sign(KeyUse::Id, &id, self.now)?,
            refresh_token: None,
            expires_in: validity.access.as_secs(),
            profile: profile(self.pool, user, groups),
            new_device: None,
            remembered: None,
        })
    }
}
