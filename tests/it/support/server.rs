use super::TestObserver;
use super::amazon::{self, AtAmazon, Stage};
use super::clock::{TestClock, TestRng};
use super::imitation;
use super::proxy::Proxy;
use super::store::TestStore;
use super::workers::TestWorkers;
use super::{
    ACCESS_KEY, ACCESS_SECRET, Answer, CLIENT_SECRET, CONFIDENTIAL_CLIENT, Cognito, TOTP_KEY,
    TestDatabase,
};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use poolkeeper::config::Config;
use poolkeeper::pools::Pools;
use poolkeeper::system::{SystemRng, operator};
use poolkeeper::wire;
use poolkeeper_faces::Peer;
use poolkeeper_pool::crypto::master_keys::{self, MasterKeyProblem};
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::ids::{ClientId, PoolId};
use poolkeeper_pool::local::{Local, Parts};
use poolkeeper_pool::system::Clock as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tower::ServiceExt as _;

/// A server of its own for each test, on a database of its own.
pub(crate) struct TestServer {
    pub(crate) engine: Arc<Local>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) workers: Arc<TestWorkers>,
    pub(crate) store: Arc<TestStore>,
    pub(crate) observer: Arc<TestObserver>,
    rng: Arc<TestRng>,
    pub(super) config: Config,
    pub(crate) pools: Arc<Pools>,
    /// Whether its pools are at an imitation of Amazon.
    pub(super) is_imitated: bool,
    /// The key of the newest app that [`Self::totp_user`] has set up.
    pub(super) app_key: Mutex<String>,
    proxy: Option<Proxy>,
    router: Router,
    /// The last to go.
    pub(crate) database: Arc<TestDatabase>,
}

impl TestServer {
    /// With the pools, clients, partners and tenants of [`super::config`], and no user.
    pub(crate) async fn start() -> Self {
        Self::with(super::config(Path::new(""))).await
    }

    /// The same with a public client that tells who exists and who is locked out.
    pub(crate) async fn telling() -> Self {
        Self::configured(|config| config.pools[0].clients[0].hides_users = false).await
    }

    /// The same, with the code of a sign-up mailed wherever its pool is.
    pub(crate) async fn mailing() -> Self {
        Self::with(amazon::mailing(super::config(Path::new("")))).await
    }

    /// As a configuration says, with devices remembered by the partner API wherever its pool is.
    pub(crate) async fn remembering(config: Config) -> Self {
        if !amazon::is_asked_for() {
            return Self::with(config).await;
        }
        let (config, how) = amazon::remembering(config);
        Self::at_amazon(config, how).await
    }

