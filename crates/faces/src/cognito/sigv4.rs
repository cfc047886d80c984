//! AWS Signature Version 4, checked against access keys of our own.

use super::error::CognitoError;
use super::{CognitoMount, signed_host};
use crate::kit::context_of;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use data_encoding::HEXLOWER;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use poolkeeper_cognito_api::{Kind, Operation};
use poolkeeper_pool::crypto::secret::{Secret, same_bytes};
use poolkeeper_pool::entity::AccessKey;
use poolkeeper_pool::ids::AccessKeyId;
use poolkeeper_pool::request::Reason;
use poolkeeper_pool::time::Timestamp;
use serde::Deserialize;
use std::fmt::Write as _;
use std::time::Duration;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "cognito-idp";
const LONGEST_SKEW: Duration = Duration::from_mins(5);
const MISMATCH: &str = "The request signature we calculated does not match the signature you \
                        provided. Check your AWS Secret Access Key and signing method. Consult \
                        the service documentation for details.";

/// The parts of an `Authorization` header.
#[derive(Debug, PartialEq, Eq)]
struct Signed<'a> {
    key: &'a str,
    date: &'a str,
    region: &'a str,
    headers: Vec<&'a str>,
    signature: &'a str,
}

/// A signature by a key that there is, of just now. Whether it is the request's, only its body tells.
pub(super) struct Claim<'a> {
    signed: Signed<'a>,
    time: &'a str,
    key: AccessKey,
    secret: Secret,
}

/// What the headers of a request claim.
pub(super) async fn claim<'a>(
    mount: &CognitoMount,
    parts: &'a Parts,
) -> Result<Claim<'a>, CognitoError> {
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        let message = "Missing Authentication Token";
        return Err(CognitoError::new("MissingAuthenticationTokenException", message));
    }
    let given = only(&parts.headers, header::AUTHORIZATION.as_str());
    let signed = given.and_then(parse).ok_or_else(|| incomplete("Authorization"))?;
    let time = only(&parts.headers, "x-amz-date").ok_or_else(|| incomplete("X-Amz-Date"))?;
    only(&parts.headers, super::TARGET).ok_or_else(|| incomplete("X-Amz-Target"))?;
    let (key, secret) = find_key(mount, &signed, &parts.headers).await?;
    check_scope(&signed, &mount.engine.settings().region)?;
    check_age(&signed, time, mount.counting.clock.now())?;
    Ok(Claim { signed, time, key, secret })
}

impl Claim<'_> {
    /// The access key that signs.
    pub(super) const fn id(&self) -> &AccessKeyId {
        &self.key.id
    }

    /// Checks that the request was signed as it is, with a key that may do this.
    pub(super) fn authorize(
        &self,
        mount: &CognitoMount,
        operation: Operation,
        parts: &Parts,
        body: &[u8],
    ) -> Result<(), CognitoError> {
        let key = &self.key;
        let body_hash = HEXLOWER.encode(digest(&SHA256, body).as_ref());
        let host = host_of(parts).ok_or_else(|| incomplete("SignedHeaders"))?;
        let canonical = canonical_request(parts, &self.signed, &host, &body_hash);
        let canonical = canonical.ok_or_else(|| incomplete("SignedHeaders"))?;
        if !self.is_signature_of(&canonical) {
            self.note_other_host(mount, parts, &host, &body_hash);
            return Err(CognitoError::new("InvalidSignatureException", MISMATCH));
        }
        if key.allows(operation.name(), pool_of(operation, body).as_deref()) {
            Ok(())
        } else {
            Err(denied(mount, &key.id, operation))
        }
    }

    fn is_signature_of(&self, canonical: &str) -> bool {
        let Self { signed, time, secret, .. } = self;
        let expected = sign(secret, [signed.date, signed.region, SERVICE], time, canonical);
        same_bytes(expected.as_bytes(), signed.signature.as_bytes())
    }

    /// Notes, for the operator alone, that only the host differs from the one that was signed. This
    /// is a common mistake in the set-up of proxies, and nothing else shows it: unsigned calls succeed.
    fn note_other_host(&self, mount: &CognitoMount, parts: &Parts, host: &str, body_hash: &str) {
        let mut others = signed_host::candidates(&mount.known_hosts, parts).into_iter();
        let signed = others.find(|other| {
            let canonical = canonical_request(parts, &self.signed, other, body_hash);
            canonical.is_some_and(|canonical| self.is_signature_of(&canonical))
        });
        if let Some(signed) = signed {
            let context = context_of(&parts.extensions);
            context.note_reason(Reason::SignedForOtherHost);
            context.note_detail(format!(
                "the request was signed for Host {signed} but arrived with Host {host}"
            ));
        }
    }
}

