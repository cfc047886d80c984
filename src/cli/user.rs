//! `poolkeeper user`: people and service accounts.

mod at_amazon;
mod create;

use super::database::PoolChoice;
use super::{Failure, told};
use crate::system::operator;
use clap::{Args, Subcommand};
use create::Create;
use poolkeeper_pool::backend::administration::{Administration as _, UserDetails};
use poolkeeper_pool::backend::user_pool::{Factor, MfaSummary};
use poolkeeper_pool::entity::{Group, Kind, User as Record};
use poolkeeper_pool::ids::PoolId;
use poolkeeper_pool::local::{Failures, Local};
use std::io::Write;
use tokio::runtime::Runtime;

/// Users read from the database at a time.
const PAGE: usize = 1000;

/// Manages users. The server can keep running; changes take effect with its next request.
#[derive(Debug, Args)]
pub(super) struct User {
    #[command(flatten)]
    pool: PoolChoice,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists the users.
    List {
        /// Lists only service accounts.
        #[arg(long)]
        services: bool,
    },
    /// Shows a user, and whether failed attempts have locked the account.
    Show(Named),
    /// Creates a person, who is sent an invitation, or a service account, whose secret is printed.
    Create(Create),
    /// Clears a user's failed attempts, so that the user can sign in again at once.
    Unlock(Named),
    /// Enables a disabled user.
    Enable(Named),
    /// Disables a user. Sign-ins are refused, and tokens stop working.
    Disable(Named),
    /// Deletes a user.
    Delete(Named),
}

#[derive(Debug, Args)]
struct Named {
    /// Username, `sub` or another name that the user signs in with.
    name: String,
}

impl User {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        Runtime::new()?.block_on(async {
            let (pool, engine, at_amazon) = self.pool.open_anywhere().await?;
            match at_amazon {
                None => self.action.run(&engine, pool, out).await,
                Some(at_amazon) => self.action.run_at_amazon(&at_amazon, pool, out).await,
            }
        })
    }
}

impl Action {
    async fn run(self, engine: &Local, pool: PoolId, out: &mut impl Write) -> Result<(), Failure> {
        let (name, done) = match self {
            Self::List { services } => return list(engine, &pool, services, out).await,
            Self::Show(Named { name }) => return show(engine, &pool, &name, out).await,
            Self::Create(create) => return create.run(engine, pool, out).await,
            Self::Unlock(Named { name }) => {
                engine.unlock(&operator(), &pool, &name).await.map_err(told)?;
                (name, "no longer has failed attempts")
            }
            Self::Enable(Named { name }) => {
                engine.enable_user(&operator(), &pool, &name).await.map_err(told)?;
                (name, "is enabled")
            }
            Self::Disable(Named { name }) => {
                engine.disable_user(&operator(), &pool, &name).await.map_err(told)?;
                (name, "is disabled, and signed out everywhere")
            }
            Self::Delete(Named { name }) => {
                engine.delete_user(&operator(), &pool, &name).await.map_err(told)?;
                (name, "was deleted")
            }
        };
        Ok(writeln!(out, "{name} {done}")?)
    }
}

async fn list(
    engine: &Local,
    pool: &PoolId,
    services: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (mut cursor, mut count) = (None, 0);
    loop {
        let listing = engine
            .list_users(&operator(), pool, None, cursor.as_deref(), PAGE)
            .await
            .map_err(told)?;
        let wanted = |user: &&Record| !services || user.kind == Kind::Service;
        for user in listing.entries.iter().filter(wanted) {
            let Record { username, status, .. } = user;
            let (status, enabled, kind) = (status.as_str(), enabled(user.enabled), kind(user.kind));
            let email = user.attributes.get("email").unwrap_or("-");
            writeln!(out, "{username}  {status}  {enabled}  {kind}  {email}")?;
            count += 1;
        }
        cursor = listing.next;
        if cursor.is_none() {
            return write_count(count, services, out);
        }
    }
}

fn write_count(count: usize, services: bool, out: &mut impl Write) -> Result<(), Failure> {
    let what = if services { "service accounts" } else { "users" };
    Ok(writeln!(out, "{count} {what}")?)
}

async fn show(
    engine: &Local,
    pool: &PoolId,
    name: &str,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let user = engine.user(&operator(), pool, name).await.map_err(told)?;
    // From here on by what leads to nobody else, whatever happens to names meanwhile.
    let sub = user.sub.as_str();
    let record = engine.get_user(&operator(), pool, sub).await.map_err(told)?;
    let groups = engine.groups_of(&operator(), pool, sub).await.map_err(told)?;
    let Failures { count, locked_until } =
        engine.failures(&operator(), pool, sub).await.map_err(told)?;
    write_user(&user, record.kind, &groups, out)?;
    writeln!(out, "failures        {count}")?;
    let until = locked_until.map_or("-".to_owned(), |at| at.whole_seconds().iso_text());
    Ok(writeln!(out, "locked until    {until}")?)
}

fn write_user(
    user: &UserDetails,
    kind_of_user: Kind,
    groups: &[Group],
    out: &mut impl Write,
) -> Result<(), Failure> {
    writeln!(out, "username        {}", user.username)?;
    writeln!(out, "sub             {}", user.sub)?;
    writeln!(out, "status          {}", user.status.as_str())?;
    writeln!(out, "enabled         {}", if user.enabled { "yes" } else { "no" })?;
    writeln!(out, "kind            {}", kind(kind_of_user))?;
    writeln!(out, "groups          {}", joined(groups.iter().map(group_name)))?;
    for (name, value) in user.attributes.iter() {
        writeln!(out, "attribute       {name}={value}")?;
    }
    Ok(writeln!(out, "second factors  {}", joined(factors(user.mfa)))?)
}

fn group_name(group: &Group) -> String {
    group.name.to_string()
}

fn enabled(enabled: bool) -> &'static str {
    if enabled { "enabled" } else { "disabled" }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "person",
        Kind::Service => "service",
    }
}

/// The second factors in force, as Cognito spells them; the one asked for first is marked.
fn factors(mfa: MfaSummary) -> impl Iterator<Item = String> {
    let all = [(mfa.totp, Factor::Totp), (mfa.email, Factor::Email), (mfa.sms, Factor::Sms)];
    all.into_iter().filter(|(is_on, _)| *is_on).map(move |(_, factor)| {
        let mark = if mfa.preferred == Some(factor) { "*" } else { "" };
        format!("{}{mark}", factor.name())
    })
}

fn joined(words: impl Iterator<Item = String>) -> String {
    let words: Vec<_> = words.collect();
    if words.is_empty() { "-".to_owned() } else { words.join(" ") }
}
