//! `poolkeeper partner`: the partners of the partner API.

use super::Failure;
use super::database::{AtAmazon, PoolChoice};
use crate::pools::Pools;
use crate::system::operator;
use anyhow::Error;
use clap::{Args, Subcommand};
use poolkeeper_pool::backend::administration::{Administration as _, NewGroup};
use poolkeeper_pool::backend::user_pool::Directory as _;
use poolkeeper_pool::entity::{Grant, Partner, PartnerStatus};
use poolkeeper_pool::error::Error::Refused;
use poolkeeper_pool::error::Refusal;
use poolkeeper_pool::ids::{GroupName, PartnerId, PoolId};
use poolkeeper_pool::local::Local;
use std::collections::BTreeMap;
use std::io::Write;
use tokio::runtime::Runtime;

/// Manages partners. The server can keep running; changes take effect with its next request.
///
/// When the server starts, it resets the partners that the configuration file declares to what the
/// file says, except for a status that the file does not set and features that it does not name.
#[derive(Debug, Args)]
pub(super) struct PartnerCommand {
    #[command(flatten)]
    pool: PoolChoice,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Lists the partners.
    List,
    /// Shows a partner as JSON.
    Show {
        /// `partner-id-<slug>` or `fd<digits>`.
        id: PartnerId,
    },
    /// Creates a partner, and the group with its id.
    Create {
        /// `partner-id-<slug>` or `fd<digits>`.
        id: PartnerId,
        /// Display name.
        #[arg(long)]
        name: String,
        /// The partner's number, for older clients.
        #[arg(long, value_name = "NUMBER", default_value_t = 0)]
        client_id: i64,
        /// Currency as an ISO 4217 code.
        #[arg(long, default_value = "EUR")]
        currency: String,
        #[command(flatten)]
        fields: Fields,
    },
    /// Changes a partner. Only the options that you give are changed.
    Update {
        /// `partner-id-<slug>` or `fd<digits>`.
        id: PartnerId,
        /// Display name.
        #[arg(long)]
        name: Option<String>,
        /// The partner's number, for older clients.
        #[arg(long, value_name = "NUMBER")]
        client_id: Option<i64>,
        /// Currency as an ISO 4217 code.
        #[arg(long)]
        currency: Option<String>,
        #[command(flatten)]
        fields: Fields,
    },
    /// Suspends a partner. Requests for it are refused, and so are sign-ins of users who have no
    /// other partner.
    Suspend {
        /// `partner-id-<slug>` or `fd<digits>`.
        id: PartnerId,
    },
    /// Ends the suspension of a partner.
    Activate {
        /// `partner-id-<slug>` or `fd<digits>`.
        id: PartnerId,
    },
    /// Turns a feature of a partner on or off, or unsets it.
    Feature {
        /// `partner-id-<slug>` or `fd<digits>`.
        id: PartnerId,
        /// Name of the feature.
        name: String,
        /// The new value.
        #[arg(value_parser = ["on", "off", "unset"])]
        value: String,
    },
}

/// What else there is to say of a partner.
#[derive(Clone, Debug, Args)]
struct Fields {
    /// Web domain.
    #[arg(long)]
    domain: Option<String>,
    /// Line of business.
    #[arg(long)]
    vertical: Option<String>,
    /// Price list.
    #[arg(long)]
    pricing_tier: Option<String>,
    /// How campaigns are priced.
    #[arg(long)]
    campaign_pricing_model: Option<String>,
    /// Whether demand prediction is on.
    #[arg(long, value_name = "BOOL")]
    demand_prediction: Option<bool>,
    /// Whether campaign recommendations are on.
    #[arg(long, value_name = "BOOL")]
    campaign_recommendations: Option<bool>,
    /// Whether named-entity recognition is on.
    #[arg(long, value_name = "BOOL")]
    ner_active: Option<bool>,
}

impl PartnerCommand {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        Runtime::new()?.block_on(async {
            let (pool, engine, at_amazon) = self.pool.open_anywhere().await?;
            let made = match &self.action {
                Action::Create { id, .. } => Some(id.group()),
                _ => None,
            };
            self.action.run(&engine, pool.clone(), out).await?;
            match (at_amazon, made) {
                (Some(AtAmazon { pools, .. }), Some(group)) => {
                    make_group(&pools, pool, group).await
                }
                _ => Ok(()),
            }
        })
    }
}

