//! Calls that change nothing, for a check of the pool. They return Amazon's exceptions by name, and are
//! repeated while Amazon is busy or down: repeating them is safe.

use crate::connection::connect::{SetupError, client, load};
use crate::connection::settings::{Limits, Settings};
use crate::connection::trouble::Trouble;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use poolkeeper_pool::system::Clock;
use std::error::Error as StdError;
use std::sync::Arc;

/// Asks Amazon.
pub(crate) struct Probe {
    /// Cognito.
    pub(crate) sdk: Client,
    /// The service that knows whose credentials these are.
    pub(crate) sts: aws_sdk_sts::Client,
    limits: Limits,
}

impl Probe {
    pub(crate) async fn new(
        settings: &Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SetupError> {
        let loaded = load(settings, clock).await;
        let mut sts = aws_sdk_sts::config::Builder::from(&loaded);
        if let Some(endpoint) = &settings.named_endpoint {
            // The SDK refuses both beside an endpoint.
            sts = sts.endpoint_url(endpoint).use_fips(false).use_dual_stack(false);
        }
        Ok(Self {
            sdk: client(settings, &loaded)?,
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
            limits: settings.limits,
        })
    }

    /// Makes a call. `send` sends it once.
    pub(crate) async fn ask<T, E, S>(&self, send: impl Fn() -> S) -> Result<T, Trouble>
    where
        S: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let mut attempt = 1;
        loop {
            let trouble = match Box::pin(send()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => Trouble::of(&error),
            };
            let may_pass = matches!(trouble, Trouble::Throttled | Trouble::Down(_));
            if !may_pass || attempt >= self.limits.attempts {
                return Err(trouble);
            }
            tokio::time::sleep(self.limits.pause * attempt).await;
            attempt += 1;
        }
    }
}
