//! What the caller may do, found out by calls about a user and a group that cannot exist: Amazon says
//! that they do not, unless it says before that the caller may not ask.

use super::pool::PoolFacts;
use super::{About, Finding, Inquiry, in_words};
use crate::connection::settings::{AppClient, Flow};
use crate::connection::trouble::Trouble;
use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, AuthFlowType, ChallengeNameType, MessageActionType,
};
use poolkeeper_pool::ids::random_uuid;
use poolkeeper_pool::system::Rng;
use std::collections::HashMap;

/// What was found out before.
pub(super) struct Facts {
    /// The ARN of the caller.
    pub(super) caller: Option<String>,
    /// The pool, if it was described.
    pub(super) pool: Option<PoolFacts>,
    /// A group that is there.
    pub(super) group: Option<String>,
}

/// What became of the trial of an operation.
#[derive(Debug, PartialEq, Eq)]
enum Trial {
    Permitted,
    Denied,
    /// It was not tried, or its answer says nothing.
    Unclear(String),
}

type Trials = Vec<(&'static str, Trial)>;

/// Names of a user and a group that do not exist.
struct Nobody {
    user: String,
    group: String,
}

impl Inquiry<'_> {
    pub(super) async fn permissions(
        &self,
        facts: &Facts,
        rng: &dyn Rng,
        findings: &mut Vec<Finding>,
    ) {
        let nobody = Nobody { user: random_uuid(rng), group: random_uuid(rng) };
        let mut trials = self.try_sign_in(facts, &nobody).await;
        trials.extend(self.try_about_user(&nobody).await);
        trials.extend(self.try_changes_of_user(&nobody).await);
        trials.extend(self.try_about_pool(facts, &nobody).await);
        findings.extend(self.sum_up(facts, trials));
    }

    /// Signed sign-ins, if an app client has them.
    async fn try_sign_in(&self, facts: &Facts, nobody: &Nobody) -> Trials {
        let is_signed = |client: &&AppClient| client.flow == Flow::Admin;
        let Some(client) = self.settings.clients.iter().find(is_signed) else { return Vec::new() };
        let pool = self.settings.pool.as_str();
        // If the pool could not be described, it may have triggers.
        let runs_triggers = facts.pool.as_ref().is_none_or(|pool| pool.runs_triggers);
        let call = self.probe.sdk.admin_initiate_auth().user_pool_id(pool);
        let call = call
            .client_id(client.id.as_str())
            .auth_flow(AuthFlowType::AdminUserPasswordAuth)
            .set_auth_parameters(Some(credentials(client, nobody, runs_triggers)));
        let begin = trial(self.probe.ask(|| call.clone().send()).await.map(drop));
        let call = self.probe.sdk.admin_respond_to_auth_challenge().user_pool_id(pool);
        let call = call
            .client_id(client.id.as_str())
            .challenge_name(ChallengeNameType::SoftwareTokenMfa)
            .session(&nobody.user)
            .set_challenge_responses(Some(names(client, nobody)))
            .challenge_responses("SOFTWARE_TOKEN_MFA_CODE", "000000");
        let answer = trial(self.probe.ask(|| call.clone().send()).await.map(drop));
        vec![("AdminInitiateAuth", begin), ("AdminRespondToAuthChallenge", answer)]
    }

    /// Operations on a user that need only the name.
    async fn try_about_user(&self, nobody: &Nobody) -> Trials {
        let (sdk, pool) = (&self.probe.sdk, self.settings.pool.as_str());
        let mut trials = Vec::new();
        macro_rules! try_each {
            ($($name:literal: $operation:ident;)+) => {$({
                let call = sdk.$operation().user_pool_id(pool).username(&nobody.user);
                trials.push(($name, trial(self.probe.ask(|| call.clone().send()).await.map(drop))));
            })+};
        }
        try_each! {
            "AdminGetUser": admin_get_user;
            "AdminListGroupsForUser": admin_list_groups_for_user;
            "AdminListDevices": admin_list_devices;
            "AdminUserGlobalSignOut": admin_user_global_sign_out;
            "AdminDeleteUser": admin_delete_user;
            "AdminDisableUser": admin_disable_user;
            "AdminEnableUser": admin_enable_user;
            "AdminResetUserPassword": admin_reset_user_password;
            "AdminSetUserMFAPreference": admin_set_user_mfa_preference;
        }
        trials
    }

    /// What is done to a user with more than the name.
    async fn try_changes_of_user(&self, nobody: &Nobody) -> Trials {
        let (sdk, pool, user) = (&self.probe.sdk, self.settings.pool.as_str(), &nobody.user);
        let key = format!("{}_{user}", self.settings.region);
        let forget = sdk.admin_forget_device().user_pool_id(pool).username(user).device_key(key);
        let add = sdk.admin_add_user_to_group().user_pool_id(pool).username(user);
        let add = add.group_name(&nobody.group);
        let remove = sdk.admin_remove_user_from_group().user_pool_id(pool).username(user);
        let remove = remove.group_name(&nobody.group);
        let set = sdk.admin_set_user_password().user_pool_id(pool).username(user);
        let set = set.password(password_of(nobody)).permanent(true);
        let update = sdk.admin_update_user_attributes().user_pool_id(pool).username(user);
        let name = AttributeType::builder().name("name").value("nobody").build();
        let update = update.set_user_attributes(name.ok().map(|name| vec![name]));
        // Another invitation for nobody: this makes no user.
        let create = sdk.admin_create_user().user_pool_id(pool).username(user);
        let create = create.message_action(MessageActionType::Resend);
        let mut trials = Vec::new();
        macro_rules! try_each {
            ($($name:literal: $call:ident;)+) => {$(
                trials.push(($name, trial(self.probe.ask(|| $call.clone().send()).await.map(drop))));
            )+};
        }
        try_each! {
            "AdminForgetDevice": forget;
            "AdminAddUserToGroup": add;
            "AdminRemoveUserFromGroup": remove;
            "AdminSetUserPassword": set;
            "AdminUpdateUserAttributes": update;
            "AdminCreateUser": create;
        }
        trials
    }

    async fn try_about_pool(&self, facts: &Facts, nobody: &Nobody) -> Trials {
        let (sdk, pool) = (&self.probe.sdk, self.settings.pool.as_str());
        let describe = sdk.describe_user_pool().user_pool_id(pool);
        let groups = sdk.list_groups().user_pool_id(pool).limit(1);
        let users = sdk.list_users().user_pool_id(pool).limit(1);
        let users = users.filter(format!("username = \"{}\"", nobody.user));
        let members = sdk.list_users_in_group().user_pool_id(pool).group_name(&nobody.group);
        let delete = sdk.delete_group().user_pool_id(pool).group_name(&nobody.group);
        let mut trials = Vec::new();
        macro_rules! try_each {
            ($($name:literal: $call:ident;)+) => {$(
                trials.push(($name, trial(self.probe.ask(|| $call.clone().send()).await.map(drop))));
            )+};
        }
        try_each! {
            "DescribeUserPool": describe;
            "ListGroups": groups;
            "ListUsers": users;
            "ListUsersInGroup": members;
            "DeleteGroup": delete;
        }
        let create = match &facts.group {
            // A group that is there is not made again.
            Some(group) => {
                let call = sdk.create_group().user_pool_id(pool).group_name(group);
                trial(self.probe.ask(|| call.clone().send()).await.map(drop))
            }
            None => Trial::Unclear(
                "not tried: without a known group, the call would create one".to_owned(),
            ),
        };
        trials.push(("CreateGroup", create));
        trials
    }

    fn sum_up(&self, facts: &Facts, trials: Trials) -> Vec<Finding> {
        let of = |wanted: Trial| {
            let like = trials.iter().filter(|(_, trial)| *trial == wanted);
            like.map(|(name, _)| *name).collect::<Vec<_>>()
        };
        let (permitted, denied) = (of(Trial::Permitted), of(Trial::Denied));
        let mut findings = Vec::new();
        if !permitted.is_empty() {
            let says = format!("permitted: {}", permitted.join(", "));
            findings.push(Finding::fits(About::Permissions, says));
        }
        if !denied.is_empty() {
            let any = || {
                let (region, pool) = (&self.settings.region, &self.settings.pool);
                format!("arn:aws:cognito-idp:{region}:*:userpool/{pool}")
            };
            let arn = facts.pool.as_ref().and_then(|pool| pool.arn.clone()).unwrap_or_else(any);
            let fix = self.commands.allow(facts.caller.as_deref(), &denied, &arn);
            let says = format!("not permitted: {}", denied.join(", "));
            findings.push(Finding::differs(About::Permissions, says, Some(fix)));
        }
        findings.extend(trials.into_iter().filter_map(|(name, trial)| match trial {
            Trial::Unclear(why) => {
                Some(Finding::unknown(About::Permissions, format!("{name}: {why}")))
            }
            Trial::Permitted | Trial::Denied => None,
        }));
        findings
    }
}

