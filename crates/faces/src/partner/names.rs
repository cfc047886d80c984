//! The names of request members. Answers to challenges and device keys are accepted in Cognito's
//! spelling too, since clients copy them from answers in that spelling. Should a published
//! description of the API say otherwise, this file alone changes.

use crate::kit::{Name, SEALED};

pub(super) const USERNAME: Name = Name::new("username").or("Username").like("ann@example.com");
pub(super) const PASSWORD: Name = Name::new("password").like("Demo-Passw0rd");
pub(super) const CHALLENGE: Name =
    Name::new("challenge").or("Challenge").about("The challenge that is answered.");
pub(super) const SESSION: Name = Name::new("session")
    .or("Session")
    .about("From the answer that asked the challenge.")
    .like(SEALED);
pub(super) const MFA_TOKEN: Name = Name::new("mfa_token")
    .or("MfaToken")
    .about("The code of the app, or the one that was sent.")
    .like("123456");
pub(super) const NEW_PASSWORD: Name = Name::new("new_password").like("N3w-Passw0rd");
pub(super) const REMEMBER_DEVICE: Name = Name::new("remember_device")
    .or("RememberDevice")
    .about("No device is remembered yet: the keys in the answer stay null.");
pub(super) const DEVICE_KEY: Name = Name::new("device_key")
    .or("DeviceKey")
    .about("No device is remembered yet, and a key that is not known is no error.");
pub(super) const DEVICE_GROUP_KEY: Name =
    Name::new("device_group_key").or("DeviceGroupKey").about("As `device_key`.");
pub(super) const TOKEN: Name = Name::new("token").about("The refresh token.").like(SEALED);
