use axum::extract::Request;
use axum::http::header;
use axum::http::uri::Authority;
use std::net::{IpAddr, SocketAddr};

/// The hosts under which this server answers. Without this check a web page could have its own name
/// resolve to this machine and then read every answer as one of its own (DNS rebinding), even of a
/// server that listens on loopback only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(Option<Known>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    names: Vec<String>,
    listen: IpAddr,
}

impl Hosts {
    /// Answers under these names and under the address that is listened on, every address if it is
    /// the unspecified one; under `localhost` and loopback addresses always. No page can have an
    /// address for its origin without being served from there. Ports do not matter: proxies change
    /// them. The default answers under any name.
    pub fn known<N: Into<String>>(names: impl IntoIterator<Item = N>, listen: SocketAddr) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        Self(Some(Known { names, listen: listen.ip().to_canonical() }))
    }

    /// Whether a request asks for this server. One that names no host is none of a browser's.
    pub(crate) fn accept(&self, request: &Request) -> bool {
        let Self(Some(known)) = self else { return true };
        let mut lines = request.headers().get_all(header::HOST).iter();
        let line = lines.next();
        if lines.next().is_some() {
            return false;
        }
        let named = line.map(|line| line.to_str().ok().and_then(|text| text.parse().ok()));
        let target = request.uri().authority().cloned().map(Some);
        let mut all = named.into_iter().chain(target);
        all.all(|host: Option<Authority>| host.is_some_and(|host| known.contains(&host)))
    }
}

impl Known {
    fn contains(&self, authority: &Authority) -> bool {
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        match bare.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(address) => {
                address.is_loopback() || self.listen.is_unspecified() || address == self.listen
            }
            Err(_) => self.is_name(host),
        }
    }

    fn is_name(&self, host: &str) -> bool {
        let names = self.names.iter().map(String::as_str).chain(["localhost"]);
        names.into_iter().any(|name| name.eq_ignore_ascii_case(host))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn accepts(listen: &str, uri: &str, hosts: &[&str]) -> bool {
        let known = Hosts::known(["auth.example.com"], listen.parse().unwrap());
        let request =
            hosts.iter().fold(Request::get(uri), |request, host| request.header("host", *host));
        known.accept(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn only_known_names_are_answered() {
        let asked = |host: &str| accepts("127.0.0.1:8080", "/", &[host]);
        for own in [
            "auth.example.com",
            "AUTH.example.com:443",
            "localhost",
            "localhost:8080",
            "127.0.0.1:8080",
            "127.9.9.9",
            "[::1]:8080",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(asked(own), "{own}");
        }
        for foreign in [
            "evil.example",
            "evil.example:8080",
            "auth.example.com.evil.example",
            "xauth.example.com",
            "auth.example.com.",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "localhost@evil.example",
            "evil.example@localhost",
            "10.0.0.1",
            "[2001:db8::1]",
            "0.0.0.0",
            "",
            "a b",
            "localhost,evil.example",
        ] {
            assert!(!asked(foreign), "{foreign}");
        }
    }

    #[test]
    fn addresses_that_are_listened_on_are_known() {
        assert!(accepts("10.0.0.1:80", "/", &["10.0.0.1:80"]));
        assert!(!accepts("10.0.0.1:80", "/", &["10.0.0.2:80"]));
        assert!(accepts("0.0.0.0:80", "/", &["10.0.0.2:80"]));
        assert!(accepts("[::]:80", "/", &["[2001:db8::1]"]));
        assert!(!accepts("0.0.0.0:80", "/", &["evil.example"]));
    }

    #[test]
    fn every_host_that_is_named_counts_and_one_header_at_most() {
        let asked = |uri: &str, hosts: &[&str]| accepts("127.0.0.1:8080", uri, hosts);
        assert!(asked("/", &[]));
        assert!(asked("http://localhost/", &["localhost"]));
        assert!(!asked("http://evil.example/", &["localhost"]));
        assert!(!asked("http://localhost/", &["evil.example"]));
        assert!(!asked("http://evil.example/", &[]));
        assert!(!asked("/", &["localhost", "localhost"]));
    }

    #[test]
    fn without_a_list_every_host_is_answered() {
        let request = Request::get("/").header("host", "evil.example").body(Body::empty());
        assert!(Hosts::default().accept(&request.unwrap()));
    }
}
