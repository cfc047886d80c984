use super::{
    EXPONENT_BYTES, Identity, client_value, hex, multiplier, private_exponent, scrambler,
    shared_key, signature, unhex,
};
use crate::crypto::secret::Secret;
use crate::system::Rng;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use poolkeeper_bignum::Number;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The client's half of an exchange: for pools that live elsewhere and ask us for a proof.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ClientExchange {
    exponent: Vec<u8>,
    public: Number,
}

impl fmt::Debug for ClientExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientExchange")
    }
}

/// What the server asks, as it sends it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// `SALT`, hexadecimal digits.
    pub salt: &'a str,
    /// `SRP_B`, hexadecimal digits.
    pub server_value: &'a str,
    /// `SECRET_BLOCK`, base64.
    pub secret_block: &'a str,
}

impl ClientExchange {
    /// Begins an exchange.
    pub fn begin(rng: &dyn Rng) -> Self {
        let mut exponent = vec![0; EXPONENT_BYTES];
        rng.fill(&mut exponent);
        Self::with_exponent(exponent)
    }

    pub(super) fn with_exponent(exponent: Vec<u8>) -> Self {
        let public = Number::generator().power(&exponent);
        Self { exponent, public }
    }

    /// `SRP_A`, hexadecimal digits.
    pub fn client_value(&self) -> String {
        hex(self.public.to_bytes()).trim_start_matches('0').to_owned()
    }

    /// `PASSWORD_CLAIM_SIGNATURE`. `None` if the question is none that may be answered: a server
    /// value that is a multiple of the prime would give the answer away.
    pub fn prove(
        &self,
        who: Identity<'_>,
        password: &Secret,
        asked: Question<'_>,
        timestamp: &str,
    ) -> Option<String> {
        let even = if asked.salt.len().is_multiple_of(2) { "" } else { "0" };
        let salt = unhex(&format!("{even}{}", asked.salt))?;
        let server_value = client_value(asked.server_value)?;
        let block = STANDARD.decode(asked.secret_block).ok()?;
        let u = scrambler(self.public.to_bytes(), &server_value);
        let x = private_exponent(who, password, &salt);
        // S = (B - k·g^x)^(a + u·x), as (B - k·g^x)^a · ((B - k·g^x)^u)^x.
        let known = multiplier().times(&Number::generator().power(&*x));
        let base = Number::reduce(&server_value).plus(&minus_one().times(&known));
        let shared = base.power(&self.exponent).times(&base.power(&u).power(&*x));
        let key: Zeroizing<[u8; 16]> = shared_key(&u, &shared);
        Some(signature(&key, who, &block, timestamp))
    }
}

/// The prime less one: what turns a sum into a difference.
fn minus_one() -> Number {
    let mut bytes = Number::MODULUS;
    if let Some(last) = bytes.last_mut() {
        // The prime is odd.
        *last &= 0xfe;
    }
    Number::reduce(&bytes)
}
