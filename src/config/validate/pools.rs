//! Pools, their app clients and groups.

use super::super::raw::{RawClient, RawGroup, RawPool, Text};
use super::super::{ClientConfig, GroupConfig, PoolConfig, syntax};
use super::Check;
use poolkeeper_pool::entity::{AuthFlow, MAX_PRECEDENCE, SignInName, TokenValidity};
use poolkeeper_pool::ids::{ClientId, GroupName, PoolId};
use std::collections::HashSet;
use std::time::Duration;
use toml::Spanned;

const DAY: u64 = 86_400;

impl Check<'_> {
    pub(super) fn pools(&mut self, raw: Vec<Spanned<RawPool>>, region: &str) -> Vec<PoolConfig> {
        let (mut ids, mut clients) = (HashSet::new(), HashSet::new());
        let mut pools = Vec::with_capacity(raw.len());
        for pool in raw.into_iter().map(Spanned::into_inner) {
            self.unique(&mut ids, pool.id.get_ref().clone(), &pool.id);
            pools.push(self.pool(pool, region, &mut clients));
        }
        pools
    }

    fn pool(&mut self, raw: RawPool, region: &str, clients: &mut HashSet<String>) -> PoolConfig {
        let rules = self.rules(&raw);
        let name = self.name_or_id(raw.name, &raw.id);
        self.sign_in_names(&raw.username_attributes, &raw.alias_attributes);
        let bare = |names: Vec<Spanned<SignInName>>| {
            names.into_iter().map(Spanned::into_inner).collect::<Vec<_>>()
        };
        let id = self.text(raw.id, |id| {
            match raw.backend.as_ref().map(|name| name.get_ref().as_str()) {
                Some("aws") => syntax::amazon_pool_id(id),
                _ => syntax::pool_id(id, region),
            }
        });
        let backend = self.backend(raw.backend.as_ref(), raw.aws, &id);
        let policy = raw.password_policy.inspect(|policy| self.password_policy(policy));
        PoolConfig {
            id: PoolId::new(id),
            backend,
            name,
            mfa: raw.mfa,
            username_attributes: bare(raw.username_attributes),
            alias_attributes: bare(raw.alias_attributes),
            case_sensitive: raw.case_sensitive,
            password_policy: policy.map(Spanned::into_inner).unwrap_or_default(),
            rules,
            clients: raw
                .client
                .into_iter()
                .map(|client| self.client(client.into_inner(), clients))
                .collect(),
            groups: self.groups(raw.group),
        }
    }

    fn name_or_id(&mut self, name: Option<Text>, id: &Text) -> String {
        name.map_or_else(|| id.get_ref().clone(), |name| self.text(name, syntax::name))
    }

    fn sign_in_names(&mut self, instead: &[Spanned<SignInName>], beside: &[Spanned<SignInName>]) {
        if let (Some(_), Some(first)) = (instead.first(), beside.first()) {
            self.mistake(first, "a pool has username_attributes or alias_attributes, not both");
        }
        for name in instead.iter().filter(|name| *name.get_ref() == SignInName::PreferredUsername) {
            self.mistake(name, "preferred_username can only be an alias");
        }
    }

    fn client(&mut self, raw: RawClient, ids: &mut HashSet<String>) -> ClientConfig {
        let token = 5..=TokenValidity::LONGEST_MINUTES;
        let minutes = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
        // The shortest refresh token outlives the longest access token, as it must: both a day.
        let refresh = self.within(raw.refresh_token_days, &(1..=3650), 30);
        self.unique(ids, raw.id.get_ref().clone(), &raw.id);
        ClientConfig {
            name: self.name_or_id(raw.name, &raw.id),
            id: ClientId::new(self.text(raw.id, syntax::client_id)),
            secret: self.secret(raw.secret_file, raw.secret_env),
            flows: self.flows(&raw.flows),
            validity: TokenValidity {
                access: minutes(self.within(raw.access_token_minutes, &token, 60)),
                id: minutes(self.within(raw.id_token_minutes, &token, 60)),
                refresh: Duration::from_secs(u64::from(refresh) * DAY),
            },
            auth_session_validity: minutes(self.within(raw.auth_session_minutes, &(3..=15), 3)),
            hides_users: raw.prevent_user_existence_errors.unwrap_or(true),
        }
    }

    fn flows(&mut self, raw: &Spanned<Vec<Text>>) -> Vec<AuthFlow> {
        if raw.get_ref().is_empty() {
            self.mistake(raw, "a client needs at least one flow");
        }
        let mut flows = Vec::new();
        for name in raw.get_ref() {
            match syntax::flow(name.get_ref()) {
                Ok(AuthFlow::Custom) => {
                    let message = "nobody could sign in with it: custom challenges need Lambda \
                                   triggers, and Poolkeeper calls none";
                    self.mistake(name, message);
                }
                Ok(flow) if flows.contains(&flow) => {
                    self.mistake(name, format!("\"{}\" occurs twice", name.get_ref()));
                }
                Ok(flow) => flows.push(flow),
                Err(message) => self.mistake(name, message),
            }
        }
        flows
    }

    fn groups(&mut self, raw: Vec<RawGroup>) -> Vec<GroupConfig> {
        let mut names = HashSet::new();
        let mut groups = Vec::with_capacity(raw.len());
        for group in raw {
            self.unique(&mut names, group.name.get_ref().clone(), &group.name);
            let is_wrong =
                |number: &&Spanned<i64>| !(0..=MAX_PRECEDENCE).contains(number.get_ref());
            if let Some(wrong) = group.precedence.as_ref().filter(is_wrong) {
                self.mistake(wrong, format!("a precedence is between 0 and {MAX_PRECEDENCE}"));
            }
            groups.push(GroupConfig {
                name: GroupName::new(self.text(group.name, syntax::group)),
                description: group.description,
                precedence: group.precedence.map(Spanned::into_inner),
            });
        }
        groups
    }
}
