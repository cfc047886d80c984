//! The groups that the configuration names.

use super::{About, Finding, Inquiry, Need, in_words, is_denied};
use std::collections::BTreeSet;

impl Inquiry<'_> {
    /// Says which groups are missing, and gives back those that are there.
    pub(super) async fn groups(&self, findings: &mut Vec<Finding>) -> BTreeSet<String> {
        let call = self.probe.sdk.list_groups().user_pool_id(self.settings.pool.as_str()).limit(60);
        let (mut present, mut next) = (BTreeSet::new(), None::<String>);
        loop {
            let page = call.clone().set_next_token(next);
            match self.probe.ask(|| page.clone().send()).await {
                Ok(page) => {
                    let groups = page.groups.unwrap_or_default().into_iter();
                    present.extend(groups.filter_map(|group| group.group_name));
                    next = page.next_token;
                }
                Err(trouble) => {
                    let says = format!("they cannot be listed: {}", in_words(&trouble));
                    findings.push(if is_denied(&trouble) {
                        Finding::unknown(About::Groups, "ListGroups is not permitted")
                    } else {
                        Finding::unknown(About::Groups, says)
                    });
                    return BTreeSet::new();
                }
            }
            if next.is_none() {
                break;
            }
        }
        findings.extend(self.compare_groups(&present));
        present
    }

    fn compare_groups(&self, present: &BTreeSet<String>) -> Vec<Finding> {
        let is_there = |name: &str| present.contains(name);
        let (there, missing): (Vec<_>, Vec<_>) =
            self.expected.groups.iter().partition(|group| is_there(group.name.as_str()));
        let mut findings = Vec::new();
        if !there.is_empty() {
            let names: Vec<_> = there.iter().map(|group| group.name.as_str()).collect();
            findings.push(Finding::fits(About::Groups, format!("there are {}", names.join(", "))));
        }
        findings.extend(missing.into_iter().map(|group| match group.need {
            Need::Required => Finding::differs(
                About::Groups,
                format!("there is no group {}", group.name),
                Some(self.commands.create_group(&group.name)),
            ),
            Need::MadeByServer => Finding::note(
                About::Groups,
                format!("there is no group {} yet; Poolkeeper creates it", group.name),
            ),
            Need::ForPrograms => Finding::note(
                About::Groups,
                format!("there is no group {}; programs cannot sign in without it", group.name),
            ),
        }));
        findings
    }
}
