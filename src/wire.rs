//! From a configuration to a running server: the store, the engine, what the operator declared,
//! the faces, and the loop that serves them.

#[cfg(feature = "aws")]
pub mod amazon;
mod declare;
mod faces;
#[cfg(feature = "aws")]
mod forward;

use crate::config::{Config, OperatorConfig, PortalApiConfig, PostgresConfig, SecretSource};
use crate::delivery::{self, Delivery};
use crate::master_key::{MasterKeyError, MasterKeys};
use crate::observer::LogObserver;
use crate::pools::Pools;
use crate::server::{self, Limits};
use crate::system::{SystemClock, SystemRng, operator, server};
use crate::workers::HashingPool;
use anyhow::{Context as _, Result, anyhow};
use axum::Router;
use poolkeeper_faces::TrustedProxies;
use poolkeeper_pool::backend::administrators::Administrators;
use poolkeeper_pool::backend::partners::PartnerGroups;
use poolkeeper_pool::crypto::master_keys::{self, MasterKeyProblem};
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::entity::Face;
use poolkeeper_pool::error::{Error, Fault, StoreError};
use poolkeeper_pool::local::{FaceClient, Local, Parts, Settings};
use poolkeeper_pool::ports::Store;
use poolkeeper_pool::system::{Clock as _, Rng};
use poolkeeper_store::{FileHold, PostgresSettings, PostgresStore, SqliteStore, check_not_copied};
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};

pub use declare::{declare, groups_elsewhere};
pub use faces::faces;

const DATABASE: &str = "poolkeeper.db";

/// How often the master keys, and records that have lost their meaning, are looked for. Those are removed
/// in portions, so that nobody waits long for it. Finding nothing writes nothing.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);
/// How long a sweep with more to do rests, by how long it took: it works a quarter of the time.
const REST: u32 = 3;
const LONGEST_REST: Duration = Duration::from_mins(1);

/// How often the server looks for follow-up calls that are due.
const CATCH_UP_INTERVAL: Duration = Duration::from_secs(5);

/// How often it is tried to write what could not be written.
const DECLARE_INTERVAL: Duration = Duration::from_secs(2);

/// Runs the server that a configuration describes, until ctrl-c or SIGTERM.
///
/// # Errors
///
/// If the configuration cannot be brought about: a master key or secret is missing, the database is
/// in use or cannot be opened, an address cannot be listened on. Later, if the master key is
/// replaced by one that is not held.
pub async fn serve(config: Config) -> Result<()> {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let keys = master_keys(&config)?;
    let delivery = delivery::prepare(&config)?;
    let _hold = hold(&config, "poolkeeper serve")?;
    let engine = open(&config, keys.sealer()).await?;
    let declaring = declare_now_or_later(&engine, &config).await?;
    let listener = listen(&config).await?;
    let operators = operators(&config).await?;
    // Before anybody can rely on how many files may be open.
    let limits = Limits::of_this_system();
    tracing::info!(address = %listener.local_addr()?, "listening");
    if let Some(operators) = &operators {
        tracing::info!(address = %operators.listener.local_addr()?, "listening for operators");
    }
    let pools = pools(&engine, &config).await?;
    let grouping = tokio::spawn(groups_elsewhere(Arc::clone(&pools), config.clone()));
    let router = faces(&engine, &pools, &config, Arc::new(SystemClock), Arc::new(SystemRng))?;
    let public = Listening { listener, router };
    let proxies = &config.trusted_proxies;
    let served = run(&limits, public, operators, proxies, engine, pools, delivery).await;
    grouping.abort();
    if let Some(declaring) = declaring {
        declaring.abort();
    }
    served
}

/// Brings about what a configuration declares. A database that cannot be written to at the moment,
/// because a disk is full, keeps no server that was started before from answering what it can: then it
/// is tried again until it is done.
async fn declare_now_or_later(
    engine: &Arc<Local>,
    config: &Config,
) -> Result<Option<JoinHandle<()>>> {
    let Err(error) = declare(engine, config).await else { return Ok(None) };
    let is_unavailable = matches!(
        error.downcast_ref::<Error>(),
        Some(Error::Fault(Fault::Store(StoreError::Unavailable(_))))
    );
    if !is_unavailable || !is_declared(engine, config).await {
        return Err(error);
    }
    tracing::error!(%error, "cannot store what the configuration declares; trying again");
    let (engine, config) = (Arc::clone(engine), config.clone());
    Ok(Some(tokio::spawn(async move {
        let mut interval = tokio::time::interval(DECLARE_INTERVAL);
        loop {
            interval.tick().await;
            if declare(&engine, &config).await.is_ok() {
                tracing::info!("stored what the configuration declares");
                break;
            }
        }
    })))
}

