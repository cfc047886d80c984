//! Commands that fix a pool. Amazon sets what an update leaves out to its default, so that those
//! that change one setting send all others along.

use crate::check::Fix;
use crate::connection::settings::Settings;
use poolkeeper_pool::ids::{ClientId, GroupName};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// What of a description `UpdateUserPool` takes.
const UPDATABLE: &str = "{UserPoolId: .Id, PoolName: .Name, Policies, DeletionProtection, \
    LambdaConfig, AutoVerifiedAttributes, VerificationMessageTemplate, SmsAuthenticationMessage, \
    UserAttributeUpdateSettings, MfaConfiguration, DeviceConfiguration, EmailConfiguration, \
    SmsConfiguration, UserPoolTags, AdminCreateUserConfig, UserPoolAddOns, AccountRecoverySetting, \
    UserPoolTier} | del(.AdminCreateUserConfig.UnusedAccountValidityDays) | \
    with_entries(select(.value != null))";

/// What of an app client's description `UpdateUserPoolClient` does not take.
const FIXED: &str = "del(.ClientSecret, .CreationDate, .LastModifiedDate)";

/// Writes commands about one pool.
pub(super) struct Commands<'a> {
    region: &'a str,
    pool: &'a str,
    /// Where aws-cli would not look by itself.
    endpoint: Option<&'a str>,
}

impl<'a> Commands<'a> {
    pub(super) fn of(settings: &'a Settings) -> Self {
        Self {
            region: &settings.region,
            pool: settings.pool.as_str(),
            endpoint: settings.named_endpoint.as_deref(),
        }
    }

    /// Changes the pool's settings with a filter of jq's.
    pub(super) fn update_pool(&self, filter: &str) -> Fix {
        let described = self.about_pool("describe-user-pool", "--query UserPool --output json");
        self.with_input("update-user-pool", &described, &format!("{UPDATABLE} | {filter}"))
    }

    /// Changes how the pool asks for second factors.
    pub(super) fn update_mfa(&self, filter: &str) -> Fix {
        let described = self.about_pool("get-user-pool-mfa-config", "--output json");
        let filter = format!(".UserPoolId = \"{}\" | {filter}", self.pool);
        self.with_input("set-user-pool-mfa-config", &described, &filter)
    }

    /// Changes an app client's settings.
    pub(super) fn update_client(&self, client: &ClientId, filter: &str) -> Fix {
        let of =
            format!("--client-id {} --query UserPoolClient --output json", quoted(client.as_str()));
        let described = self.about_pool("describe-user-pool-client", &of);
        self.with_input("update-user-pool-client", &described, &format!("{FIXED} | {filter}"))
    }

    /// Prints an app client's secret to whoever runs it.
    pub(super) fn show_secret(&self, client: &ClientId) -> Fix {
        let of = format!(
            "--client-id {} --query UserPoolClient.ClientSecret --output text",
            quoted(client.as_str())
        );
        Fix::Command(self.about_pool("describe-user-pool-client", &of))
    }

    /// Lists the app clients that there are.
    pub(super) fn list_clients(&self) -> Fix {
        Fix::Command(self.about_pool("list-user-pool-clients", "--max-results 60"))
    }

    /// Makes a group.
    pub(super) fn create_group(&self, group: &GroupName) -> Fix {
        let name = format!("--group-name {}", quoted(group.as_str()));
        Fix::Command(self.about_pool("create-group", &name))
    }

