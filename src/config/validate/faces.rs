//! Partners, tenants, access keys, and the sign-in APIs: all that refers to pools and clients.

use super::super::raw::{
    RawAccessKey, RawConfig, RawPartner, RawPartnerApi, RawPermission, RawPortalApi, RawTenant,
    RawTenantApi, Text,
};
use super::super::{
    AccessKeyConfig, Backend, ClientConfig, PartnerApiConfig, PartnerConfig, PoolConfig,
    PortalApiConfig, TenantApiConfig, preset, syntax,
};
use super::{Check, find_pool};
use poolkeeper_faces::{ApiDocs, PartnerLimits, PartnerMount, PortalMount, Route, TenantMount};
use poolkeeper_pool::backend::partners::PartnerGroups;
use poolkeeper_pool::entity::{
    AuthFlow, Contact, Grant, MfaMode, Partner, PartnerStatus, Recovery, Tenant,
};
use poolkeeper_pool::ids::{AccessKeyId, ClientId, GroupName, PartnerId, PoolId, TenantId};
use std::collections::HashSet;
use toml::Spanned;

/// A sign-in API among the others.
struct Api<'a> {
    name: &'static str,
    prefix: Option<&'a Text>,
    routes: Vec<Route>,
    /// Whether a path is this API's where it has this prefix.
    claims: fn(&str, &str) -> bool,
}

impl Api<'_> {
    fn claims(&self, path: &str) -> bool {
        (self.claims)(self.written_prefix(), path)
    }

    fn paths(&self) -> impl Iterator<Item = String> {
        self.routes.iter().map(|route| format!("{}{}", self.written_prefix(), route.path))
    }

    fn written_prefix(&self) -> &str {
        self.prefix.map_or("", |prefix| prefix.get_ref().as_str())
    }
}

