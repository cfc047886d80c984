//! `poolkeeper tenant credential`: what machines of a tenant sign in with.

use super::super::{Failure, told};
use super::find;
use crate::system::operator;
use clap::{Args, Subcommand};
use poolkeeper_pool::backend::administration::Page;
use poolkeeper_pool::backend::tenancy::{Credential as Record, NewCredential, Tenancy};
use poolkeeper_pool::entity::Tenant;
use poolkeeper_pool::ids::{GroupName, Username};
use poolkeeper_pool::local::Local;
use poolkeeper_pool::{Error, Refusal};
use std::io::Write;

/// Credentials read from the database at a time.
const PAGE: usize = 50;

/// Manages the machine credentials of a tenant.
#[derive(Debug, Args)]
pub(super) struct Credential {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists the machine credentials of a tenant.
    List {
        /// Name of the tenant; upper and lower case are the same.
        tenant: String,
    },
    /// Creates a machine credential and prints its secret, which is not shown again.
    Create {
        /// Name of the tenant; upper and lower case are the same.
        tenant: String,
        /// Display name of the credential.
        name: String,
        /// Adds the credential to this group, in addition to the tenant's. Can be repeated.
        #[arg(long = "grant", value_name = "GROUP")]
        grants: Vec<String>,
    },
    /// Deletes a machine credential. Its tokens become invalid at once.
    Delete {
        /// Name of the tenant; upper and lower case are the same.
        tenant: String,
        /// Client id of the credential.
        client_id: String,
    },
}

impl Credential {
    pub(super) async fn run(
        self,
        engine: &Local,
        tenancy: &dyn Tenancy,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        match self.action {
            Action::List { tenant } => list(tenancy, &find(engine, &tenant).await?, out).await,
            Action::Create { tenant, name, grants } => {
                let grants = grants.into_iter().map(GroupName::new).collect();
                let tenant = find(engine, &tenant).await?;
                create(tenancy, &tenant, NewCredential { name, grants }, out).await
            }
            Action::Delete { tenant, client_id } => {
                let tenant = find(engine, &tenant).await?;
                delete(tenancy, &tenant, &Username::new(client_id), out).await
            }
        }
    }
}

async fn list(tenancy: &dyn Tenancy, tenant: &Tenant, out: &mut impl Write) -> Result<(), Failure> {
    let (mut cursor, mut count) = (None, 0);
    loop {
        let page = Page { cursor: cursor.as_deref(), limit: PAGE };
        let listing = tenancy.credentials(&operator(), tenant, page).await.map_err(told)?;
        for Record { client_id, name, grants, .. } in &listing.entries {
            let grants: Vec<_> = grants.iter().map(GroupName::as_str).collect();
            writeln!(out, "{client_id}  {name}  {}", grants.join(" "))?;
        }
        count += listing.entries.len();
        cursor = listing.next;
        if cursor.is_none() {
            writeln!(out, "{count} machine credentials")?;
            return Ok(());
        }
    }
}

async fn create(
    tenancy: &dyn Tenancy,
    tenant: &Tenant,
    new: NewCredential,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let (credential, secret) =
        tenancy.create_credential(&operator(), tenant, new).await.map_err(told)?;
    writeln!(out, "ClientID  {}", credential.client_id)?;
    writeln!(out, "Secret    {}", secret.expose())?;
    writeln!(out, "The secret is stored hashed: it cannot be shown again.")?;
    Ok(())
}

async fn delete(
    tenancy: &dyn Tenancy,
    tenant: &Tenant,
    client_id: &Username,
    out: &mut impl Write,
) -> Result<(), Failure> {
    match tenancy.delete_credential(&operator(), tenant, client_id).await {
        Ok(()) => Ok(writeln!(out, "{client_id} was deleted")?),
        Err(Error::Refused(Refusal::UserNotFound)) => {
            Err(Failure::Usage(format!("tenant {} has no credential {client_id}", tenant.name)))
        }
        Err(error) => Err(told(error)),
    }
}
