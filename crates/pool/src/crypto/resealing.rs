//! Everything in a database that is sealed under the master key, row by row: to find whether a key
//! is the right one, and to seal it anew under another one.
//!
//! What strangers hold (sessions of sign-ins in progress, secret blocks, refresh tokens, cursors) is
//! nowhere in the database. It opens as long as the key is held that it was sealed under.

use crate::crypto::seal::{Context, SealPurpose, Sealed, Sealer, Unsealable};
use crate::entity::{AppClient, Mfa};
use crate::ids::PoolId;
use crate::system::Rng;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How the names begin under which tenants are kept. Sign-ins in progress are kept in the same
/// place, under digests.
pub(crate) const TENANT_OF_SIGN_IN: &str = "tenant of ";

/// Where sealed values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedPlace {
    /// Private signing keys.
    SigningKeys,
    /// Passwords and keys of authenticator apps.
    Users,
    /// Secrets of app clients.
    Clients,
    /// Secrets of access keys.
    AccessKeys,
    /// Verifiers of devices.
    Devices,
    /// Messages that wait, and those sent of late.
    Messages,
    /// Sessions kept for clients that do not send them, and tenants of sign-ins elsewhere.
    KeptSessions,
}

impl SealedPlace {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SigningKeys,
        Self::Users,
        Self::Clients,
        Self::AccessKeys,
        Self::Devices,
        Self::Messages,
        Self::KeptSessions,
    ];

    /// The table.
    pub const fn table(self) -> &'static str {
        match self {
            Self::SigningKeys => "signing_keys",
            Self::Users => "users",
            Self::Clients => "app_clients",
            Self::AccessKeys => "access_keys",
            Self::Devices => "devices",
            Self::Messages => "outbox",
            Self::KeptSessions => "kept_sessions",
        }
    }
}

/// The primary key of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowKey {
    /// The pool; the empty id where there is none.
    pub pool: PoolId,
    /// What is unique in the pool.
    pub id: String,
    /// The device, where `id` is a user.
    pub device: String,
}

impl RowKey {
    /// Comes before all others.
    pub fn least() -> Self {
        Self { pool: PoolId::new(""), id: String::new(), device: String::new() }
    }
}

/// What of a row is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRow {
    /// Where it is.
    pub place: SealedPlace,
    /// Which one it is.
    pub key: RowKey,
    /// A sealed value in a column of its own.
    pub value: Option<Sealed>,
    /// JSON with sealed values in it.
    pub settings: Option<String>,
}

/// What sealing a row anew has come to.
#[derive(Debug, PartialEq, Eq)]
pub struct Resealed {
    /// The values in the row.
    pub values: usize,
    /// The row under the key that seals, if something in it was under another one.
    pub row: Option<SealedRow>,
}

impl SealedRow {
    /// The place of the key in the sealer that this row's first value is under; `None` if it has none.
    ///
    /// # Errors
    ///
    /// [`Unsealable`] if one of the row's values opens under none of the keys, or the JSON around
    /// it is damaged.
    pub fn place_of_key(&self, sealer: &Sealer) -> Result<Option<usize>, Unsealable> {
        let mut first = None;
        self.each(|context, sealed| {
            let (place, _) = sealer.open_with_place(context, sealed)?;
            first.get_or_insert(place);
            Ok(sealed.clone())
        })?;
        Ok(first)
    }

    /// Opens all values, and seals those anew that are not under the key that seals.
    ///
    /// # Errors
    ///
    /// [`Unsealable`] if one of the row's values opens under none of the keys, or the JSON around
    /// it is damaged.
    pub fn resealed(&self, sealer: &Sealer, rng: &dyn Rng) -> Result<Resealed, Unsealable> {
        let (mut values, mut renewed) = (0, 0);
        let now = sealer.sealing();
        let row = self.each(|context, sealed| {
            let (place, plain) = sealer.open_with_place(context, sealed)?;
            values += 1;
            if place == now {
                return Ok(sealed.clone());
            }
            renewed += 1;
            Ok(sealer.seal_under(now, context, &plain, rng))
        })?;
        Ok(Resealed { values, row: (renewed > 0).then_some(row) })
    }

    /// The row with each of its sealed values replaced.
    fn each(
        &self,
        mut renew: impl FnMut(Context<'_>, &Sealed) -> Result<Sealed, Unsealable>,
    ) -> Result<Self, Unsealable> {
        let RowKey { pool, id, device } = &self.key;
        let mut row = self.clone();
        let owner = format!("{id} {device}");
        let (purpose, subject) = match self.place {
            SealedPlace::SigningKeys => (SealPurpose::SigningKey, id),
            SealedPlace::Users => (SealPurpose::Password, id),
            SealedPlace::Clients => (SealPurpose::ClientSecret, id),
            SealedPlace::AccessKeys => (SealPurpose::AccessKey, id),
            SealedPlace::Devices => (SealPurpose::Device, &owner),
            SealedPlace::Messages => (SealPurpose::Message, id),
            SealedPlace::KeptSessions if id.starts_with(TENANT_OF_SIGN_IN) => {
                (SealPurpose::ForeignTenant, id)
            }
            SealedPlace::KeptSessions => (SealPurpose::KeptSession, id),
        };
        let context = Context { purpose, pool, subject };
        if let Some(value) = &mut row.value {
            *value = renew(context, value)?;
        }
        let Some(settings) = &mut row.settings else { return Ok(row) };
        *settings = if self.place == SealedPlace::Users {
            let context = Context { purpose: SealPurpose::Totp, ..context };
            edited(settings, |mfa: &mut Mfa| {
                let current = mfa.totp.as_mut().map(|totp| &mut totp.secret);
                for value in current.into_iter().chain(&mut mfa.pending_totp) {
                    *value = renew(context, value)?;
                }
                Ok(())
            })?
        } else {
            edited(settings, |client: &mut AppClient| {
                for secret in &mut client.secrets {
                    secret.value = renew(context, &secret.value)?;
                }
                Ok(())
            })?
        };
        Ok(row)
    }
}

fn edited<T: Serialize + DeserializeOwned>(
    text: &str,
    edit: impl FnOnce(&mut T) -> Result<(), Unsealable>,
) -> Result<String, Unsealable> {
    let mut record = serde_json::from_str(text).map_err(|_| Unsealable)?;
    edit(&mut record)?;
    serde_json::to_string(&record).map_err(|_| Unsealable)
}
