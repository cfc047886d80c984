//! The names of request members. Answers to challenges and device keys are accepted in Cognito's
//! spelling too, since clients copy them from answers in that spelling. Should a published
//! description of the API say otherwise, this file alone changes.

use crate::kit::{Name, SEALED};

pub(super) const USERNAME: Name = Name::new("username").or("Username").like("ann@example.com");
pub(super) const PASSWORD: Name = Name::new("password").like("Demo-Passw0rd");
pub(super) const CHALLENGE: Name =
    Name::new("challenge").or("Challenge").about("The name of the challenge.");
pub(super) const SESSION: Name = Name::new("session")
    .or("Session")
    .about("The `Session` that came with the challenge.")
    .like(SEALED);
pub(super) const MFA_TOKEN: Name = Name::new("mfa_token")
    .or("MfaToken")
    .about("The code from the authenticator app, or the code that was sent.")
    .like("123456");
pub(super) const NEW_PASSWORD: Name = Name::new("new_password").like("N3w-Passw0rd");
pub(super) const REMEMBER_DEVICE: Name = Name::new("remember_device").or("RememberDevice").about(
    "Whether to remember this device: for a week, sign-ins on it need no code. It replaces the \
     device that was remembered before.",
);
pub(super) const DEVICE_KEY: Name = Name::new("device_key")
    .or("DeviceKey")
    .about(
        "The `DeviceKey` of the remembered device. The server ignores a key that is no longer \
         valid.",
    )
    .like("us-east-1_5c0bd3a7-1c1f-4c4e-9a55-0b9b6ad8d2f1");
pub(super) const DEVICE_GROUP_KEY: Name = Name::new("device_group_key")
    .or("DeviceGroupKey")
    .about("The `DeviceGroupKey` of the remembered device. It is a secret.");
pub(super) const TOKEN: Name = Name::new("token").about("The refresh token.").like(SEALED);
pub(super) const LOST_USERNAME: Name =
    Name::new("username").or("email").about("The e-mail address.").like("ann@example.com");
pub(super) const LOST_PASSWORD: Name =
    Name::new("password").or("new_password").about("The new password.").like("N3w-Passw0rd");
pub(super) const EMAIL: Name = Name::new("email").like("ann@example.com");
pub(super) const CONF_CODE: Name =
    Name::new("conf_code").about("The code that was mailed.").like("123456");
pub(super) const ENABLED: Name =
    Name::new("enabled").about("Whether sign-ins ask for a second factor.");
pub(super) const PREFERRED: Name =
    Name::new("preferred").about("The factor to ask for first. This also turns it on.");
pub(super) const FIRST_NAME: Name = Name::new("first_name").like("Ann");
pub(super) const LAST_NAME: Name = Name::new("last_name").like("Example");
pub(super) const GROUPS: Name =
    Name::new("groups").about("Names of access groups: by default `access-group-` and a number.");
