//! Credentials for signed calls.

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Provided;
use aws_credential_types::provider::{ProvideCredentials, Result, SharedCredentialsProvider};
use std::time::Duration;

/// The longest that anybody waits for credentials. The SDK itself waits a little longer.
const LONGEST: Duration = Duration::from_secs(5);

/// Credentials that are there in time, or an error that says so. If the whole call ran out of time
/// instead, as it would where nobody answers for a role, it would look as if Amazon were down.
#[derive(Debug)]
pub(crate) struct TimedCredentials {
    source: SharedCredentialsProvider,
    limit: Duration,
}

impl TimedCredentials {
    /// The credentials of a source, in less time than a call with this limit for answers takes.
    pub(crate) fn new(source: SharedCredentialsProvider, answer: Duration) -> Self {
        Self { source, limit: answer.min(LONGEST) }
    }

    async fn load(&self) -> Result {
        let loaded = tokio::time::timeout(self.limit, self.source.provide_credentials()).await;
        loaded.unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(self.limit)))
    }
}

impl ProvideCredentials for TimedCredentials {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        Provided::new(self.load())
    }
}
