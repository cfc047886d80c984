use crate::backend::self_service::{FactorSetting, MfaPreference, MfaSwitch};
use crate::backend::user_pool::Factor;
use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::entity::{CodeMfa, Contact, Kind, MfaMode, User, UserPoolRecord};
use crate::error::{FactorFlaw, Refusal, Result};
use crate::ids::PoolId;
use crate::local::Local;
use crate::local::directory::administrators::By;
use crate::request::RequestContext;
use crate::sign_in::enabled_factors;

impl Local {
    /// Enables, disables and prefers factors of one's own (`SetUserMFAPreference`). Where the pool
    /// insists on a second factor, the last one stays.
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::AccessTokenLacksScope`] for machines;
    /// [`Refusal::FreshSignInRequired`] if a factor is in force; [`Refusal::MfaMandatory`];
    /// [`Refusal::UserNotFound`] if the user is removed meanwhile; faults on our side.
    pub async fn set_mfa_preference(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        preference: MfaPreference,
    ) -> Result<()> {
        let authorized = self.authorize_person(request, access_token).await?;
        let (pool, user) = (&authorized.pool, &authorized.user);
        self.change_user(request, user, |user| {
            let before = user.clone();
            let had_any = !enabled_factors(pool, user).is_empty();
            set_preference(pool, user, preference)?;
            self.expect_fresh_for_factors(&authorized, &before, user)?;
            if pool.mfa == MfaMode::On && had_any && enabled_factors(pool, user).is_empty() {
                return Err(Refusal::MfaMandatory.into());
            }
            Ok(None)
        })
        .await
    }

    /// Switches one's factors on or off as a whole, or prefers one. Where the pool insists on a
    /// second factor they are not switched off, even if none was on.
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::AccessTokenLacksScope`] for machines;
    /// [`Refusal::FreshSignInRequired`] if a factor is in force; [`Refusal::MfaMandatory`];
    /// [`Refusal::UserNotFound`] if the user is removed meanwhile; faults on our side.
    pub async fn switch_mfa(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        switch: MfaSwitch,
    ) -> Result<()> {
        let authorized = self.authorize_person(request, access_token).await?;
        let pool = &authorized.pool;
        self.change_user(request, &authorized.user, |user| {
            let before = user.clone();
            match switch {
                MfaSwitch::Off if pool.mfa == MfaMode::On => {
                    return Err(Refusal::MfaMandatory.into());
                }
                MfaSwitch::Off => switch_off(user),
                MfaSwitch::On if !enabled_factors(pool, user).is_empty() => {}
                MfaSwitch::On => {
                    let app = user.mfa.totp.as_ref().map(|_| Factor::Totp);
                    let only = MfaPreference::only(app.unwrap_or(Factor::Email));
                    set_preference(pool, user, only)?;
                }
                MfaSwitch::Prefer(factor) => {
                    set_preference(pool, user, MfaPreference::only(factor))?;
                }
            }
            self.expect_fresh_for_factors(&authorized, &before, user)?;
            Ok(None)
        })
        .await
    }

    /// Enables, disables and prefers factors of a user (`AdminSetUserMFAPreference`). Administrators
    /// may take the last one away: where the pool insists, the next sign-in asks for an app that is
    /// verified all the same, or has one set up.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::Invalid`] ([`FactorFlaw`]);
    pub async fn admin_set_mfa_preference(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        preference: MfaPreference,
    ) -> Result<()> {
        self.administer(request, pool, username, By::Operator, |pool, mut user| {
            set_preference(pool, &mut user, preference)?;
            user.modified_at = self.now();
            Ok(vec![Change::UpdateUser(Box::new(user))])
        })
        .await
    }
}

impl Local {
    /// Switches codes by text message on or off, as an older operation says (`SetUserSettings`).
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::AccessTokenLacksScope`] for machines;
    /// [`Refusal::Invalid`] ([`FactorFlaw`]) if there is no phone number;
    /// [`Refusal::FreshSignInRequired`] if a factor is in force; [`Refusal::MfaMandatory`];
    /// [`Refusal::UserNotFound`] if the user is removed meanwhile; faults on our side.
    pub async fn set_user_settings(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        sms: bool,
    ) -> Result<()> {
        let authorized = self.authorize_person(request, access_token).await?;
        let pool = &authorized.pool;
        self.change_user(request, &authorized.user, |user| {
            let before = user.clone();
            let had_any = !enabled_factors(pool, user).is_empty();
            set_legacy_sms(user, sms)?;
            self.expect_fresh_for_factors(&authorized, &before, user)?;
            if pool.mfa == MfaMode::On && had_any && enabled_factors(pool, user).is_empty() {
                return Err(Refusal::MfaMandatory.into());
            }
            Ok(None)
        })
        .await
    }

    /// The same for a user (`AdminSetUserSettings`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::Invalid`] ([`FactorFlaw`])
    /// if there is no phone number; faults on our side.
    pub async fn admin_set_user_settings(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        sms: bool,
    ) -> Result<()> {
        self.administer(request, pool, username, By::Operator, |_, mut user| {
            set_legacy_sms(&mut user, sms)?;
            user.modified_at = self.now();
            Ok(vec![Change::UpdateUser(Box::new(user))])
        })
        .await
    }
}

