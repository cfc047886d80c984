//! What pages of users cost among few users and among many, and what they cost those beside them.
//!
//! Each call is timed among a thousand users and among 200,000, and so are the reads of those calls of
//! Cognito's that want a signature. Then `GetUser` is timed by itself, and while two or four other
//! clients call it, or list users, without a pause.
//!
//!     cargo bench --bench listings             # a minute or two
//!     cargo bench --bench listings -- --quick  # a few users: does it still run?
//!     scripts/postgres cargo bench --bench listings

#[path = "support/client.rs"]
mod client;
#[path = "support/database.rs"]
#[expect(dead_code, reason = "another benchmark uses more of it")]
mod database;
#[path = "support/serving.rs"]
mod serving;

use anyhow::{Context as _, Result, anyhow, ensure};
use client::{Client, request};
use database::{Database, Postgres};
use poolkeeper::config::Config;
use poolkeeper::system::operator;
use poolkeeper::wire;
use poolkeeper_pool::entity::Grant;
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::ports::{FilterField, Store, UserFilter};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::iter;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How much there is, and how often it is measured.
#[derive(Clone, Copy)]
struct Extent {
    few: u32,
    many: u32,
    calls: usize,
    beside: Duration,
}

const FULL: Extent =
    Extent { few: 1_000, many: 200_000, calls: 300, beside: Duration::from_secs(5) };
const QUICK: Extent = Extent { few: 100, many: 300, calls: 3, beside: Duration::from_millis(50) };

/// So many users are made at once.
const PORTION: u32 = 100_000;

const POOL: &str = "us-east-1_Listings1";
const USER: &str = "user@example.com";
const PARTNER: &str = "partner-id-all";

/// Everything at its default but the port, which the system chooses, and limits; to follow the database.
const CONFIG: &str = r#"
listen = "127.0.0.1:0"
public_url = "http://localhost:8080"

[[pool]]
id = "us-east-1_Listings1"
username_attributes = ["email"]

[[pool.client]]
id = "cognito"
flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[pool.client]]
id = "portal"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[pool.client]]
id = "partner"
flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[[pool.group]]
name = "admin"

[[pool.group]]
name = "managers"

[[pool.group]]
name = "partner-id-all"

[[partner]]
pool = "us-east-1_Listings1"
id = "partner-id-all"
client_id = 1
name = "All"
domain = "all.example"
currency = "EUR"
vertical = "sports"
pricing_tier = "gold"
campaign_pricing_model = "flat"

[cognito]
attempts_per_address = 0

[portal_api]
pool = "us-east-1_Listings1"
client = "portal"
attempts_per_address = 0

[partner_api]
pool = "us-east-1_Listings1"
client = "partner"
attempts_per_address = 0
reads_per_partner = 0
writes_per_partner = 0
"#;

/// A running server, and the way to its records.
struct Server {
    // Before `runtime`, which its removal needs: fields are dropped in this order.
    database: Database,
    runtime: Runtime,
    address: SocketAddr,
    store: Arc<dyn Store>,
    file: PathBuf,
}

