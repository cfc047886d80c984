//! `poolkeeper tenant`: the tenants of the tenant API and their machine credentials.

mod credential;

use super::database::Database;
use super::{Failure, told};
use clap::{Args, Subcommand};
use credential::Credential;
use poolkeeper_pool::entity::Tenant as Record;
use poolkeeper_pool::ids::{ClientId, GroupName, PoolId, TenantId};
use poolkeeper_pool::local::{Local, NewTenant};
use std::io::Write;
use tokio::runtime::Runtime;

/// Tenants read from the database at a time.
const PAGE: usize = 1000;

/// Works on tenants and their machine credentials, also while the server runs.
#[derive(Debug, Args)]
pub(super) struct Tenant {
    #[command(flatten)]
    database: Database,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists all tenants by name.
    List,
    /// Shows a tenant.
    Show {
        /// Its name, in any case.
        name: String,
    },
    /// Makes a tenant, and its groups where they are missing.
    Create(Create),
    /// Changes a tenant. One that the configuration file declares is changed back at the next start.
    Update(Update),
    /// Removes a tenant with its machine credentials. Its people stay users of the pool.
    Delete {
        /// Its name, in any case.
        name: String,
    },
    /// Works on the machine credentials of a tenant.
    Credential(Credential),
}

#[derive(Debug, Args)]
struct Create {
    /// Its name.
    name: String,
    /// The id that answers and tokens show; a fresh one by default.
    #[arg(long)]
    id: Option<String>,
    /// The pool its users are in.
    #[arg(long)]
    pool: String,
    /// The app client they sign in through.
    #[arg(long)]
    client: String,
    /// The group its users must be in; without, all users of the pool are the tenant's.
    #[arg(long)]
    group: Option<String>,
    /// The group of those who manage its machine credentials.
    #[arg(long)]
    admin_group: Option<String>,
}

#[derive(Debug, Args)]
struct Update {
    /// Its name, in any case.
    name: String,
    /// A new name. The old one is worth nothing from then on.
    #[arg(long)]
    rename: Option<String>,
    /// Another app client of its pool. Sign-ins through the one before end.
    #[arg(long)]
    client: Option<String>,
    /// Another group. Nobody is moved; "" for none.
    #[arg(long)]
    group: Option<String>,
    /// Another group of administrators; "" for none.
    #[arg(long)]
    admin_group: Option<String>,
}

impl Tenant {
    /// The server may be running meanwhile.
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        Runtime::new()?.block_on(async {
            let (engine, pools) = self.database.open_pools().await?;
            match self.action {
                Action::List => list(&engine, out).await,
                Action::Show { name } => show(&find(&engine, &name).await?, out),
                Action::Create(create) => create.run(&engine, out).await,
                Action::Update(update) => update.run(&engine, out).await,
                Action::Delete { name } => delete(&engine, &name, out).await,
                Action::Credential(credential) => credential.run(&engine, &*pools, out).await,
            }
        })
    }
}

async fn find(engine: &Local, name: &str) -> Result<Record, Failure> {
    let tenant = engine.tenant(name).await.map_err(told)?;
    tenant.ok_or_else(|| Failure::Usage(format!("there is no tenant {name}")))
}

async fn list(engine: &Local, out: &mut impl Write) -> Result<(), Failure> {
    let mut last: Option<Record> = None;
    let mut count = 0;
    loop {
        let page = engine.tenants(last.as_ref(), PAGE).await.map_err(told)?;
        if page.is_empty() {
            break;
        }
        for Record { name, id, pool, group, .. } in &page {
            let group = group.as_ref().map_or("all users", GroupName::as_str);
            writeln!(out, "{id}  {name}  {pool}  {group}")?;
        }
        count += page.len();
        last = page.into_iter().last();
    }
    writeln!(out, "{count} tenants")?;
    Ok(())
}

fn show(tenant: &Record, out: &mut impl Write) -> Result<(), Failure> {
    let Record { name, id, pool, client, group, admin_group } = tenant;
    let named =
        |group: &Option<GroupName>| group.as_ref().map_or("-".to_owned(), ToString::to_string);
    writeln!(out, "name         {name}")?;
    writeln!(out, "id           {id}")?;
    writeln!(out, "pool         {pool}")?;
    writeln!(out, "client       {client}")?;
    writeln!(out, "group        {}", named(group))?;
    writeln!(out, "admin group  {}", named(admin_group))?;
    Ok(())
}

async fn delete(engine: &Local, name: &str, out: &mut impl Write) -> Result<(), Failure> {
    let tenant = find(engine, name).await?;
    engine.delete_tenant(&tenant.id).await.map_err(told)?;
    writeln!(out, "tenant {} is gone, and its machine credentials", tenant.name)?;
    Ok(())
}

/// Tenants share app clients with nobody but each other.
fn check_client(engine: &Local, client: &str) -> Result<(), Failure> {
    let faces = &engine.settings().faces;
    if faces.iter().any(|face| face.client.as_str() == client) {
        let problem =
            format!("app client {client} serves another sign-in API: take one of its own");
        return Err(Failure::Usage(problem));
    }
    Ok(())
}

impl Create {
    async fn run(self, engine: &Local, out: &mut impl Write) -> Result<(), Failure> {
        check_client(engine, &self.client)?;
        let new = NewTenant {
            name: self.name,
            id: self.id.map(TenantId::new),
            pool: PoolId::new(self.pool),
            client: ClientId::new(self.client),
            group: self.group.map(GroupName::new),
            admin_group: self.admin_group.map(GroupName::new),
        };
        show(&engine.create_tenant(new).await.map_err(told)?, out)
    }
}

impl Update {
    async fn run(self, engine: &Local, out: &mut impl Write) -> Result<(), Failure> {
        if let Some(client) = &self.client {
            check_client(engine, client)?;
        }
        let id = find(engine, &self.name).await?.id;
        let edited = engine.update_tenant(&id, |tenant| self.edit(tenant)).await.map_err(told)?;
        let gone = || Failure::Usage(format!("there is no tenant {}", self.name));
        show(&edited.ok_or_else(gone)?, out)
    }

    fn edit(&self, mut tenant: Record) -> Record {
        if let Some(name) = &self.rename {
            name.trim().clone_into(&mut tenant.name);
        }
        if let Some(client) = &self.client {
            tenant.client = ClientId::from(client.as_str());
        }
        let given = |name: &String| (!name.is_empty()).then(|| GroupName::from(name.as_str()));
        if let Some(group) = &self.group {
            tenant.group = given(group);
        }
        if let Some(group) = &self.admin_group {
            tenant.admin_group = given(group);
        }
        tenant
    }
}
