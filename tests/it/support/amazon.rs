//! A server whose sign-in APIs ask a second Poolkeeper in Amazon's place: through the SDK, a socket
//! and the second one's Cognito protocol. The second one has the same records, so that tests can
//! look at them and change them as always.

use super::clock::{TestClock, TestRng};
use super::{
    ACCESS_KEY, ACCESS_SECRET, CLIENT_SECRET, CONFIDENTIAL_CLIENT, Fault, POOL, Proxy, imitation,
};
use poolkeeper::config::{
    Addresses, AmazonConfig, Backend, ClientConfig, Config, ForwardConfig, PoolConfig,
};
use poolkeeper::pools::{Pools, RemotePool};
use poolkeeper::server::{self, Limits as ServerLimits};
use poolkeeper::wire;
use poolkeeper_aws::{
    AccessKey, Amazon, AppClient, Flow, Issuers, Limits, Parts, Proxies, Settings,
};
use poolkeeper_faces::TrustedProxies;
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{AuthFlow, Contact, DeviceRules, SignInName};
use poolkeeper_pool::ids::{GroupName, PoolId};
use poolkeeper_pool::local::Local;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How the pools at "Amazon" are asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AtAmazon {
    pub(crate) flow: Option<Flow>,
    pub(crate) limits: Limits,
    pub(crate) check_revocation: bool,
    /// For how long the groups of a user are believed.
    pub(crate) group_life: Duration,
    /// The beginning of the only issuer that the configuration accepts, if it names one.
    pub(crate) only_issuer: Option<&'static str>,
    /// Whether a [`Proxy`] stands between.
    pub(crate) proxied: bool,
    /// Whether Cognito's protocol is handed on through the proxy.
    pub(crate) forwarded: bool,
    /// Whether an imitation takes Amazon's place, and no second Poolkeeper.
    pub(crate) imitated: bool,
    /// Whether all that the APIs ask breaks.
    pub(crate) mute: bool,
}

impl Default for AtAmazon {
    fn default() -> Self {
        let seconds = Duration::from_secs(20);
        let limits = Limits { connect: seconds, answer: seconds, ..Limits::default() };
        Self {
            flow: None,
            limits,
            check_revocation: true,
            group_life: Duration::ZERO,
            only_issuer: None,
            proxied: false,
            forwarded: false,
            imitated: false,
            mute: false,
        }
    }
}

impl AtAmazon {
    /// How Cognito's protocol is handed on.
    pub(super) fn forward_to(&self, proxy: &Proxy) -> ForwardConfig {
        ForwardConfig {
            target: format!("http://{}", proxy.address),
            connect_timeout: self.limits.connect,
            answer_timeout: self.limits.answer,
        }
    }
}

/// The clock and the random source of a test, and its records.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) engine: Arc<Local>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) rng: Arc<TestRng>,
}

/// Where the pools of all tests are to be, if not here.
pub(super) fn asked_for() -> Option<AtAmazon> {
    let backend = std::env::var("POOLKEEPER_TEST_BACKEND").ok()?;
    // Imitations have no devices, and these sign-ins are on none.
    let imitated = AtAmazon { imitated: true, flow: Some(Flow::Admin), ..AtAmazon::default() };
    match backend.as_str() {
        "aws" => Some(AtAmazon::default()),
        "imitation" => Some(imitated),
        // Whatever passes there says nothing of the imitation.
        "mute" => {
            let limits = Limits { attempts: 1, ..imitated.limits };
            Some(AtAmazon { limits, proxied: true, mute: true, ..imitated })
        }
        _ => panic!("POOLKEEPER_TEST_BACKEND: aws, imitation, mute or nothing"),
    }
}

/// Whether all tests are to be run over the SDK.
pub(crate) fn is_asked_for() -> bool {
    asked_for().is_some()
}

/// The group that marks users who are programs.
pub(crate) const SERVICE_GROUP: &str = "service-accounts";

/// A configuration whose main pool mails the code of a sign-up: the partner API's own pools always do.
pub(crate) fn mailing(mut config: Config) -> Config {
    if is_asked_for() {
        config.pools[0].rules.auto_verified = vec![Contact::Email];
    }
    config
}

/// A configuration whose main pool tracks devices, where that is what remembers them, and how it is
/// asked then.
pub(crate) fn remembering(mut config: Config) -> (Config, AtAmazon) {
    let pool = &mut config.pools[0];
    pool.rules.devices = Some(DeviceRules {
        challenge_required_on_new_device: true,
        device_only_remembered_on_user_prompt: false,
    });
    for client in &mut pool.clients {
        if !client.flows.contains(&AuthFlow::UserPassword) {
            client.flows.push(AuthFlow::UserPassword);
        }
    }
    (config, AtAmazon { flow: Some(Flow::User), ..asked_for().unwrap_or_default() })
}

/// That a pool lives at Amazon, as the configuration says it.
pub(crate) fn at_amazon() -> Backend {
    let endpoint = "https://cognito-idp.eu-west-1.amazonaws.com";
    Backend::Amazon(Box::new(AmazonConfig {
        region: "eu-west-1".to_owned(),
        addresses: Addresses {
            endpoint: endpoint.to_owned(),
            documents: format!("{endpoint}/{POOL}/.well-known"),
            issuers: vec![format!("{endpoint}/{POOL}")],
        },
        named_endpoint: None,
        token_issuer: None,
        check_revocation: true,
        group_life: Duration::ZERO,
        service_group: GroupName::from(SERVICE_GROUP),
        connect_timeout: Duration::from_secs(2),
        answer_timeout: Duration::from_secs(5),
        attempts: 3,
        failures: 10,
        rest: Duration::from_secs(5),
    }))
}

