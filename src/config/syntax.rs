//! What the values of a configuration look like. Every rule says what is wrong in words that
//! follow the name of the key.

use axum::http::Uri;
use axum::http::uri::{Authority, Scheme};
use poolkeeper_cognito_api::Operation;
use poolkeeper_faces::Network;
use poolkeeper_pool::attributes::has_form;
use poolkeeper_pool::entity::{AuthFlow, Grant, SignInName, is_group_name};
use poolkeeper_pool::ids::PartnerId;
use poolkeeper_pool::name::is_visible;
use std::net::IpAddr;

/// Whether a text is what it should be, else what it should be.
pub(super) type Rule = Result<(), String>;

/// The flows by their names.
pub(super) const FLOWS: [(&str, AuthFlow); 6] = [
    ("ALLOW_ADMIN_USER_PASSWORD_AUTH", AuthFlow::AdminUserPassword),
    ("ALLOW_USER_PASSWORD_AUTH", AuthFlow::UserPassword),
    ("ALLOW_USER_SRP_AUTH", AuthFlow::UserSrp),
    ("ALLOW_CUSTOM_AUTH", AuthFlow::Custom),
    ("ALLOW_USER_AUTH", AuthFlow::UserAuth),
    ("ALLOW_REFRESH_TOKEN_AUTH", AuthFlow::RefreshToken),
];

pub(super) fn flow(name: &str) -> Result<AuthFlow, String> {
    let found = FLOWS.iter().find(|(known, _)| *known == name);
    found.map(|(_, flow)| *flow).ok_or_else(|| {
        let names: Vec<_> = FLOWS.iter().map(|(name, _)| *name).collect();
        format!("unknown flow \"{name}\"; one of {}", names.join(", "))
    })
}

