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
        let host = authority.host();
        if !authority.as_str().strip_prefix(host).is_some_and(is_port) {
            return false;
        }
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

/// Whether this is all that may stand beside a host. Letters may not, which the parser of addresses
/// lets pass behind a bracket, nor a user's name.
fn is_port(rest: &str) -> bool {
    let digits = rest.strip_prefix(':');
    rest.is_empty() || digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
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
            "[::1]evil",
            "[::1].evil.example",
            "[::1]8080",
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

#[cfg(test)]
mod fuzz {
    use super::*;
    use crate::tests::json::odd;
    use axum::body::Body;
    use axum::http::HeaderValue;

    /// A name of ours with a change, or any text at all: it is accepted as one of ours or not at all.
    #[test]
    fn a_host_that_is_accepted_is_ours() {
        type Input = (u8, u8, u8, Vec<u8>);
        const NAMES: [&str; 4] = ["auth.example.com", "localhost", "127.0.0.1", "[::1]"];
        let known = Hosts::known(["auth.example.com"], "127.0.0.1:8080".parse().unwrap());
        bolero::check!().with_type::<Input>().for_each(|(name, from, to, put)| {
            let name = NAMES[usize::from(*name) % NAMES.len()];
            let cut = |at: u8| usize::from(at) % (name.len() + 1);
            let text = [&name[..cut(*from)], &odd(put), &name[cut(*to)..]].concat();
            let Ok(value) = HeaderValue::from_str(&text) else { return };
            let request = Request::get("/").header(header::HOST, value).body(Body::empty());
            if known.accept(&request.unwrap()) {
                let text = text.to_ascii_lowercase();
                let end = text.rfind(':').filter(|at| {
                    text[at + 1..].bytes().all(|byte| byte.is_ascii_digit()) && !text.ends_with(']')
                });
                let host = &text[..end.unwrap_or(text.len())];
                let bare = host.trim_start_matches('[').trim_end_matches(']');
                let address = bare.parse::<IpAddr>().map(|address| address.to_canonical());
                let is_ours = NAMES.contains(&host) || address.is_ok_and(|it| it.is_loopback());
                assert!(is_ours, "{text}");
            }
        });
    }
}
