//! The issuer's documents, and whose credentials the calls are made with.

use super::{About, Finding, Fix, Inquiry, in_words};
use crate::connection::connect::SetupError;
use crate::connection::issuers::{Issuers, learn};
use crate::connection::keys::Keys;
use crate::connection::settings::Settings;
use crate::connection::trouble::Trouble;
use poolkeeper_pool::ids::PoolId;
use serde_json::Value;

impl Inquiry<'_> {
    /// Says whose credentials these are, and gives back the ARN. Everybody may ask this.
    pub(super) async fn caller(&self, findings: &mut Vec<Finding>) -> Option<String> {
        let call = self.probe.sts.get_caller_identity();
        match self.probe.ask(|| call.clone().send()).await {
            Ok(identity) => {
                let arn = identity.arn.unwrap_or_default();
                findings.push(Finding::note(About::Caller, format!("calls are made as {arn}")));
                Some(arn)
            }
            // The calls to Cognito show whether the credentials are good.
            Err(Trouble::Unsent(_)) => None,
            Err(trouble) => {
                let says = format!("the caller is unknown: {}", in_words(&trouble));
                findings.push(Finding::note(About::Caller, says));
                None
            }
        }
    }

    pub(super) async fn issuer(&self, findings: &mut Vec<Finding>) -> Result<(), SetupError> {
        let keys = Keys::new(self.settings)?;
        findings.push(match keys.fetch_discovery().await {
            Ok(discovery) => compared(&self.settings.issuers, &self.settings.pool, &discovery),
            Err(problem) => unreachable(self.settings, "the discovery document", problem),
        });
        findings.push(match keys.fetch_set().await {
            Ok(_) => Finding::fits(About::Issuer, "the public keys can be fetched"),
            Err(problem) => unreachable(self.settings, "the public keys", problem),
        });
        Ok(())
    }
}

/// Whether the server would accept tokens of the issuer that the discovery document names.
fn compared(issuers: &Issuers, pool: &PoolId, discovery: &Value) -> Finding {
    let Some(named) = discovery["issuer"].as_str() else {
        return Finding::differs(About::Issuer, "the discovery document names no issuer", None);
    };
    if issuers.accept(named, &learn(&[], discovery, pool)) {
        return Finding::fits(About::Issuer, format!("tokens are issued by {named}"));
    }
    let expected = match issuers {
        Issuers::Only(only) => format!("the configuration expects {only}"),
        Issuers::Known(_) => format!("which is no issuer of {pool}"),
    };
    let says = format!("tokens are issued by {named}, {expected}");
    let fix = Fix::File(format!("[pool.aws] token_issuer = \"{named}\""));
    Finding::differs(About::Issuer, says, Some(fix))
}

fn unreachable(settings: &Settings, what: &str, problem: &str) -> Finding {
    let fix = format!("let the server reach {}", settings.documents);
    let says = format!("{what} cannot be fetched: {problem}");
    Finding::differs(About::Issuer, says, Some(Fix::ByHand(fix)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;
    use serde_json::json;

    #[test]
    fn an_issuer_fits_if_the_server_accepts_its_tokens() {
        let pool = PoolId::from("eu-west-1_AbCdEf123");
        let [known, new, other] =
            ["https://a/eu-west-1_AbCdEf123", "https://b/eu-west-1_AbCdEf123", "https://b/other"];
        let only = Issuers::Only(known.to_owned());
        let all = Issuers::Known(vec![known.to_owned()]);
        for (issuers, named, verdict, says) in [
            (&only, json!(known), Verdict::Fits, format!("tokens are issued by {known}")),
            (
                &only,
                json!(new),
                Verdict::Differs,
                format!("tokens are issued by {new}, the configuration expects {known}"),
            ),
            (&all, json!(known), Verdict::Fits, format!("tokens are issued by {known}")),
            (&all, json!(new), Verdict::Fits, format!("tokens are issued by {new}")),
            (
                &all,
                json!(other),
                Verdict::Differs,
                format!("tokens are issued by {other}, which is no issuer of {pool}"),
            ),
            (&all, json!(7), Verdict::Differs, "the discovery document names no issuer".to_owned()),
        ] {
            let finding = compared(issuers, &pool, &json!({ "issuer": named }));
            assert_eq!((finding.verdict, finding.says), (verdict, says));
        }
    }
}