    /// Allows a user or a role of IAM to call operations, in a policy of its own.
    pub(super) fn allow(&self, caller: Option<&str>, actions: &[&str], resource: &str) -> Fix {
        let actions: Vec<_> = actions.iter().map(|name| format!("cognito-idp:{name}")).collect();
        let statement = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": resource }],
        });
        // A policy of the same name would be replaced, and take away what it allowed.
        let mut hasher = DefaultHasher::new();
        actions.hash(&mut hasher);
        let (pool, digest) = (self.pool, hasher.finish());
        let name = format!("--policy-name poolkeeper-check-{pool}-{digest:016x}");
        let policy = format!("{name} --policy-document '{statement}'");
        match caller.and_then(identity) {
            Some(Identity::Role(role)) => {
                let role = quoted(role);
                Fix::Command(format!("aws iam put-role-policy --role-name {role} {policy}"))
            }
            Some(Identity::User(user)) => {
                let user = quoted(user);
                Fix::Command(format!("aws iam put-user-policy --user-name {user} {policy}"))
            }
            None => Fix::ByHand(format!("add to the caller's policy: {statement}")),
        }
    }

    fn about_pool(&self, operation: &str, rest: &str) -> String {
        format!("{} --user-pool-id {} {rest}", self.aws(operation), self.pool)
    }

    fn with_input(&self, operation: &str, described: &str, filter: &str) -> Fix {
        let command = self.aws(operation);
        Fix::Command(format!("{command} --cli-input-json \"$({described} | jq '{filter}')\""))
    }

    /// What a command begins with.
    fn aws(&self, operation: &str) -> String {
        let endpoint = self.endpoint.map(|url| format!(" --endpoint-url {}", quoted(url)));
        let endpoint = endpoint.unwrap_or_default();
        format!("aws cognito-idp {operation} --region {}{endpoint}", self.region)
    }
}

/// Who in IAM makes the calls.
#[derive(Debug, PartialEq, Eq)]
enum Identity<'a> {
    Role(&'a str),
    User(&'a str),
}

/// The user or the role of an ARN, whose last part is the name of a session or of a user.
fn identity(arn: &str) -> Option<Identity<'_>> {
    let resource = arn.splitn(6, ':').nth(5)?;
    let mut parts = resource.split('/');
    match parts.next()? {
        "assumed-role" => parts.next().map(Identity::Role),
        "user" => parts.next_back().map(Identity::User),
        _ => None,
    }
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.:/@=+,-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_a_user_or_a_role() {
        let role = "arn:aws:sts::123456789012:assumed-role/poolkeeper/i-0123";
        assert_eq!(identity(role), Some(Identity::Role("poolkeeper")));
        let user = "arn:aws:iam::123456789012:user/apps/poolkeeper";
        assert_eq!(identity(user), Some(Identity::User("poolkeeper")));
        assert_eq!(identity("arn:aws:iam::123456789012:root"), None);
        assert_eq!(identity("nothing"), None);
    }

    /// Else they would go to Amazon itself.
    #[test]
    fn commands_go_where_the_pool_is() {
        let commands = |endpoint| Commands { region: "eu-west-1", pool: "eu-west-1_A", endpoint };
        let group = GroupName::from("staff");
        let made = |endpoint| commands(endpoint).create_group(&group);
        assert_eq!(
            made(None),
            Fix::Command(
                "aws cognito-idp create-group --region eu-west-1 --user-pool-id eu-west-1_A \
                 --group-name staff"
                    .to_owned()
            )
        );
        let [url, asked] = ["http://[::1]:9000", "--endpoint-url 'http://[::1]:9000'"];
        assert_eq!(
            made(Some(url)),
            Fix::Command(format!(
                "aws cognito-idp create-group --region eu-west-1 {asked} --user-pool-id eu-west-1_A \
                 --group-name staff"
            ))
        );
        let Fix::Command(update) = commands(Some(url)).update_mfa(".") else {
            panic!("no command")
        };
        assert_eq!(update.matches(asked).count(), 2, "{update}");
        // The policies of IAM are elsewhere.
        let role = "arn:aws:sts::123456789012:assumed-role/poolkeeper/i-0123";
        let Fix::Command(allow) = commands(Some(url)).allow(Some(role), &["ListUsers"], "*") else {
            panic!("no command")
        };
        assert!(!allow.contains("--endpoint-url"), "{allow}");
    }

    #[test]
    fn a_shell_takes_names_as_they_are() {
        assert_eq!(quoted("account-disabled"), "account-disabled");
        assert_eq!(quoted("Ann's $(group)"), r"'Ann'\''s $(group)'");
        assert_eq!(quoted(""), "''");
    }
}
