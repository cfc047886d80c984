//! The SDK's client of Cognito.

use crate::connection::credentials::TimedCredentials;
use crate::connection::settings::Settings;
use aws_config::{BehaviorVersion, Region, SdkConfig};
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
pub(crate) async fn connect(
    settings: &Settings,
    clock: Arc<dyn Clock>,
) -> Result<Client, SetupError> {
    client(settings, &load(settings, clock).await)
}

/// Cognito's client of what [`load`] loaded.
pub(crate) fn client(settings: &Settings, loaded: &SdkConfig) -> Result<Client, SetupError> {
    check_fips(loaded, &settings.endpoint)?;
    let mut config = Builder::from(loaded);
    config.set_endpoint_url(Some(settings.endpoint.clone()));
    // These are decided with the endpoint, and the SDK refuses both beside one.
    config.set_use_fips(Some(false));
    config.set_use_dual_stack(Some(false));
    if let Some(credentials) = loaded.credentials_provider() {
        config =
            config.credentials_provider(TimedCredentials::new(credentials, settings.limits.answer));
    }
    Ok(Client::from_conf(config.build()))
}

/// What all of Amazon's services are asked with.
pub(crate) async fn load(settings: &Settings, clock: Arc<dyn Clock>) -> SdkConfig {
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
    Box::pin(loader.load()).await
}

/// Refuses the set-up if the SDK is set to FIPS, perhaps by AWS's own files, but the endpoint is not a
/// FIPS endpoint.
fn check_fips(loaded: &SdkConfig, endpoint: &str) -> Result<(), SetupError> {
    if loaded.use_fips() != Some(true) || endpoint.contains("-fips.") {
        return Ok(());
    }
    Err(SetupError(format!(
        "use_fips_endpoint is on, and {endpoint} is no FIPS endpoint: set AWS_USE_FIPS_ENDPOINT=true, \
         or name a FIPS endpoint in pool.aws.endpoint"
    )))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fips_is_not_left_out_silently() {
        let loaded = |fips| SdkConfig::builder().use_fips(fips).build();
        let fips = "https://cognito-idp-fips.us-east-1.amazonaws.com";
        let other = "https://cognito-idp.us-east-1.amazonaws.com";
        check_fips(&loaded(true), fips).unwrap();
        check_fips(&loaded(false), other).unwrap();
        let private = "https://vpce-1.cognito-idp-fips.us-east-1.vpce.amazonaws.com";
        check_fips(&loaded(true), private).unwrap();
        let told = check_fips(&loaded(true), other).unwrap_err().to_string();
        assert!(told.contains("https://cognito-idp.us-east-1.amazonaws.com is no FIPS endpoint"));
    }
}