fn main() -> Result<()> {
    let extent = if serving::is_whole()? { FULL } else { QUICK };
    // As in production, where every request is logged, but for the writing.
    tracing_subscriber::fmt().with_writer(io::sink).init();
    let server = Server::start()?;
    let mut calls = Calls::prepare(server.address)?;
    server.fill(1..extent.few)?;
    let few = [calls.measure(extent)?, server.measure(extent)?].concat();
    server.fill(extent.few..extent.many)?;
    calls.set_last(extent.many)?;
    let many = [calls.measure(extent)?, server.measure(extent)?].concat();
    let mut text = String::new();
    writeln!(
        text,
        "\n{}, medians\n{:<44}{:>14}{:>14}{:>8}",
        server.database.name(),
        "among users",
        extent.few,
        extent.many,
        "ratio"
    )?;
    for ((name, few), (_, many)) in few.iter().zip(&many) {
        let ratio = many / few;
        writeln!(text, "{name:<44}{few:>11.3} ms{many:>11.3} ms{ratio:>8.2}")?;
    }
    text.push_str(&calls.beside(server.address, extent)?);
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

impl Server {
    fn start() -> Result<Self> {
        let runtime = Runtime::new()?;
        let database = Database::create(runtime.handle())?;
        let path = database.folder().path().join("poolkeeper.toml");
        let config = Config::parse(&path, &format!("{}{CONFIG}", database.setting()))?;
        let address = runtime.block_on(serve(&config))?;
        let file = wire::database_file(&config).unwrap_or_default();
        let store = runtime.block_on(database.open("", &file))?;
        Ok(Self { database, runtime, address, store, file })
    }

    /// Makes users like the first one, with a group for all that is the partner's.
    fn fill(&self, numbers: Range<u32>) -> Result<()> {
        let ends = |first: u32| (first, numbers.end.min(first + PORTION) - 1);
        for (first, last) in numbers.clone().step_by(PORTION as usize).map(ends) {
            let text = |script: &str| {
                let text =
                    script.replace(":'pool'", ":pool").replace(":pool", &format!("'{POOL}'"));
                let text = text.replace(":first", &first.to_string());
                text.replace(":last", &last.to_string()).replace("everyone", PARTNER)
            };
            match self.database.postgres() {
                None => self.run_on_file(&text(include_str!("scale/fill_sqlite.sql")))?,
                Some(postgres) => {
                    let text = text(include_str!("scale/fill.sql"));
                    self.runtime.block_on(run_on_postgres(postgres, &text))?;
                }
            }
        }
        Ok(())
    }

    fn run_on_file(&self, sql: &str) -> Result<()> {
        let connection = Connection::open(&self.file)?;
        connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000")?;
        connection.execute_batch(sql)?;
        Ok(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)
    }

    /// Times reads without the calls around them.
    fn measure(&self, extent: Extent) -> Result<Vec<(&'static str, f64)>> {
        let (pool, store) = (PoolId::from(POOL), &self.store);
        let mut measured = Vec::new();
        let mut measure = |name, read: &dyn Fn() -> Result<()>| {
            measured.push((name, percentile(times_of(read, extent.calls)?, 50)));
            anyhow::Ok(())
        };
        measure("read of DescribeUserPool", &|| {
            self.runtime.block_on(store.counted_pool(&pool))?.context("no pool").map(drop)
        })?;
        let (email, status) = (FilterField::named("email"), Some(FilterField::UserStatus));
        for (name, field, value, found) in [
            ("read of ListUsers", None, "", 60),
            ("read of ListUsers, by email", email, "person1@example.com", 1),
            ("read of ListUsers, by nobody's status", status, "RESET_REQUIRED", 0),
        ] {
            let filter = field.map(|field| UserFilter::new(field, value.to_owned(), false));
            measure(name, &|| {
                let page = self.runtime.block_on(store.users(&pool, filter.as_ref(), None, 60))?;
                ensure!(page.users.len() == found, "{name}: {}", page.users.len());
                Ok(())
            })?;
        }
        for (name, group, found) in [
            ("read of ListUsersInGroup, group of all", PARTNER, 60),
            ("read of ListUsersInGroup, group of one", "managers", 1),
        ] {
            let group = group.into();
            measure(name, &|| {
                let page = self.runtime.block_on(store.users_in_group(&pool, &group, None, 60))?;
                ensure!(page.users.len() == found, "{name}: {}", page.users.len());
                Ok(())
            })?;
        }
        Ok(measured)
    }
}

async fn serve(config: &Config) -> Result<SocketAddr> {
    let pool = PoolId::from(POOL);
    let engine = serving::open(config, &pool, USER).await?;
    for group in ["admin", "managers", PARTNER] {
        engine.add_to_group(&operator(), &pool, USER, &group.into()).await?;
    }
    let permission = Grant::MANAGE_USERS.to_owned();
    let grant = Grant { pool, group: "managers".into(), partner: None, permission };
    engine.grant(&operator(), grant).await?;
    serving::serve(&engine, config).await
}

async fn run_on_postgres(postgres: &Postgres, sql: &str) -> Result<()> {
    let client = postgres.client().await?;
    client.batch_execute(&format!("SET search_path TO {}", postgres.name())).await?;
    client.batch_execute(sql).await?;
    let tables = "users, user_aliases, user_search, memberships, groups, sessions, user_counts, \
        member_counts";
    Ok(client.batch_execute(&format!("VACUUM (ANALYZE) {tables}")).await?)
}

/// The calls that are timed.
struct Calls {
    client: Client,
    get_user: Vec<u8>,
    portal: Vec<u8>,
    first: Vec<u8>,
    last: Vec<u8>,
    partner_token: String,
}

impl Calls {
    fn prepare(address: SocketAddr) -> Result<Self> {
        let mut client = Client::connect(address)?;
        let body = json!({ "username": USER, "password": serving::PASSWORD }).to_string();
        let mut token = |line: &str, name: &str| {
            let request = request(line, &[("content-type", "application/json")], &body)?;
            let answer: Value = serde_json::from_slice(client.call(&request, "200")?)?;
            let token = answer.get(name).and_then(Value::as_str);
            token.map(str::to_owned).with_context(|| format!("{line}: {answer}"))
        };
        let portal = token("POST /api/auth/login", "access_token")?;
        let partner_token = token("POST /auth", "AccessToken")?;
        let get_user = get_user(&mut client)?;
        let portal = listing("GET /api/admin/users", &portal)?;
        let first = listing("GET /auth/partners/users", &partner_token)?;
        let mut calls =
            Self { client, get_user, portal, last: first.clone(), first, partner_token };
        calls.set_last(1)?;
        Ok(calls)
    }

    /// Has the last page asked for, of so many users.
    fn set_last(&mut self, users: u32) -> Result<()> {
        let line = format!("GET /auth/partners/users?page={}", users.div_ceil(50));
        self.last = listing(&line, &self.partner_token)?;
        Ok(())
    }

    fn measure(&mut self, extent: Extent) -> Result<Vec<(&'static str, f64)>> {
        let calls = [
            ("GetUser", &self.get_user),
            ("portal GET /api/admin/users", &self.portal),
            ("partner GET /auth/partners/users", &self.first),
            ("partner GET /auth/partners/users, last page", &self.last),
        ];
        let mut measured = Vec::new();
        for (name, request) in calls {
            let call = || self.client.call(request, "200").map(drop);
            let times = times_of(call, extent.calls)?;
            measured.push((name, percentile(times, 50)));
        }
        Ok(measured)
    }

    /// `GetUser` by itself, and beside those who list.
    fn beside(&mut self, address: SocketAddr, extent: Extent) -> Result<String> {
        let mut text = String::from(
            "\nGetUser, one client                             median           p99\n",
        );
        for (name, listing, listers) in [
            ("alone", &self.portal, 0),
            ("beside 2 more who call it", &self.get_user, 2),
            ("beside 2 who list, portal", &self.portal, 2),
            ("beside 2 who list, partner, last page", &self.last, 2),
            ("beside 4 more who call it", &self.get_user, 4),
            ("beside 4 who list, portal", &self.portal, 4),
            ("beside 4 who list, partner, last page", &self.last, 4),
        ] {
            let stop = AtomicBool::new(false);
            let times = thread::scope(|scope| {
                let list = || scope.spawn(|| list_until(address, listing, &stop));
                let listers: Vec<_> = iter::repeat_with(list).take(listers).collect();
                let times = times_for(&mut self.client, &self.get_user, extent.beside);
                stop.store(true, Ordering::Relaxed);
                for lister in listers {
                    lister.join().map_err(|_| anyhow!("a client has panicked"))??;
                }
                times
            })?;
            let [median, p99] = [50, 99].map(|percent| percentile(times.clone(), percent));
            writeln!(text, "{name:<44}{median:>11.3} ms{p99:>11.3} ms")?;
        }
        Ok(text)
    }
}

fn listing(line: &str, token: &str) -> Result<Vec<u8>> {
    request(line, &[("authorization", &format!("Bearer {token}"))], "")
}

fn get_user(client: &mut Client) -> Result<Vec<u8>> {
    let cognito = |operation: &str, body: &Value| {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", &target)];
        request("POST /", &headers, &body.to_string())
    };
    let login = json!({
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": "cognito",
        "AuthParameters": { "USERNAME": USER, "PASSWORD": serving::PASSWORD },
    });
    let answer = client.call(&cognito("InitiateAuth", &login)?, "200")?;
    let answer: Value = serde_json::from_slice(answer)?;
    let token = answer.pointer("/AuthenticationResult/AccessToken");
    cognito("GetUser", &json!({ "AccessToken": token }))
}

fn list_until(address: SocketAddr, request: &[u8], stop: &AtomicBool) -> Result<()> {
    let mut client = Client::connect(address)?;
    while !stop.load(Ordering::Relaxed) {
        client.call(request, "200")?;
    }
    Ok(())
}

fn times_of(mut call: impl FnMut() -> Result<()>, calls: usize) -> Result<Vec<f64>> {
    (0..calls).map(|_| timed(&mut call)).collect()
}

fn times_for(client: &mut Client, request: &[u8], long: Duration) -> Result<Vec<f64>> {
    let (mut times, mut sum) = (Vec::new(), 0.0);
    while sum < long.as_secs_f64() * 1e3 {
        let time = timed(|| client.call(request, "200").map(drop))?;
        sum += time;
        times.push(time);
    }
    Ok(times)
}

/// Milliseconds.
#[expect(clippy::disallowed_methods, reason = "real time is what a benchmark is about")]
fn timed(call: impl FnOnce() -> Result<()>) -> Result<f64> {
    let begin = Instant::now();
    call()?;
    Ok(begin.elapsed().as_secs_f64() * 1e3)
}

fn percentile(mut times: Vec<f64>, percent: usize) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    let rank = times.len().saturating_sub(1) * percent / 100;
    times.get(rank).copied().unwrap_or_default()
}
