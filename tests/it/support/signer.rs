//! AWS Signature Version 4 as a client makes it, written apart from the server's check.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use data_encoding::HEXLOWER;

/// The `Authorization` header of a request.
#[derive(Clone, Copy)]
pub(crate) struct Signer<'a> {
    pub(crate) key: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    /// `yyyymmddThhmmssZ`.
    pub(crate) time: &'a str,
}

impl<'a> Signer<'a> {
    /// With the test's access key.
    pub(crate) fn own(time: &'a str) -> Self {
        let (key, secret, region) = (super::ACCESS_KEY, super::ACCESS_SECRET, super::REGION);
        Self { key, secret, region, service: "cognito-idp", time }
    }
    /// Signs a `POST /` with these headers, which must be sorted by name.
    pub(crate) fn authorization(&self, headers: &[(&str, &str)], body: &[u8]) -> String {
        let names: Vec<_> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines = headers.iter().map(|(name, value)| [name, ":", value, "\n"].concat());
        let lines = lines.collect::<String>();
        let canonical = format!("POST\n/\n\n{lines}\n{names}\n{}", hash(body));
        let date = &self.time[..8];
        let scope = format!("{date}/{}/{}/aws4_request", self.region, self.service);
        let to_sign =
            format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", self.time, hash(canonical.as_bytes()));
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for part in [date, self.region, self.service, "aws4_request", &to_sign] {
            key = sign(&Key::new(HMAC_SHA256, &key), part.as_bytes()).as_ref().to_vec();
        }
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={}",
            self.key,
            hex(&key)
        )
    }
}

fn hash(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}
