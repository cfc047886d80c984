//! From what is written to what is used: every value is checked, and what is wrong is collected.

mod amazon;
mod database;
mod delivery;
mod faces;
mod pools;
mod presets;
mod rules;

use super::mistake::{ConfigErrors, Place, Source};
use super::raw::{RawCognito, RawConfig, RawHashing, RawMessages, RawPartner, Text};
use super::secret::{Keeper, SecretSource};
use super::syntax::{self, Rule};
use super::{CognitoConfig, Config, OperatorConfig, PoolConfig};
use crate::workers::{HashingSettings, MAX_ITERATIONS, MAX_MEMORY_KIB};
use poolkeeper_faces::TrustedProxies;
use poolkeeper_pool::limits::quota::MessageLimits;
use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use toml::Spanned;

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Checks the meaning of a configuration. Relative paths start at `base`.
pub(super) fn validate(
    mut raw: RawConfig,
    source: &Source<'_>,
    base: &Path,
    variables: &Variables<'_>,
) -> Result<Config, ConfigErrors> {
    let mut check = Check { source, base, variables, mistakes: Vec::new(), warnings: Vec::new() };
    check.look_up_ids(&mut raw);
    let config = check.config(raw);
    let Check { mistakes, warnings, .. } = check;
    if mistakes.is_empty() {
        let warnings = ConfigErrors::at(placed(source, warnings)).into_lines();
        return Ok(Config { warnings, ..config });
    }
    Err(ConfigErrors::at(placed(source, mistakes)))
}

fn placed(
    source: &Source<'_>,
    mut found: Vec<(usize, String)>,
) -> impl Iterator<Item = (Place, String)> {
    found.sort();
    found.into_iter().map(|(offset, message)| (source.place(offset), message))
}

/// The environment: the value of a variable, if it is set.
pub(super) type Variables<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Collects mistakes. What its methods return is of use only if there are none in the end.
struct Check<'a> {
    source: &'a Source<'a>,
    base: &'a Path,
    variables: &'a Variables<'a>,
    /// Where in the text, and what.
    mistakes: Vec<(usize, String)>,
    /// The same of what may be meant but has a consequence.
    warnings: Vec<(usize, String)>,
}

