use super::*;

/// A complete exchange with fixed secrets, whose values were computed by another implementation.
struct Vector {
    who: Identity<'static>,
    password: &'static str,
    exponent: &'static str,
    hash_of_verifier: &'static str,
    key: &'static str,
    signature: &'static str,
}

const SALT: &str = "1f2e3d4c5b6a79880716253443526170";
const TIMESTAMP: &str = "Tue Jan 2 03:04:05 UTC 2024";

const USER: Vector = Vector {
    who: Identity { realm: "EXAMPLE123", name: "7d1f3a52-0b6c-4d8e-9f10-112233445566" },
    password: "Correct-Horse7!",
    exponent: "df12569feb25b64a3e9751c006664980099819e98f1eb76fcb2977f75497b9db",
    hash_of_verifier: "df980b3bc837c26a29fa2abb6f8b99170e818b17990926ec5b2b5ecfbf1aeea4",
    key: "e8a5d690496b2e1c19e3a1f495ecd17a",
    signature: "3+2O4rA3j16wjwy4bcbtDEpC6a1yf8ESEQuwqMRQl/c=",
};

const DEVICE: Vector = Vector {
    who: Identity {
        realm: "-devgroupkey1",
        name: "us-east-1_9f0b1c2d-3e4f-5061-7283-94a5b6c7d8e9",
    },
    password: "device-secret-40-bytes",
    exponent: "1df1aab1a0ca59718684816e11fab320c2a92d8f266527c87225936b0c9eacf0",
    hash_of_verifier: "97c4e37ce8212bf2fdd8d2e7cd58107f08d22e728244b1f3d12295c41e8ceec4",
    key: "a2d1b3e4632376910d9c7fbb03c6b4fb",
    signature: "lel95jyVaUVodwGumGkkaeTx2XlGkQg0d5noep3e0sU=",
};

/// The client's secret exponent: bytes 1 to 128.
fn client_exponent() -> Vec<u8> {
    (1..=128).collect()
}

/// The server's secret exponent: bytes 128 down to 1.
fn server_exponent() -> Vec<u8> {
    (1..=128).rev().collect()
}

fn secret_block() -> Vec<u8> {
    (0..0x30).collect()
}

impl Vector {
    fn exchange(&self) -> Exchange {
        let a = Number::generator().power(&client_exponent());
        let salt = unhex(SALT).unwrap();
        let verifier = Verifier::with_salt(self.who, &Secret::from(self.password), salt);
        Exchange::with_exponent(verifier, a.to_bytes().to_vec(), &server_exponent())
    }

    fn claim<'a>(&'a self, block: &'a [u8]) -> Claim<'a> {
        Claim { signature: self.signature, secret_block: block, timestamp: TIMESTAMP }
    }
}

#[test]
fn the_multiplier_is_the_known_one() {
    assert_eq!(
        hex(multiplier().to_bytes()).trim_start_matches('0'),
        "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"
    );
}

#[test]
fn every_step_has_the_known_value() {
    for vector in [USER, DEVICE] {
        let exchange = vector.exchange();
        let inner = hash(&[
            vector.who.realm.as_bytes(),
            vector.who.name.as_bytes(),
            b":",
            vector.password.as_bytes(),
        ]);
        assert_eq!(hex(&hash(&[&pad(&unhex(SALT).unwrap()), &inner])), vector.exponent);
        assert_eq!(hex(&hash(&[&pad(&exchange.verifier.verifier)])), vector.hash_of_verifier);
        assert_eq!(exchange.salt(), SALT);
        assert_eq!(hex(&*exchange.key()), vector.key);
    }
    let exchange = USER.exchange();
    assert!(hex(&exchange.client_value).starts_with("ce00119aff3d2091"));
    assert!(exchange.server_value().starts_with("9f89fbe2141c550f"));
    assert_eq!(
        hex(&hash(&[&pad(&exchange.server_value)])),
        "f7c1a1cdb77b746f58b37d496840e479146f440253d3686aa9c716b23c7f6dde"
    );
}

#[test]
fn a_right_claim_proves_and_any_other_does_not() {
    for vector in [USER, DEVICE] {
        let (exchange, block) = (vector.exchange(), secret_block());
        let claim = vector.claim(&block);
        assert!(exchange.is_proven_by(vector.who, &claim));
        let other_block = vec![0; 48];
        let wrong = [
            Claim { signature: "", ..claim.clone() },
            Claim { signature: "AAAA", ..claim.clone() },
            Claim { secret_block: &other_block, ..claim.clone() },
            Claim { timestamp: "Tue Jan 2 03:04:06 UTC 2024", ..claim.clone() },
        ];
        for wrong in wrong {
            assert!(!exchange.is_proven_by(vector.who, &wrong), "{wrong:?}");
        }
        let somebody = Identity { name: "somebody", ..vector.who };
        assert!(!exchange.is_proven_by(somebody, &claim));
        let elsewhere = Identity { realm: "elsewhere", ..vector.who };
        assert!(!exchange.is_proven_by(elsewhere, &claim));
    }
}

