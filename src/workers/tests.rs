use super::*;
use crate::system::SystemRng;

const TINY: HashingSettings =
    HashingSettings { memory_kib: 8, iterations: 1, threads: 2, queue: 16 };

fn pool(settings: HashingSettings) -> HashingPool {
    HashingPool::start(&settings, Arc::new(SystemRng)).unwrap()
}

/// The same hash by another hand, the `argon2` crate.
fn second_opinion(password: &str, salt: &[u8], m: u32, t: u32, p: u32, length: usize) -> Vec<u8> {
    let params = argon2::Params::new(m, t, p, Some(length)).unwrap();
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut tag = vec![0; length];
    argon2.hash_password_into(password.as_bytes(), salt, &mut tag).unwrap();
    tag
}

fn phc(password: &str, salt: &[u8], m: u32, t: u32, p: u32, length: usize) -> Secret {
    let base64 = |bytes: &[u8]| argon2_rust::encode_base64(bytes).unwrap();
    let tag = second_opinion(password, salt, m, t, p, length);
    Secret::new(format!("$argon2id$v=19$m={m},t={t},p={p}${}${}", base64(salt), base64(&tag)))
}

fn passwords() -> [String; 6] {
    ["", "a", "correct horse battery staple", "пароль🔑 ß\u{0301}", "nul\0inside", "🐎"]
        .map(str::to_owned)
        .map(|text| if text == "🐎" { text.repeat(256) } else { text })
}

#[tokio::test]
async fn hashes_are_what_the_other_implementation_computes() {
    for (memory_kib, iterations) in [(8, 1), (64, 3), (9216, 4), (19_456, 2)] {
        let pool = pool(HashingSettings { memory_kib, iterations, ..TINY });
        for password in passwords() {
            let hash = pool.hash(Secret::from(password.as_str())).await.unwrap();
            let stored = argon2_rust::decode_string(hash.expose(), Algorithm::Argon2id).unwrap();
            let expected =
                phc(&password, &stored.salt, memory_kib, iterations, 1, stored.hash.len());
            assert_eq!(hash.expose(), expected.expose());
            assert_eq!((stored.salt.len(), stored.hash.len()), (SALT_LEN, TAG_LEN));
        }
    }
}

#[tokio::test]
async fn hashes_of_the_other_implementation_are_recognised() {
    let pool = pool(TINY);
    for (m, t, p, length) in [(8, 1, 1, 32), (256, 2, 4, 64), (16, 3, 2, 16)] {
        for password in passwords() {
            let hash = phc(&password, b"sixteen bytes ok", m, t, p, length);
            let right = pool.verify(Secret::from(password.as_str()), hash.clone()).await.unwrap();
            let wrong = pool.verify(Secret::new(format!("{password}x")), hash).await.unwrap();
            assert_eq!(right, Verified { matches: true, outdated: length < TAG_LEN });
            assert!(!wrong.matches);
        }
    }
}

#[tokio::test]
async fn the_same_password_is_never_hashed_alike() {
    let pool = pool(TINY);
    let first = pool.hash(Secret::from("password")).await.unwrap();
    assert_ne!(first, pool.hash(Secret::from("password")).await.unwrap());
    assert!(first.expose().starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", first.expose());
}

#[tokio::test]
async fn weaker_parameters_are_outdated_and_stronger_ones_are_not() {
    let pool = pool(HashingSettings { memory_kib: 64, iterations: 2, ..TINY });
    let salt = b"sixteen bytes ok";
    let cases = [
        (phc("password", salt, 64, 2, 1, 32), false),
        (phc("password", salt, 128, 3, 2, 32), false),
        (phc("password", salt, 63, 2, 1, 32), true),
        (phc("password", salt, 128, 1, 1, 32), true),
        (phc("password", b"8 bytes!", 64, 2, 1, 32), true),
        (phc("password", salt, 64, 2, 1, 16), true),
    ];
    for (hash, outdated) in cases {
        let shown = hash.expose().to_owned();
        let verified = pool.verify(Secret::from("password"), hash).await;
        assert_eq!(verified, Ok(Verified { matches: true, outdated }), "{shown}");
    }
}

#[tokio::test]
async fn a_large_hash_does_not_change_what_follows() {
    let pool = pool(HashingSettings { threads: 1, ..TINY });
    let large = phc("password", b"sixteen bytes ok", 4096, 1, 1, 32);
    assert!(pool.verify(Secret::from("password"), large).await.unwrap().matches);
    let kept = pool.hashing.run(|hasher| Ok(hasher.reserved_blocks())).await.unwrap();
    assert_eq!(kept, 0);
    let next = pool.hash(Secret::from("password")).await.unwrap();
    assert!(next.expose().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
}

#[tokio::test]
async fn what_is_no_hash_or_an_absurd_one_is_refused_without_being_computed() {
    let pool = pool(TINY);
    let tail = "c2l4dGVlbiBieXRlcyBvaw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let no_hash = Err(WorkerError::Failed("a stored hash is not a PHC string of argon2id"));
    let absurd = Err(WorkerError::Failed("a stored hash asks for too much memory or time"));
    let cases = [
        (String::new(), no_hash),
        ("password".to_owned(), no_hash),
        (format!("$argon2i$v=19$m=8,t=1,p=1${tail}"), no_hash),
        (format!("$argon2id$v=19$m=8,t=1,p=1${tail}!"), no_hash),
        (
            format!(
                "$argon2id$v=19$m=8,t=1,p=1${}",
                tail.trim_end_matches('A').to_owned() + "AAAAAA"
            ),
            absurd,
        ),
        (format!("$argon2id$v=19$m=262145,t=1,p=1${tail}"), absurd),
        (format!("$argon2id$v=19$m=4294967295,t=1,p=1${tail}"), absurd),
        (format!("$argon2id$v=19$m=8,t=4294967295,p=1${tail}"), absurd),
        (format!("$argon2id$v=19$m=4096,t=1,p=17${tail}"), absurd),
    ];
    for (hash, expected) in cases {
        let answer = pool.verify(Secret::from("password"), Secret::from(hash.as_str())).await;
        assert_eq!(answer, expected, "{hash}");
    }
}

#[tokio::test]
async fn a_decoy_matches_nothing_and_is_as_costly_as_any() {
    let (pool, other) = (pool(TINY), pool(TINY));
    for password in passwords() {
        let verified = pool.verify(Secret::from(password.as_str()), pool.decoy()).await;
        assert_eq!(verified, Ok(Verified { matches: false, outdated: false }));
    }
    assert!(pool.decoy().expose().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    assert_ne!(pool.decoy(), other.decoy());
}

#[tokio::test]
async fn rsa_keys_are_2048_bits_and_differ() {
    let pool = pool(TINY);
    let key = pool.generate_rsa_key().await.unwrap();
    assert_eq!(KeyPair::from_pkcs8(&key).unwrap().public_modulus_len(), 256);
    assert_ne!(key, pool.generate_rsa_key().await.unwrap());
}

#[test]
fn impossible_parameters_are_refused_at_the_start() {
    for (memory_kib, iterations) in [(7, 1), (8, 0), (MAX_MEMORY_KIB + 1, 1), (8, 33)] {
        let settings = HashingSettings { memory_kib, iterations, ..TINY };
        let refused = HashingPool::start(&settings, Arc::new(SystemRng)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!("argon2id cannot be used with m={memory_kib} KiB and t={iterations}")
        );
    }
}