impl Check<'_> {
    /// Prefixes should keep the sign-in APIs apart: where two of them have a path in common, which
    /// one answers would hang on the method.
    pub(super) fn shared_paths(&mut self, raw: &RawConfig) {
        let tenant = raw.tenant_api.as_ref().map(|api| Api {
            name: "tenant_api",
            prefix: api.prefix.as_ref(),
            routes: TenantMount::routes(),
            claims: TenantMount::claims,
        });
        let portal = raw.portal_api.as_ref().map(|api| Api {
            name: "portal_api",
            prefix: api.prefix.as_ref(),
            routes: PortalMount::routes(),
            claims: PortalMount::claims,
        });
        let partner = raw.partner_api.as_ref().map(|api| Api {
            name: "partner_api",
            prefix: api.prefix.as_ref(),
            routes: PartnerMount::routes(),
            claims: PartnerMount::claims,
        });
        let docs = raw.openapi.enabled.then(|| Api {
            name: "openapi",
            prefix: None,
            routes: ApiDocs::routes(),
            claims: |_, path| ApiDocs::claims(path),
        });
        // In this order they are asked whether a path is theirs.
        let apis: Vec<_> = [docs, tenant, portal, partner].into_iter().flatten().collect();
        for (position, api) in apis.iter().enumerate() {
            for earlier in apis.iter().take(position) {
                let shared = api.paths().find(|path| earlier.claims(path));
                if let (Some(path), Some(at)) = (shared, api.prefix.or(earlier.prefix)) {
                    let (name, other) = (api.name, earlier.name);
                    let message = format!(
                        "{name} and {other} would both serve {path}: give one of them another \
                         prefix"
                    );
                    self.mistake(at, message);
                }
            }
        }
    }

    /// Each sign-in API has an app client of its own, or else its users' tokens would be the other
    /// API's, too. Tenants may share theirs: each of their sign-ins names its tenant.
    pub(super) fn shared_clients(&mut self, raw: &RawConfig) {
        let partner = raw.partner_api.as_ref().map(|api| ("partner_api", &api.client));
        let portal = raw.portal_api.as_ref().map(|api| ("portal_api", &api.client));
        let tenants = raw.tenant.iter().map(|tenant| ("tenant", &tenant.client));
        let all: Vec<_> = partner.into_iter().chain(portal).chain(tenants).collect();
        for (position, (name, client)) in all.iter().enumerate() {
            let earlier = all.iter().take(position);
            let mut others = earlier.filter(|(other, _)| other != name);
            if let Some((other, _)) = others.find(|(_, id)| id.get_ref() == client.get_ref()) {
                let message = format!(
                    "{other} already uses the app client \"{}\": each sign-in API needs its own",
                    client.get_ref()
                );
                self.mistake(client, message);
            }
        }
    }

    pub(super) fn partners(
        &mut self,
        raw: Vec<RawPartner>,
        pools: &[PoolConfig],
    ) -> Vec<PartnerConfig> {
        let (mut ids, mut numbers) = (HashSet::new(), HashSet::new());
        let mut partners = Vec::with_capacity(raw.len());
        for partner in raw {
            let key = format!("{} {}", partner.pool.get_ref(), partner.id.get_ref());
            self.unique(&mut ids, key, &partner.id);
            self.known_pool(&partner.pool, pools);
            let number = *partner.client_id.get_ref();
            if !numbers.insert((partner.pool.get_ref().clone(), number)) {
                let message = format!(
                    "another partner has the number {number}: clients would confuse the two"
                );
                self.mistake(&partner.client_id, message);
            }
            partners.push(self.partner(partner));
        }
        partners
    }

    fn partner(&mut self, raw: RawPartner) -> PartnerConfig {
        let keeps_status = raw.status.is_none();
        let status = match raw.status.as_ref().map(|status| (status, status.get_ref().as_str())) {
            None | Some((_, "active")) => PartnerStatus::Active,
            Some((_, "suspended")) => PartnerStatus::Suspended,
            Some((at, _)) => {
                self.mistake(at, "not a status: expected active or suspended");
                PartnerStatus::Active
            }
        };
        let features = raw.features.into_iter();
        let features =
            features.map(|(name, is_on)| (self.text(name, syntax::permission), is_on)).collect();
        let partner = Partner {
            pool: PoolId::new(raw.pool.into_inner()),
            id: PartnerId::new(self.text(raw.id, syntax::partner_id)),
            client_id: raw.client_id.into_inner(),
            name: self.text(raw.name, syntax::name),
            domain: self.text(raw.domain, syntax::name),
            currency: self.text(raw.currency, syntax::currency),
            vertical: raw.vertical,
            demand_prediction: raw.demand_prediction,
            campaign_recommendations: raw.campaign_recommendations,
            status,
            pricing_tier: raw.pricing_tier,
            campaign_pricing_model: raw.campaign_pricing_model,
            ner_active: raw.ner_active,
            features,
        };
        PartnerConfig { partner, keeps_status }
    }

    /// Permissions of groups of this file, or of those that partners of this file have.
    pub(super) fn permissions(
        &mut self,
        raw: Vec<RawPermission>,
        partners: &[(String, String)],
        pools: &[PoolConfig],
    ) -> Vec<Grant> {
        let mut grants = Vec::new();
        for RawPermission { pool, group, partner, permissions } in raw {
            let is_partner = |id: &Text| {
                partners.iter().any(|(of, own)| of == pool.get_ref() && own == id.get_ref())
            };
            if self.known_pool(&pool, pools).is_some() && !is_partner(&group) {
                self.known_group(&pool, &group, pools);
            }
            if let Some(unknown) = partner.as_ref().filter(|id| !is_partner(id)) {
                let message = format!("there is no partner \"{}\" in this file", unknown.get_ref());
                self.mistake(unknown, message);
            }
            let partner = partner.map(|id| PartnerId::new(id.into_inner()));
            for permission in self.texts(permissions, syntax::permission) {
                grants.push(Grant {
                    pool: PoolId::from(pool.get_ref().as_str()),
                    group: GroupName::from(group.get_ref().as_str()),
                    partner: partner.clone(),
                    permission,
                });
            }
        }
        grants
    }

    pub(super) fn tenants(
        &mut self,
        raw: Vec<RawTenant>,
        pools: &[PoolConfig],
        api: Option<&RawTenantApi>,
        partner_api: Option<&PartnerApiConfig>,
    ) -> Vec<Tenant> {
        let (mut names, mut ids) = (HashSet::new(), HashSet::new());
        let grants = grants(api);
        let mut tenants = Vec::with_capacity(raw.len());
        for tenant in raw {
            self.unique(&mut names, Tenant::key(tenant.name.get_ref()), &tenant.name);
            self.unique(&mut ids, tenant.id.get_ref().clone(), &tenant.id);
            self.sign_in_client(&tenant.pool, &tenant.client, pools);
            for group in tenant.group.iter().chain(&tenant.admin_group) {
                if grants.iter().any(|grant| grant.as_str() == group.get_ref()) {
                    self.mistake(
                        group,
                        "tenants could add machine credentials to this group: it is in \
                         tenant_api.grants",
                    );
                }
            }
            let is_theirs = |api: &&PartnerApiConfig| api.pool.as_str() == tenant.pool.get_ref();
            if let Some(api) = partner_api.filter(is_theirs) {
                self.not_of_partners(tenant.group.iter().chain(&tenant.admin_group), &api.groups);
            }
            tenants.push(self.tenant(tenant));
        }
        tenants
    }

    /// Administrators of partners could add members to a tenant.
    fn not_of_partners<'a>(
        &mut self,
        groups: impl Iterator<Item = &'a Text>,
        partners: &PartnerGroups,
    ) {
        for group in groups.filter(|group| partners.claims(&group.get_ref().as_str().into())) {
            self.mistake(group, "the partner API of the same pool uses this group");
        }
    }

    fn tenant(&mut self, raw: RawTenant) -> Tenant {
        let mut group = |group: Option<Text>| {
            group.map(|group| GroupName::new(self.text(group, syntax::group)))
        };
        let (group, admin_group) = (group(raw.group), group(raw.admin_group));
        Tenant {
            name: self.text(raw.name, syntax::name),
            id: TenantId::new(self.text(raw.id, syntax::name)),
            pool: PoolId::new(raw.pool.into_inner()),
            client: ClientId::new(raw.client.into_inner()),
            group,
            admin_group,
        }
    }

    pub(super) fn access_keys(
        &mut self,
        raw: Vec<Spanned<RawAccessKey>>,
        region: &str,
        pools: &[PoolConfig],
    ) -> Vec<AccessKeyConfig> {
        let mut ids = HashSet::new();
        let mut keys = Vec::with_capacity(raw.len());
        for key in raw {
            let header = key.span().start;
            let key = key.into_inner();
            self.unique(&mut ids, key.id.get_ref().clone(), &key.id);
            let kept = (key.secret_file, key.secret_env);
            let secret = self.needed_secret(kept, header, "needs secret_file or secret_env");
            // Pools that are made by calls are not listed in the file: any well-formed id will do.
            for id in key.pools.iter().filter(|id| id.get_ref() != "*") {
                if find_pool(pools, id.get_ref()).is_none() {
                    let id_text = id.get_ref();
                    let message = format!(
                        "there is no pool \"{id_text}\" in this file: the key has no effect unless \
                         a call has created that pool"
                    );
                    self.warn(id, message);
                }
            }
            let pool = |id: &str| if id == "*" { Ok(()) } else { syntax::pool_id(id, region) };
            keys.push(AccessKeyConfig {
                id: AccessKeyId::new(self.text(key.id, syntax::access_key_id)),
                secret,
                operations: self.texts(key.operations, syntax::operation),
                pools: self.texts(key.pools, pool),
            });
        }
        keys
    }

    pub(super) fn partner_api(
        &mut self,
        raw: RawPartnerApi,
        pools: &[PoolConfig],
    ) -> PartnerApiConfig {
        self.sign_in_client(&raw.pool, &raw.client, pools);
        self.enrolment(&raw.pool, pools);
        let groups = self.partner_groups(&raw);
        self.unnamed_preset(&raw, &groups, pools);
        let [reads, writes, attempts] = PartnerLimits::DEFAULTS;
        let limits = PartnerLimits {
            reads_per_partner: self.per_minute(raw.reads_per_partner, reads),
            writes_per_partner: self.per_minute(raw.writes_per_partner, writes),
            attempts_per_address: self.per_minute(raw.attempts_per_address, attempts),
            retry_after: raw.retry_after.unwrap_or(true),
        };
        PartnerApiConfig {
            limits,
            pool: PoolId::new(raw.pool.into_inner()),
            client: ClientId::new(raw.client.into_inner()),
            prefix: self.prefix(raw.prefix),
            first_party_apps: self.texts(raw.first_party_apps, syntax::name),
            groups,
        }
    }

    pub(super) fn portal_api(
        &mut self,
        raw: RawPortalApi,
        pools: &[PoolConfig],
    ) -> PortalApiConfig {
        self.sign_in_client(&raw.pool, &raw.client, pools);
        let pool = find_pool(pools, raw.pool.get_ref());
        let asking = raw.second_factors.as_ref().filter(|asks| *asks.get_ref());
        self.asked_factors(asking, &raw.pool, pools);
        let texts = self.portal_texts(&raw);
        let hide_unknown_users = raw.hide_unknown_users.is_some_and(|hide| {
            let client = pool.and_then(|pool| find_client(pool, &raw.client));
            self.hiding(&hide, client);
            hide.into_inner()
        });
        let registration = raw.registration.is_some_and(|open| {
            self.registration(&open, pool);
            open.into_inner()
        });
        PortalApiConfig {
            pool: PoolId::new(raw.pool.into_inner()),
            client: ClientId::new(raw.client.into_inner()),
            prefix: self.prefix(raw.prefix),
            texts,
            admin_addresses: self.texts(raw.admin_addresses, syntax::email),
            cors_origins: self.texts(raw.cors_origins, syntax::origin),
            hide_unknown_users,
            registration,
            second_factors: asking.is_some(),
            attempts_per_address: self.per_minute(raw.attempts_per_address, 5),
        }
    }

    /// The portal API asks for a second factor where `asking` says so, and sets none up.
    fn asked_factors(&mut self, asking: Option<&Spanned<bool>>, at: &Text, pools: &[PoolConfig]) {
        let Some(pool) = find_pool(pools, at.get_ref()) else { return };
        match (asking, pool.mfa) {
            (Some(asking), MfaMode::Off) => {
                let message = "the pool has mfa = \"OFF\", which is the default: no user can have a \
                               second factor. Set mfa = \"OPTIONAL\"";
                self.warn(asking, message);
            }
            (Some(_), MfaMode::On) => self.enrolment(at, pools),
            (None, MfaMode::On) => {
                let message = "nobody could sign in: the pool has mfa = \"ON\", and the portal API \
                               asks for no second factor: set second_factors = true";
                self.mistake(at, message);
            }
            (None, MfaMode::Off) | (_, MfaMode::Optional) => {}
        }
    }

    /// Texts that are alike hide nothing if the app client has the pool do less for nobody.
    fn hiding(&mut self, hide: &Spanned<bool>, client: Option<&ClientConfig>) {
        if *hide.get_ref() && client.is_some_and(|client| !client.hides_users) {
            let message = "the client would still reveal which users exist: it needs \
                           prevent_user_existence_errors = true";
            self.mistake(hide, message);
        }
    }

    fn registration(&mut self, open: &Spanned<bool>, pool: Option<&PoolConfig>) {
        let Some(pool) = pool.filter(|_| *open.get_ref()) else { return };
        if pool.rules.admin_create_only {
            self.mistake(open, "nobody could sign up: the pool needs self_sign_up = true");
        }
        if !pool.rules.auto_verified.contains(&Contact::Email) {
            let message = "nobody would get a code: the pool needs auto_verified_attributes = \
                           [\"email\"]";
            self.mistake(open, message);
        }
    }

    pub(super) fn tenant_api(&mut self, raw: RawTenantApi) -> TenantApiConfig {
        let grants = grants(Some(&raw));
        self.preset(raw.preset.as_ref(), preset::TENANT);
        for grant in raw.grants.into_iter().flatten() {
            self.text(grant, syntax::grant);
        }
        TenantApiConfig {
            prefix: self.prefix(raw.prefix),
            flat_tokens: raw.flat_tokens,
            cors_origins: self.texts(raw.cors_origins, syntax::origin),
            attempts_per_address: self.per_minute(raw.attempts_per_address, 10),
            grants,
        }
    }

    fn prefix(&mut self, prefix: Option<Text>) -> String {
        prefix.map(|prefix| self.text(prefix, syntax::prefix)).unwrap_or_default()
    }

    fn known_pool<'p>(&mut self, id: &Text, pools: &'p [PoolConfig]) -> Option<&'p PoolConfig> {
        let pool = find_pool(pools, id.get_ref());
        if pool.is_none() {
            self.mistake(id, format!("there is no pool \"{}\" in this file", id.get_ref()));
        }
        pool
    }

    fn known_group(&mut self, pool: &Text, name: &Text, pools: &[PoolConfig]) {
        let Some(found) = find_pool(pools, pool.get_ref()) else { return };
        if !found.groups.iter().any(|group| group.name.as_str() == name.get_ref()) {
            let (pool, group) = (pool.get_ref(), name.get_ref());
            self.mistake(name, format!("pool \"{pool}\" has no group \"{group}\""));
        }
    }

    /// A client through which our own servers sign users in.
    fn sign_in_client(&mut self, pool: &Text, id: &Text, pools: &[PoolConfig]) {
        let Some(found) = self.known_pool(pool, pools) else { return };
        if let Some(client) = find_client(found, id) {
            self.admin_flow(id, found, client);
        } else {
            let (pool, client) = (pool.get_ref(), id.get_ref());
            self.mistake(id, format!("pool \"{pool}\" has no client \"{client}\""));
        }
    }

    /// The partner API sets no second factor up at a sign-in: who needs one, and has none, gets no
    /// further. Codes by mail need no set-up where mail is not the first way back in.
    fn enrolment(&mut self, at: &Text, pools: &[PoolConfig]) {
        let Some(pool) = find_pool(pools, at.get_ref()) else { return };
        let rules = &pool.rules;
        let first_way_back = rules.recovery.as_ref().and_then(|ways| ways.first());
        let by_mail =
            rules.second_factors.email && first_way_back != Some(&Recovery::VerifiedEmail);
        if pool.mfa == MfaMode::On && !by_mail {
            let message = "the pool has mfa = \"ON\", but every second factor must be set up \
                           elsewhere first: until then, users cannot sign in. Set mfa = \"OPTIONAL\", \
                           or set second_factors.email = true and do not list verified_email first \
                           in recovery";
            self.mistake(at, message);
        }
    }

    fn admin_flow(&mut self, at: &Text, pool: &PoolConfig, client: &ClientConfig) {
        // Amazon's pools may be asked the way that applications ask them.
        let by_password =
            pool.backend != Backend::Embedded && client.flows.contains(&AuthFlow::UserPassword);
        if !by_password && !client.flows.contains(&AuthFlow::AdminUserPassword) {
            let missing = "nobody could sign in: the client's flows lack \
                           ALLOW_ADMIN_USER_PASSWORD_AUTH";
            self.mistake(at, missing);
        }
    }
}

/// The groups that tenants may put machines into.
fn grants(api: Option<&RawTenantApi>) -> Vec<GroupName> {
    let Some(api) = api else { return Vec::new() };
    if let Some(given) = &api.grants {
        return given.iter().map(|name| GroupName::from(name.get_ref().as_str())).collect();
    }
    let named = api.preset.as_ref();
    named.and_then(|name| preset::find(preset::TENANT, name.get_ref())).unwrap_or_default()
}

fn find_client<'p>(pool: &'p PoolConfig, id: &Text) -> Option<&'p ClientConfig> {
    pool.clients.iter().find(|client| client.id.as_str() == id.get_ref())
}
