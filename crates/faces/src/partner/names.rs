//! The names of request members. Answers to challenges and device keys are accepted in Cognito's
//! spelling too, since clients copy them from answers in that spelling. Should a published
//! description of the API say otherwise, this file alone changes.

use crate::kit::Name;

pub(super) const USERNAME: Name = Name::new("username").or("Username");
pub(super) const PASSWORD: Name = Name::new("password");
pub(super) const CHALLENGE: Name = Name::new("challenge").or("Challenge");
pub(super) const SESSION: Name = Name::new("session").or("Session");
pub(super) const MFA_TOKEN: Name = Name::new("mfa_token").or("MfaToken");
pub(super) const NEW_PASSWORD: Name = Name::new("new_password");
pub(super) const REMEMBER_DEVICE: Name = Name::new("remember_device").or("RememberDevice");
pub(super) const DEVICE_KEY: Name = Name::new("device_key").or("DeviceKey");
pub(super) const DEVICE_GROUP_KEY: Name = Name::new("device_group_key").or("DeviceGroupKey");
pub(super) const TOKEN: Name = Name::new("token");
