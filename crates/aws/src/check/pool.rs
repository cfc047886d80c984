//! The pool's own settings, as Amazon describes them.

use super::{About, Finding, Fix, Inquiry, Unasked, in_words, is_denied, is_missing};
use crate::connection::settings::Flow;
use aws_sdk_cognitoidentityprovider::operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput;
use aws_sdk_cognitoidentityprovider::types::{
    AliasAttributeType, LambdaConfigType, UserPoolMfaType, UserPoolType, UsernameAttributeType,
    VerifiedAttributeType,
};
use poolkeeper_pool::entity::MfaMode;
use std::collections::BTreeSet;

/// A filter of jq's that turns on authenticator apps, unless there is a second factor.
const WITH_A_FACTOR: &str = "if .SmsMfaConfiguration or .EmailMfaConfiguration then . else \
    .SoftwareTokenMfaConfiguration.Enabled = true end";

/// What else depends on the pool's settings.
pub(super) struct PoolFacts {
    /// What policies call it.
    pub(super) arn: Option<String>,
    /// Whether a sign-in calls a Lambda function even if nobody has the name.
    pub(super) runs_triggers: bool,
}

impl Inquiry<'_> {
    pub(super) async fn pool(&self, findings: &mut Vec<Finding>) -> Result<PoolFacts, Unasked> {
        let pool = self.settings.pool.as_str();
        let call = self.probe.sdk.describe_user_pool().user_pool_id(pool);
        let described = match self.probe.ask(|| call.clone().send()).await {
            Ok(described) => described.user_pool,
            Err(trouble) if is_denied(&trouble) => {
                let says = "not checked: DescribeUserPool is not permitted";
                findings.push(Finding::unknown(About::Pool, says));
                return Err(Unasked::Description);
            }
            Err(trouble) if is_missing(&trouble) => {
                let says = format!("there is no such pool in {}", self.settings.region);
                let fix = "correct the id, or use the credentials of the account that has the pool";
                let fix = Some(Fix::ByHand(fix.to_owned()));
                findings.push(Finding::differs(About::Pool, says, fix));
                return Err(Unasked::Everything);
            }
            Err(trouble) => {
                let endpoint = &self.settings.endpoint;
                let says = format!("nothing was checked at {endpoint}: {}", in_words(&trouble));
                let fix = self.remedy(&trouble);
                findings.push(Finding { fix, ..Finding::unknown(About::Pool, says) });
                return Err(Unasked::Everything);
            }
        };
        let Some(found) = described else {
            findings.push(Finding::unknown(About::Pool, "Amazon describes nothing"));
            return Err(Unasked::Description);
        };
        findings.extend(self.pool_findings(&found));
        self.factors(findings).await;
        Ok(PoolFacts {
            runs_triggers: found
                .lambda_config()
                .is_some_and(|it| it.user_migration.is_some() || it.pre_authentication.is_some()),
            arn: found.arn,
        })
    }

    fn pool_findings(&self, found: &UserPoolType) -> Vec<Finding> {
        let exists = format!("exists in {}", self.settings.region);
        let mut findings = vec![
            Finding::fits(About::Pool, exists),
            self.mfa(found),
            self.username_attributes(found),
        ];
        findings.extend(self.alias_attributes(found));
        findings.extend(self.sign_up(found));
        findings.extend(self.required_attributes(found));
        findings.extend(self.devices(found));
        findings.extend(found.lambda_config().map(triggers).unwrap_or_default());
        findings
    }

    fn mfa(&self, found: &UserPoolType) -> Finding {
        let expected = self.settings.mfa.as_str();
        let set = found.mfa_configuration().map_or("OFF", UserPoolMfaType::as_str);
        if set == expected {
            return Finding::fits(About::Pool, format!("has MFA {set}"));
        }
        let says = format!("has MFA {set}, the configuration says mfa = \"{expected}\"");
        let filter = match self.settings.mfa {
            // Amazon takes no factors then.
            MfaMode::Off => "{UserPoolId, MfaConfiguration: \"OFF\"}".to_owned(),
            MfaMode::Optional | MfaMode::On => {
                format!(".MfaConfiguration = \"{expected}\" | {WITH_A_FACTOR}")
            }
        };
        Finding::differs(About::Pool, says, Some(self.commands.update_mfa(&filter)))
    }

    fn username_attributes(&self, found: &UserPoolType) -> Finding {
        let set: BTreeSet<_> =
            found.username_attributes().iter().map(UsernameAttributeType::as_str).collect();
        let expected: BTreeSet<_> = self.expected.username_attributes.iter().copied().collect();
        let what = if set.is_empty() {
            "has free-form usernames".to_owned()
        } else {
            format!("has {} in the username's place", listed(&set))
        };
        if set == expected {
            return Finding::fits(About::Pool, what);
        }
        let (set, expected): (Vec<_>, Vec<_>) =
            (set.into_iter().collect(), expected.into_iter().collect());
        let says = format!("{what}, the configuration says username_attributes = {expected:?}");
        // Amazon never changes this of a pool.
        let fix = Fix::File(format!("username_attributes = {set:?}"));
        Finding::differs(About::Pool, says, Some(fix))
    }

    /// Nothing depends on them: names are Amazon's to understand.
    fn alias_attributes(&self, found: &UserPoolType) -> Option<Finding> {
        let set: BTreeSet<_> =
            found.alias_attributes().iter().map(AliasAttributeType::as_str).collect();
        let expected: BTreeSet<_> = self.expected.alias_attributes.iter().copied().collect();
        if set == expected {
            let is_any = !set.is_empty();
            return is_any
                .then(|| Finding::fits(About::Pool, format!("has the aliases {}", listed(&set))));
        }
        let set = if set.is_empty() {
            "no aliases".to_owned()
        } else {
            format!("the aliases {}", listed(&set))
        };
        let says = format!("has {set}, which are not the configuration's; nothing depends on that");
        Some(Finding::note(About::Pool, says))
    }

    fn sign_up(&self, found: &UserPoolType) -> Vec<Finding> {
        if !self.expected.signs_up {
            return Vec::new();
        }
        let closed =
            found.admin_create_user_config().is_some_and(|it| it.allow_admin_create_user_only);
        let open = if closed {
            let filter = ".AdminCreateUserConfig.AllowAdminCreateUserOnly = false";
            let says =
                "only administrators may create users: no new user of the APIs can be created";
            Finding::differs(About::Pool, says, Some(self.commands.update_pool(filter)))
        } else {
            Finding::fits(About::Pool, "lets people sign up")
        };
        let verifies = found.auto_verified_attributes().contains(&VerifiedAttributeType::Email);
        let mailed = if verifies {
            Finding::fits(About::Pool, "verifies email addresses")
        } else {
            let filter =
                ".AutoVerifiedAttributes = ((.AutoVerifiedAttributes // []) + [\"email\"])";
            let says = "does not verify email addresses: new users are mailed no code";
            Finding::differs(About::Pool, says, Some(self.commands.update_pool(filter)))
        };
        vec![open, mailed]
    }

    /// Machine credentials have no attribute but one in the username's place.
    fn required_attributes(&self, found: &UserPoolType) -> Option<Finding> {
        if !self.expected.makes_machines {
            return None;
        }
        let usernames = found.username_attributes();
        let is_given = |name: &str| name == "sub" || usernames.iter().any(|it| it.as_str() == name);
        let required: BTreeSet<_> = found
            .schema_attributes()
            .iter()
            .filter(|attribute| attribute.required == Some(true))
            .filter_map(|attribute| attribute.name())
            .filter(|name| !is_given(name))
            .collect();
        if required.is_empty() {
            return Some(Finding::fits(About::Pool, "requires no attribute of machines"));
        }
        let says = format!(
            "requires {} of every user: no machine credential can be created",
            listed(&required)
        );
        let fix = "use another pool: Amazon never changes this of a pool".to_owned();
        Some(Finding::differs(About::Pool, says, Some(Fix::ByHand(fix))))
    }

    fn devices(&self, found: &UserPoolType) -> Option<Finding> {
        let is_tracked = self.settings.clients.iter().any(|client| client.flow == Flow::User);
        let remembers = self.settings.has_partners;
        Some(match (found.device_configuration(), is_tracked) {
            (None, true) if remembers => {
                let says =
                    "does not track devices: remember_device of the partner API has no effect";
                Finding::note(About::Pool, says)
            }
            (None, _) => return None,
            (Some(_), false) => Finding::note(
                About::Pool,
                "tracks devices, but not of sign-ins with ALLOW_ADMIN_USER_PASSWORD_AUTH: none is \
                 remembered",
            ),
            (Some(devices), true) if remembers && !devices.challenge_required_on_new_device => {
                let filter = ".DeviceConfiguration.ChallengeRequiredOnNewDevice = true";
                let says = "tracks devices, but a remembered one replaces no second factor";
                Finding::differs(About::Pool, says, Some(self.commands.update_pool(filter)))
            }
            (Some(_), true) => Finding::fits(
                About::Pool,
                "tracks devices: each sign-in with ALLOW_USER_PASSWORD_AUTH confirms one, so that its \
                 tokens can be refreshed",
            ),
        })
    }

    /// The second factors that users can have.
    async fn factors(&self, findings: &mut Vec<Finding>) {
        let pool = self.settings.pool.as_str();
        let call = self.probe.sdk.get_user_pool_mfa_config().user_pool_id(pool);
        findings.push(match self.probe.ask(|| call.clone().send()).await {
            // MFA is off: `mfa` above compares that.
            Ok(found) if found.mfa_configuration() == Some(&UserPoolMfaType::Off) => return,
            Ok(found) => self.factor_finding(&found),
            Err(trouble) if is_denied(&trouble) => Finding::unknown(
                About::Pool,
                "second factors are not checked: GetUserPoolMfaConfig is not permitted",
            ),
            Err(trouble) => {
                let says = format!("second factors are not checked: {}", in_words(&trouble));
                Finding::unknown(About::Pool, says)
            }
        });
    }

    fn factor_finding(&self, found: &GetUserPoolMfaConfigOutput) -> Finding {
        let app = found.software_token_mfa_configuration().is_some_and(|it| it.enabled);
        let email = found.email_mfa_configuration().is_some();
        let sms = found.sms_mfa_configuration().is_some();
        let all = [(app, "authenticator app"), (email, "email"), (sms, "text message")];
        let on: BTreeSet<_> = all.into_iter().filter(|(on, _)| *on).map(|(_, name)| name).collect();
        if on.is_empty() {
            let says = "has no second factor that users could set up";
            let fix = self.commands.update_mfa(WITH_A_FACTOR);
            return Finding::differs(About::Pool, says, Some(fix));
        }
        Finding::fits(About::Pool, format!("has the second factors {}", listed(&on)))
    }
}

