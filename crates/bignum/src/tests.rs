use super::*;
use num_bigint::BigUint;

/// Numbers at the edges and some in between, the same at every run.
fn samples() -> Vec<BigUint> {
    let prime = modulus();
    let mut samples: Vec<_> = [0_u32, 1, 2, 3, 255, 256].map(BigUint::from).to_vec();
    samples.extend([&prime - 1_u32, &prime - 2_u32, &prime >> 1_u32, &prime >> 9_u32]);
    let mut state = 42_u64;
    for length in [1_usize, 31, 32, 33, 127, 128, 383, 384] {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state.to_be_bytes()[0]
            })
            .collect();
        samples.push(BigUint::from_bytes_be(&bytes) % &prime);
    }
    samples
}

fn modulus() -> BigUint {
    BigUint::from_bytes_be(&Number::MODULUS)
}

fn number(value: &BigUint) -> Number {
    Number::reduce(&value.to_bytes_be())
}

fn value(number: &Number) -> BigUint {
    BigUint::from_bytes_be(number.to_bytes())
}

#[test]
fn the_modulus_is_the_prime_of_rfc_3526() {
    // 2^3072 - 2^3008 - 1 + 2^64 * ( [2^2942 pi] + 1690314 ); the text of the RFC begins and ends
    // like this, and 2 generates a group of half its size.
    let text = modulus().to_str_radix(16);
    assert!(text.starts_with("ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd1"));
    assert!(text.ends_with("4b82d120a93ad2caffffffffffffffff"));
    let half = (modulus() - 1_u32) >> 1_u32;
    assert_eq!(value(&Number::generator().power(&half.to_bytes_be())), BigUint::from(1_u32));
}

#[test]
fn sums_and_products_are_those_of_another_implementation() {
    let prime = modulus();
    for left in &samples() {
        for right in &samples() {
            let (a, b) = (number(left), number(right));
            assert_eq!(value(&a.plus(&b)), (left + right) % &prime, "{left} + {right}");
            assert_eq!(value(&a.times(&b)), (left * right) % &prime, "{left} * {right}");
        }
    }
}

#[test]
fn powers_are_those_of_another_implementation() {
    let prime = modulus();
    for base in &samples() {
        for exponent in &samples()[..16] {
            let power = number(base).power(&exponent.to_bytes_be());
            assert_eq!(value(&power), base.modpow(exponent, &prime), "{base} ^ {exponent}");
        }
    }
}

#[test]
fn leading_zeros_of_an_exponent_do_not_matter() {
    let base = Number::generator();
    let mut padded = vec![0; 40];
    padded.extend([1, 2, 3]);
    assert_eq!(base.power(&padded), base.power(&[1, 2, 3]));
    assert_eq!(base.power(&[]), Number::reduce(&[1]));
    assert_eq!(base.power(&[0, 0]), Number::reduce(&[1]));
}

#[test]
fn numbers_of_any_length_are_reduced() {
    assert!(Number::reduce(&[]).is_zero());
    assert!(Number::reduce(&Number::MODULUS).is_zero());
    let mut long = Number::MODULUS.to_vec();
    long.extend([0; 100]);
    assert!(Number::reduce(&long).is_zero());
    long.push(5);
    let expected = BigUint::from_bytes_be(&long) % modulus();
    assert_eq!(value(&Number::reduce(&long)), expected);
    assert!(!Number::generator().is_zero());
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(format!("{:?}", Number::generator()), "Number");
}
