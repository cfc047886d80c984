//! Pools that live at Amazon.

use super::super::raw::{RawAws, RawConfig, RawPool, Text};
use super::super::{AmazonConfig, Backend, PoolConfig, syntax};
use super::Check;
use poolkeeper_pool::ids::{GroupName, PoolId};
use std::env;
use std::time::Duration;
use toml::Spanned;

/// What an id begins with that stands in an environment variable, e.g. `env:COGNITO_USER_POOL_ID`.
const VARIABLE: &str = "env:";

impl Check<'_> {
    pub(super) fn backend(
        &mut self,
        name: Option<&Text>,
        raw: Option<Spanned<RawAws>>,
        id: &str,
    ) -> Backend {
        match name.map(|name| (name, name.get_ref().as_str())) {
            Some((at, "aws")) => {
                if !cfg!(feature = "aws") {
                    self.mistake(at, "this program was built without pools at Amazon");
                }
                let raw = raw.map(Spanned::into_inner).unwrap_or_default();
                return Backend::Amazon(self.amazon(raw, id));
            }
            None | Some((_, "embedded")) => {}
            Some((at, _)) => self.mistake(at, "no such backend: one of embedded, aws"),
        }
        if let Some(raw) = raw {
            self.mistake(&raw, "of no use without backend = \"aws\"");
        }
        Backend::Embedded
    }

    fn amazon(&mut self, raw: RawAws, id: &str) -> AmazonConfig {
        let mut millis = |number: Option<Spanned<u32>>, default| {
            Duration::from_millis(u64::from(self.within(number, &(10..=60_000), default)))
        };
        let connect_timeout = millis(raw.connect_timeout_ms, 2_000);
        let answer_timeout = millis(raw.answer_timeout_ms, 5_000);
        let rest = millis(raw.rest_ms, 5_000);
        let endpoint = raw.endpoint.map(|url| self.text(url, syntax::amazon_endpoint));
        let issuer = raw.token_issuer.map(|url| self.text(url, syntax::url));
        let group = raw.service_group.map(|group| self.text(group, syntax::name));
        AmazonConfig {
            issuer: issuer.unwrap_or_else(|| {
                let region = PoolId::from(id).region().to_owned();
                format!("https://cognito-idp.{region}.amazonaws.com/{id}")
            }),
            endpoint,
            check_revocation: raw.check_revocation.unwrap_or(true),
            service_group: GroupName::new(group.unwrap_or_else(|| "service-accounts".to_owned())),
            connect_timeout,
            answer_timeout,
            attempts: self.within(raw.attempts, &(1..=10), 3),
            failures: self.within(raw.failures, &(1..=1_000), 10),
            rest,
        }
    }

    /// Where Cognito's protocol is handed on to: where the pools at Amazon are.
    pub(super) fn forward(
        &mut self,
        forward: &Spanned<bool>,
        pools: &[PoolConfig],
    ) -> Option<String> {
        if !*forward.get_ref() {
            return None;
        }
        let target = |pool: &PoolConfig| match &pool.backend {
            Backend::Amazon(AmazonConfig { endpoint: Some(endpoint), .. }) => {
                Some(endpoint.clone())
            }
            Backend::Amazon(_) => {
                Some(format!("https://cognito-idp.{}.amazonaws.com", pool.id.region()))
            }
            Backend::Embedded => None,
        };
        let mut targets = pools.iter().filter_map(target);
        let first = targets.next();
        if first.is_none() || targets.any(|other| Some(&other) != first.as_ref()) {
            self.mistake(
                forward,
                "needs a pool with backend = \"aws\", and all of them in one place",
            );
        }
        first
    }

    /// Puts ids in their places that environment variables hold.
    pub(super) fn look_up_ids(&mut self, raw: &mut RawConfig) {
        let RawConfig { pool, partner, permission, tenant, partner_api, portal_api, .. } = raw;
        let mut ids: Vec<&mut Text> = Vec::new();
        for RawPool { id, client, .. } in pool {
            ids.push(id);
            ids.extend(client.iter_mut().map(|client| &mut client.get_mut().id));
        }
        ids.extend(partner.iter_mut().map(|partner| &mut partner.pool));
        ids.extend(permission.iter_mut().map(|permission| &mut permission.pool));
        ids.extend(tenant.iter_mut().flat_map(|tenant| [&mut tenant.pool, &mut tenant.client]));
        ids.extend(partner_api.iter_mut().flat_map(|api| [&mut api.pool, &mut api.client]));
        ids.extend(portal_api.iter_mut().flat_map(|api| [&mut api.pool, &mut api.client]));
        for id in ids {
            let Some(name) = id.get_ref().strip_prefix(VARIABLE) else { continue };
            match env::var(name) {
                Ok(value) => *id.get_mut() = value,
                Err(_) => self.mistake(id, format!("the environment variable {name} is not set")),
            }
        }
    }
}
