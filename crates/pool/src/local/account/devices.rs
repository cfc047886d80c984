use crate::backend::administration::Listing;
use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::crypto::srp::Verifier;
use crate::entity::{Device, DeviceRules, User};
use crate::error::{DeviceFlaw, Refusal, Result};
use crate::ids::{DeviceKey, PoolId, Sub};
use crate::local::commit::Plan;
use crate::local::cursor::Listed;
use crate::local::{Authorized, Local};
use crate::request::RequestContext;
use crate::token::device_group_key;

/// How many devices a user can have. The one that was not used for longest gives way to a new one:
/// refusing that would fail sign-ins of clients that get a new key whenever their storage is
/// cleared.
const MOST_DEVICES: u32 = 100;

/// What a client says when it confirms a device.
#[derive(Clone, Debug)]
pub struct NewDeviceSecret {
    /// The key it was given when it signed in.
    pub key: DeviceKey,
    /// What the user calls the device.
    pub name: Option<String>,
    /// The salt, base64.
    pub salt: Secret,
    /// What proofs of the device's secret are checked against, base64.
    pub verifier: Secret,
}

impl Local {
    /// Confirms a device (`ConfirmDevice`): only the one that this access token's sign-in was given
    /// the key of. Says whether it is remembered only once its user says so.
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::AccessTokenLacksScope`] for machines;
    /// [`Refusal::FreshSignInRequired`]; [`Refusal::Invalid`] ([`DeviceFlaw`]);
    /// [`Refusal::DeviceExists`]; faults on our side.
    pub async fn confirm_device(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        new: &NewDeviceSecret,
        address: Option<&str>,
    ) -> Result<bool> {
        self.decide(request, || async {
            let authorized = self.authorize_person(request, access_token).await?;
            self.expect_fresh(&authorized)?;
            self.plan_device(&authorized, new, address)
        })
        .await
    }

    fn plan_device(
        &self,
        authorized: &Authorized,
        new: &NewDeviceSecret,
        address: Option<&str>,
    ) -> Result<Plan<bool>> {
        let Authorized { pool, user, caller, .. } = authorized;
        let rules = pool.rules.devices.filter(|_| caller.device_key.as_ref() == Some(&new.key));
        let rules = rules.ok_or_else(|| Refusal::invalid(DeviceFlaw::Key))?;
        let verifier = Verifier::from_client(new.salt.expose(), new.verifier.expose());
        let verifier = verifier.ok_or_else(|| Refusal::invalid(DeviceFlaw::Verifier))?;
        let owner = (&pool.id, &user.sub, &new.key);
        let now = self.now();
        let DeviceRules { device_only_remembered_on_user_prompt: on_prompt, .. } = rules;
        let device = Device {
            pool: pool.id.clone(),
            sub: user.sub.clone(),
            key: new.key.clone(),
            group_key: device_group_key(pool, &new.key, self.sealer()),
            name: new.name.clone(),
            verifier: Device::seal_verifier(owner, &verifier, self.sealer(), self.rng()),
            remembered: !on_prompt,
            created_at: now,
            modified_at: now,
            last_authenticated_at: now,
            last_address: address.map(str::to_owned),
            version: 1,
        };
        let (pool, sub, version) = (pool.id.clone(), user.sub.clone(), user.version);
        // Not in between, and after, whatever shuts the user out.
        let mut changes = vec![Change::ExpectUser { pool, sub, version }];
        let (pool, sub) = (user.pool.clone(), user.sub.clone());
        changes.push(Change::DeleteStaleDevices { pool, sub, keep: MOST_DEVICES - 1 });
        changes.push(Change::CreateDevice(Box::new(device)));
        Ok(Plan::accept(on_prompt, changes))
    }

    /// A device of one's own (`GetDevice`).
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::DeviceNotFound`]; faults on our side.
    pub async fn own_device(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        key: &DeviceKey,
    ) -> Result<Device> {
        let user = self.authorize(request, access_token).await?.user;
        self.device(&user.pool, &user.sub, key).await
    }

    /// A page of one's own devices (`ListDevices`).
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::Invalid`] (`Invalid::PaginationToken`);
    /// faults on our side.
    pub async fn list_own_devices(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listing<Device>> {
        let user = self.authorize(request, access_token).await?.user;
        self.devices_page(&user, cursor, limit).await
    }

    /// Has a device of one's own remembered, or no longer (`UpdateDeviceStatus`); without a word
    /// nothing changes.
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::AccessTokenLacksScope`] for machines;
    /// [`Refusal::FreshSignInRequired`] to have it remembered; [`Refusal::DeviceNotFound`];
    /// faults on our side.
    pub async fn set_own_device_status(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        key: &DeviceKey,
        remembered: Option<bool>,
    ) -> Result<()> {
        let authorized = self.authorize_person(request, access_token).await?;
        if remembered == Some(true) {
            self.expect_fresh(&authorized)?;
        }
        self.set_status(request, &authorized.user, key, remembered).await
    }

    /// Forgets a device of one's own (`ForgetDevice`).
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::AccessTokenLacksScope`] for machines;
    /// [`Refusal::DeviceNotFound`]; faults on our side.
    pub async fn forget_own_device(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        key: &DeviceKey,
    ) -> Result<()> {
        let user = self.authorize_person(request, access_token).await?.user;
        self.forget(request, &user, key).await
    }

    /// A device of a user (`AdminGetDevice`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`], [`Refusal::DeviceNotFound`];
    /// faults on our side.
    pub async fn device_of(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        key: &DeviceKey,
    ) -> Result<Device> {
        let user = self.get_user(request, pool, username).await?;
        self.device(&user.pool, &user.sub, key).await
    }

    /// A page of a user's devices (`AdminListDevices`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::Invalid`]
    /// (`Invalid::PaginationToken`); faults on our side.
    pub async fn list_devices_of(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listing<Device>> {
        let user = self.get_user(request, pool, username).await?;
        self.devices_page(&user, cursor, limit).await
    }

    /// Has a user's device remembered, or no longer (`AdminUpdateDeviceStatus`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`], [`Refusal::DeviceNotFound`];
    /// faults on our side.
    pub async fn set_device_status_of(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        key: &DeviceKey,
        remembered: Option<bool>,
    ) -> Result<()> {
        let user = self.get_user(request, pool, username).await?;
        self.set_status(request, &user, key, remembered).await
    }

    /// Forgets a user's device (`AdminForgetDevice`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`], [`Refusal::DeviceNotFound`];
    /// faults on our side.
    pub async fn forget_device_of(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        key: &DeviceKey,
    ) -> Result<()> {
        let user = self.get_user(request, pool, username).await?;
        self.forget(request, &user, key).await
    }

    async fn device(&self, pool: &PoolId, sub: &Sub, key: &DeviceKey) -> Result<Device> {
        let device = self.store().device(pool, sub, key).await?;
        Ok(device.ok_or(Refusal::DeviceNotFound)?)
    }

    async fn devices_page(
        &self,
        user: &User,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Listing<Device>> {
        let what = format!("devices of {}", user.sub);
        let listed = Listed { pool: &user.pool, what: &what };
        let after: Option<DeviceKey> = self.open_cursor(listed, cursor)?;
        let (pool, sub) = (&user.pool, &user.sub);
        let found = self.store().devices_of(pool, sub, after.as_ref(), limit + 1).await?;
        Ok(self.page(listed, found, limit, |device| device.key.clone()))
    }

    async fn set_status(
        &self,
        request: &RequestContext,
        user: &User,
        key: &DeviceKey,
        remembered: Option<bool>,
    ) -> Result<()> {
        self.decide(request, || async {
            let mut device = self.device(&user.pool, &user.sub, key).await?;
            let mut changes = Vec::new();
            if let Some(remembered) = remembered {
                device.remembered = remembered;
                device.modified_at = self.now();
                changes.push(Change::UpdateDevice(Box::new(device)));
            }
            Ok(Plan::accept((), changes))
        })
        .await
    }

    async fn forget(&self, request: &RequestContext, user: &User, key: &DeviceKey) -> Result<()> {
        self.decide(request, || async {
            let Device { pool, sub, key, .. } = self.device(&user.pool, &user.sub, key).await?;
            let changes = vec![Change::DeleteDevice { pool, sub, key }];
            Ok(Plan::accept((), changes))
        })
        .await
    }
}
