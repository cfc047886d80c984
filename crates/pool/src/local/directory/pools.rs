use crate::change::Change;
use crate::entity::{
    GivenSettings, MfaMode, PasswordPolicy, PoolRules, STANDARD_ATTRIBUTES, SchemaAttribute,
    SessionRules, SignInName, StandardAttribute, UserPoolRecord,
};
use crate::error::{PoolFlaw, Refusal, Result};
use crate::ids::PoolId;
use crate::local::Local;
use crate::local::directory::pool_admin::check_tags;
use crate::request::RequestContext;
use std::collections::HashSet;

/// A pool to be made.
#[derive(Clone, Debug, Default)]
pub struct NewPool {
    /// Its id; a fresh one if none is given.
    pub id: Option<PoolId>,
    /// Display name.
    pub name: String,
    /// Whether it asks for a second factor.
    pub mfa: MfaMode,
    /// What a password must look like.
    pub password_policy: PasswordPolicy,
    /// Attributes that take the username's place.
    pub username_attributes: Vec<SignInName>,
    /// Attributes that work beside the username once verified.
    pub alias_attributes: Vec<SignInName>,
    /// Whether names that differ in case only are different.
    pub case_sensitive: bool,
    /// Custom attributes, and standard ones whose settings differ from the default.
    pub schema: Vec<SchemaAttribute>,
    /// What the operator decides about its users.
    pub rules: PoolRules,
    /// Settings to be given back as they are.
    pub other: GivenSettings,
}

impl Local {
    /// Makes a pool, with signing keys of its own.
    ///
    /// # Errors
    ///
    /// [`Refusal::Invalid`] ([`PoolFlaw`]); [`Refusal::Busy`]; faults on our side.
    pub async fn create_pool(
        &self,
        request: &RequestContext,
        new: NewPool,
    ) -> Result<UserPoolRecord> {
        if !new.username_attributes.is_empty() && !new.alias_attributes.is_empty() {
            return Err(Refusal::invalid(PoolFlaw::AliasAndUsernameAttributes).into());
        }
        check_tags(&new.other)?;
        if !new.rules.verifies_updates() {
            return Err(Refusal::invalid(PoolFlaw::UpdatesUnverified).into());
        }
        let schema = full_schema(new.schema)?;
        let now = self.now();
        let id = new.id.unwrap_or_else(|| PoolId::random(&self.settings().region, self.rng()));
        let pool = UserPoolRecord {
            id,
            name: new.name,
            mfa: new.mfa,
            password_policy: new.password_policy,
            username_attributes: new.username_attributes,
            alias_attributes: new.alias_attributes,
            case_sensitive: new.case_sensitive,
            schema,
            rules: new.rules,
            sessions: SessionRules::default(),
            other: new.other,
            created_at: now,
            modified_at: now,
            version: 1,
        };
        self.commit(request, vec![Change::CreatePool(Box::new(pool.clone()))]).await?;
        Ok(pool)
    }

    /// A pool with the number of its users.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; faults on our side.
    pub async fn describe_pool(
        &self,
        request: &RequestContext,
        id: &PoolId,
    ) -> Result<(UserPoolRecord, i64)> {
        let counted = self.store().counted_pool(id).await?;
        let counted = counted.ok_or_else(|| Refusal::PoolNotFound(id.clone()))?;
        request.note_pool(id);
        Ok(counted)
    }

    /// Replaces the settings of a pool that the operator declared otherwise than they are stored.
    ///
    /// # Errors
    ///
    /// Faults on our side alone, `Fault::Contended` if the pool has changed since it was read.
    pub async fn replace_pool(&self, request: &RequestContext, pool: UserPoolRecord) -> Result<()> {
        let pool = UserPoolRecord { modified_at: self.now(), ..pool };
        self.commit(request, vec![Change::UpdatePool(Box::new(pool))]).await
    }
}

/// The standard attributes, some of them as the creator wants them, then the custom ones.
fn full_schema(given: Vec<SchemaAttribute>) -> Result<Vec<SchemaAttribute>, Refusal> {
    check_schema(&given, PoolFlaw::AttributeTwice)?;
    let standard = STANDARD_ATTRIBUTES.iter().map(|standard| {
        let own = given.iter().find(|attribute| attribute.name == standard.name);
        own.cloned().unwrap_or_else(|| from_standard(standard))
    });
    let mut schema: Vec<_> = standard.collect();
    let is_custom = |name: &str| STANDARD_ATTRIBUTES.iter().all(|standard| standard.name != name);
    schema.extend(given.into_iter().filter(|attribute| is_custom(&attribute.name)));
    check_schema(&schema, PoolFlaw::AttributeTwice)?;
    Ok(schema)
}

/// Refuses attributes that have the same name, with this flaw, and more custom ones than a pool can have.
pub(in crate::local) fn check_schema(
    schema: &[SchemaAttribute],
    flaw: fn(String) -> PoolFlaw,
) -> Result<(), Refusal> {
    const MOST: usize = 50;
    let mut names = HashSet::new();
    let twice = schema.iter().find(|attribute| !names.insert(attribute.name.as_str()));
    if let Some(SchemaAttribute { name, .. }) = twice {
        return Err(Refusal::invalid(flaw(name.clone())));
    }
    if schema.iter().filter(|attribute| attribute.name.contains(':')).count() > MOST {
        return Err(Refusal::invalid(PoolFlaw::TooManyAttributes { most: MOST }));
    }
    Ok(())
}

fn from_standard(standard: &StandardAttribute) -> SchemaAttribute {
    let own = |text: &str| Some(text.to_owned());
    let range = match standard.data_type {
        "Number" => Some((own("0"), None)),
        _ => standard.lengths.map(|(least, most)| (own(least), own(most))),
    };
    SchemaAttribute {
        name: standard.name.to_owned(),
        data_type: standard.data_type.to_owned(),
        mutable: standard.mutable,
        required: standard.required,
        developer_only: false,
        range,
    }
}
