//! Presets: the texts and names of groups in the original documents of a sign-in API. Without a
//! preset, the API has neutral ones. A key of the configuration file overrides the preset.

use poolkeeper_faces::PortalTexts;
use poolkeeper_pool::backend::partners::PartnerGroups;
use poolkeeper_pool::ids::GroupName;

/// Presets by name.
pub(super) type Presets<T> = [(&'static str, fn() -> T)];

/// The presets of the partner API.
pub(super) const PARTNER: &Presets<PartnerGroups> = &[("future-demand", future_demand)];

/// The presets of the portal API.
pub(super) const PORTAL: &Presets<PortalTexts> = &[("igad-innovation-hub", igad_innovation_hub)];

/// The presets of the tenant API: the groups that tenants may grant.
pub(super) const TENANT: &Presets<Vec<GroupName>> = &[("oloid", oloid)];

/// The preset of this name, if there is one.
pub(super) fn find<T>(presets: &Presets<T>, name: &str) -> Option<T> {
    let found = presets.iter().find(|(known, _)| *known == name);
    found.map(|(_, preset)| preset())
}

/// `future-demand`: the groups that Future Demand's Client API documents.
pub fn future_demand() -> PartnerGroups {
    PartnerGroups {
        suspended: GroupName::from("account-disabled"),
        external: GroupName::from("external-user"),
        administrators: ["fd-admin", "back-office-admin"].map(GroupName::from).to_vec(),
        access_prefix: "webapp-access-group-".to_owned(),
    }
}

/// `igad-innovation-hub`: the texts of the IGAD Innovation Hub's sign-in service.
pub fn igad_innovation_hub() -> PortalTexts {
    PortalTexts {
        greeting: "IGAD Innovation Hub API is running".to_owned(),
        service: "igad-innovation-hub".to_owned(),
        unnamed_user: "IGAD User".to_owned(),
    }
}

/// `oloid`: the grants of OLOID's role-based credentials.
pub fn oloid() -> Vec<GroupName> {
    ["read-activity-logs", "read-transaction-data", "download-consent-list"]
        .map(GroupName::from)
        .to_vec()
}
