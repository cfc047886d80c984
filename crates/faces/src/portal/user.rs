//! The user object that answers carry.

use super::PortalMount;
use poolkeeper_pool::backend::user_pool::Profile;
use schemars::JsonSchema;
use serde::Serialize;

/// The user that the answer is about.
#[derive(JsonSchema, Serialize)]
#[expect(clippy::struct_field_names, reason = "the wire calls it user_id")]
pub(super) struct User<'a> {
    #[schemars(example = &"c4f6a2b0-4d2e-4c11-9a53-0f6f1c2d3e4f")]
    user_id: &'a str,
    #[schemars(example = &"ann@example.com")]
    email: &'a str,
    /// `admin` or `user`.
    #[schemars(example = &"user")]
    role: &'static str,
    #[schemars(example = &"Ann")]
    name: &'a str,
    is_admin: bool,
}

impl<'a> User<'a> {
    pub(super) fn of(profile: &'a Profile, mount: &'a PortalMount) -> Self {
        let is_admin = mount.administrators.is_one(profile);
        Self {
            user_id: profile.sub.as_str(),
            email: email(profile),
            role: role(is_admin),
            name: profile.attributes.get("name").unwrap_or(&mount.texts.unnamed_user),
            is_admin,
        }
    }

    /// The user whose password must be changed first, of whom nothing is told but what was typed.
    pub(super) fn unknown(username: &'a str, mount: &'a PortalMount) -> Self {
        let (role, name) = (role(false), &mount.texts.unnamed_user);
        Self { user_id: "", email: username, role, name, is_admin: false }
    }
}

/// The address, or else the username, which many users have for an address.
pub(super) fn email(profile: &Profile) -> &str {
    profile.attributes.get("email").unwrap_or(profile.username.as_str())
}

pub(super) const fn role(is_admin: bool) -> &'static str {
    if is_admin { "admin" } else { "user" }
}
