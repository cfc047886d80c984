//! `poolkeeper tenant`: the tenants of the tenant API and their machine credentials.

mod credential;

use super::database::Database;
use super::{Failure, told};
use crate::system::operator;
use clap::{Args, Subcommand};
use credential::Credential;
use poolkeeper_pool::entity::Tenant as Record;
use poolkeeper_pool::ids::{ClientId, GroupName, PoolId, TenantId};
use poolkeeper_pool::local::{Local, NewTenant};
use std::io::Write;
use tokio::runtime::Runtime;

/// Tenants read from the database at a time.
const PAGE: usize = 1000;

/// Manages tenants and their machine credentials. The server can keep running.
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
        /// Name of the tenant; upper and lower case are the same.
        name: String,
    },
    /// Creates a tenant, and its groups if they do not exist.
    Create(Create),
    /// Changes a tenant. If the configuration file declares it, the next start of the server undoes
    /// the change.
    Update(Update),
    /// Deletes a tenant and its machine credentials. Its people remain users of the pool.
    Delete {
        /// Name of the tenant; upper and lower case are the same.
        name: String,
    },
    /// Manages the machine credentials of a tenant.
    Credential(Credential),
}

#[derive(Debug, Args)]
struct Create {
    /// Name of the tenant.
    name: String,
    /// Tenant id in answers and tokens. Default: a new one.
    #[arg(long)]
    id: Option<String>,
    /// User pool of the tenant's users.
    #[arg(long)]
    pool: String,
    /// App client that the users sign in through.
    #[arg(long)]
    client: String,
    /// Group that users of the tenant must be in. Default: all users of the pool belong to the
    /// tenant.
    #[arg(long)]
    group: Option<String>,
    /// Group of the administrators who manage the tenant's machine credentials.
    #[arg(long)]
    admin_group: Option<String>,
}

#[derive(Debug, Args)]
struct Update {
    /// Name of the tenant; upper and lower case are the same.
    name: String,
    /// New name. The old name stops working at once.
    #[arg(long)]
    rename: Option<String>,
    /// New app client, in the same pool. Sign-ins through the old one end.
    #[arg(long)]
    client: Option<String>,
    /// New group of users. "" means none. No user is moved.
    #[arg(long)]
    group: Option<String>,
    /// New group of administrators. "" means none.
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
    engine.delete_tenant(&operator(), &tenant.id).await.map_err(told)?;
    writeln!(out, "tenant {} and its machine credentials were deleted", tenant.name)?;
    Ok(())
}

/// Tenants share app clients with nobody but each other.
fn check_client(engine: &Local, client: &str) -> Result<(), Failure> {
    let faces = &engine.settings().faces;
    if faces.iter().any(|face| face.client.as_str() == client) {
        let problem = format!("app client {client} serves another sign-in API: choose another one");
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
        show(&engine.create_tenant(&operator(), new).await.map_err(told)?, out)
    }
}

impl Update {
    async fn run(self, engine: &Local, out: &mut impl Write) -> Result<(), Failure> {
        if let Some(client) = &self.client {
            check_client(engine, client)?;
        }
        let id = find(engine, &self.name).await?.id;
        let edited = engine
            .update_tenant(&operator(), &id, |tenant| self.edit(tenant))
            .await
            .map_err(told)?;
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
