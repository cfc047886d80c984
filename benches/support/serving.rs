//! What the servers of all benchmarks have in common: people who can sign in, and being served.

use anyhow::Result;
use poolkeeper::config::Config;
use poolkeeper::pools::Pools;
use poolkeeper::server::{self, Limits};
use poolkeeper::system::{SystemClock, SystemRng};
use poolkeeper::wire;
use poolkeeper_faces::TrustedProxies;
use poolkeeper_pool::administration::{Invitation, NewUser};
use poolkeeper_pool::entity::{Attributes, Kind, UserStatus};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::Local;
use poolkeeper_pool::secret::Secret;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "Passw0rd!";

/// Makes somebody who can sign in.
pub(crate) async fn create_user(engine: &Local, pool: &PoolId, username: &str) -> Result<()> {
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
    let user = engine.create_user(new).await?;
    engine.edit_user(&user, |user| user.status = UserStatus::Confirmed).await?;
    Ok(())
}

/// Serves all faces in the background, as long as the runtime lives.
pub(crate) async fn serve(
    engine: &Arc<Local>,
    pools: &Arc<Pools>,
    config: &Config,
) -> Result<SocketAddr> {
    let router = wire::faces(engine, pools, config, Arc::new(SystemClock), Arc::new(SystemRng))?;
    let listener = wire::listen(config).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let (limits, proxies) = (Limits::of_this_system(), TrustedProxies::default());
        server::serve(&limits, &proxies, listener, router, pending()).await;
    });
    Ok(address)
}