impl Check<'_> {
    fn mistake<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        self.mistakes.push((at.span().start, message.into()));
    }

    fn warn<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        self.warnings.push((at.span().start, message.into()));
    }

    /// The text, which should follow a rule.
    fn text(&mut self, text: Text, rule: impl FnOnce(&str) -> Rule) -> String {
        if let Err(message) = rule(text.get_ref()) {
            self.mistake(&text, message);
        }
        text.into_inner()
    }

    /// The texts, which should follow a rule each.
    fn texts(&mut self, texts: Vec<Text>, rule: impl Fn(&str) -> Rule) -> Vec<String> {
        texts.into_iter().map(|text| self.text(text, &rule)).collect()
    }

    /// The number, which should be in a range.
    fn within(
        &mut self,
        number: Option<Spanned<u32>>,
        range: &RangeInclusive<u32>,
        default: u32,
    ) -> u32 {
        let Some(number) = number else { return default };
        if !range.contains(number.get_ref()) {
            let (least, most) = (range.start(), range.end());
            self.mistake(&number, format!("out of range: {least} to {most} is allowed"));
        }
        number.into_inner()
    }

    /// How often something may be done in a minute. 0 stands for no limit.
    fn per_minute(&mut self, number: Option<Spanned<u32>>, default: u32) -> Option<NonZeroU32> {
        NonZeroU32::new(self.within(number, &(0..=1_000_000), default))
    }

    /// A name, which should not have been used before.
    fn unique(&mut self, seen: &mut HashSet<String>, key: String, at: &Text) {
        if !seen.insert(key) {
            self.mistake(at, format!("\"{}\" occurs twice", at.get_ref()));
        }
    }

    /// Where a secret comes from, if anything says so.
    fn secret(&mut self, file: Option<Text>, variable: Option<Text>) -> Option<SecretSource> {
        if let (Some(_), Some(variable)) = (&file, &variable) {
            self.mistake(variable, "the secret already comes from a file: keep one of the two");
        }
        for empty in [&file, &variable].into_iter().flatten().filter(|name| is_blank(name)) {
            self.mistake(empty, "is empty: name the file or the variable that holds the secret");
        }
        let (at, keeper) = match (file, variable) {
            (Some(file), _) => (file.span().start, Keeper::File(self.base.join(file.into_inner()))),
            (None, Some(variable)) => {
                (variable.span().start, Keeper::Variable(variable.into_inner()))
            }
            (None, None) => return None,
        };
        Some(SecretSource { place: self.source.place(at), keeper })
    }

    /// A secret that must come from somewhere, else `missing` is a mistake at that place.
    fn needed_secret(
        &mut self,
        (file, variable): (Option<Text>, Option<Text>),
        at: usize,
        missing: &str,
    ) -> SecretSource {
        self.secret(file, variable).unwrap_or_else(|| {
            self.mistakes.push((at, missing.to_owned()));
            let keeper = Keeper::File(PathBuf::new());
            SecretSource { place: self.source.place(at), keeper }
        })
    }

    fn config(&mut self, raw: RawConfig) -> Config {
        self.shared_paths(&raw);
        self.shared_clients(&raw);
        self.senders(&raw);
        let listen = self.listen(raw.listen.as_ref(), raw.allow_cleartext);
        let public_url = self.text(raw.public_url, syntax::url);
        let region = raw.region.map(|region| self.text(region, syntax::region));
        let region = region.unwrap_or_else(|| "us-east-1".to_owned());
        let account = raw.account.map(|account| self.text(account, syntax::account));
        let issuer = raw.issuer.map(|issuer| self.text(issuer, syntax::url));
        let pools = self.pools(raw.pool, &region);
        let partner_ids = partner_ids(&raw.partner);
        let partner_api = raw.partner_api.map(|api| self.partner_api(api, &pools));
        Config {
            listen,
            database: self.database(raw.database, raw.postgres, &raw.data),
            data: self.base.join(raw.data),
            master_key_file: raw.master_key_file.map(|path| self.base.join(path)),
            previous_master_key_file: raw.previous_master_key_file.map(|path| self.base.join(path)),
            account: account.unwrap_or_else(|| "000000000000".to_owned()),
            issuer: issuer.unwrap_or_else(|| public_url.clone()),
            trusted_proxies: self.trusted_proxies(&raw.trusted_proxies),
            operator: raw.operator.map(|operator| self.operator(&operator.listen, listen)),
            hashing: self.hashing(raw.hashing),
            messages: self.messages(raw.messages),
            partners: self.partners(raw.partner, &pools),
            permissions: self.permissions(raw.permission, &partner_ids, &pools),
            tenants: self.tenants(
                raw.tenant,
                &pools,
                raw.tenant_api.as_ref(),
                partner_api.as_ref(),
            ),
            access_keys: self.access_keys(raw.access_key, &region, &pools),
            cognito: self.cognito(raw.cognito, &pools),
            partner_api,
            portal_api: raw.portal_api.map(|api| self.portal_api(api, &pools)),
            tenant_api: raw.tenant_api.map(|api| self.tenant_api(api)),
            inbox: self.inbox(raw.inbox.enabled.as_ref(), listen, &public_url),
            openapi: raw.openapi.enabled,
            mail: raw.mail.and_then(|mail| self.mail(mail)),
            sms: raw.sms.map(|sms| self.hook(sms.hook)),
            public_url,
            hosts: self.texts(raw.hosts, syntax::host),
            region,
            pools,
            warnings: Vec::new(),
        }
    }

    fn listen(&mut self, listen: Option<&Text>, allow_cleartext: bool) -> SocketAddr {
        let Some(text) = listen else { return DEFAULT_LISTEN };
        let Some(address) = self.address(text) else { return DEFAULT_LISTEN };
        if !address.ip().is_loopback() && !allow_cleartext {
            self.mistake(
                text,
                "passwords would cross the network unencrypted: listen on 127.0.0.1 or [::1], or \
                 put a proxy with TLS in front and set allow_cleartext = true",
            );
        }
        address
    }

    fn address(&mut self, text: &Text) -> Option<SocketAddr> {
        let address = text.get_ref().parse().ok();
        if address.is_none() {
            self.mistake(text, "not an address: expected IP and port, e.g. 127.0.0.1:8080");
        }
        address
    }

    /// The operators' address, which nobody else should reach.
    fn operator(&mut self, text: &Text, public: SocketAddr) -> OperatorConfig {
        let Some(listen) = self.address(text) else { return OperatorConfig { listen: public } };
        if overlap(listen, public) {
            self.mistake(
                text,
                format!("is the same as listen, {public}: operators need an address of their own"),
            );
        } else if !listen.ip().is_loopback() {
            let message = "other machines can reach this address, and its connections are not \
                           encrypted: listen on 127.0.0.1 or [::1], or keep strangers out of the \
                           network";
            self.warn(text, message);
        }
        OperatorConfig { listen }
    }

    fn trusted_proxies(&mut self, raw: &[Text]) -> TrustedProxies {
        let mut networks = Vec::with_capacity(raw.len());
        for text in raw {
            match syntax::network(text.get_ref()) {
                Ok(network) => networks.push(network),
                Err(message) => self.mistake(text, message),
            }
        }
        TrustedProxies::new(networks)
    }

    fn cognito(&mut self, raw: RawCognito, pools: &[PoolConfig]) -> Option<CognitoConfig> {
        let attempts_per_address = self.per_minute(raw.attempts_per_address, 600);
        let forward = raw.forward.and_then(|forward| self.forward(&forward, pools));
        raw.enabled.then_some(CognitoConfig { attempts_per_address, forward })
    }

    fn inbox(&mut self, enabled: Option<&Spanned<bool>>, listen: SocketAddr, url: &str) -> bool {
        let Some(enabled) = enabled.filter(|enabled| *enabled.get_ref()) else { return false };
        if !listen.ip().is_loopback() {
            self.mistake(enabled, "anyone could read codes: listen must be a loopback address");
        } else if !syntax::is_local(url) {
            let message = "anyone who can reach public_url could read codes: public_url must be on \
                           localhost";
            self.mistake(enabled, message);
        }
        true
    }

    fn messages(&mut self, raw: RawMessages) -> MessageLimits {
        let standard = MessageLimits::default();
        let mut count = |number: Option<Spanned<u32>>, default: i64| {
            number.map_or(default, |number| self.within(Some(number), &(1..=1_000_000), 1).into())
        };
        let per_recipient = count(raw.per_recipient, standard.per_recipient);
        let per_pool = count(raw.per_pool, standard.per_pool);
        let sms_per_country = count(raw.sms_per_country, standard.sms_per_country);
        for prefix in &raw.sms_prefixes {
            let digits = prefix.get_ref();
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                self.mistake(prefix, "expected digits without +, e.g. \"49\"");
            }
        }
        let sms_prefixes = raw.sms_prefixes.into_iter().map(Spanned::into_inner).collect();
        MessageLimits { per_recipient, per_pool, sms_per_country, sms_prefixes }
    }

    fn hashing(&mut self, raw: RawHashing) -> HashingSettings {
        let HashingSettings { memory_kib, iterations, threads, queue } = HashingSettings::default();
        let mut count = |number: Option<Spanned<u32>>, most: u32, default: usize| {
            let number = number.map(|number| self.within(Some(number), &(1..=most), 1));
            number.and_then(|number| usize::try_from(number).ok()).unwrap_or(default)
        };
        let threads = count(raw.threads, 1024, threads);
        let queue = count(raw.queue, 65_536, queue);
        let place = raw.memory_kib.as_ref().or(raw.iterations.as_ref()).map(Spanned::span);
        let memory_kib = self.within(raw.memory_kib, &(8..=MAX_MEMORY_KIB), memory_kib);
        let iterations = self.within(raw.iterations, &(1..=MAX_ITERATIONS), iterations);
        let least = least_memory_kib(iterations);
        if let Some(place) = place.filter(|_| iterations > 0 && (8..least).contains(&memory_kib)) {
            let weak = format!(
                "weaker than OWASP recommends, so stolen hashes are easier to crack: {iterations} \
                 iterations need memory_kib = {least}"
            );
            if raw.allow_weak {
                self.warnings.push((place.start, weak));
            } else {
                self.mistakes.push((place.start, format!("{weak} (or allow_weak = true)")));
            }
        }
        HashingSettings { memory_kib, iterations, threads, queue }
    }
}

/// The memory below which OWASP's Password Storage Cheat Sheet takes argon2id with so many
/// iterations for too weak.
fn least_memory_kib(iterations: u32) -> u32 {
    match iterations {
        0 | 1 => 47_104,
        2 => 19_456,
        3 => 12_288,
        4 => 9_216,
        _ => 7_168,
    }
}

/// Whether only one of two listeners could have its address. The system chooses a free port for 0.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let has_all = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() == other.port() && one.port() != 0 && (has_all || one.ip() == other.ip())
}

fn is_blank(text: &Text) -> bool {
    text.get_ref().trim().is_empty()
}

/// The partners of a file, by pool and id.
fn partner_ids(partners: &[RawPartner]) -> Vec<(String, String)> {
    let ids = partners.iter().map(|partner| (partner.pool.get_ref(), partner.id.get_ref()));
    ids.map(|(pool, id)| (pool.clone(), id.clone())).collect()
}

fn find_pool<'p>(pools: &'p [PoolConfig], id: &str) -> Option<&'p PoolConfig> {
    pools.iter().find(|pool| pool.id.as_str() == id)
}