/// Whether all pools and app clients that users sign in to are there.
async fn is_declared(engine: &Local, config: &Config) -> bool {
    for pool in &config.pools {
        if engine.pool(&operator(), &pool.id).await.is_err() {
            return false;
        }
        for client in &pool.clients {
            if !matches!(engine.app_client(&client.id).await, Ok(Some(_))) {
                return false;
            }
        }
    }
    true
}

/// The master keys that a configuration names.
///
/// # Errors
///
/// If a key is missing, set twice or malformed, or its file cannot be read or is open to other
/// users; if both are the same.
pub fn master_keys(config: &Config) -> Result<MasterKeys, MasterKeyError> {
    let previous = config.previous_master_key_file.as_deref();
    MasterKeys::find(config.master_key_file.as_deref(), previous)
}

/// Takes hold of the database file, if it is one, so that no other server starts on it. Commands
/// that work beside a server do not ask for it.
///
/// # Errors
///
/// If the folder cannot be made, another process holds the file, or it cannot be locked.
pub fn hold(config: &Config, who: &str) -> Result<Option<FileHold>> {
    let Some(path) = database_file(config) else { return Ok(None) };
    make_folder(&config.data)?;
    let since = jiff::Timestamp::from_second(SystemClock.now().seconds()).unwrap_or_default();
    let who = format!("{who} (process {}, since {since})", std::process::id());
    Ok(Some(FileHold::take(&path, &who)?))
}

/// The file of the database, if it is one.
pub fn database_file(config: &Config) -> Option<PathBuf> {
    config.database.is_none().then(|| config.data.join(DATABASE))
}

/// Opens the database and sets the engine upon it. Changes nothing, and fails, if the database is
/// sealed under another master key.
///
/// # Errors
///
/// If the database cannot be opened, its records were copied elsewhere, it is sealed under a master
/// key that is not held, or the threads that hash passwords cannot be started.
pub async fn open(config: &Config, sealer: Sealer) -> Result<Arc<Local>> {
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    let store = open_store(config, Arc::clone(&rng)).await?;
    master_keys::adopt(&*store, &sealer, &*rng, SystemClock.now()).await?;
    let parts = Parts {
        store,
        workers: Arc::new(HashingPool::start(&config.hashing, Arc::clone(&rng))?),
        clock: Arc::new(SystemClock),
        rng,
        sealer: Arc::new(sealer),
        observer: Arc::new(LogObserver),
    };
    Ok(Arc::new(Local::new(parts, settings(config))))
}

async fn open_store(config: &Config, rng: Arc<dyn Rng>) -> Result<Arc<dyn Store>> {
    if let Some(postgres) = &config.database {
        let store = PostgresStore::open(&postgres_settings(postgres)?, rng).await;
        return Ok(Arc::new(store.context("cannot use the database of the configuration")?));
    }
    make_folder(&config.data)?;
    let path = config.data.join(DATABASE);
    check_not_copied(&path)?;
    let store = SqliteStore::open(&path)
        .with_context(|| format!("cannot open the database {}", path.display()))?;
    Ok(Arc::new(store))
}

/// How a database is used; reads its password.
///
/// # Errors
///
/// If the password cannot be read.
pub fn postgres_settings(config: &PostgresConfig) -> Result<PostgresSettings> {
    Ok(PostgresSettings {
        address: config.address.clone(),
        password: config.password.as_ref().map(SecretSource::read).transpose()?,
        connections: config.connections,
        connect_timeout: config.connect_timeout,
        statement_timeout: config.statement_timeout,
    })
}

/// All pools: the engine's, and those that live elsewhere.
///
/// # Errors
///
/// If the secret of an app client cannot be read, or TLS cannot be set up.
#[cfg_attr(not(feature = "aws"), expect(clippy::unused_async, reason = "nothing lives elsewhere"))]
pub async fn pools(engine: &Arc<Local>, config: &Config) -> Result<Arc<Pools>> {
    #[cfg(feature = "aws")]
    let remote = {
        let parts = poolkeeper_aws::Parts {
            directory: Arc::clone(engine) as _,
            tenants: Arc::clone(engine) as _,
            suspensions: Arc::clone(engine) as _,
            follow_ups: Arc::clone(engine) as _,
            sealer: engine.shared_sealer(),
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
        };
        amazon::remote_pools(config, &parts).await?
    };
    #[cfg(not(feature = "aws"))]
    let remote = {
        let _: &Config = config;
        Vec::new()
    };
    Ok(Arc::new(Pools::new(Arc::clone(engine), remote)))
}