/// An app that is proven stays so.
fn switch_off(user: &mut User) {
    if let Some(totp) = &mut user.mfa.totp {
        (totp.enabled, totp.preferred) = (false, false);
    }
    for contact in Contact::ALL {
        *user.mfa.sent_to_mut(contact) = None;
    }
}

fn set_legacy_sms(user: &mut User, sms: bool) -> Result<(), Refusal> {
    if sms && user.attributes.get("phone_number").is_none() {
        return Err(Refusal::invalid(FactorFlaw::NoAddress(Contact::PhoneNumber)));
    }
    user.mfa.legacy_sms = sms;
    let preferred = user.mfa.sms.is_some_and(|sms| sms.preferred);
    user.mfa.sms = sms.then_some(CodeMfa { preferred });
    Ok(())
}

pub(in crate::local) fn set_preference(
    pool: &UserPoolRecord,
    user: &mut User,
    preference: MfaPreference,
) -> Result<(), Refusal> {
    let MfaPreference { totp, email, sms } = preference;
    let preferred = [totp, email, sms].into_iter().flatten().filter(|setting| setting.preferred);
    if preferred.count() > 1 {
        return Err(Refusal::invalid(FactorFlaw::TwoPreferred));
    }
    if let Some(setting) = sms {
        set_sent_code(pool, user, Contact::PhoneNumber, setting)?;
    }
    if let Some(setting) = totp {
        set_totp(pool, user, setting)?;
    }
    if let Some(setting) = email {
        set_sent_code(pool, user, Contact::Email, setting)?;
    }
    Ok(())
}

/// Whether a setting takes away what is not there: that changes nothing, as at Amazon.
const fn is_no_change(setting: FactorSetting, is_on: bool) -> bool {
    !setting.enabled && !setting.preferred && !is_on
}

fn set_totp(pool: &UserPoolRecord, user: &mut User, setting: FactorSetting) -> Result<(), Refusal> {
    if is_no_change(setting, user.mfa.totp.is_some()) {
        return Ok(());
    }
    if user.mfa.totp.is_none() && user.mfa.pending_totp.is_some() {
        return Err(Refusal::invalid(FactorFlaw::AppNotVerified));
    }
    let kind = user.kind;
    let absent = || Refusal::invalid(FactorFlaw::NotOffered(Factor::Totp));
    let totp = user.mfa.totp.as_mut().ok_or_else(absent)?;
    check(pool, kind, setting, Factor::Totp)?;
    totp.enabled = setting.enabled;
    totp.preferred = setting.preferred;
    if setting.preferred {
        prefer(user, Factor::Totp);
    }
    Ok(())
}

fn set_sent_code(
    pool: &UserPoolRecord,
    user: &mut User,
    contact: Contact,
    setting: FactorSetting,
) -> Result<(), Refusal> {
    if is_no_change(setting, user.mfa.sent_to(contact).is_some()) {
        return Ok(());
    }
    if user.attributes.get(contact.attribute()).is_none() {
        return Err(Refusal::invalid(FactorFlaw::NoAddress(contact)));
    }
    let factor = Factor::sent_to(contact);
    check(pool, user.kind, setting, factor)?;
    let preferred = setting.preferred;
    *user.mfa.sent_to_mut(contact) = setting.enabled.then_some(CodeMfa { preferred });
    if preferred {
        prefer(user, factor);
    }
    Ok(())
}

/// One that is asked for first takes the place of another.
fn prefer(user: &mut User, factor: Factor) {
    if let Some(totp) = &mut user.mfa.totp {
        totp.preferred = factor == Factor::Totp;
    }
    for contact in Contact::ALL {
        if let Some(on) = user.mfa.sent_to_mut(contact) {
            on.preferred = factor == Factor::sent_to(contact);
        }
    }
}

/// A setting that sign-ins would not act on is refused: it would promise a protection that is not
/// there.
fn check(
    pool: &UserPoolRecord,
    kind: Kind,
    setting: FactorSetting,
    factor: Factor,
) -> Result<(), Refusal> {
    let is_offered = match factor {
        Factor::Totp => pool.rules.second_factors.software_token,
        Factor::Email => pool.rules.second_factors.email,
        Factor::Sms => pool.rules.second_factors.sms,
    };
    let never_asked = pool.mfa == MfaMode::Off || kind == Kind::Service || !is_offered;
    let wanted = setting.enabled || setting.preferred;
    if wanted && (never_asked || !setting.enabled) {
        return Err(Refusal::invalid(FactorFlaw::NotOffered(factor)));
    }
    Ok(())
}
