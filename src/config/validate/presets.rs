//! The texts of the sign-in APIs and the names of groups with a meaning to them: from a preset,
//! which keys of the configuration file override.

use super::super::PoolConfig;
use super::super::preset::{self, Presets};
use super::super::raw::{RawPartnerApi, RawPortalApi, Text};
use super::super::syntax;
use super::{Check, find_pool};
use poolkeeper_faces::PortalTexts;
use poolkeeper_pool::backend::partners::PartnerGroups;
use poolkeeper_pool::ids::GroupName;

impl Check<'_> {
    /// The preset, or the neutral defaults if none is named.
    pub(super) fn preset<T: Default>(&mut self, name: Option<&Text>, presets: &Presets<T>) -> T {
        let Some(name) = name else { return T::default() };
        preset::find(presets, name.get_ref()).unwrap_or_else(|| {
            let names: Vec<_> = presets.iter().map(|(name, _)| *name).collect();
            let unknown = name.get_ref();
            self.mistake(
                name,
                format!("unknown preset \"{unknown}\"; one of {}", names.join(", ")),
            );
            T::default()
        })
    }

    pub(super) fn portal_texts(&mut self, raw: &RawPortalApi) -> PortalTexts {
        let preset = self.preset(raw.preset.as_ref(), preset::PORTAL);
        let mut text = |given: &Option<Text>, preset: String| match given {
            Some(given) => self.text(given.clone(), syntax::name),
            None => preset,
        };
        PortalTexts {
            greeting: text(&raw.greeting, preset.greeting),
            service: text(&raw.service, preset.service),
            unnamed_user: text(&raw.unnamed_user, preset.unnamed_user),
        }
    }

    pub(super) fn partner_groups(&mut self, raw: &RawPartnerApi) -> PartnerGroups {
        let mut groups = self.preset(raw.preset.as_ref(), preset::PARTNER);
        if let Some(prefix) = &raw.access_group_prefix {
            groups.access_prefix = self.text(prefix.clone(), syntax::access_group_prefix);
        }
        if let Some(group) = &raw.suspended_group {
            groups.suspended = GroupName::new(self.text(group.clone(), syntax::marking_group));
        }
        if let Some(group) = &raw.external_group {
            groups.external = GroupName::new(self.text(group.clone(), syntax::marking_group));
        }
        if let Some(names) = &raw.administrator_groups {
            let names = self.texts(names.clone(), syntax::marking_group);
            groups.administrators = names.into_iter().map(GroupName::new).collect();
        }
        self.apart(raw, &groups);
        groups
    }

    /// Warns of a pool with groups that only a preset gives a meaning to, if no preset is named.
    pub(super) fn unnamed_preset(
        &mut self,
        raw: &RawPartnerApi,
        groups: &PartnerGroups,
        pools: &[PoolConfig],
    ) {
        let pool = find_pool(pools, raw.pool.get_ref());
        let Some(pool) = pool.filter(|_| raw.preset.is_none()) else { return };
        for (name, preset) in preset::PARTNER {
            let preset = preset();
            let mut declared = pool.groups.iter().map(|group| &group.name);
            let is_lost = |group: &&GroupName| preset.claims(group) && !groups.claims(group);
            if let Some(group) = declared.find(is_lost) {
                let message = format!(
                    "its group \"{group}\" has no meaning in the partner API without preset = \
                     \"{name}\""
                );
                self.warn(&raw.pool, message);
            }
        }
    }

    /// Checks that each group has one meaning. Above all, none of them may be a group that
    /// administrators of partners can assign.
    fn apart(&mut self, raw: &RawPartnerApi, groups: &PartnerGroups) {
        let PartnerGroups { suspended, external, administrators, .. } = groups;
        let given = [&raw.suspended_group, &raw.external_group].into_iter().flatten();
        for name in given.chain(raw.administrator_groups.iter().flatten()) {
            let group = GroupName::from(name.get_ref().as_str());
            let all = [suspended, external].into_iter().chain(administrators);
            if all.filter(|other| **other == group).count() > 1 {
                self.mistake(name, format!("\"{group}\" has two meanings"));
            }
            if groups.is_access_group(&group) {
                let message = format!(
                    "delegated administrators could assign \"{group}\": it is an access group"
                );
                self.mistake(name, message);
            }
        }
    }
}
