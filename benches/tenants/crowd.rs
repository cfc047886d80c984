//! Many tenants and users, written to the database directly.

use anyhow::{Context as _, Result};
use poolkeeper::system::{SystemClock, SystemRng};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::crypto::credentials::Credentials;
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::entity::{
    AliasKey, AppClient, Attributes, Group, Kind, SignInName, Tenant, User, UserPoolRecord,
    UserStatus,
};
use poolkeeper_pool::ids::{ClientId, GroupName, PoolId, Sub, Username};
use poolkeeper_pool::ports::Store as _;
use poolkeeper_pool::system::Clock as _;
use poolkeeper_store::SqliteStore;

/// How many records a commit takes at a time.
const BATCH: usize = 2_000;

/// How many there are.
#[derive(Clone, Copy)]
pub(crate) struct Crowd {
    pub(crate) tenants: usize,
    /// Tenants among them that have a pool of their own, with one user.
    pub(crate) own_pools: usize,
    /// Users of the shared pool, spread over the other tenants.
    pub(crate) users: usize,
    /// So many each of people, machines and disabled people in the first tenant, beside those.
    pub(crate) special: usize,
}

impl Crowd {
    /// Tenants that share a pool.
    pub(crate) const fn shared(self) -> usize {
        self.tenants - self.own_pools
    }

    /// The tenant whose user this is.
    pub(crate) const fn tenant_of(self, user: usize) -> usize {
        user % self.shared()
    }
}

/// What the records are copies of.
pub(crate) struct Original {
    pub(crate) pool: UserPoolRecord,
    pub(crate) client: AppClient,
    pub(crate) user: User,
}

/// Writes all of it.
pub(crate) async fn fill(
    store: &SqliteStore,
    sealer: &Sealer,
    original: &Original,
    crowd: Crowd,
) -> Result<()> {
    let tenants = (0..crowd.tenants).flat_map(|number| tenant(original, crowd, number));
    Box::pin(commit(store, tenants)).await?;
    let sealed = original.user.password.as_ref().context("the first user has no password")?;
    let credentials = Credentials::open(&original.user, sealed, sealer)?;
    let copy = |name: String, tenant: usize, edit: fn(&mut User)| {
        user(original, (&credentials, sealer), name, Place::of(tenant, original, crowd), edit)
    };
    let users = (0..crowd.users)
        .flat_map(|number| copy(format!("u{number}"), crowd.tenant_of(number), |_| {}));
    Box::pin(commit(store, users)).await?;
    let alone = (crowd.shared()..crowd.tenants)
        .flat_map(|number| copy(format!("alone{number}"), number, |_| {}));
    Box::pin(commit(store, alone)).await?;
    let special = (0..crowd.special).flat_map(|number| {
        let person = copy(format!("person{number}"), 0, |_| {});
        let machine = copy(format!("machine{number}"), 0, |user| user.kind = Kind::Service);
        let disabled = copy(format!("disabled{number}"), 0, |user| user.enabled = false);
        [person, machine, disabled].into_iter().flatten()
    });
    Box::pin(commit(store, special)).await
}

async fn commit(store: &SqliteStore, changes: impl Iterator<Item = Change>) -> Result<()> {
    let mut changes = changes.peekable();
    while changes.peek().is_some() {
        store.commit(changes.by_ref().take(BATCH).collect()).await?;
    }
    Ok(())
}

/// Where the users of a tenant are.
struct Place {
    pool: PoolId,
    group: Option<GroupName>,
}

impl Place {
    fn of(tenant: usize, original: &Original, crowd: Crowd) -> Self {
        if tenant < crowd.shared() {
            let group = GroupName::new(format!("tenant-{tenant}"));
            Self { pool: original.pool.id.clone(), group: Some(group) }
        } else {
            Self { pool: PoolId::new(format!("us-east-1_Own{tenant}")), group: None }
        }
    }
}

fn tenant(original: &Original, crowd: Crowd, number: usize) -> Vec<Change> {
    let Place { pool, group } = Place::of(number, original, crowd);
    let mut tenant = Tenant {
        name: format!("Tenant {number}"),
        id: format!("t{number}").as_str().into(),
        pool: pool.clone(),
        client: original.client.id.clone(),
        group: group.clone(),
        admin_group: None,
    };
    if let Some(name) = group {
        let now = SystemClock.now();
        let group = Group {
            pool,
            name,
            description: None,
            role_arn: None,
            precedence: None,
            created_at: now,
            modified_at: now,
        };
        return vec![Change::CreateGroup(group), Change::CreateTenant(tenant)];
    }
    tenant.client = ClientId::new(format!("own{number}"));
    let own = UserPoolRecord { id: pool.clone(), ..original.pool.clone() };
    let client = AppClient { id: tenant.client.clone(), pool, ..original.client.clone() };
    vec![
        Change::CreatePool(Box::new(own)),
        Change::CreateClient(Box::new(client)),
        Change::CreateTenant(tenant),
    ]
}

/// A copy of the first user, under another name and with the same password.
fn user(
    original: &Original,
    (credentials, sealer): (&Credentials, &Sealer),
    name: String,
    Place { pool, group }: Place,
    edit: fn(&mut User),
) -> Vec<Change> {
    let sub = Sub::random(&SystemRng);
    let email = format!("{name}@example.com");
    let mut user = User {
        pool: pool.clone(),
        sub: sub.clone(),
        username: Username::new(sub.as_str()),
        status: UserStatus::Confirmed,
        attributes: Attributes::from_iter([("email", email.as_str())]),
        version: 1,
        ..original.user.clone()
    };
    user.password = Some(credentials.seal(&user, sealer, &SystemRng));
    edit(&mut user);
    if user.kind == Kind::Service {
        user.username = Username::new(name);
    }
    let key = AliasKey::sign_in(SignInName::Email, &email);
    let username_key = user.username.to_string();
    let mut changes = vec![
        Change::CreateUser { user: Box::new(user), username_key },
        Change::AddAlias { pool: pool.clone(), sub: sub.clone(), key },
    ];
    changes.extend(group.map(|group| Change::AddToGroup { pool, sub, group }));
    changes
}