#[test]
fn another_password_proves_nothing() {
    let wrong = Vector { password: "Correct-Horse7?", ..USER };
    assert!(!wrong.exchange().is_proven_by(USER.who, &USER.claim(&secret_block())));
}

/// `SRP_A` of the vectors comes from a longer exponent than ours: it begins the same exchange.
#[test]
fn our_own_client_makes_the_known_claim() {
    for vector in [USER, DEVICE] {
        let (exchange, block) = (vector.exchange(), secret_block());
        let client = ClientExchange::with_exponent(client_exponent());
        assert_eq!(client.client_value(), hex(&exchange.client_value));
        let (salt, server_value) = (exchange.salt(), exchange.server_value());
        let secret_block = STANDARD.encode(&block);
        let asked =
            Question { salt: &salt, server_value: &server_value, secret_block: &secret_block };
        let password = Secret::from(vector.password);
        let claim = client.prove(vector.who, &password, asked, TIMESTAMP);
        assert_eq!(claim.as_deref(), Some(vector.signature));
        let prime = hex(&Number::MODULUS);
        let trap = Question { server_value: &prime, ..asked };
        assert_eq!(client.prove(vector.who, &password, trap, TIMESTAMP), None);
    }
}

#[test]
fn a_verifier_survives_being_registered() {
    let verifier =
        Verifier::with_salt(DEVICE.who, &Secret::from(DEVICE.password), unhex(SALT).unwrap());
    let (salt, number) = verifier.to_client();
    assert!(Verifier::from_client(&salt, &number).is_some_and(|read| read == verifier));
}

#[test]
fn client_values_that_give_the_key_away_are_refused() {
    let prime = hex(&Number::MODULUS);
    for bad in ["", "0", "00", &prime, &format!("00{prime}"), "xyz", "-1", "+1", " 1", "1 "] {
        assert_eq!(client_value(bad), None, "{bad}");
    }
    assert_eq!(client_value(&"f".repeat(771)), None);
    assert_eq!(client_value("abc"), Some(vec![0x0a, 0xbc]));
    assert_eq!(client_value("ABCD"), Some(vec![0xab, 0xcd]));
}

#[test]
fn padding_is_that_of_signed_integers() {
    let cases: [(&[u8], &[u8]); 6] = [
        (&[], &[0]),
        (&[0, 0], &[0]),
        (&[0x7f], &[0x7f]),
        (&[0x80], &[0, 0x80]),
        (&[0, 0, 0x80, 1], &[0, 0x80, 1]),
        (&[0, 1], &[1]),
    ];
    for (bytes, padded) in cases {
        assert_eq!(pad(bytes), padded, "{bytes:?}");
    }
}

#[test]
fn salts_never_begin_with_a_zero_digit_or_a_sign() {
    for first in 0..=255 {
        let mut salt = vec![0; SALT_BYTES];
        salt[0] = first;
        let verifier = Verifier::with_salt(USER.who, &Secret::from("x"), salt);
        assert!((0x10..=0x7f).contains(&verifier.salt[0]));
    }
}

#[test]
fn a_decoy_is_the_same_for_the_same_seed() {
    let decoy = Verifier::decoy(&[7; 32]);
    assert_eq!(decoy, Verifier::decoy(&[7; 32]));
    assert_ne!(decoy.salt(), Verifier::decoy(&[8; 32]).salt());
    assert_eq!(decoy.salt().len(), 32);
}

#[test]
fn what_clients_made_of_a_secret_is_checked() {
    let base64 = |bytes: &[u8]| STANDARD.encode(bytes);
    let of = Verifier::from_client;
    let made = DEVICE.exchange().verifier.clone();
    let (salt, verifier) = (base64(&pad(&made.salt)), base64(&pad(&made.verifier)));
    assert_eq!(of(&salt, &verifier), Some(made.clone()));
    // Salts are sent back as numbers: with the digits that all clients read alike.
    let small = of(&base64(&[0, 0x0a, 0xbc]), &verifier).unwrap();
    assert_eq!(small.salt(), "abc");
    assert_eq!(of(&base64(&[0, 0xff]), &verifier).unwrap().salt(), "ff");

    let prime = Number::MODULUS.to_vec();
    let less = |by: u8| {
        let mut bytes = prime.clone();
        *bytes.last_mut().unwrap() -= by;
        base64(&bytes)
    };
    let above = base64(&[vec![1], vec![0; 384]].concat());
    for known in ["", "AA==", "AQ==", "AAE=", "?", &less(0), &less(1), &above] {
        assert_eq!(of(&salt, known), None, "{known}");
    }
    assert!(of(&salt, &less(2)).is_some());
    for salt in ["", "AA==", "?", &base64(&[1; 65])] {
        assert_eq!(of(salt, &verifier), None, "{salt}");
    }
    assert!(of(&base64(&[1; 64]), &verifier).is_some());
}

#[test]
fn an_exchange_knows_its_verifier() {
    let exchange = DEVICE.exchange();
    assert!(exchange.began_with(&exchange.verifier.clone()));
    assert!(!exchange.began_with(&USER.exchange().verifier));
}
