//! The SDK's client of Cognito.

use crate::connection::settings::Settings;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::config::Builder;
use aws_smithy_async::time::TimeSource;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use poolkeeper_pool::system::Clock;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Why Amazon cannot be asked at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot prepare calls to Amazon: {0}")]
pub struct SetupError(pub(crate) String);

/// The client; nothing is connected yet.
pub(crate) async fn connect(settings: &Settings, clock: Arc<dyn Clock>) -> Client {
    let limits = settings.limits;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(limits.connect)
        .read_timeout(limits.answer)
        // However slowly an answer trickles in, and credentials are found.
        .operation_timeout(limits.connect + limits.answer)
        .build();
    let loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(settings.region.clone()))
        .timeout_config(timeouts)
        // Repeating is ours: the SDK does not know what may be repeated.
        .retry_config(RetryConfig::disabled())
        .disable_clock_skew_correction(true)
        .time_source(OurClock(clock));
    let loader = match &settings.access_key {
        Some(key) => loader.credentials_provider(Credentials::new(
            &key.id,
            key.secret.expose(),
            None,
            None,
            "poolkeeper",
        )),
        None => loader,
    };
    // What loads is large, and done once.
    let loaded = Box::pin(loader.load()).await;
    let mut config = Builder::from(&loaded);
    config.set_endpoint_url(settings.endpoint.clone());
    Client::from_conf(config.build())
}

/// Our clock as the SDK wants one.
struct OurClock(Arc<dyn Clock>);

impl fmt::Debug for OurClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OurClock")
    }
}

impl TimeSource for OurClock {
    fn now(&self) -> SystemTime {
        let millis = u64::try_from(self.0.now().millis()).unwrap_or(0);
        UNIX_EPOCH + Duration::from_millis(millis)
    }
}
