//! Second factors of one's own.

use crate::amazon::Amazon;
use crate::connection::call::Repeat;
use crate::connection::trouble::Purpose;
use crate::convert;
use aws_sdk_cognitoidentityprovider::types::{
    EmailMfaSettingsType, SmsMfaSettingsType, SoftwareTokenMfaSettingsType,
};
use poolkeeper_pool::backend::self_service::{FactorSetting, MfaPreference, MfaSwitch};
use poolkeeper_pool::backend::user_pool::{Factor, MfaSummary};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::MfaMode;
use poolkeeper_pool::error::{Error, Refusal, Result};

/// Nothing is asked for.
const OFF: FactorSetting = FactorSetting { enabled: false, preferred: false };

impl Amazon {
    pub(crate) async fn switch(&self, access_token: &Secret, switch: MfaSwitch) -> Result<()> {
        match switch {
            MfaSwitch::Off if self.settings.mfa == MfaMode::On => Err(Refusal::MfaMandatory.into()),
            MfaSwitch::Off => {
                // A setting for a factor that the pool has not would be refused.
                let now = self.own_mfa(access_token).await?;
                let off = |enabled: bool| enabled.then_some(OFF);
                let preference =
                    MfaPreference { totp: off(now.totp), email: off(now.email), sms: off(now.sms) };
                self.prefer(access_token, preference).await
            }
            MfaSwitch::On => {
                let now = self.own_mfa(access_token).await?;
                if now.totp || now.email || now.sms {
                    return Ok(());
                }
                let app = self.prefer(access_token, MfaPreference::only(Factor::Totp)).await;
                // Amazon does not say whether an app was proven that is switched off; it refuses
                // others.
                match app {
                    Err(Error::Refused(
                        Refusal::TotpNotAssociated | Refusal::TotpNotEnabled | Refusal::Invalid(_),
                    )) => self.prefer(access_token, MfaPreference::only(Factor::Email)).await,
                    app => app,
                }
            }
            MfaSwitch::Prefer(factor) => {
                self.prefer(access_token, MfaPreference::only(factor)).await
            }
        }
    }

    pub(crate) async fn own_mfa(&self, access_token: &Secret) -> Result<MfaSummary> {
        let call = self.sdk.get_user().access_token(access_token.expose());
        let user = self.call(Repeat::Safely, Purpose::AccessToken, || call.clone().send()).await?;
        let enabled = user.user_mfa_setting_list.unwrap_or_default();
        Ok(convert::mfa(self.settings.mfa, &enabled, user.preferred_mfa_setting.as_deref()))
    }

    /// The same for a user whose app is proven, without the user's token.
    pub(crate) async fn prefer_app_of(&self, username: &str) -> Result<()> {
        let app = SoftwareTokenMfaSettingsType::builder().enabled(true).preferred_mfa(true).build();
        let call = self.sdk.admin_set_user_mfa_preference().username(username);
        let call = call.user_pool_id(self.settings.pool.as_str());
        let call = call.software_token_mfa_settings(app);
        self.call(Repeat::Safely, Purpose::Administration, || call.clone().send()).await?;
        Ok(())
    }

    /// `SetUserMFAPreference`.
    pub(crate) async fn prefer(&self, access_token: &Secret, to: MfaPreference) -> Result<()> {
        let MfaPreference { totp, email, sms } = to;
        let totp = totp.map(|FactorSetting { enabled, preferred }| {
            SoftwareTokenMfaSettingsType::builder()
                .enabled(enabled)
                .preferred_mfa(preferred)
                .build()
        });
        let email = email.map(|FactorSetting { enabled, preferred }| {
            EmailMfaSettingsType::builder().enabled(enabled).preferred_mfa(preferred).build()
        });
        let sms = sms.map(|FactorSetting { enabled, preferred }| {
            SmsMfaSettingsType::builder().enabled(enabled).preferred_mfa(preferred).build()
        });
        let call = self.sdk.set_user_mfa_preference().access_token(access_token.expose());
        let call = call
            .set_software_token_mfa_settings(totp)
            .set_email_mfa_settings(email)
            .set_sms_mfa_settings(sms);
        self.call(Repeat::Safely, Purpose::AccessToken, || call.clone().send()).await?;
        Ok(())
    }
}
