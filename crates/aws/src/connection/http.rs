//! Plain HTTP, for what the SDK does not ask: through the same proxies as the SDK, which it finds in the
//! environment by itself.

use crate::connection::connect::SetupError;
use crate::connection::settings::Limits;
use poolkeeper_pool::crypto::secret::Secret;
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, NoProxy, Proxy};

/// The proxies between this machine and Amazon. Their addresses may hold passwords.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    https: Option<Secret>,
    http: Option<Secret>,
    /// The hosts and networks that are reached without.
    direct: Option<String>,
}

impl Proxies {
    /// Those that the environment names, in the variables that AWS's SDKs read.
    pub fn read(variables: &dyn Fn(&str) -> Option<String>) -> Self {
        let first = |upper: &str, lower: &str| {
            variables(upper).or_else(|| variables(lower)).filter(|value| !value.trim().is_empty())
        };
        let all = first("ALL_PROXY", "all_proxy");
        let proxy = |upper, lower| first(upper, lower).or_else(|| all.clone()).map(Secret::new);
        Self {
            https: proxy("HTTPS_PROXY", "https_proxy"),
            http: proxy("HTTP_PROXY", "http_proxy"),
            direct: first("NO_PROXY", "no_proxy"),
        }
    }

    /// A client that goes through them, follows no redirects, and waits no longer than it should.
    pub(crate) fn client(&self, limits: &Limits) -> Result<ClientBuilder, SetupError> {
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            // What the environment says has been read.
            .no_proxy()
            .connect_timeout(limits.connect)
            .timeout(limits.connect + limits.answer);
        if let Some(address) = &self.https {
            builder = builder.proxy(self.proxy("HTTPS_PROXY", Proxy::https(address.expose()))?);
        }
        if let Some(address) = &self.http {
            builder = builder.proxy(self.proxy("HTTP_PROXY", Proxy::http(address.expose()))?);
        }
        Ok(builder)
    }

    fn proxy(&self, name: &str, proxy: reqwest::Result<Proxy>) -> Result<Proxy, SetupError> {
        // The error would show the address.
        let proxy = proxy.map_err(|_| {
            SetupError(format!("{name} or ALL_PROXY is not the address of an HTTP proxy"))
        })?;
        Ok(proxy.no_proxy(self.direct.as_deref().and_then(NoProxy::from_string)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Proxies {
        Proxies::read(&|name| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn proxies_are_those_of_the_environment() {
        const ALL: (&str, &str) = ("ALL_PROXY", "http://all:1");
        for (set, https, http, direct) in [
            (&[][..], None, None, None),
            (&[("HTTPS_PROXY", "http://a:1")], Some("http://a:1"), None, None),
            (&[("https_proxy", "http://a:1")], Some("http://a:1"), None, None),
            (
                &[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:1")],
                Some("http://a:1"),
                None,
                None,
            ),
            (&[("HTTP_PROXY", "c:3128"), ALL], Some(ALL.1), Some("c:3128"), None),
            (&[("all_proxy", "http://d:1")], Some("http://d:1"), Some("http://d:1"), None),
            (&[("HTTPS_PROXY", "")], None, None, None),
            (&[("no_proxy", "10.0.0.0/8,.local")], None, None, Some("10.0.0.0/8,.local")),
        ] {
            let expected = Proxies {
                https: https.map(Secret::from),
                http: http.map(Secret::from),
                direct: direct.map(str::to_owned),
            };
            assert_eq!(read(set), expected, "{set:?}");
        }
    }

    #[test]
    fn an_invalid_proxy_is_reported_without_its_address() {
        let proxies = read(&[("HTTPS_PROXY", "http://user:hunter2@a:port")]);
        let told = proxies.client(&Limits::default()).unwrap_err().to_string();
        assert_eq!(
            told,
            "cannot prepare calls to Amazon: HTTPS_PROXY or ALL_PROXY is not the address of an HTTP proxy"
        );
        assert!(!format!("{proxies:?}").contains("hunter2"));
        assert!(read(&[("HTTPS_PROXY", "proxy:3128")]).client(&Limits::default()).is_ok());
    }
}
