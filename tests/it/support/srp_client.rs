//! The client's half of SRP as Cognito's clients compute it, written apart from the server's.

use super::Answer;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use num_bigint::BigUint;
use serde_json::{Value, json};

const PRIME: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74\
    020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437\
    4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
    EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05\
    98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB\
    9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
    E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718\
    3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33\
    A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
    ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864\
    D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2\
    08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

/// A client in the middle of an exchange.
pub(crate) struct SrpClient {
    exponent: BigUint,
    public: BigUint,
}

/// The time that clients sign, unless a test says otherwise.
const TIMESTAMP: &str = "Fri Jan 2 03:04:05 UTC 2026";

/// What the server sent.
struct ServerValues<'a> {
    salt: &'a str,
    srp_b: &'a str,
    secret_block: &'a str,
}

impl SrpClient {
    /// With a secret exponent that is the same at every run.
    pub(crate) fn new() -> Self {
        let exponent = BigUint::from_bytes_be(&(1..=128).collect::<Vec<u8>>());
        let public = BigUint::from(2_u32).modpow(&exponent, &prime());
        Self { exponent, public }
    }

    /// `SRP_A`, without padding.
    pub(crate) fn srp_a(&self) -> String {
        self.public.to_str_radix(16)
    }

    /// The answer to `PASSWORD_VERIFIER` of a client that knows this password.
    pub(crate) fn claim(&self, challenge: &Answer, pool: &str, password: &str) -> Value {
        self.claim_at(challenge, pool, password, TIMESTAMP)
    }

    /// The same, at a time as the client writes it.
    pub(crate) fn claim_at(
        &self,
        challenge: &Answer,
        pool: &str,
        password: &str,
        time: &str,
    ) -> Value {
        let user = challenge.get("/ChallengeParameters/USER_ID_FOR_SRP");
        let who = (pool.split_once('_').unwrap().1, user.as_str());
        self.signed(who, challenge, password, time)
    }

    /// The answer to a challenge of whoever has this secret: a user in a pool, a device in a group.
    pub(crate) fn claim_of(&self, who: (&str, &str), challenge: &Answer, secret: &str) -> Value {
        self.signed(who, challenge, secret, TIMESTAMP)
    }

    fn signed(&self, who: (&str, &str), challenge: &Answer, secret: &str, time: &str) -> Value {
        let parameter = |name: &str| challenge.get(&format!("/ChallengeParameters/{name}"));
        let (salt, srp_b) = (parameter("SALT"), parameter("SRP_B"));
        let secret_block = parameter("SECRET_BLOCK");
        let values = ServerValues { salt: &salt, srp_b: &srp_b, secret_block: &secret_block };
        json!({
            "USERNAME": parameter("USERNAME"),
            "PASSWORD_CLAIM_SECRET_BLOCK": secret_block,
            "PASSWORD_CLAIM_SIGNATURE": self.signature(who, secret, &values, time),
            "TIMESTAMP": time,
        })
    }

    /// What a device of this key in this group is confirmed with: `Salt` and `PasswordVerifier`.
    pub(crate) fn device_verifier((group, key): (&str, &str), secret: &str) -> (String, String) {
        let salt = number("0f2e3d4c5b6a79880716253443526170");
        let inner = hash(format!("{group}{key}:{secret}").as_bytes());
        let x = BigUint::from_bytes_be(&hash(&[pad(&salt), inner].concat()));
        let verifier = BigUint::from(2_u32).modpow(&x, &prime());
        (STANDARD.encode(pad(&salt)), STANDARD.encode(pad(&verifier)))
    }

    /// `PASSWORD_CLAIM_SIGNATURE` for this password.
    fn signature(
        &self,
        (realm, name): (&str, &str),
        password: &str,
        server: &ServerValues<'_>,
        timestamp: &str,
    ) -> String {
        let key = self.key((realm, name), password, server);
        let block = STANDARD.decode(server.secret_block).unwrap();
        let message = [realm.as_bytes(), name.as_bytes(), &block, timestamp.as_bytes()].concat();
        STANDARD.encode(sign(&Key::new(HMAC_SHA256, &key), &message))
    }

    fn key(
        &self,
        (realm, name): (&str, &str),
        password: &str,
        server: &ServerValues<'_>,
    ) -> Vec<u8> {
        let (salt, b) = (number(server.salt), number(server.srp_b));
        let inner = hash(format!("{realm}{name}:{password}").as_bytes());
        let x = BigUint::from_bytes_be(&hash(&[pad(&salt), inner].concat()));
        let k =
            BigUint::from_bytes_be(&hash(&[pad(&prime()), pad(&BigUint::from(2_u32))].concat()));
        let u = BigUint::from_bytes_be(&hash(&[pad(&self.public), pad(&b)].concat()));
        let verifier = BigUint::from(2_u32).modpow(&x, &prime());
        let base = (b + prime() * &k - k * verifier) % prime();
        let shared = base.modpow(&(&self.exponent + &u * x), &prime());
        let secret = sign(&Key::new(HMAC_SHA256, &pad(&u)), &pad(&shared));
        let drawn = sign(&Key::new(HMAC_SHA256, secret.as_ref()), b"Caldera Derived Key\x01");
        drawn.as_ref()[..16].to_vec()
    }
}

fn prime() -> BigUint {
    number(PRIME)
}

fn number(digits: &str) -> BigUint {
    BigUint::parse_bytes(digits.as_bytes(), 16).unwrap()
}

fn pad(number: &BigUint) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    if bytes[0] >= 0x80 { [vec![0], bytes].concat() } else { bytes }
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}
