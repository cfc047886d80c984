use crate::change::Change;
use crate::entity::{
    GivenSettings, MfaMode, PasswordPolicy, PoolRules, SchemaAttribute, SecondFactors, Template,
    UserPoolRecord,
};
use crate::error::{PoolFlaw, Refusal, Result};
use crate::ids::PoolId;
use crate::local::Local;
use crate::local::commit::Plan;
use crate::local::directory::pool_admin::check_tags;
use crate::local::directory::pools::check_schema;
use crate::request::RequestContext;
use serde_json::Value;

/// The settings of a pool that can be replaced (`UpdateUserPool`).
#[derive(Clone, Debug)]
pub struct PoolSettings {
    /// The display name; `None` leaves it.
    pub name: Option<String>,
    /// Whether it asks for a second factor; `None` leaves it.
    pub mfa: Option<MfaMode>,
    /// What a password must look like; `None` leaves it.
    pub password_policy: Option<PasswordPolicy>,
    /// For how many days a temporary password works, where the policy is left; `None` leaves it.
    pub temporary_password_days: Option<u32>,
    /// What the operator decides about its users. Of the second factors and of what messages of a
    /// sign-in say, only what concerns text messages is taken: the rest has its own operation.
    pub rules: PoolRules,
    /// All settings as they were given, to be given back. What is not among them goes back to its
    /// default, or stays ([`GivenSettings::keep`]).
    pub other: GivenSettings,
}

/// How a pool asks for second factors (`SetUserPoolMfaConfig`).
#[derive(Clone, Debug)]
pub struct MfaConfig {
    /// Whether it asks.
    pub mode: MfaMode,
    /// The factors users can have.
    pub factors: SecondFactors,
    /// Whether any factor was named, even to switch it off.
    pub names_factors: bool,
    /// What the messages of a sign-in say.
    pub messages: Template,
    /// How text messages are sent, in Cognito's words; `None` leaves it as it is.
    pub sms_configuration: Option<Value>,
    /// How passkeys are set up, in Cognito's words; `None` leaves it as it is.
    pub passkeys: Option<Value>,
}

impl Local {
    /// Replaces a pool's settings (`UpdateUserPool`). Names, schema and keys stay.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; [`Refusal::Invalid`] ([`PoolFlaw`]) for too many tags;
    /// faults on our side.
    pub async fn update_pool(
        &self,
        request: &RequestContext,
        id: &PoolId,
        settings: &PoolSettings,
    ) -> Result<()> {
        self.edit_pool(request, id, |pool| replace(pool, settings.clone())).await.map(drop)
    }

    /// Adds attributes to a pool's schema (`AddCustomAttributes`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; [`Refusal::Invalid`] ([`PoolFlaw`]) for two of the same name, or
    /// too many; faults on our side.
    pub async fn add_attributes(
        &self,
        request: &RequestContext,
        id: &PoolId,
        new: &[SchemaAttribute],
    ) -> Result<()> {
        self.edit_pool(request, id, |pool| {
            pool.schema.extend_from_slice(new);
            check_schema(&pool.schema, PoolFlaw::AttributeExists)
        })
        .await
        .map(drop)
    }

    /// Sets how a pool asks for second factors (`SetUserPoolMfaConfig`) and gives the pool as it
    /// is then.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; [`Refusal::Invalid`] ([`PoolFlaw`]) for settings that contradict
    /// each other; faults on our side.
    pub async fn set_mfa_config(
        &self,
        request: &RequestContext,
        id: &PoolId,
        config: &MfaConfig,
    ) -> Result<UserPoolRecord> {
        self.edit_pool(request, id, |pool| set_mfa(pool, config)).await
    }

    /// Changes a pool as of now, whatever happens to it at the same time.
    pub(in crate::local) async fn edit_pool(
        &self,
        request: &RequestContext,
        id: &PoolId,
        edit: impl Fn(&mut UserPoolRecord) -> Result<(), Refusal>,
    ) -> Result<UserPoolRecord> {
        self.decide(request, || async {
            let mut pool = self.pool(request, id).await?;
            edit(&mut pool)?;
            pool.modified_at = self.now();
            let update = Change::UpdatePool(Box::new(pool.clone()));
            Ok(Plan::accept(pool, vec![update]))
        })
        .await
    }
}