fn parse(header: &str) -> Option<Signed<'_>> {
    let fields: Vec<_> = header.strip_prefix(ALGORITHM)?.strip_prefix(' ')?.split(',').collect();
    // Of a field that is there twice, nobody could say which was meant.
    let [_, _, _] = fields[..] else { return None };
    let field = |name: &str| {
        let mut fields = fields.iter().map(|field| field.trim());
        fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
    };
    let scope: Vec<_> = field("Credential")?.split('/').collect();
    let [key, date, region, SERVICE, "aws4_request"] = scope[..] else { return None };
    let headers: Vec<_> = field("SignedHeaders")?.split(';').collect();
    let signature = field("Signature")?;
    // The target is the operation: unsigned, a request to read could be made one to delete.
    let what_matters = ["host", "x-amz-date", super::TARGET];
    let covers_what_matters = what_matters.iter().all(|name| headers.contains(name));
    let is_dated = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    (covers_what_matters && is_dated && signature.len() == 64).then_some(Signed {
        key,
        date,
        region,
        headers,
        signature,
    })
}

async fn find_key(
    mount: &CognitoMount,
    signed: &Signed<'_>,
    headers: &HeaderMap,
) -> Result<(AccessKey, Secret), CognitoError> {
    let unknown = || {
        let message = "The security token included in the request is invalid.";
        CognitoError::new("UnrecognizedClientException", message)
    };
    // Temporary credentials are somebody else's: no key of ours comes with a token.
    if headers.contains_key("x-amz-security-token") {
        return Err(unknown());
    }
    let found = mount.engine.access_key(&AccessKeyId::from(signed.key)).await?;
    found.ok_or_else(unknown)
}

fn check_scope(signed: &Signed<'_>, region: &str) -> Result<(), CognitoError> {
    if signed.region == region {
        return Ok(());
    }
    let message = format!("Credential should be scoped to the region {region}.");
    Err(CognitoError::new("InvalidSignatureException", message))
}

fn check_age(signed: &Signed<'_>, time: &str, now: Timestamp) -> Result<(), CognitoError> {
    let at = DateTime::strptime("%Y%m%dT%H%M%SZ", time).ok();
    let at = at.and_then(|at| at.to_zoned(TimeZone::UTC).ok());
    let at = at.ok_or_else(|| incomplete("X-Amz-Date"))?;
    let at = Timestamp::from_millis(at.timestamp().as_millisecond());
    let fresh = at.since(now).max(now.since(at)) <= LONGEST_SKEW;
    if fresh && time.starts_with(signed.date) {
        return Ok(());
    }
    Err(CognitoError::new("InvalidSignatureException", format!("Signature expired: {time}")))
}

/// The request as a client signed it, if it asked for this host.
fn canonical_request(
    parts: &Parts,
    signed: &Signed<'_>,
    host: &str,
    body_hash: &str,
) -> Option<String> {
    // The protocol knows no query; one that came along must have been signed, which it cannot.
    if parts.uri.query().is_some() {
        return None;
    }
    let mut canonical = format!("{}\n{}\n\n", parts.method, parts.uri.path());
    for name in &signed.headers {
        let value = match *name {
            "host" => host.to_owned(),
            name => canonical_value(&parts.headers, name)?,
        };
        writeln!(canonical, "{name}:{value}").ok()?;
    }
    let names = signed.headers.join(";");
    write!(canonical, "\n{names}\n{body_hash}").ok()?;
    Some(canonical)
}