/// The Lambda functions that Amazon calls, and what they can change of what we rely on.
fn triggers(config: &LambdaConfigType) -> Vec<Finding> {
    let tokens =
        config.pre_token_generation.is_some() || config.pre_token_generation_config.is_some();
    let custom = config.define_auth_challenge.is_some()
        || config.create_auth_challenge.is_some()
        || config.verify_auth_challenge_response.is_some();
    let senders = config.custom_email_sender.is_some() || config.custom_sms_sender.is_some();
    let all = [
        (
            tokens,
            "PreTokenGeneration may change cognito:groups in tokens, and sign-ins and refreshes go by \
             the groups in the token: keep all of the user's, or suspensions do not hold there",
        ),
        (
            config.pre_authentication.is_some(),
            "PreAuthentication may refuse sign-ins: callers are told that the password is wrong",
        ),
        (
            config.post_authentication.is_some(),
            "PostAuthentication may refuse sign-ins: callers are told that the password is wrong",
        ),
        (
            config.pre_sign_up.is_some(),
            "PreSignUp may refuse new users, or confirm them without a code",
        ),
        (config.post_confirmation.is_some(), "PostConfirmation runs after each confirmed sign-up"),
        (
            config.user_migration.is_some(),
            "UserMigration may create a user at a sign-in. The user is in no group yet: an API that \
             requires a group refuses the user",
        ),
        (config.custom_message.is_some(), "CustomMessage writes the texts of codes"),
        (senders, "a custom sender sends the codes, in Amazon's place"),
        (custom, "custom challenges are set up, which the APIs do not support"),
    ];
    let present = all.into_iter().filter(|(is_there, _)| *is_there);
    present.map(|(_, says)| Finding::note(About::Pool, format!("trigger: {says}"))).collect()
}

fn listed(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_are_told_by_what_they_can_change() {
        assert_eq!(triggers(&LambdaConfigType::builder().build()), []);
        let config = LambdaConfigType::builder()
            .pre_token_generation("arn:aws:lambda:eu-west-1:123456789012:function:claims")
            .user_migration("arn:aws:lambda:eu-west-1:123456789012:function:move")
            .build();
        let said: Vec<_> = triggers(&config).into_iter().map(|finding| finding.says).collect();
        assert_eq!(
            said,
            [
                "trigger: PreTokenGeneration may change cognito:groups in tokens, and sign-ins and \
                 refreshes go by the groups in the token: keep all of the user's, or suspensions do \
                 not hold there",
                "trigger: UserMigration may create a user at a sign-in. The user is in no group yet: an \
                 API that requires a group refuses the user",
            ]
        );
    }
}