fn replace(pool: &mut UserPoolRecord, settings: PoolSettings) -> Result<(), Refusal> {
    let PoolSettings { name, mfa, password_policy, temporary_password_days, mut rules, mut other } =
        settings;
    check_tags(&other)?;
    // Users without a factor could not sign in any more: the operation for factors asks for one.
    if mfa == Some(MfaMode::On) && pool.mfa == MfaMode::Off {
        return Err(Refusal::invalid(PoolFlaw::MfaTurnedOn));
    }
    let mfa = mfa.unwrap_or(pool.mfa);
    let mut password_policy = password_policy.unwrap_or(pool.password_policy);
    if let Some(days) = temporary_password_days {
        password_policy.temporary_password_validity_days = days;
    }
    let before = &pool.rules;
    keep_rules(&mut rules, &other, before);
    if !rules.verifies_updates() {
        return Err(Refusal::invalid(PoolFlaw::UpdatesUnverified));
    }
    let is_sign_in_new = other.has_sign_in_policy();
    let is_sms_given = rules.second_factors.sms;
    let is_sms_new = is_sms_given && pool.other.sms_configuration().is_none();
    let sms = before.second_factors.sms || is_sms_new;
    other.keep(&pool.other);
    if is_sign_in_new && mfa == MfaMode::On && other.has_single_factor_passkeys() {
        return Err(Refusal::invalid(PoolFlaw::PasskeysWithMfa));
    }
    rules.second_factors = SecondFactors { sms, ..before.second_factors };
    // Nobody could sign in to a pool that insists on a factor and offers none.
    if mfa != MfaMode::Off && rules.second_factors.is_none() {
        rules.second_factors = SecondFactors { sms: is_sms_given, ..SecondFactors::default() };
    }
    rules.unconfirmed_days = before.unconfirmed_days;
    rules.templates.sign_in =
        Template { sms: rules.templates.sign_in.sms, ..before.templates.sign_in.clone() };
    // Settings that the operation does not have.
    rules.templates.notice = before.templates.notice.clone();
    rules.without_notices = before.without_notices;
    rules.fresh_proof = before.fresh_proof;
    rules.default_write = before.default_write;
    pool.name = name.unwrap_or_else(|| pool.name.clone());
    (pool.mfa, pool.password_policy, pool.rules, pool.other) = (mfa, password_policy, rules, other);
    Ok(())
}

/// Keeps the rules that an update does not mention, where Amazon does.
fn keep_rules(rules: &mut PoolRules, given: &GivenSettings, before: &PoolRules) {
    if !given.has_sign_in_policy() {
        rules.first_factors.clone_from(&before.first_factors);
    }
    if !given.has_recovery() {
        rules.recovery.clone_from(&before.recovery);
    }
    if !given.has_update_settings() {
        rules.verify_before_update.clone_from(&before.verify_before_update);
    }
    if !given.has_verification() {
        rules.templates.verification.clone_from(&before.templates.verification);
    }
}

fn set_mfa(pool: &mut UserPoolRecord, config: &MfaConfig) -> Result<(), Refusal> {
    match (config.mode, config.names_factors) {
        (MfaMode::Off, true) => return Err(Refusal::invalid(PoolFlaw::FactorsWithoutMfa)),
        (MfaMode::On | MfaMode::Optional, false) => {
            return Err(Refusal::invalid(PoolFlaw::MfaWithoutFactors));
        }
        (MfaMode::On | MfaMode::Optional, true) if config.factors.is_none() => {
            return Err(Refusal::invalid(PoolFlaw::FactorsDisabled));
        }
        _ => {}
    }
    if let Some(passkeys) = &config.passkeys {
        pool.other.set_passkeys(passkeys.clone());
    }
    if config.mode == MfaMode::On && pool.other.has_single_factor_passkeys() {
        return Err(Refusal::invalid(PoolFlaw::PasskeysAlone));
    }
    if let Some(sending) = &config.sms_configuration {
        pool.other.set_sms_configuration(sending.clone());
    }
    if config.factors.sms {
        if pool.other.sms_configuration().is_none() {
            return Err(Refusal::invalid(PoolFlaw::NoSmsConfiguration));
        }
        pool.rules.templates.sign_in.sms.clone_from(&config.messages.sms);
        pool.other.set_sms_authentication_message(config.messages.sms.as_deref());
    }
    let Template { subject, email, .. } = config.messages.clone();
    let sms = pool.rules.templates.sign_in.sms.take();
    pool.rules.templates.sign_in = Template { subject, email, sms };
    pool.rules.second_factors = config.factors;
    pool.mfa = config.mode;
    Ok(())
}