/// The parameters of a sign-in that name the user who does not exist.
fn names(client: &AppClient, nobody: &Nobody) -> HashMap<String, String> {
    let hash = client.secret_hash(&nobody.user);
    let hash = hash.map(|hash| ("SECRET_HASH".to_owned(), hash));
    [("USERNAME".to_owned(), nobody.user.clone())].into_iter().chain(hash).collect()
}

/// What nobody signs in with. Where that would run Lambda functions of the pool, the name is left
/// out: they are run for no sign-in without one, which Amazon refuses.
fn credentials(
    client: &AppClient,
    nobody: &Nobody,
    runs_triggers: bool,
) -> HashMap<String, String> {
    let mut all = if runs_triggers { HashMap::new() } else { names(client, nobody) };
    all.insert("PASSWORD".to_owned(), password_of(nobody));
    all
}

/// A password that fits most policies, of nobody.
fn password_of(nobody: &Nobody) -> String {
    format!("Aa1!{}", nobody.group)
}

/// What an answer says of the permission.
fn trial(outcome: Result<(), Trouble>) -> Trial {
    let trouble = match outcome {
        Ok(()) => return Trial::Permitted,
        Err(trouble) => trouble,
    };
    match &trouble {
        Trouble::Told { code, .. } if code == "AccessDeniedException" => Trial::Denied,
        Trouble::Told { code, .. } if implies_permission(code) => Trial::Permitted,
        _ => Trial::Unclear(in_words(&trouble)),
    }
}

