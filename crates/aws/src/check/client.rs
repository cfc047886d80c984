//! An app client as Amazon describes it.

use super::{About, Finding, Fix, Inquiry, in_words, is_denied, is_missing};
use crate::connection::settings::{AppClient, Flow};
use aws_sdk_cognitoidentityprovider::types::{
    ExplicitAuthFlowsType as Allowed, FeatureType, PreventUserExistenceErrorTypes,
    UserPoolClientType,
};
use poolkeeper_pool::crypto::secret::same_bytes;
use poolkeeper_pool::ids::ClientId;

impl Inquiry<'_> {
    pub(super) async fn client(&self, client: &AppClient, findings: &mut Vec<Finding>) {
        let call = self.probe.sdk.describe_user_pool_client();
        let call = call.user_pool_id(self.settings.pool.as_str()).client_id(client.id.as_str());
        let about = About::Client(client.id.clone());
        match self.probe.ask(|| call.clone().send()).await {
            Ok(described) => match described.user_pool_client {
                Some(found) => findings.extend(self.client_findings(client, &found)),
                None => findings.push(Finding::unknown(about, "Amazon describes nothing")),
            },
            Err(trouble) if is_missing(&trouble) => findings.push(Finding::differs(
                about,
                "there is no such app client in the pool",
                Some(self.commands.list_clients()),
            )),
            Err(trouble) if is_denied(&trouble) => findings.push(Finding::unknown(
                about,
                "not checked: DescribeUserPoolClient is not permitted",
            )),
            Err(trouble) => {
                findings
                    .push(Finding::unknown(about, format!("not checked: {}", in_words(&trouble))));
            }
        }
    }

    fn client_findings(&self, client: &AppClient, found: &UserPoolClientType) -> Vec<Finding> {
        [
            self.secret(client, found),
            self.password_flow(client, found),
            self.refresh(client, found),
            self.unknown_users(client, found),
            self.revocation(client, found),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn secret(&self, client: &AppClient, found: &UserPoolClientType) -> Vec<Finding> {
        let about = About::Client(client.id.clone());
        let from_amazon = || Some(self.commands.show_secret(&client.id));
        vec![match (&client.secret, found.client_secret()) {
            (None, None) => Finding::fits(about, "has no secret"),
            (Some(ours), Some(theirs))
                if same_bytes(ours.expose().as_bytes(), theirs.as_bytes()) =>
            {
                Finding::fits(about, "has the configuration's secret")
            }
            (Some(_), Some(_)) => {
                let says = "has another secret than the configuration says";
                Finding::differs(about, says, from_amazon())
            }
            (None, Some(_)) => {
                let says = "has a secret, and the configuration does not say where it is";
                Finding::differs(about, says, from_amazon())
            }
            (Some(_), None) => {
                let fix = "remove secret_file or secret_env of this app client".to_owned();
                let says = "has no secret, and the configuration gives one";
                Finding::differs(about, says, Some(Fix::File(fix)))
            }
        }]
    }

    fn password_flow(&self, client: &AppClient, found: &UserPoolClientType) -> Vec<Finding> {
        let about = About::Client(client.id.clone());
        let (flow, names) = match client.flow {
            Flow::Admin => (
                Allowed::AllowAdminUserPasswordAuth,
                [Allowed::AllowAdminUserPasswordAuth, Allowed::AdminNoSrpAuth],
            ),
            Flow::User => (
                Allowed::AllowUserPasswordAuth,
                [Allowed::AllowUserPasswordAuth, Allowed::UserPasswordAuth],
            ),
        };
        let flow = flow.as_str();
        if found.explicit_auth_flows().iter().any(|allowed| names.contains(allowed)) {
            return vec![Finding::fits(about, format!("allows {flow}"))];
        }
        let says = format!("does not allow {flow}: nobody can sign in");
        vec![Finding::differs(about, says, Some(self.allow(&client.id, flow, found)))]
    }

    fn refresh(&self, client: &AppClient, found: &UserPoolClientType) -> Vec<Finding> {
        let about = About::Client(client.id.clone());
        let rotation = found.refresh_token_rotation();
        if let Some(rotation) = rotation.filter(|it| it.feature == FeatureType::Enabled) {
            let grace = rotation.retry_grace_period_seconds.unwrap_or_default();
            let mut findings = vec![Finding::fits(about.clone(), "rotates refresh tokens")];
            if grace == 0 {
                let says = "rotates refresh tokens without a grace period: a client that misses the \
                            answer to a refresh must sign in again";
                findings.push(Finding::note(about, says));
            }
            return findings;
        }
        let legacy = [Allowed::AdminNoSrpAuth, Allowed::UserPasswordAuth];
        // With the older names of flows, refresh is always allowed.
        let allows =
            |flow: &Allowed| *flow == Allowed::AllowRefreshTokenAuth || legacy.contains(flow);
        if found.explicit_auth_flows().iter().any(allows) {
            return vec![Finding::fits(about, "allows ALLOW_REFRESH_TOKEN_AUTH")];
        }
        let fix = self.allow(&client.id, Allowed::AllowRefreshTokenAuth.as_str(), found);
        vec![Finding::differs(
            about,
            "allows neither ALLOW_REFRESH_TOKEN_AUTH nor rotation: no token can be refreshed",
            Some(fix),
        )]
    }

    /// What allows one more flow. Amazon takes the older names of flows only without the newer ones,
    /// and which of these are meant by the older ones is for a person to say.
    fn allow(&self, client: &ClientId, flow: &str, found: &UserPoolClientType) -> Fix {
        let is_old = |flow: &Allowed| !flow.as_str().starts_with("ALLOW_");
        if found.explicit_auth_flows().iter().any(is_old) {
            return Fix::ByHand(format!(
                "replace the older names in ExplicitAuthFlows, which Amazon does not take beside \
                 the newer ones, and add {flow}"
            ));
        }
        let filter = format!(".ExplicitAuthFlows += [\"{flow}\"]");
        self.commands.update_client(client, &filter)
    }

    fn unknown_users(&self, client: &AppClient, found: &UserPoolClientType) -> Vec<Finding> {
        let about = About::Client(client.id.clone());
        let setting = found.prevent_user_existence_errors();
        let hides = setting == Some(&PreventUserExistenceErrorTypes::Enabled);
        if self.expected.shows_unknown_users.contains(&client.id) {
            let what = if hides { "hides" } else { "tells" };
            return vec![Finding::fits(about, format!("{what} that a user does not exist"))];
        }
        if hides {
            return vec![Finding::fits(about, "hides that a user does not exist")];
        }
        let filter = ".PreventUserExistenceErrors = \"ENABLED\"";
        vec![Finding::differs(
            about,
            "tells strangers that a user does not exist",
            Some(self.commands.update_client(&client.id, filter)),
        )]
    }

    fn revocation(&self, client: &AppClient, found: &UserPoolClientType) -> Vec<Finding> {
        let about = About::Client(client.id.clone());
        if found.enable_token_revocation == Some(true) {
            return vec![Finding::fits(about, "allows tokens to be revoked")];
        }
        vec![Finding::differs(
            about,
            "does not allow tokens to be revoked: sign-outs fail, and no token names its sign-in",
            Some(self.commands.update_client(&client.id, ".EnableTokenRevocation = true")),
        )]
    }
}
