//! Users and groups as administrators see them.

use crate::portal::PortalMount;
use poolkeeper_pool::backend::administration::UserDetails;
use poolkeeper_pool::entity::Group;
use poolkeeper_pool::error::Result;
use poolkeeper_pool::request::RequestContext;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A user. Three values have two names each: the original service's and its documentation's.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "AdminUser")]
#[expect(clippy::struct_field_names, reason = "the wire calls it user_status")]
pub(super) struct User {
    #[schemars(example = &"c4f6a2b0-4d2e-4c11-9a53-0f6f1c2d3e4f")]
    username: String,
    /// Empty if there is none.
    #[schemars(example = &"ann@example.com")]
    email: String,
    email_verified: bool,
    enabled: bool,
    /// `CONFIRMED`, `FORCE_CHANGE_PASSWORD`, `RESET_REQUIRED` or `UNCONFIRMED`.
    #[schemars(example = &"CONFIRMED")]
    user_status: &'static str,
    /// The same as `user_status`.
    #[schemars(example = &"CONFIRMED")]
    status: &'static str,
    #[schemars(example = &"2026-01-02T03:04:05Z")]
    created_date: String,
    /// The same as `created_date`.
    #[schemars(example = &"2026-01-02T03:04:05Z")]
    created_at: String,
    #[schemars(example = &"2026-01-02T03:04:05Z")]
    last_modified_date: String,
    /// The same as `last_modified_date`.
    #[schemars(example = &"2026-01-02T03:04:05Z")]
    updated_at: String,
    attributes: BTreeMap<String, String>,
    /// Names of the user's groups, highest precedence first.
    groups: Vec<String>,
}

impl User {
    /// These users with their current groups. Users deleted in the meantime are left out.
    pub(super) async fn all_of(
        users: Vec<UserDetails>,
        mount: &PortalMount,
        context: &RequestContext,
    ) -> Result<Vec<Self>> {
        let (administration, pool) = (&mount.administration, &mount.pool_id);
        let mut groups = administration.groups_of_each(context, pool, &users).await?;
        let own = users.into_iter().filter_map(|user| {
            let groups = groups.remove(&user.sub)?;
            Some(Self::of(&user, groups))
        });
        Ok(own.collect())
    }

    fn of(user: &UserDetails, groups: Vec<Group>) -> Self {
        let (created, modified) = (user.created_at.iso_text(), user.modified_at.iso_text());
        let status = user.status.as_str();
        let own = user.attributes.iter().chain([("sub", user.sub.as_str())]);
        Self {
            username: user.username.to_string(),
            email: user.attributes.get("email").unwrap_or_default().to_owned(),
            email_verified: user.attributes.flag("email_verified"),
            enabled: user.enabled,
            user_status: status,
            status,
            created_date: created.clone(),
            created_at: created,
            last_modified_date: modified.clone(),
            updated_at: modified,
            attributes: own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            groups: groups.into_iter().map(|group| group.name.to_string()).collect(),
        }
    }
}

/// A group.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Group")]
pub(super) struct GroupEntry {
    #[schemars(example = &"editor")]
    name: String,
    description: Option<String>,
    /// Lower numbers win.
    precedence: Option<i64>,
    #[schemars(example = &"2026-01-02T03:04:05Z")]
    creation_date: String,
    #[schemars(example = &"2026-01-02T03:04:05Z")]
    last_modified_date: String,
}

impl From<Group> for GroupEntry {
    fn from(group: Group) -> Self {
        Self {
            name: group.name.to_string(),
            description: group.description,
            precedence: group.precedence,
            creation_date: group.created_at.iso_text(),
            last_modified_date: group.modified_at.iso_text(),
        }
    }
}
