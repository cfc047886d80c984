//! Which other host a client may have signed its request for. The signature covers `Host`, and
//! proxies change it: nginx's `$host` loses the port, and without any setting nginx sends the name
//! of its upstream.

use super::sigv4::host_of;
use crate::kit::ViaTrustedProxy;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::http::uri::Authority;

/// At most so many are tried: each costs five HMACs.
const MOST: usize = 8;

/// The hosts that a client may have meant, without the one that arrived.
///
/// Those that a trusted proxy reports come first, then those that clients know the server by, then
/// the one that arrived with another port.
pub(super) fn candidates(known: &[Authority], parts: &Parts) -> Vec<String> {
    let Some(arrived) = host_of(parts) else { return Vec::new() };
    let mut found = Vec::new();
    let mut add = |host: String| {
        if host != arrived && !found.contains(&host) && found.len() < MOST {
            found.push(host);
        }
    };
    let bare = arrived.parse::<Authority>().map(|host| host.host().to_owned()).ok();
    if parts.extensions.get::<ViaTrustedProxy>().is_some() {
        let forwarded = first(&parts.headers, "x-forwarded-host");
        let host = forwarded.or(bare.as_deref());
        if let Some(host) = forwarded {
            add(host.to_owned());
        }
        if let (Some(host), Some(port)) = (host, first(&parts.headers, "x-forwarded-port")) {
            add(format!("{host}:{port}"));
        }
    }
    for host in known {
        add(host.to_string());
        add(host.host().to_owned());
    }
    if let Some(bare) = bare {
        for port in known.iter().filter_map(Authority::port) {
            add(format!("{bare}:{port}"));
        }
        add(bare);
    }
    found
}

/// The first value of a header that proxies extend.
fn first<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?;
    value.split(',').next().map(str::trim).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn found(known: &[&str], trusted: bool, headers: &[(&str, &str)]) -> Vec<String> {
        let known: Vec<_> = known.iter().map(|host| host.parse().unwrap()).collect();
        let mut request = Request::post("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if trusted {
            request = request.extension(ViaTrustedProxy);
        }
        candidates(&known, &request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn what_clients_know_the_server_by() {
        let known = ["auth.example.com:8443", "auth.internal"];
        let arrived = |host| found(&known, false, &[("host", host)]);
        assert_eq!(arrived("auth.example.com"), ["auth.example.com:8443", "auth.internal"]);
        let upstream = [
            "auth.example.com:8443",
            "auth.example.com",
            "auth.internal",
            "127.0.0.1:8443",
            "127.0.0.1",
        ];
        assert_eq!(arrived("127.0.0.1:8080"), upstream);
        assert_eq!(arrived("[::1]:8080")[3..], ["[::1]:8443", "[::1]"]);
        assert!(found(&known, false, &[]).is_empty());
    }

    #[test]
    fn what_a_trusted_proxy_reports() {
        let headers = [
            ("host", "127.0.0.1:8080"),
            ("x-forwarded-host", "login.example.com, other.example.com"),
            ("x-forwarded-port", "9443"),
        ];
        let told = found(&["auth.example.com"], true, &headers);
        assert_eq!(told[..2], ["login.example.com", "login.example.com:9443"]);
        let not_told = found(&["auth.example.com"], false, &headers);
        assert_eq!(not_told, ["auth.example.com", "127.0.0.1"]);
        let port = [("host", "auth.example.com"), ("x-forwarded-port", "9443")];
        assert_eq!(found(&["auth.example.com"], true, &port), ["auth.example.com:9443"]);
    }

    #[test]
    fn few_are_tried() {
        let known: Vec<_> = (0..99).map(|number| format!("host{number}.example.com:1")).collect();
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        assert_eq!(found(&known, false, &[("host", "x")]).len(), MOST);
    }
}