impl Action {
    async fn run(self, engine: &Local, pool: PoolId, out: &mut impl Write) -> Result<(), Failure> {
        let done = match self {
            Self::List => return list(engine, &pool, out).await,
            Self::Show { id } => show(engine, &pool, &id).await?,
            Self::Create { id, name, client_id, currency, fields } => {
                let mut new = blank(pool, id, name, client_id, currency);
                fields.put_into(&mut new);
                check(&new)?;
                engine.create_partner(&operator(), new.clone()).await.map_err(Error::from)?;
                new
            }
            Self::Update { id, name, client_id, currency, fields } => {
                let edit = |partner: &mut Partner| {
                    put(&mut partner.name, name.clone());
                    put(&mut partner.client_id, client_id);
                    put(&mut partner.currency, currency.clone());
                    fields.put_into(partner);
                };
                let mut probe = show(engine, &pool, &id).await?;
                edit(&mut probe);
                check(&probe)?;
                engine.edit_partner(&operator(), &pool, &id, edit).await.map_err(Error::from)?
            }
            Self::Suspend { id } => {
                set_status(engine, &pool, &id, PartnerStatus::Suspended).await?
            }
            Self::Activate { id } => set_status(engine, &pool, &id, PartnerStatus::Active).await?,
            Self::Feature { id, name, value } => {
                set_feature(engine, (&pool, &id), &name, &value).await?
            }
        };
        let json = serde_json::to_string_pretty(&done).map_err(Error::from)?;
        Ok(writeln!(out, "{json}")?)
    }
}

/// Makes the group of a new partner at Amazon, where the partner's users are to be. The partner itself is
/// a record of ours.
async fn make_group(pools: &Pools, pool: PoolId, name: GroupName) -> Result<(), Failure> {
    let new =
        NewGroup { pool, name: name.clone(), description: None, role_arn: None, precedence: None };
    match pools.create_group(&operator(), new).await {
        Ok(_) | Err(Refused(Refusal::GroupExists)) => Ok(()),
        Err(error) => Err(Error::from(error)
            .context(format!("the partner was created; create the group {name} at Amazon"))
            .into()),
    }
}

async fn list(engine: &Local, pool: &PoolId, out: &mut impl Write) -> Result<(), Failure> {
    for partner in engine.partners(pool).await.map_err(Error::from)? {
        writeln!(out, "{}  {}  {}", partner.id, partner.status.as_str(), partner.name)?;
    }
    Ok(())
}

async fn show(engine: &Local, pool: &PoolId, id: &PartnerId) -> Result<Partner, Failure> {
    let found = engine.partner(pool, id).await.map_err(Error::from)?;
    found.ok_or_else(|| anyhow::anyhow!("there is no partner {id}").into())
}

async fn set_status(
    engine: &Local,
    pool: &PoolId,
    id: &PartnerId,
    status: PartnerStatus,
) -> Result<Partner, Failure> {
    let edit = |partner: &mut Partner| partner.status = status;
    Ok(engine.edit_partner(&operator(), pool, id, edit).await.map_err(Error::from)?)
}

async fn set_feature(
    engine: &Local,
    (pool, id): (&PoolId, &PartnerId),
    name: &str,
    value: &str,
) -> Result<Partner, Failure> {
    if !Grant::is_permission(name) {
        let problem = "a feature's name is 1 to 128 letters, digits, '.', '_', '-' and ':'";
        return Err(Failure::Usage(problem.to_owned()));
    }
    let edit = |partner: &mut Partner| {
        match value {
            "unset" => partner.features.remove(name),
            value => partner.features.insert(name.to_owned(), value == "on"),
        };
    };
    Ok(engine.edit_partner(&operator(), pool, id, edit).await.map_err(Error::from)?)
}

fn blank(pool: PoolId, id: PartnerId, name: String, client_id: i64, currency: String) -> Partner {
    Partner {
        pool,
        id,
        client_id,
        name,
        domain: String::new(),
        currency,
        vertical: String::new(),
        demand_prediction: false,
        campaign_recommendations: false,
        status: PartnerStatus::Active,
        pricing_tier: String::new(),
        campaign_pricing_model: String::new(),
        ner_active: false,
        features: BTreeMap::new(),
    }
}

impl Fields {
    fn put_into(&self, partner: &mut Partner) {
        put(&mut partner.domain, self.domain.clone());
        put(&mut partner.vertical, self.vertical.clone());
        put(&mut partner.pricing_tier, self.pricing_tier.clone());
        put(&mut partner.campaign_pricing_model, self.campaign_pricing_model.clone());
        put(&mut partner.demand_prediction, self.demand_prediction);
        put(&mut partner.campaign_recommendations, self.campaign_recommendations);
        put(&mut partner.ner_active, self.ner_active);
    }
}

fn put<T>(field: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *field = given;
    }
}

/// What the configuration file would refuse of a partner, too.
fn check(partner: &Partner) -> Result<(), Failure> {
    let currency = &partner.currency;
    if !partner.id.is_well_formed() {
        return Err(Failure::Usage(format!("not a partner id: expected {}", PartnerId::FORM)));
    }
    if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
        let problem = "not a currency: three capital letters (ISO 4217) are expected";
        return Err(Failure::Usage(problem.to_owned()));
    }
    Ok(())
}