/// The host that arrived, as it is signed. HTTP/2 names it elsewhere.
pub(super) fn host_of(parts: &Parts) -> Option<String> {
    if parts.headers.contains_key(header::HOST) {
        return canonical_value(&parts.headers, header::HOST.as_str());
    }
    parts.uri.authority().map(ToString::to_string)
}

/// A header's values, joined, with runs of spaces made one.
fn canonical_value(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(name).iter();
    let values: Option<Vec<_>> = values.map(|value| value.to_str().ok().map(collapse)).collect();
    values.map(|values| values.join(",")).filter(|_| headers.contains_key(name))
}

fn collapse(value: &str) -> String {
    value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The signature of a canonical request under a scope of date, region and service.
fn sign(secret: &Secret, scope: [&str; 3], time: &str, canonical: &str) -> String {
    let [date, region, service] = scope;
    let hash = HEXLOWER.encode(digest(&SHA256, canonical.as_bytes()).as_ref());
    let to_sign = format!("{ALGORITHM}\n{time}\n{date}/{region}/{service}/aws4_request\n{hash}");
    let mut key = Secret::new(format!("AWS4{}", secret.expose())).expose().as_bytes().to_vec();
    for message in [date, region, service, "aws4_request", &to_sign] {
        let step = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), message.as_bytes());
        key = step.as_ref().to_vec();
    }
    HEXLOWER.encode(&key)
}

/// The pool that the request is about. Members that the operation does not know are ignored, and
/// so a pool among them says nothing.
fn pool_of(operation: Operation, body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "UserPoolId")]
        pool: Option<String>,
    }
    let Kind::Structure(members) = &operation.input().kind else { return None };
    members.iter().find(|member| member.name == "UserPoolId")?;
    serde_json::from_slice::<Named>(body).ok().and_then(|named| named.pool)
}

fn incomplete(what: &str) -> CognitoError {
    let message = format!("{what} is missing, malformed or not covered by the signature.");
    CognitoError::new("IncompleteSignatureException", message)
}

fn denied(mount: &CognitoMount, key: &AccessKeyId, operation: Operation) -> CognitoError {
    let account = &mount.engine.settings().account;
    let message = format!(
        "User: arn:aws:iam::{account}:user/{key} is not authorized to perform: \
         {SERVICE}:{operation}"
    );
    CognitoError::new("AccessDeniedException", message)
}

/// The value of a header that must be there once: of two, nobody could say which was meant.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of AWS's documentation of the signing process.
    #[test]
    fn signature_of_the_documented_example() {
        let canonical = "GET\n/\nAction=ListUsers&Version=2010-05-08\ncontent-type:application/\
                         x-www-form-urlencoded; charset=utf-8\nhost:iam.amazonaws.com\n\
                         x-amz-date:20150830T123600Z\n\ncontent-type;host;x-amz-date\n\
                         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let secret = Secret::from("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        assert_eq!(
            sign(&secret, ["20150830", "us-east-1", "iam"], "20150830T123600Z", canonical),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn authorization_headers_are_parsed_strictly() {
        let signature = "0".repeat(64);
        let header = |scope: &str, names: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signature}"
            )
        };
        let scope = "PKX/20240102/eu-west-1/cognito-idp/aws4_request";
        let good = header(scope, "host;x-amz-date;x-amz-target");
        assert_eq!(
            parse(&good),
            Some(Signed {
                key: "PKX",
                date: "20240102",
                region: "eu-west-1",
                headers: vec!["host", "x-amz-date", "x-amz-target"],
                signature: &signature,
            })
        );
        for bad in [
            header("PKX/20240102/eu-west-1/iam/aws4_request", "host;x-amz-date;x-amz-target"),
            header(
                "PKX/20240102/eu-west-1/cognito-idp/aws5_request",
                "host;x-amz-date;x-amz-target",
            ),
            header("PKX/20240102/cognito-idp/aws4_request", "host;x-amz-date;x-amz-target"),
            header("PKX//eu-west-1/cognito-idp/aws4_request", "host;x-amz-date;x-amz-target"),
            header("PKX/2024/eu-west-1/cognito-idp/aws4_request", "host;x-amz-date;x-amz-target"),
            header(scope, "host"),
            header(scope, "host;x-amz-date"),
            header(scope, "host;x-amz-target"),
            header(scope, "x-amz-date;x-amz-target"),
            good.replace(", Signature", ",, Signature"),
            format!("{good},"),
            format!("{good}, Signature={signature}"),
            format!("{good}, X=y"),
            "Bearer x".to_owned(),
            "AWS4-HMAC-SHA256".to_owned(),
            String::new(),
        ] {
            assert_eq!(parse(&bad), None, "{bad}");
        }
    }
}

