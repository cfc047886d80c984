use super::Candidate;
use crate::entity::UserPoolRecord;
use crate::ids::DeviceKey;
use serde::{Deserialize, Serialize};

/// What a client says about the device that a sign-in is made with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceClaim {
    /// Nothing that counts: the pool tracks no devices, or a server signs its users in.
    #[default]
    Untracked,
    /// Nothing: it has none yet, and is given a key.
    New,
    /// That it is this one.
    Named(DeviceKey),
}

impl DeviceClaim {
    /// What a client's naming a device, or none, amounts to.
    pub(crate) fn of(pool: &UserPoolRecord, tracked: bool, named: Option<&DeviceKey>) -> Self {
        match named {
            _ if !tracked || pool.rules.devices.is_none() => Self::Untracked,
            Some(key) => Self::Named(key.clone()),
            None => Self::New,
        }
    }
}

impl Candidate {
    /// Whether the client names a device that the user does not have.
    pub(super) fn names_unknown_device(&self) -> bool {
        matches!(self.claim, DeviceClaim::Named(_)) && self.device.is_none()
    }

    /// Takes a client that names no device of the user's for one that names none.
    pub fn forgive_unknown_device(&mut self) {
        self.claim = self.final_claim();
    }

    /// The claim at the end of a sign-in: a device that was forgotten meanwhile is a new one.
    pub(super) fn final_claim(&self) -> DeviceClaim {
        if self.names_unknown_device() { DeviceClaim::New } else { self.claim.clone() }
    }
}
