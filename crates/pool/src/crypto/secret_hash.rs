//! `SECRET_HASH`, the proof that a caller of a public operation knows its app client's secret.

use crate::crypto::secret::{Secret, same_bytes};
use crate::ids::ClientId;
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Whether `hash` is `base64(HMAC-SHA256(secret, username || client id))` for one of the
/// `usernames`. Clients hash the name they were last told, so the name sent, the canonical
/// username and the `sub` all count.
pub fn matches(hash: &str, secret: &Secret, client: &ClientId, usernames: &[&str]) -> bool {
    usernames
        .iter()
        .any(|username| same_bytes(make(secret, client, username).as_bytes(), hash.as_bytes()))
}

/// The proof for one name.
pub fn make(secret: &Secret, client: &ClientId, username: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(username.as_bytes());
    context.update(client.as_str().as_bytes());
    STANDARD.encode(context.sign())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hash_is_accepted_for_its_user_only() {
        let secret = Secret::from("1example-secret");
        let client = ClientId::from("1example23456789");
        let hash = "p5zPxYangCyY+Pk8vY00JjrxO1QXE/ACfIu3SjCs14c=";
        assert_eq!(make(&secret, &client, "jane"), hash);
        assert!(matches(hash, &secret, &client, &["jane"]));
        assert!(matches(hash, &secret, &client, &["someone", "jane"]));
        assert!(!matches(hash, &secret, &client, &["june"]));
        assert!(!matches("", &secret, &client, &["jane"]));
    }
}
