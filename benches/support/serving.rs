//! What all benchmarks have in common: how much they measure, people who can sign in, and being served.

use anyhow::{Result, bail};
use poolkeeper::config::Config;
use poolkeeper::server::{self, Limits};
use poolkeeper::system::{SystemClock, SystemRng, operator};
use poolkeeper::wire;
use poolkeeper_faces::TrustedProxies;
use poolkeeper_pool::backend::administration::{Invitation, NewUser};
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Attributes, Kind, User, UserStatus};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::Local;
use std::env;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "Passw0rd!";

/// Seals all that is kept.
pub(crate) const MASTER_KEY: [u8; 32] = [7; 32];

/// Whether all is to be measured that there is. Cargo passes `--bench` when benchmarks are what it runs.
/// Without it they are being run as tests, where it only matters that they still run.
pub(crate) fn is_whole() -> Result<bool> {
    let (mut bench, mut quick) = (false, false);
    for argument in env::args().skip(1) {
        match argument.as_str() {
            "--bench" => bench = true,
            "--quick" => quick = true,
            other => bail!("{other} is no option of this benchmark; --quick is"),
        }
    }
    Ok(bench && !quick)
}

/// What a configuration declares, with one user who can sign in.
pub(crate) async fn open(config: &Config, pool: &PoolId, username: &str) -> Result<Arc<Local>> {
    let engine = wire::open(config, Sealer::new(&MASTER_KEY)).await?;
    wire::declare(&engine, config).await?;
    add_user(&engine, pool, username, |_| {}).await?;
    Ok(engine)
}

/// Another user who can sign in, with whatever else is to be true of them.
pub(crate) async fn add_user(
    engine: &Local,
    pool: &PoolId,
    username: &str,
    edit: impl Fn(&mut User),
) -> Result<()> {
    let new = NewUser {
        pool: pool.clone(),
        username: username.to_owned(),
        attributes: Attributes::default(),
        temporary_password: Some(Secret::from(PASSWORD)),
        kind: Kind::Person,
        invitation: Invitation::Suppress,
        mediums: Vec::new(),
        force_alias: false,
        groups: Vec::new(),
    };
    let user = engine.create_user(&operator(), new).await?;
    let edit = |user: &mut User| {
        user.status = UserStatus::Confirmed;
        edit(user);
    };
    Ok(engine.edit_user(&operator(), &user, edit).await?)
}

/// Serves all faces in the background, as long as the runtime lives.
pub(crate) async fn serve(engine: &Arc<Local>, config: &Config) -> Result<SocketAddr> {
    let pools = wire::pools(engine, config).await?;
    let router = wire::faces(engine, &pools, config, Arc::new(SystemClock), Arc::new(SystemRng))?;
    let listener = wire::listen(config).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let (limits, proxies) = (Limits::of_this_system(), TrustedProxies::default());
        server::serve(&limits, &proxies, listener, router, pending()).await;
    });
    Ok(address)
}
