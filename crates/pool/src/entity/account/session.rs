use crate::entity::Face;
use crate::ids::{ClientId, DeviceKey, PoolId, SessionId, Sub, TenantId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A completed sign-in. Its refresh token and all its access tokens live and die with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The pool of the user.
    pub pool: PoolId,
    /// Its id, `origin_jti` in tokens.
    pub id: SessionId,
    /// Who signed in.
    pub sub: Sub,
    /// Through which app client.
    pub client: ClientId,
    /// When the sign-in was completed (`auth_time`).
    pub auth_time: Timestamp,
    /// When its refresh token expires.
    pub expires_at: Timestamp,
    /// How often its refresh token was replaced: older ones are worth nothing.
    pub rotation: i64,
    /// When it last was.
    pub rotated_at: Option<Timestamp>,
    /// When it was ended early, if it was.
    pub revoked_at: Option<Timestamp>,
    /// The address the sign-in came from, if the face knows it.
    pub address: Option<String>,
    /// The device it belongs to, where the pool tracks them: `device_key` in access tokens.
    #[serde(default)]
    pub device_key: Option<DeviceKey>,
    /// The tenant it was made for: it can be refreshed for no other, nor without one.
    #[serde(default)]
    pub tenant: Option<TenantId>,
    /// The face it was made at. `None` for sign-ins from before this was recorded.
    #[serde(default)]
    pub face: Option<Face>,
}

impl Session {
    /// When it began or its refresh token was last replaced.
    pub fn last_used_at(&self) -> Timestamp {
        self.rotated_at.unwrap_or(self.auth_time)
    }
}