/// Serves the second server's faces, and says where.
async fn second_server(stage: &Stage, config: &Config) -> SocketAddr {
    let pools = Arc::new(Pools::new(Arc::clone(&stage.engine), Vec::new()));
    let (clock, rng) = (Arc::clone(&stage.clock) as _, Arc::clone(&stage.rng) as _);
    let router = wire::faces(&stage.engine, &pools, config, clock, rng).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (limits, proxies) = (ServerLimits::default(), TrustedProxies::default());
        server::serve(&limits, &proxies, listener, router, pending()).await;
    });
    address
}

/// The pools of a configuration, as they are at "Amazon".
pub(crate) async fn pools(
    stage: &Stage,
    config: &Config,
    how: AtAmazon,
) -> (Arc<Pools>, Option<Proxy>) {
    let target =
        if how.imitated { imitation::address() } else { second_server(stage, config).await };
    let proxy = if how.proxied { Some(Proxy::before(target).await) } else { None };
    if proxy.is_some() {
        // Calls that may take only so long are about anything but the time that new keys take.
        for pool in &config.pools {
            stage.engine.jwks(&pool.id).await.unwrap();
        }
    }
    let address = proxy.as_ref().map_or(target, |proxy| proxy.address);
    let parts = Parts {
        directory: Arc::clone(&stage.engine) as _,
        tenants: Arc::clone(&stage.engine) as _,
        suspensions: Arc::clone(&stage.engine) as _,
        follow_ups: Arc::clone(&stage.engine) as _,
        sealer: Arc::new(Sealer::new(&[9; 32])),
        clock: Arc::clone(&stage.clock) as _,
        rng: Arc::clone(&stage.rng) as _,
    };
    let mut foreign = Vec::new();
    for pool in &config.pools {
        let settings = amazon_settings(pool, config, how, address);
        let token_issuer = how.only_issuer.map(|base| format!("{base}/{}", pool.id));
        let clients = settings.clients.iter().map(|client| client.id.clone()).collect();
        let backend = Arc::new(Amazon::new(settings, parts.clone()).await.unwrap());
        foreign.push(RemotePool { pool: pool.id.clone(), clients, token_issuer, backend });
    }
    if let Some(proxy) = proxy.as_ref().filter(|_| how.mute) {
        proxy.set(Fault::Reset);
    }
    (Arc::new(Pools::new(Arc::clone(&stage.engine), foreign)), proxy)
}

/// How a pool is asked that is at this address.
pub(crate) fn amazon_settings(
    pool: &PoolConfig,
    config: &Config,
    how: AtAmazon,
    address: SocketAddr,
) -> Settings {
    let (id, endpoint) = (&pool.id, format!("http://{address}"));
    let administrators = config.portal_api.as_ref().filter(|api| api.pool == *id);
    Settings {
        pool: id.clone(),
        region: id.region().to_owned(),
        clients: pool.clients.iter().map(|given| client(given, how)).collect(),
        mfa: pool.mfa,
        issuers: issuers(id, how),
        documents: format!("{endpoint}/{id}/.well-known"),
        named_endpoint: Some(endpoint.clone()),
        endpoint,
        proxies: Proxies::default(),
        check_revocation: how.check_revocation,
        group_life: how.group_life,
        address_usernames: pool.username_attributes.contains(&SignInName::Email),
        has_partners: config.partner_api.as_ref().is_some_and(|api| api.pool == *id),
        suspended_group: wire::partner_groups(config).suspended,
        service_group: GroupName::from(SERVICE_GROUP),
        administrators: administrators.map(wire::administrators),
        access_key: Some(AccessKey {
            id: ACCESS_KEY.to_owned(),
            secret: Secret::from(ACCESS_SECRET),
        }),
        fresh_proof: Duration::from_mins(pool.rules.fresh_proof.sign_in_apis_minutes.into()),
        limits: how.limits,
    }
}

/// Imitations have the first of these. The second server's is learned.
fn issuers(id: &PoolId, how: AtAmazon) -> Issuers {
    if let Some(base) = how.only_issuer {
        return Issuers::Only(format!("{base}/{id}"));
    }
    let issuer = |service| format!("https://{service}.{}.amazonaws.com/{id}", id.region());
    Issuers::Known(["cognito-idp", "issuer-cognito-idp"].map(issuer).into())
}

fn client(given: &ClientConfig, how: AtAmazon) -> AppClient {
    let by_admin = given.flows.contains(&AuthFlow::AdminUserPassword);
    // An imitation's secrets would be its own.
    let is_confidential = given.name == CONFIDENTIAL_CLIENT && !how.imitated;
    AppClient {
        id: given.id.clone(),
        secret: is_confidential.then(|| Secret::from(CLIENT_SECRET)),
        flow: how.flow.unwrap_or(if by_admin { Flow::Admin } else { Flow::User }),
    }
}
