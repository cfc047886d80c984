//! What operations that sign in answer.

use aws_sdk_cognitoidentityprovider::types::{AuthenticationResultType, ChallengeNameType};
use poolkeeper_pool::ids::GroupName;
use std::collections::HashMap;

/// What both kinds of operation answer.
#[derive(Debug)]
pub(crate) struct AmazonStep {
    pub(crate) challenge: Option<ChallengeNameType>,
    pub(crate) session: Option<String>,
    pub(crate) parameters: HashMap<String, String>,
    pub(crate) result: Option<AuthenticationResultType>,
}

/// Makes an [`AmazonStep`] of the output of an operation that signs in.
macro_rules! step {
    ($output:expr) => {{
        let output = $output;
        $crate::sign_in::step::AmazonStep {
            challenge: output.challenge_name,
            session: output.session,
            parameters: output.challenge_parameters.unwrap_or_default(),
            result: output.authentication_result,
        }
    }};
}
pub(crate) use step;

/// Groups as tokens name them.
pub(crate) fn group_names(names: Vec<String>) -> Vec<GroupName> {
    names.into_iter().map(GroupName::new).collect()
}