    /// The same with a configuration that differs.
    pub(crate) async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = super::config(Path::new(""));
        change(&mut config);
        Self::with(config).await
    }

    /// As a configuration says, with its pools here, or at "Amazon" if that is asked for.
    pub(crate) async fn with(config: Config) -> Self {
        Self::at(config, amazon::asked_for()).await
    }

    /// The same with its pools at "Amazon".
    pub(crate) async fn at_amazon(config: Config, how: AtAmazon) -> Self {
        Self::at(config, Some(how)).await
    }

    /// The same on a file, whatever the other tests use.
    pub(crate) async fn on_a_file(config: Config) -> Self {
        Self::on(TestDatabase::file(), config, None).await
    }

    async fn at(config: Config, how: Option<AtAmazon>) -> Self {
        Self::on(TestDatabase::new().await, config, how).await
    }

    async fn on(database: TestDatabase, mut config: Config, how: Option<AtAmazon>) -> Self {
        if how.is_some_and(|how| how.imitated) {
            imitation::make_pools(&mut config).await;
        }
        let world = (Arc::default(), Arc::default(), Arc::new(TestWorkers::new()));
        let server = Box::pin(Self::node(config, how, Arc::new(database), world)).await;
        Box::pin(give_secrets(&server.engine, &server.config)).await;
        server
    }

    /// Ends this server on a file, and starts one with the same configuration, time and keys on a
    /// PostgreSQL database that all records were copied to.
    pub(crate) async fn copied(self) -> Self {
        let Self {
            engine, clock, workers, store, rng, config, pools, proxy, router, database, ..
        } = self;
        // Whoever has the file open holds it.
        drop((engine, store, pools, proxy, router));
        let database = Arc::new(database.copied().await);
        Self::node(config, None, database, (clock, rng, workers)).await
    }

    /// Another server beside this one: on the same database, with the same configuration, time and
    /// keys, and nothing else in common.
    pub(crate) async fn another_node(&self) -> Self {
        self.another_node_by(Arc::clone(&self.clock)).await
    }

    /// The same with a clock of its own.
    pub(crate) async fn another_node_by(&self, clock: Arc<TestClock>) -> Self {
        let world = (clock, Arc::clone(&self.rng), Arc::clone(&self.workers));
        Self::node(self.config.clone(), None, Arc::clone(&self.database), world).await
    }

    /// The same with master keys of its own, each of which repeats a byte: the configured one, and others
    /// that open. They are looked at as at every start.
    pub(crate) async fn another_node_holding(&self, keys: &[u8]) -> Result<Self, MasterKeyProblem> {
        let keys: Vec<_> = keys.iter().map(|byte| [*byte; 32]).collect();
        let (first, others) = keys.split_first().unwrap();
        let sealer = Sealer::holding(first, &others.iter().collect::<Vec<_>>());
        let store = self.database.open().await;
        master_keys::adopt(&*store, &sealer, &SystemRng, self.clock.now()).await?;
        let world = (Arc::clone(&self.clock), Arc::clone(&self.rng), Arc::clone(&self.workers));
        let database = Arc::clone(&self.database);
        let node = Self::node_sealing(self.config.clone(), None, database, world, sealer);
        Ok(Box::pin(node).await)
    }

    /// What a node does when it starts.
    pub(crate) async fn declare(&self) -> anyhow::Result<()> {
        wire::declare(&self.engine, &self.config).await
    }

    async fn node(
        config: Config,
        how: Option<AtAmazon>,
        database: Arc<TestDatabase>,
        world: (Arc<TestClock>, Arc<TestRng>, Arc<TestWorkers>),
    ) -> Self {
        let sealer = Sealer::new(&[7; 32]);
        Box::pin(Self::node_sealing(config, how, database, world, sealer)).await
    }

    async fn node_sealing(
        mut config: Config,
        how: Option<AtAmazon>,
        database: Arc<TestDatabase>,
        (clock, rng, workers): (Arc<TestClock>, Arc<TestRng>, Arc<TestWorkers>),
        sealer: Sealer,
    ) -> Self {
        let store = Arc::new(TestStore::new(database.open().await));
        let observer = Arc::<TestObserver>::default();
        let parts = Parts {
            store: Arc::clone(&store) as _,
            workers: Arc::clone(&workers) as _,
            clock: Arc::clone(&clock) as _,
            rng: Arc::clone(&rng) as _,
            sealer: Arc::new(sealer),
            observer: Arc::clone(&observer) as _,
        };
        let mut settings = wire::settings(&config);
        if how.is_some() {
            // It stands in for Amazon, who knows nothing of our faces.
            settings.faces.clear();
        }
        let engine = Arc::new(Local::new(parts, settings));
        wire::declare(&engine, &config).await.unwrap();
        let is_imitated = how.is_some_and(|how| how.imitated);
        let (pools, proxy) = match how {
            Some(how) => {
                let (engine, clock) = (Arc::clone(&engine), Arc::clone(&clock));
                let stage = Stage { engine, clock, rng: Arc::clone(&rng) };
                Box::pin(amazon::pools(&stage, &config, how)).await
            }
            None => (Arc::new(Pools::new(Arc::clone(&engine), Vec::new())), None),
        };
        if let (Some(how), Some(proxy)) = (how.filter(|how| how.forwarded), &proxy) {
            config.cognito.as_mut().unwrap().forward = Some(how.forward_to(proxy));
        }
        let (time, random) = (Arc::clone(&clock) as _, Arc::clone(&rng) as _);
        let router = wire::faces(&engine, &pools, &config, time, random).unwrap();
        Self {
            engine,
            clock,
            workers,
            store,
            observer,
            rng,
            config,
            pools,
            is_imitated,
            app_key: Mutex::new(TOTP_KEY.to_owned()),
            proxy,
            router,
            database,
        }
    }

    /// The id of the main pool.
    pub(crate) fn main_pool(&self) -> PoolId {
        self.config.pools[0].id.clone()
    }

    /// The id of an app client.
    pub(crate) fn client(&self, name: &str) -> ClientId {
        let mut clients = self.config.pools.iter().flat_map(|pool| &pool.clients);
        clients.find(|client| client.name == name).unwrap().id.clone()
    }

    /// The id of the other pool.
    pub(super) fn other_pool(&self) -> PoolId {
        self.config.pools[1].id.clone()
    }

    /// What stands between it and its "Amazon".
    pub(crate) fn proxy(&self) -> &Proxy {
        self.proxy.as_ref().unwrap()
    }

    /// What answers its requests.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// Sends a request as it is, from 192.0.2.1.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(Peer([192, 0, 2, 1].into()));
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// Sends JSON.
    pub(crate) async fn json(&self, method: &str, path: &str, body: &serde_json::Value) -> Answer {
        self.text(method, path, &body.to_string()).await
    }

    /// Sends a text that claims to be JSON.
    pub(crate) async fn text(&self, method: &str, path: &str, body: &str) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Sends a request without a body but with headers.
    pub(crate) async fn bare(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a request: `line` is method and path.
    pub(crate) async fn call(
        &self,
        line: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// A client of Cognito's protocol.
    pub(crate) fn cognito(&self) -> Cognito<'_> {
        Cognito::new(self)
    }
}

/// Configurations name files that hold secrets; the tests' secrets are no files.
async fn give_secrets(engine: &Local, config: &Config) {
    let mut clients = config.pools.iter().flat_map(|pool| &pool.clients);
    let confidential = clients.find(|client| client.name == CONFIDENTIAL_CLIENT).unwrap();
    let confidential = engine.app_client(&confidential.id).await.unwrap().unwrap();
    let secret = Secret::from(CLIENT_SECRET);
    engine.replace_client(&operator(), confidential, Some(&secret)).await.unwrap();
    let (secret, all) = (Secret::from(ACCESS_SECRET), vec!["*".to_owned()]);
    engine.put_access_key(&operator(), ACCESS_KEY.into(), &secret, all.clone(), all).await.unwrap();
}