/// What of a configuration concerns the engine.
pub fn settings(config: &Config) -> Settings {
    Settings {
        region: config.region.clone(),
        account: config.account.clone(),
        issuer_base: config.issuer.clone(),
        grants: config.tenant_api.as_ref().map(|api| api.grants.clone()).unwrap_or_default(),
        messages: config.messages.clone(),
        faces: face_clients(config),
        administrators: config.portal_api.iter().map(administrators).collect(),
        partner_groups: partner_groups(config),
        elsewhere: config.pools_at_amazon().map(|pool| pool.id.clone()).collect(),
    }
}

/// The groups that mean something to the partner API.
pub fn partner_groups(config: &Config) -> PartnerGroups {
    config.partner_api.as_ref().map(|api| api.groups.clone()).unwrap_or_default()
}

/// Who administers through the portal API.
pub fn administrators(api: &PortalApiConfig) -> Administrators {
    Administrators {
        pool: api.pool.clone(),
        addresses: api.admin_addresses.clone(),
        second_factors: api.second_factors,
    }
}

/// The app clients of the sign-in APIs that have one each; those of tenants are records.
fn face_clients(config: &Config) -> Vec<FaceClient> {
    let partner = config.partner_api.iter().map(|api| FaceClient {
        face: Face::Partner,
        pool: api.pool.clone(),
        client: api.client.clone(),
    });
    let portal = config.portal_api.iter().map(|api| FaceClient {
        face: Face::Portal,
        pool: api.pool.clone(),
        client: api.client.clone(),
    });
    partner.chain(portal).collect()
}

/// Makes a folder that only its owner can look into.
///
/// # Errors
///
/// If it cannot be made.
pub fn make_folder(path: &Path) -> Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot create the folder {}", path.display()))
}

/// Why the database cannot be kept in the folder that the configuration says, if it cannot.
pub fn unwritable_data(config: &Config) -> Option<String> {
    let file = database_file(config)?;
    let here = |folder: &Path| folder.as_os_str().is_empty() || folder.exists();
    let folder = config.data.ancestors().find(|folder| here(folder))?;
    let probe = folder.join(format!(".poolkeeper-{}", std::process::id()));
    let opened = if file.exists() {
        fs::OpenOptions::new().write(true).open(&file).map(drop)
    } else {
        fs::File::create_new(&probe).and_then(|_| fs::remove_file(&probe))
    };
    let path = if file.exists() { &file } else { &config.data };
    opened.err().map(|error| format!("cannot write to {}: {error}", path.display()))
}

/// Binds the address to listen on.
///
/// # Errors
///
/// If the address cannot be bound.
pub async fn listen(config: &Config) -> Result<TcpListener> {
    bind(config.listen, "set another `listen` in the configuration file").await
}

/// Binds an address. `remedy` says how to choose another one, for when something else uses it.
///
/// # Errors
///
/// If the address cannot be bound.
pub async fn bind(address: SocketAddr, remedy: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let is_in_use = error.kind() == io::ErrorKind::AddrInUse;
        let advice = format!(": stop the program that uses it, or {remedy}");
        let advice = if is_in_use { advice.as_str() } else { "" };
        anyhow!("cannot listen on {address}: {error}{advice}")
    })
}

/// An address that is listened on, and what is answered there.
pub struct Listening {
    /// The address.
    pub listener: TcpListener,
    /// The answers.
    pub router: Router,
}

/// The operators' address, if they have one.
async fn operators(config: &Config) -> Result<Option<Listening>> {
    let Some(OperatorConfig { listen }) = config.operator else { return Ok(None) };
    let remedy = "set another `listen` below [operator] in the configuration file";
    let listener = bind(listen, remedy).await?;
    Ok(Some(Listening { listener, router: faces::for_operators(config, listen) }))
}