/// Whether Amazon says this only to those who may ask.
fn implies_permission(code: &str) -> bool {
    matches!(
        code,
        "UserNotFoundException"
            | "ResourceNotFoundException"
            | "GroupExistsException"
            | "NotAuthorizedException"
            | "CodeMismatchException"
            | "ExpiredCodeException"
            | "InvalidParameterException"
            | "InvalidPasswordException"
            | "InvalidUserPoolConfigurationException"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_that_would_run_triggers_has_no_name() {
        let client = AppClient {
            id: "app".into(),
            secret: Some("0123456789abcdefghijklmnopqrstuvwxyz".into()),
            flow: Flow::Admin,
        };
        let nobody = Nobody { user: "nobody".to_owned(), group: "none".to_owned() };
        let names = |runs_triggers| {
            let mut names: Vec<_> =
                credentials(&client, &nobody, runs_triggers).into_keys().collect();
            names.sort();
            names
        };
        assert_eq!(names(false), ["PASSWORD", "SECRET_HASH", "USERNAME"]);
        assert_eq!(names(true), ["PASSWORD"]);
    }

    #[test]
    fn only_an_answer_of_cognito_s_shows_a_permission() {
        let told = |code: &str| {
            trial(Err(Trouble::Told { code: code.to_owned(), message: String::new() }))
        };
        assert_eq!(told("UserNotFoundException"), Trial::Permitted);
        assert_eq!(told("AccessDeniedException"), Trial::Denied);
        let expired = "Amazon answers ExpiredTokenException".to_owned();
        assert_eq!(told("ExpiredTokenException"), Trial::Unclear(expired));
        let busy = "Amazon has too many requests".to_owned();
        assert_eq!(trial(Err(Trouble::Throttled)), Trial::Unclear(busy));
    }
}
