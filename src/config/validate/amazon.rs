//! Pools that live at Amazon.

use super::super::addresses::{Addresses, AwsEnvironment};
use super::super::raw::{RawAws, RawConfig, RawPool, Text};
use super::super::{AmazonConfig, Backend, ForwardConfig, PoolConfig, syntax};
use super::Check;
use poolkeeper_pool::ids::{GroupName, PoolId};
use std::ops::Range;
use std::time::Duration;
use toml::Spanned;

/// What an id begins with that stands in an environment variable, e.g. `env:COGNITO_USER_POOL_ID`.
const VARIABLE: &str = "env:";

/// What may hold the id of a pool at Amazon that the file leaves out.
const POOL_ID: &str = "COGNITO_USER_POOL_ID";

/// What may hold the id of an app client that the file leaves out.
const CLIENT_ID: &str = "COGNITO_CLIENT_ID";

/// What may hold the secret of the app client that [`CLIENT_ID`] names.
const CLIENT_SECRET: &str = "COGNITO_CLIENT_SECRET";

/// What may say where the pool is.
const REGION: &str = "AWS_REGION";

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
                    self.mistake(at, "this program was built without support for pools at Amazon");
                }
                let raw = raw.map(Spanned::into_inner).unwrap_or_default();
                return Backend::Amazon(Box::new(self.amazon(at, raw, &PoolId::from(id))));
            }
            None | Some((_, "embedded")) => {}
            Some((at, _)) => self.mistake(at, "not a backend: expected embedded or aws"),
        }
        if let Some(raw) = raw {
            self.mistake(&raw, "has no effect without backend = \"aws\"");
        }
        Backend::Embedded
    }

    fn amazon(&mut self, at: &Text, raw: RawAws, pool: &PoolId) -> AmazonConfig {
        let mut millis = |number: Option<Spanned<u32>>, default| {
            Duration::from_millis(u64::from(self.within(number, &(10..=60_000), default)))
        };
        let connect_timeout = millis(raw.connect_timeout_ms, 2_000);
        let answer_timeout = millis(raw.answer_timeout_ms, 5_000);
        let rest = millis(raw.rest_ms, 5_000);
        let region = raw.region.map(|region| self.text(region, syntax::region));
        let region = region.unwrap_or_else(|| pool.region().to_owned());
        let environment = AwsEnvironment::read(self.variables);
        let named = raw.endpoint.map(|url| self.text(url, syntax::amazon_endpoint));
        let endpoint = named.clone().or_else(|| self.endpoint_of_environment(at, &environment));
        let documents = raw.documents_endpoint.map(|url| self.text(url, syntax::amazon_endpoint));
        let token_issuer = raw.token_issuer.map(|url| self.text(url, syntax::url));
        let group = raw.service_group.map(|group| self.text(group, syntax::name));
        AmazonConfig {
            addresses: Addresses::new(pool, &region, (endpoint, documents), &environment),
            named_endpoint: named,
            region,
            token_issuer,
            check_revocation: raw.check_revocation.unwrap_or(true),
            group_life: Duration::from_secs(
                self.within(raw.group_cache_seconds, &(0..=300), 10).into(),
            ),
            service_group: GroupName::new(group.unwrap_or_else(|| "service-accounts".to_owned())),
            connect_timeout,
            answer_timeout,
            attempts: self.within(raw.attempts, &(1..=10), 3),
            failures: self.within(raw.failures, &(1..=1_000), 10),
            rest,
        }
    }

    /// The endpoint of all pools that name none, if the environment has one.
    fn endpoint_of_environment(
        &mut self,
        at: &Text,
        environment: &AwsEnvironment,
    ) -> Option<String> {
        let (name, endpoint) = environment.endpoint.clone()?;
        if let Err(message) = syntax::amazon_endpoint(&endpoint) {
            self.mistake(at, format!("the environment variable {name}: {message}"));
        }
        Some(endpoint)
    }

    /// Where Cognito's protocol is handed on to: where the pools at Amazon are. Which of them a call is
    /// about is not looked at, so that the longest of their time-outs hold.
    pub(super) fn forward(
        &mut self,
        forward: &Spanned<bool>,
        pools: &[PoolConfig],
    ) -> Option<ForwardConfig> {
        if !*forward.get_ref() {
            return None;
        }
        let mut all = pools.iter().filter_map(|pool| match &pool.backend {
            Backend::Amazon(amazon) => Some(way_to(amazon)),
            Backend::Embedded => None,
        });
        let first = all.next();
        let one = first.and_then(|first| all.try_fold(first, |one, other| longest(one, &other)));
        if one.is_none() {
            self.mistake(
                forward,
                "needs a pool with backend = \"aws\"; all such pools must have the same endpoint \
                 or region",
            );
        }
        one
    }

    /// Puts ids in their places that environment variables hold: those that are named, and those
    /// that are left out of pools at Amazon.
    pub(super) fn look_up_ids(&mut self, raw: &mut RawConfig) {
        for pool in &mut raw.pool {
            self.fill_in(pool);
        }
        let RawConfig { pool, partner, permission, tenant, partner_api, portal_api, .. } = raw;
        let mut ids: Vec<&mut Text> = Vec::new();
        for RawPool { id, client, .. } in pool.iter_mut().map(Spanned::get_mut) {
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
            match (self.variables)(name) {
                Some(value) => *id.get_mut() = value,
                None => self.mistake(id, format!("the environment variable {name} is not set")),
            }
        }
    }

    /// Gives a pool and its app clients the ids, and the secret, that the file leaves out.
    fn fill_in(&mut self, pool: &mut Spanned<RawPool>) {
        let at = pool.span();
        let raw = pool.get_mut();
        let is_at_amazon = raw.backend.as_ref().is_some_and(|name| name.get_ref() == "aws");
        if is_left_out(&raw.id) {
            raw.id = self.look_up(at, is_at_amazon.then_some(POOL_ID));
            self.compare_region(
                &raw.id,
                raw.aws.as_ref().and_then(|aws| aws.get_ref().region.as_ref()),
            );
        }
        for client in &mut raw.client {
            let at = client.span();
            let client = client.get_mut();
            if is_left_out(&client.id) {
                client.id = self.look_up(at.clone(), is_at_amazon.then_some(CLIENT_ID));
            }
            let says_where = client.secret_file.is_some() || client.secret_env.is_some();
            let is_the_one = (self.variables)(CLIENT_ID).as_ref() == Some(client.id.get_ref());
            if is_at_amazon && !says_where && is_the_one {
                let is_set = (self.variables)(CLIENT_SECRET).is_some_and(|it| !it.is_empty());
                client.secret_env = is_set.then(|| Spanned::new(at, CLIENT_SECRET.to_owned()));
            }
        }
    }

    /// An id that the file leaves out, from the variable that may hold it.
    fn look_up(&mut self, at: Range<usize>, variable: Option<&str>) -> Text {
        let found = variable.and_then(|name| (self.variables)(name)).filter(|id| !id.is_empty());
        let id = Spanned::new(at, found.clone().unwrap_or_default());
        if found.is_none() {
            let message = variable.map_or_else(
                || "missing field `id`".to_owned(),
                |name| format!("`id` is missing, and the environment variable {name} is not set"),
            );
            self.mistake(&id, message);
        }
        id
    }

    /// A pool's id begins with its region. `AWS_REGION` must name the same region, unless the file names
    /// that of a replica.
    fn compare_region(&mut self, id: &Text, replica: Option<&Text>) {
        if replica.is_some() {
            return;
        }
        let region = PoolId::from(id.get_ref().as_str()).region().to_owned();
        if let Some(said) = (self.variables)(REGION).filter(|said| !said.is_empty())
            && !region.is_empty()
            && said != region
        {
            self.mistake(
                id,
                format!(
                    "{REGION} is {said}, but {POOL_ID} is in {region}; set pool.aws.region if the \
                     pool has a replica"
                ),
            );
        }
    }
}

fn is_left_out(id: &Text) -> bool {
    id.span().is_empty()
}

fn way_to(amazon: &AmazonConfig) -> ForwardConfig {
    ForwardConfig {
        target: amazon.addresses.endpoint.clone(),
        connect_timeout: amazon.connect_timeout,
        answer_timeout: amazon.answer_timeout,
    }
}

/// Two ways to one place as one; nothing if they lead to two.
fn longest(one: ForwardConfig, other: &ForwardConfig) -> Option<ForwardConfig> {
    (one.target == other.target).then(|| ForwardConfig {
        connect_timeout: one.connect_timeout.max(other.connect_timeout),
        answer_timeout: one.answer_timeout.max(other.answer_timeout),
        target: one.target,
    })
}
