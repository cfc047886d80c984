//! Time-based one-time passwords: RFC 6238 with HMAC-SHA1, 30-second steps and six digits.

use crate::crypto::secret::{Secret, same_bytes};
use crate::system::Rng;
use crate::time::Timestamp;
use aws_lc_rs::hmac;
use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE};
use zeroize::Zeroizing;

const STEP_SECONDS: i64 = 30;
const KEY_BYTES: usize = 32;

/// How long an accepted code must be remembered so that it cannot be used twice: as long as any
/// clock would still accept it.
pub const CODE_LIFE: std::time::Duration = std::time::Duration::from_secs(5 * 30);

/// A fresh shared key of 256 bits, in base32 without padding (52 characters).
pub fn random_key(rng: &dyn Rng) -> Secret {
    let mut key = [0; KEY_BYTES];
    rng.fill(&mut key);
    Secret::new(BASE32_NOPAD.encode(&key))
}

/// The time step whose code this is: the current one, the one before or the one after. `None` if
/// it is none of theirs.
pub fn matching_step(key: &Secret, code: &str, now: Timestamp) -> Option<i64> {
    let key = key_bytes(key)?;
    let current = now.seconds().div_euclid(STEP_SECONDS);
    // All three are computed and compared, whichever is right.
    [current - 1, current, current + 1]
        .into_iter()
        .rfind(|step| same_bytes(code_at(&key, *step).as_bytes(), code.as_bytes()))
}

/// The code for a point in time; what an authenticator app shows.
pub fn code(key: &Secret, now: Timestamp) -> Option<String> {
    key_bytes(key).map(|key| code_at(&key, now.seconds().div_euclid(STEP_SECONDS)))
}

fn code_at(key: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    // Dynamic truncation, RFC 4226 section 5.3.
    let offset = usize::from(tag.last().copied().unwrap_or(0) & 0x0f);
    let word =
        tag.iter().skip(offset).take(4).fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

fn key_bytes(key: &Secret) -> Option<Zeroizing<Vec<u8>>> {
    BASE32_NOPAD_NOCASE.decode(key.expose().as_bytes()).map(Zeroizing::new).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 6238 appendix B, `12345678901234567890`, in base32.
    fn key() -> Secret {
        Secret::from("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        let cases = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(code(&key(), Timestamp::from_seconds(seconds)).as_deref(), Some(expected));
        }
    }

    #[test]
    fn one_step_of_drift_is_accepted_and_two_are_not() {
        let code = code(&key(), Timestamp::from_seconds(59)).unwrap();
        let step_at = |seconds| matching_step(&key(), &code, Timestamp::from_seconds(seconds));
        assert_eq!([29, 30, 59, 89].map(step_at), [Some(1); 4].map(|step| step));
        assert_eq!([90, 120, -1].map(step_at), [None; 3]);
    }

    #[test]
    fn keys_are_base32() {
        assert_eq!(key_bytes(&"mfrgg".into()).unwrap().as_slice(), b"abc");
        assert_eq!(key_bytes(&"not base32!".into()), None);
    }
}
