//! Arithmetic modulo the 3072-bit prime of RFC 3526 (group 15), for SRP: constant-time where the
//! operands are secret, through the big numbers of AWS-LC.
//!
//! It is the only crate of Poolkeeper that may hold `unsafe` code. Its interface is safe: numbers
//! go in and come out as fixed arrays of bytes, and no pointer leaves a function.

mod bn;
mod modulus;

use bn::{Arithmetic, Bn};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Length of a number in bytes.
pub const BYTES: usize = 384;

/// A number below the prime. It is wiped from memory when dropped, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Number([u8; BYTES]);

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number")
    }
}

impl Number {
    /// The prime itself, big-endian.
    pub const MODULUS: [u8; BYTES] = modulus::MODULUS;

    /// The generator, 2.
    pub fn generator() -> Self {
        Self::reduce(&[2])
    }

    /// The remainder of a number of any length, big-endian. Takes a time that depends on the
    /// number: for what the other side sent, not for secrets of more than [`BYTES`].
    pub fn reduce(bytes: &[u8]) -> Self {
        let arithmetic = Arithmetic::new();
        Self(arithmetic.remainder(&Bn::from_bytes(bytes)).to_bytes())
    }

    /// The number, big-endian, with leading zeros.
    pub fn to_bytes(&self) -> &[u8; BYTES] {
        &self.0
    }

    /// Whether the number is zero.
    pub fn is_zero(&self) -> bool {
        self.0.iter().fold(0, |all, byte| all | byte) == 0
    }

    /// The number raised to a secret power, big-endian. The time depends on the length of the
    /// exponent, not on its value.
    #[must_use]
    pub fn power(&self, exponent: &[u8]) -> Self {
        let arithmetic = Arithmetic::new();
        Self(arithmetic.power(&self.bn(), &Bn::from_bytes(exponent)).to_bytes())
    }

    /// The product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let arithmetic = Arithmetic::new();
        Self(arithmetic.product(&self.bn(), &other.bn()).to_bytes())
    }

    /// The sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let arithmetic = Arithmetic::new();
        Self(arithmetic.sum(&self.bn(), &other.bn()).to_bytes())
    }

    fn bn(&self) -> Bn {
        Bn::from_bytes(&self.0)
    }
}

#[cfg(test)]
mod tests;
