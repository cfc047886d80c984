//! Connections: some that look-ups share, some that listings share, the others for one commit at a time.

use super::PostgresSettings;
use super::failure::{Failure, Moment};
use super::text;
use crate::statement::{Effort, Query};
use deadpool_postgres::{
    ClientWrapper, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime,
    TimeoutType,
};
use poolkeeper_pool::error::StoreError;
use std::iter;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Notify};
use tokio_postgres::config::Config;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The server itself ends a statement that takes too long; only one that has gone silent is waited
/// for longer.
const GRACE: Duration = Duration::from_secs(5);

/// How long a transaction may do nothing. Its statements are sent at once, so that between two of
/// them lies one way over the network: a node that is silent for longer has gone, and its locks must
/// not keep others waiting.
const IDLE: Duration = Duration::from_secs(2);

/// How long a row that another transaction holds is waited for. Longer than [`IDLE`], after which
/// those of a lost node are free.
const LOCKED: Duration = Duration::from_secs(4);

/// After how long a connection is asked for again where none could be opened.
const AGAIN: Duration = Duration::from_millis(250);

pub(super) struct Connections {
    /// For commits.
    pool: Pool,
    /// For look-ups.
    lanes: Vec<Arc<Lane>>,
    /// For listings, which would hold up the look-ups behind them.
    listing_lanes: Vec<Arc<Lane>>,
    config: Config,
    tls: MakeRustlsConnect,
    connect_timeout: Duration,
    statement_timeout: Duration,
    /// Told whenever a connection comes back from a commit. Each that is lent holds a copy.
    returned: Arc<Notify>,
}

/// A connection that is lent to one commit.
pub(super) struct Lent {
    client: Object,
    _back: Back,
}

/// Says that a connection is free again, once it is.
struct Back(Arc<Notify>);

impl Drop for Back {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

impl Lent {
    /// Closes the connection: another takes its place.
    pub(super) fn discard(self) {
        drop(Object::take(self.client));
    }
}

impl Deref for Lent {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        &self.client
    }
}

/// A connection that any number of reads share: each is sent without waiting for the answers to
/// those before. It is opened when it is needed first.
#[derive(Default)]
struct Lane(Mutex<Option<Arc<ClientWrapper>>>);

impl Connections {
    /// Opens none yet.
    pub(super) fn new(settings: &PostgresSettings) -> Result<Self, StoreError> {
        let PostgresSettings { connect_timeout, statement_timeout, .. } = *settings;
        let lanes = closed_lanes(settings.connections.div_ceil(4));
        let (listing_lanes, reading) = if settings.connections > 2 {
            let own = closed_lanes(settings.connections.div_ceil(8));
            let reading = lanes.len() + own.len();
            (own, reading)
        } else {
            // One is left for commits, and the other is for all reads.
            (lanes.clone(), lanes.len())
        };
        let (config, tls) = settings.address.prepare(settings)?;
        let method = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let statements = statement_timeout;
        let limits = Limits { statements, locked: LOCKED.min(statements), idle: IDLE };
        let configured = with_limits(&config, limits);
        let manager = Manager::from_config(configured, tls.clone(), method);
        let pool = Pool::builder(manager)
            .max_size(settings.connections.saturating_sub(reading).max(1))
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(connect_timeout))
            .create_timeout(Some(connect_timeout))
            .build()
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        let returned = Arc::default();
        Ok(Self {
            pool,
            lanes,
            listing_lanes,
            config,
            tls,
            connect_timeout,
            statement_timeout,
            returned,
        })
    }

    /// How long an answer is waited for.
    pub(super) fn patience(&self) -> Duration {
        self.statement_timeout + GRACE
    }

    /// A connection for one commit. Where no more can be opened, as a server may have no more to give
    /// than others hold, one that is in use is waited for.
    pub(super) async fn check_out(&self) -> Result<Lent, Failure> {
        let waits = async {
            loop {
                match self.lend().await {
                    Ok(client) => {
                        let back = Back(Arc::clone(&self.returned));
                        return Ok(Lent { client, _back: back });
                    }
                    Err(failure @ Failure::Transient { .. }) if !self.is_lending() => {
                        return Err(failure);
                    }
                    Err(Failure::Transient { .. }) => {}
                    Err(failure) => return Err(failure),
                }
                // Others may have left the server, too: it is tried again now and then.
                let _ = tokio::time::timeout(AGAIN, self.returned.notified()).await;
            }
        };
        let waited = tokio::time::timeout(self.connect_timeout, waits).await;
        waited.unwrap_or_else(|_| Err(Failure::Final("all connections are in use".to_owned())))
    }

    fn is_lending(&self) -> bool {
        Arc::strong_count(&self.returned) > 1
    }

    async fn lend(&self) -> Result<Object, Failure> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => Failure::of(&error, Moment::Before),
            PoolError::Timeout(TimeoutType::Wait) => {
                Failure::Final("all connections are in use".to_owned())
            }
            other => Failure::Final(other.to_string()),
        })
    }

    /// The rows of a query.
    pub(super) async fn read(&self, query: &Query) -> Result<Vec<Row>, Failure> {
        let lanes = match query.effort {
            Effort::Lookup => &self.lanes,
            Effort::Listing => &self.listing_lanes,
        };
        // The lane that the fewest are on; as long as one is enough, the others stay closed.
        let lane = lanes.iter().min_by_key(|lane| Arc::strong_count(lane));
        let lane = lane.map(Arc::clone).unwrap_or_default();
        // Those who wait while somebody connects must not each begin to wait anew when that fails.
        let connected = tokio::time::timeout(self.connect_timeout, lane.client(self)).await;
        let client = connected.map_err(|_| Failure::late(Moment::Before))??;
        let rows = within(self.patience(), Moment::Before, rows(&client, query)).await;
        if matches!(rows, Err(Failure::Transient { .. } | Failure::Final(_))) {
            lane.replace(&client).await;
        }
        rows
    }

    /// A connection that is not kept. A time-out of zero is none.
    pub(super) async fn alone(&self, statements: Duration) -> Result<ClientWrapper, Failure> {
        let limits = Limits { statements, locked: Duration::ZERO, idle: statements + GRACE };
        let config = with_limits(&self.config, limits);
        let connecting = config.connect(self.tls.clone());
        let connected = within(self.connect_timeout, Moment::Before, connecting).await?;
        let (client, connection) = connected;
        // How it ends shows in what is asked of it.
        let task = tokio::spawn(async move { drop(connection.await) });
        Ok(ClientWrapper::new(client, task))
    }
}

