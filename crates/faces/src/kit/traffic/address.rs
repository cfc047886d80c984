use axum::http::{HeaderMap, HeaderName};
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address at the other end of the connection. The server puts it among a request's
/// extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// The address of the caller, seen through trusted proxies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller(pub(crate) IpAddr);

/// Marks a request that came from a trusted proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ViaTrustedProxy;

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// Believes the proxies in these networks.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether an address is one of these proxies'.
    pub fn lists(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(address))
    }

    /// The caller's address: of the hops that are known, from the connection backwards, the first
    /// that is not a listed proxy. What stands farther left was written by a stranger, and is not
    /// even read. A hop that cannot be read ends the search at the last one that could.
    pub(crate) fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer.to_canonical();
        let mut hops = hops_backwards(headers);
        while self.lists(nearest) {
            let Some(hop) = hops.next().and_then(hop_address) else { break };
            nearest = hop;
        }
        nearest
    }
}

/// The hops of all header lines as one list, the nearest first.
fn hops_backwards(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','))
}

/// An address as proxies write it: with or without a port, an IPv6 address with or without
/// brackets, quoted or not.
fn hop_address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    let hop = hop.strip_prefix('"').and_then(|hop| hop.strip_suffix('"')).unwrap_or(hop);
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']'));
    let bracketed = bare.and_then(|bare| bare.parse().ok().map(IpAddr::V6));
    let address = bracketed.or_else(|| hop.parse().ok());
    address
        .or_else(|| hop.parse().ok().map(|with_port: SocketAddr| with_port.ip()))
        .map(|address| address.to_canonical())
}

/// A range of addresses, `10.0.0.0/8`, or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differing = own.to_bits() ^ other.to_bits();
                differing.leading_zeros() >= self.prefix
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differing = own.to_bits() ^ other.to_bits();
                differing.leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = text.split_once('/').unzip();
        let address: IpAddr = address.unwrap_or(text).parse().map_err(|_| NetworkError)?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(bits), str::parse).map_err(|_| NetworkError)?;
        if prefix > bits { Err(NetworkError) } else { Ok(Self { address, prefix }) }
    }
}

/// A text is neither an address nor a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an IP address or a network such as 10.0.0.0/8")]
pub struct NetworkError;

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(peer: &str, forwarded: &[&str]) -> String {
        let networks = ["10.0.0.0/8", "fd00::/8", "192.0.2.7"];
        let proxies = TrustedProxies(networks.map(|text| text.parse().unwrap()).to_vec());
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        proxies.caller(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn forwarded_addresses_count_only_from_trusted_proxies() {
        assert_eq!(caller("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(caller("10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(caller("::ffff:10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(caller("192.0.2.8", &["198.51.100.1"]), "192.0.2.8");
    }

    /// (M2)
    #[test]
    fn the_nearest_untrusted_hop_is_the_caller() {
        assert_eq!(caller("10.0.0.1", &["1.1.1.1, 2.2.2.2, 10.9.9.9"]), "2.2.2.2");
        assert_eq!(caller("10.0.0.1", &["1.1.1.1", "2.2.2.2:443"]), "2.2.2.2");
        assert_eq!(caller("10.0.0.1", &["1.1.1.1", "2.2.2.2, 10.0.0.2", "10.0.0.3"]), "2.2.2.2");
        assert_eq!(caller("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for written in ["[2001:db8::5]:9000", "[2001:db8::5]", "2001:db8::5", "\"[2001:db8::5]:9\""]
        {
            assert_eq!(caller("fd00::1", &[written]), "2001:db8::5", "{written}");
        }
        for written in ["2.2.2.2", "2.2.2.2:9000", " 2.2.2.2\t", "::ffff:2.2.2.2", "\"2.2.2.2\""] {
            assert_eq!(caller("10.0.0.1", &[written]), "2.2.2.2", "{written}");
        }
    }

    /// (M3)
    #[test]
    fn what_a_stranger_wrote_does_not_hide_what_the_proxy_wrote() {
        for junk in ["unknown", "", ",,", "<script>", "1.1.1.1;2.2.2.2", "10.0.0.9, x", "\u{fc}"] {
            assert_eq!(caller("10.0.0.1", &[&format!("{junk}, 2.2.2.2")]), "2.2.2.2", "{junk:?}");
            assert_eq!(caller("10.0.0.1", &[junk, "2.2.2.2, 10.0.0.2"]), "2.2.2.2", "{junk:?}");
        }
    }

    /// (M3)
    #[test]
    fn a_hop_that_cannot_be_read_ends_the_search() {
        for bad in
            ["unknown", "", "1.1.1.1, ,", "1.1.1.1;2.2.2.2", "2.2.2.2, <script>", "[1.1.1.1]"]
        {
            assert_eq!(caller("10.0.0.1", &[bad]), "10.0.0.1", "{bad:?}");
            assert_eq!(caller("10.0.0.1", &[bad, "10.0.0.2"]), "10.0.0.2", "{bad:?}");
        }
        assert_eq!(caller("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn networks_are_read() {
        for bad in ["", "10.0.0.0/33", "10.0.0.0/-1", "ten", "::1/129", "10.0.0.0/8/8"] {
            assert_eq!(bad.parse::<Network>(), Err(NetworkError), "{bad:?}");
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("8.8.8.8".parse().unwrap()));
    }
}

#[cfg(test)]
mod fuzz {
    use super::*;
    use crate::tests::json::odd;
    use axum::http::HeaderValue;

    fn proxies() -> TrustedProxies {
        TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()])
    }

    /// Whatever a stranger sends, the address that the nearest proxy added to it is the caller's.
    #[test]
    fn strangers_cannot_choose_their_address() {
        type Input = (Vec<Vec<u8>>, [u8; 4], Vec<u8>, bool);
        bolero::check!().with_type::<Input>().for_each(|(sent, stranger, hops, apart)| {
            let stranger = IpAddr::from(*stranger);
            if proxies().lists(stranger) {
                return;
            }
            let mut headers = HeaderMap::new();
            let sent = sent.iter().filter_map(|line| HeaderValue::from_str(&odd(line)).ok());
            for line in sent {
                headers.append(FORWARDED_FOR, line);
            }
            let peer = IpAddr::from([10, 0, 0, 1]);
            assert_eq!(proxies().caller(stranger, &headers), stranger);
            let mut told = vec![stranger.to_string()];
            told.extend(hops.iter().map(|hop| format!("10.0.0.{hop}")));
            for line in if *apart { told } else { vec![told.join(", ")] } {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            assert_eq!(proxies().caller(peer, &headers), stranger);
        });
    }

    #[test]
    fn any_header_is_read() {
        bolero::check!().with_type::<Vec<u8>>().for_each(|line| {
            let Ok(line) = HeaderValue::from_bytes(line) else { return };
            let headers = HeaderMap::from_iter([(FORWARDED_FOR, line)]);
            proxies().caller([10, 0, 0, 1].into(), &headers);
        });
    }

    #[test]
    fn addresses_come_back_as_they_were() {
        bolero::check!().with_type::<([u8; 16], u16, u8)>().for_each(|(bytes, port, form)| {
            let address = IpAddr::from(*bytes).to_canonical();
            let bare = address.to_string();
            let text = match (form % 4, address) {
                (0, _) => bare,
                (1, _) => format!("\"{}\"", SocketAddr::new(address, *port)),
                (2, IpAddr::V6(_)) => format!(" [{bare}]"),
                _ => SocketAddr::new(address, *port).to_string(),
            };
            assert_eq!(hop_address(text.as_bytes()), Some(address), "{text}");
        });
    }
}