fn rule(holds: bool, expected: impl FnOnce() -> String) -> Rule {
    if holds { Ok(()) } else { Err(expected()) }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

pub(super) fn region(text: &str) -> Rule {
    let parts: Vec<_> = text.split('-').collect();
    let lower = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    let holds = parts.len() >= 3 && text.len() <= 32 && parts.iter().all(lower);
    rule(holds, || "not a region: expected e.g. us-east-1".into())
}

pub(super) fn account(text: &str) -> Rule {
    let holds = text.len() == 12 && text.chars().all(|c| c.is_ascii_digit());
    rule(holds, || "not an account: 12 digits are expected".into())
}

pub(super) fn pool_id(text: &str, region: &str) -> Rule {
    let rest = text.strip_prefix(region).and_then(|rest| rest.strip_prefix('_'));
    let holds = rest.is_some_and(|rest| {
        !rest.is_empty() && text.len() <= 55 && rest.chars().all(|c| c.is_ascii_alphanumeric())
    });
    rule(holds, || format!("not a pool id: expected {region}_ and letters or digits after it"))
}

/// What is asked in place of Amazon: passwords go there.
pub(super) fn amazon_endpoint(text: &str) -> Rule {
    url(text)?;
    rule(text.starts_with("https://") || is_local(text), || {
        "passwords would cross the network unencrypted: use https, except on this machine".into()
    })
}

/// The id of a pool at Amazon, whichever region it is in.
pub(super) fn amazon_pool_id(text: &str) -> Rule {
    let own = text.split_once('_').map_or("", |(own, _)| own);
    region(own)
        .and_then(|()| pool_id(text, own))
        .map_err(|_| "not the id of a pool at Amazon: expected e.g. us-east-1_AbCdEf123".to_owned())
}

pub(super) fn client_id(text: &str) -> Rule {
    let holds = (1..=128).contains(&text.len()) && text.chars().all(|c| is_word(c) || c == '+');
    rule(holds, || "not a client id: 1 to 128 letters, digits, _ or + are expected".into())
}

pub(super) fn access_key_id(text: &str) -> Rule {
    let holds = (16..=128).contains(&text.len()) && text.chars().all(is_word);
    rule(holds, || "not an access key id: 16 to 128 letters, digits or _ are expected".into())
}

pub(super) fn partner_id(text: &str) -> Rule {
    rule(PartnerId::from(text).is_well_formed(), || {
        format!("not a partner id: expected {}", PartnerId::FORM)
    })
}

/// The name of a permission or of a feature.
pub(super) fn permission(text: &str) -> Rule {
    rule(Grant::is_permission(text), || {
        "not a name: 1 to 128 letters, digits, '.', '_', '-' or ':' are expected".into()
    })
}

pub(super) fn currency(text: &str) -> Rule {
    let holds = text.len() == 3 && text.chars().all(|c| c.is_ascii_uppercase());
    rule(holds, || "not a currency: three capital letters (ISO 4217) are expected".into())
}

pub(super) fn name(text: &str) -> Rule {
    let holds = is_visible(text) && text.chars().count() <= 128;
    rule(holds, || "not a name: 1 to 128 characters are expected".into())
}

/// A group that says what a machine may do: none that says whose it is, or that it may do all.
pub(super) fn grant(text: &str) -> Rule {
    let holds = !text.is_empty()
        && text.chars().count() <= 128
        && !text.contains(char::is_whitespace)
        && text != "admin"
        && PartnerId::of_group(&text.into()).is_none();
    rule(holds, || {
        "not a grant: expected a group name that is neither \"admin\" nor a partner's id".into()
    })
}

/// A group that marks users in the partner API: none that means something already.
pub(super) fn marking_group(text: &str) -> Rule {
    group(text)?;
    rule(text != "admin" && PartnerId::of_group(&text.into()).is_none(), || {
        "already has a meaning: \"admin\" and partner ids are not allowed".into()
    })
}

/// What the names of groups begin with that end in a number.
pub(super) fn access_group_prefix(text: &str) -> Rule {
    let first = format!("{text}1");
    let holds = text.chars().count() <= 100
        && !text.is_empty()
        && is_group_name(&first)
        && PartnerId::of_group(&first.as_str().into()).is_none();
    rule(holds, || {
        "not the beginning of a group's name: expected 1 to 100 characters, no spaces, and \
         not the beginning of a partner's id"
            .into()
    })
}

pub(super) fn group(text: &str) -> Rule {
    rule(is_group_name(text), || {
        "not a group's name: 1 to 128 characters without spaces are expected".into()
    })
}

pub(super) fn email(text: &str) -> Rule {
    let holds = has_form(SignInName::Email, text);
    rule(holds, || "not an e-mail address: expected e.g. admin@example.com".into())
}

pub(super) fn operation(text: &str) -> Rule {
    let holds = text == "*" || Operation::from_name(text).is_some();
    rule(holds, || {
        format!(
            "unknown operation \"{text}\"; `poolkeeper operations` lists them, * stands for all"
        )
    })
}

pub(super) fn prefix(text: &str) -> Rule {
    let is_segment = |segment: &str| {
        let allowed = |c: char| is_word(c) || matches!(c, '-' | '.' | '~');
        !matches!(segment, "" | "." | "..") && segment.chars().all(allowed)
    };
    let holds = text.is_empty()
        || text.strip_prefix('/').is_some_and(|path| path.split('/').all(is_segment));
    rule(holds, || "not a path prefix: expected e.g. /api/v3, or nothing".into())
}

pub(super) fn url(text: &str) -> Rule {
    let holds = web_url(text).is_some() && !text.ends_with('/');
    rule(holds, || {
        "not a base URL: expected e.g. https://auth.example.com, without a slash at the end, \
         a query or a fragment"
            .into()
    })
}

pub(super) fn host(text: &str) -> Rule {
    let authority = text.parse::<Authority>();
    let holds = authority.is_ok_and(|authority| authority.host() == text);
    rule(holds, || "not a host: expected a name without scheme and port, e.g. auth.internal".into())
}

/// Whether the host of a URL is this machine as nobody else can name it.
pub(crate) fn is_local(url: &str) -> bool {
    let authority = web_url(url).map(|(_, authority)| authority);
    authority.is_some_and(|authority| is_loopback(authority.host()))
}

/// Whether a host is this machine as nobody else can name it.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// An address that is called with codes in the body.
pub(super) fn hook_url(text: &str) -> Rule {
    let uri = text.parse::<Uri>().ok().map(Uri::into_parts);
    let plain = !text.contains(['#', '@', ' ']);
    let parts = uri.and_then(|parts| Some((parts.scheme?, parts.authority?))).filter(|_| plain);
    let (scheme, authority) = parts.ok_or("not a URL: expected e.g. https://example.com/send")?;
    let protected =
        scheme == Scheme::HTTPS || scheme == Scheme::HTTP && is_loopback(authority.host());
    rule(protected, || "codes would cross the network unencrypted: use https".into())
}

pub(super) fn origin(text: &str) -> Rule {
    let exact = |(scheme, authority): (Scheme, Authority)| format!("{scheme}://{authority}");
    rule(web_url(text).map(exact).is_some_and(|origin| origin == text), || {
        "not a web origin: expected scheme, host and port only, e.g. https://www.example.com".into()
    })
}

fn web_url(text: &str) -> Option<(Scheme, Authority)> {
    let parts = text.parse::<Uri>().ok()?.into_parts();
    let (scheme, authority) = (parts.scheme?, parts.authority?);
    let is_web = scheme == Scheme::HTTP || scheme == Scheme::HTTPS;
    let is_plain = !text.contains(['?', '#', '@']) && !authority.host().is_empty();
    (is_web && is_plain).then_some((scheme, authority))
}

pub(super) fn network(text: &str) -> Result<Network, String> {
    let expected = "not an address or network: expected e.g. 10.0.0.1 or 10.0.0.0/8";
    text.parse().map_err(|_| expected.to_owned())
}