fn closed_lanes(count: usize) -> Vec<Arc<Lane>> {
    iter::repeat_with(Arc::default).take(count).collect()
}

impl Lane {
    async fn client(&self, connections: &Connections) -> Result<Arc<ClientWrapper>, Failure> {
        let mut place = self.0.lock().await;
        if let Some(client) = place.as_ref().filter(|client| !client.is_closed()) {
            return Ok(Arc::clone(client));
        }
        let client = Arc::new(connections.alone(connections.statement_timeout).await?);
        *place = Some(Arc::clone(&client));
        Ok(client)
    }

    /// After a failure the next read shall start afresh.
    async fn replace(&self, failed: &Arc<ClientWrapper>) {
        let mut place = self.0.lock().await;
        if place.as_ref().is_some_and(|client| Arc::ptr_eq(client, failed)) {
            *place = None;
        }
    }
}

async fn rows(client: &ClientWrapper, query: &Query) -> Result<Vec<Row>, Error> {
    let prepared = client.prepare_cached(text(query.sql)).await?;
    let parameters: Vec<_> =
        query.parameters.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    client.query(&prepared, &parameters).await
}

/// Waits for an answer, but not for ever.
pub(super) async fn within<T>(
    patience: Duration,
    moment: Moment,
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(patience, answer).await {
        Ok(answer) => answer.map_err(|error| Failure::of(&error, moment)),
        Err(_) => Err(Failure::late(moment)),
    }
}

/// How long the server lets a session go on with what; a limit of zero is none.
#[derive(Clone, Copy)]
struct Limits {
    /// One statement.
    statements: Duration,
    /// Waiting for what another transaction holds.
    locked: Duration,
    /// Doing nothing in a transaction.
    idle: Duration,
}

/// Has the server end statements that take too long, and transactions whose node has died.
fn with_limits(config: &Config, limits: Limits) -> Config {
    let Limits { statements, locked, idle } = limits;
    let mut config = config.clone();
    let options = format!(
        "{} -c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={} \
         -c default_transaction_isolation=read\\ committed",
        config.get_options().unwrap_or_default(),
        statements.as_millis(),
        locked.as_millis(),
        idle.as_millis(),
    );
    config.options(options.trim_start());
    config
}

/// Refuses a server that would lose what it has acknowledged, or mistake texts.
pub(super) async fn check_server(client: &ClientWrapper) -> Result<(), StoreError> {
    let settings = "SELECT current_setting('synchronous_commit'), current_setting('fsync'), \
         current_setting('server_encoding')";
    let row = client.query_one(settings, &[]).await;
    let row = row.map_err(|error| Failure::of(&error, Moment::Before))?;
    let wanted = [
        ("synchronous_commit", "off", false),
        ("fsync", "on", true),
        ("server_encoding", "UTF8", true),
    ];
    for (index, (name, value, must_be)) in wanted.into_iter().enumerate() {
        let found: &str = row.try_get(index).unwrap_or_default();
        if (found == value) != must_be {
            let not = if must_be { "" } else { "not " };
            let problem = format!("its setting {name} is {found:?}; it must {not}be {value:?}");
            return Err(StoreError::Unavailable(problem));
        }
    }
    Ok(())
}