#[cfg(test)]
mod fuzz {
    use super::*;

    #[test]
    fn authorization_headers_are_understood_or_refused() {
        bolero::check!().with_type::<String>().for_each(|header| {
            if let Some(signed) = parse(header) {
                assert!(header.starts_with(ALGORITHM));
                assert!(header.contains(signed.key) && header.contains(signed.signature));
            }
        });
    }

    /// What looks like a header, with anything in its places.
    #[test]
    fn headers_of_the_right_shape() {
        type Places = (String, String, String, String);
        bolero::check!().with_type::<Places>().for_each(|(key, date, headers, signature)| {
            let scope = format!("{key}/{date}/us-east-1/cognito-idp/aws4_request");
            let header = format!(
                "{ALGORITHM} Credential={scope}, SignedHeaders={headers}, Signature={signature}"
            );
            parse(&header);
        });
    }
    /// What is written in the form that is expected is read as it was meant.
    #[test]
    fn what_was_signed_is_read_as_it_was() {
        type Input = ([u8; 4], u32, Vec<u8>);
        bolero::check!().with_type::<Input>().for_each(|(key, date, names)| {
            let (key, date) = (HEXLOWER.encode(key), format!("{:08}", date % 100_000_000));
            let mut headers: Vec<_> = names.iter().map(|name| format!("x-{name}")).collect();
            headers.extend(["host", "x-amz-date", super::super::TARGET].map(str::to_owned));
            let signature = HEXLOWER.encode(&[7; 32]);
            let header = format!(
                "{ALGORITHM} Credential={key}/{date}/r-1/{SERVICE}/aws4_request, SignedHeaders={}, \
                 Signature={signature}",
                headers.join(";")
            );
            let headers = headers.iter().map(String::as_str).collect();
            let (key, date, region) = (key.as_str(), date.as_str(), "r-1");
            let expected = Signed { key, date, region, headers, signature: &signature };
            assert_eq!(parse(&header), Some(expected));
        });
    }

    /// A time counts for five minutes, and on the day that the key was made for.
    #[test]
    fn times_count_for_five_minutes() {
        bolero::check!().with_type::<(i32, i16, bool)>().for_each(|(now, off, same_day)| {
            let (now, off) = (i64::from(*now), i64::from(*off));
            let time = jiff::Timestamp::from_second(now + off).unwrap();
            let time = time.strftime("%Y%m%dT%H%M%SZ").to_string();
            let date = if *same_day { &time[..8] } else { "19691230" };
            let (region, headers, signature) = ("", Vec::new(), "");
            let signed = Signed { key: "", date, region, headers, signature };
            let checked = check_age(&signed, &time, Timestamp::from_seconds(now));
            let is_fresh = off.abs() <= 300 && time.starts_with(date);
            assert_eq!(checked.is_ok(), is_fresh, "{time} {date}");
        });
    }

    #[test]
    fn times_are_understood_or_refused() {
        bolero::check!().with_type::<(Vec<u8>, bool)>().for_each(|(text, in_form)| {
            let text = crate::tests::json::odd(text);
            let time = if *in_form { format!("{text}T030405Z") } else { text };
            let (key, region, headers, signature) = ("", "", Vec::new(), "");
            let signed = Signed { key, date: &time, region, headers, signature };
            let told = check_age(&signed, &time, Timestamp::from_seconds(0));
            assert!(told.is_err(), "{time}");
        });
    }
}
