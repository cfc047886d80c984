//! `poolkeeper user` for a pool that lives at Amazon.

use super::super::database::AtAmazon;
use super::super::{Failure, told};
use super::{Action, Named, enabled, kind, write_count, write_user};
use crate::pools::Pools;
use crate::system::operator;
use poolkeeper_pool::backend::administration::{Administration as _, Listing, Page, UserDetails};
use poolkeeper_pool::entity::Kind;
use poolkeeper_pool::error::{Error, Refusal};
use poolkeeper_pool::ids::{GroupName, PoolId, Sub};
use std::collections::BTreeSet;
use std::io::Write;

/// Users that Amazon lists at a time.
const PAGE: usize = 60;

impl Action {
    pub(super) async fn run_at_amazon(
        self,
        AtAmazon { pools, service_group }: &AtAmazon,
        pool: PoolId,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let request = operator();
        let (name, done) = match self {
            Self::List { services } => {
                return list(pools, &pool, service_group, services, out).await;
            }
            Self::Show(Named { name }) => {
                return show(pools, &pool, service_group, &name, out).await;
            }
            Self::Create(create) => return create.run_at_amazon(pools, pool, out).await,
            Self::Unlock(_) => {
                let problem = format!(
                    "pool {pool} is at Amazon, which counts failed attempts itself and ends a lock by \
                     itself, after 15 minutes at most"
                );
                return Err(Failure::Usage(problem));
            }
            Self::Enable(Named { name }) => {
                pools.enable_user(&request, &pool, &name).await.map_err(told)?;
                (name, "is enabled")
            }
            Self::Disable(Named { name }) => {
                pools.disable_user(&request, &pool, &name).await.map_err(told)?;
                (name, "is disabled, and signed out everywhere")
            }
            Self::Delete(Named { name }) => {
                pools.delete_user(&request, &pool, &name).await.map_err(told)?;
                (name, "was deleted")
            }
        };
        Ok(writeln!(out, "{name} {done}")?)
    }
}

async fn list(
    pools: &Pools,
    pool: &PoolId,
    service_group: &GroupName,
    services: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let programs = programs(pools, pool, service_group).await?;
    let (mut cursor, mut count) = (None::<String>, 0);
    loop {
        let page = Page { cursor: cursor.as_deref(), limit: PAGE };
        let Listing { entries, next } = pools.users(&operator(), pool, page).await.map_err(told)?;
        for user in entries {
            let kind_of_user =
                if programs.contains(&user.sub) { Kind::Service } else { Kind::Person };
            if services && kind_of_user != Kind::Service {
                continue;
            }
            let UserDetails { username, status, .. } = &user;
            let (status, enabled) = (status.as_str(), enabled(user.enabled));
            let email = user.attributes.get("email").unwrap_or("-");
            writeln!(out, "{username}  {status}  {enabled}  {}  {email}", kind(kind_of_user))?;
            count += 1;
        }
        cursor = next;
        if cursor.is_none() {
            return write_count(count, services, out);
        }
    }
}

/// The members of the group of programs, which need not be there.
async fn programs(
    pools: &Pools,
    pool: &PoolId,
    service_group: &GroupName,
) -> Result<BTreeSet<Sub>, Failure> {
    let (mut cursor, mut subs) = (None::<String>, BTreeSet::new());
    loop {
        let page = Page { cursor: cursor.as_deref(), limit: PAGE };
        let listed = pools.users_in_group(&operator(), pool, service_group, page).await;
        let Listing { entries, next } = match listed {
            Err(Error::Refused(Refusal::GroupNotFound(_))) => return Ok(subs),
            listed => listed.map_err(told)?,
        };
        subs.extend(entries.into_iter().map(|user| user.sub));
        cursor = next;
        if cursor.is_none() {
            return Ok(subs);
        }
    }
}

async fn show(
    pools: &Pools,
    pool: &PoolId,
    service_group: &GroupName,
    name: &str,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let user = pools.user(&operator(), pool, name).await.map_err(told)?;
    // From here on by what leads to nobody else, whatever happens to names meanwhile.
    let groups = pools.groups_of(&operator(), pool, user.sub.as_str()).await.map_err(told)?;
    let is_program = groups.iter().any(|group| group.name == *service_group);
    let kind = if is_program { Kind::Service } else { Kind::Person };
    write_user(&user, kind, &groups, out)?;
    Ok(writeln!(out, "failures        unknown: only Amazon counts them")?)
}