/// Serves until ctrl-c or SIGTERM, and meanwhile sends messages and tidies up. Operators are answered
/// until everybody else has been.
///
/// # Errors
///
/// If signals cannot be handled, or the master key is replaced by one that is not held here.
pub async fn run(
    limits: &Limits,
    public: Listening,
    operators: Option<Listening>,
    proxies: &TrustedProxies,
    engine: Arc<Local>,
    pools: Arc<Pools>,
    delivery: Option<Delivery>,
) -> Result<()> {
    let stop = server::stop_signal()?;
    let (stop_delivery, stopped) = oneshot::channel();
    let post = delivery
        .map(|delivery| tokio::spawn(delivery::run(Arc::clone(&engine), delivery, stopped)));
    let (lose, lost) = oneshot::channel();
    let sweeper = tokio::spawn(sweep(engine, lose));
    let catching_up = tokio::spawn(catch_up(pools));
    let mut problem = None;
    let stop = async {
        tokio::select! {
            () = stop => {}
            lost = lost => problem = lost.ok(),
        }
    };
    let (stop_operators, stopped) = oneshot::channel::<()>();
    let answering = operators.map(|Listening { listener, router }| {
        let (limits, proxies) = (limits.for_operators(), proxies.clone());
        let stop = async { stopped.await.unwrap_or(()) };
        tokio::spawn(async move { server::serve(&limits, &proxies, listener, router, stop).await })
    });
    server::serve(limits, proxies, public.listener, public.router, stop).await;
    drop(stop_operators);
    if let Some(answering) = answering
        && answering.await.is_err()
    {
        tracing::error!("the task that answers operators has failed");
    }
    sweeper.abort();
    catching_up.abort();
    drop(stop_delivery);
    if let Some(post) = post
        && post.await.is_err()
    {
        tracing::error!("the task that sends messages has failed");
    }
    tracing::info!("stopped");
    problem.map_or(Ok(()), |problem| Err(problem.into()))
}

/// Does what remains to be done in pools that live elsewhere.
async fn catch_up(pools: Arc<Pools>) {
    let mut interval = tokio::time::interval(CATCH_UP_INTERVAL);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        pools.catch_up(&server()).await;
    }
}

/// Removes what has lost its meaning, and asks which master key seals. Ends if that one is not held here.
async fn sweep(engine: Arc<Local>, lose: oneshot::Sender<MasterKeyProblem>) {
    tokio::select! {
        problem = follow_master_keys(&engine) => {
            tracing::error!(%problem, "the server stops");
            lose.send(problem).ok();
        }
        () = remove_portions(&engine) => {}
    }
}

async fn follow_master_keys(engine: &Local) -> MasterKeyProblem {
    loop {
        match engine.follow_master_keys().await {
            Ok(false) => {}
            Ok(true) => tracing::warn!("this server does not have the announced master key"),
            Err(MasterKeyProblem::Store(error)) => {
                tracing::warn!(%error, "could not check which master key seals");
            }
            Err(problem) => return problem,
        }
        tokio::time::sleep(SWEEP_INTERVAL).await;
    }
}

async fn remove_portions(engine: &Local) {
    loop {
        let begun = Instant::now();
        let more = engine.sweep().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "could not remove records that have lost their meaning");
            false
        });
        tokio::time::sleep(rest(more, begun.elapsed())).await;
    }
}

/// How long to wait until the next portion is removed, by whether there is one and how long this one
/// took.
fn rest(more: bool, took: Duration) -> Duration {
    if more { took.saturating_mul(REST).min(LONGEST_REST) } else { SWEEP_INTERVAL }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_with_more_to_do_works_a_quarter_of_the_time() {
        let millis = Duration::from_millis;
        let took = [0, 10, 200, 700].map(millis);
        assert_eq!(took.map(|took| rest(true, took)), [0, 30, 600, 2100].map(millis));
        assert_eq!(took.map(|took| rest(false, took)), [millis(1000); 4]);
    }

    #[tokio::test]
    async fn an_address_in_use_comes_with_what_to_do() {
        let taken = bind("127.0.0.1:0".parse().unwrap(), "").await.unwrap();
        let address = taken.local_addr().unwrap();
        let refused = bind(address, "choose another one").await.unwrap_err().to_string();
        let reason = "Address already in use (os error 98)";
        assert_eq!(
            refused,
            format!(
                "cannot listen on {address}: {reason}: stop the program that uses it, or choose \
                 another one"
            )
        );
        // Of 192.0.2.0/24 no machine has one: it is for documentation.
        let foreign = bind("192.0.2.1:0".parse().unwrap(), "choose another one").await;
        let refused = foreign.unwrap_err().to_string();
        assert!(!refused.contains("choose another one"), "{refused}");
    }
}
