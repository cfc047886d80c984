//! AWS-LC's big numbers behind owned types. All `unsafe` code of the project is in this file.
//!
//! Every function of the library that is called here fails only if memory runs out, which ends the
//! program as it does everywhere in Rust.

use crate::BYTES;
use crate::modulus::MODULUS;
use aws_lc_sys as c;
use std::ptr::{self, NonNull};

/// An owned big number, wiped when dropped.
pub(crate) struct Bn(NonNull<c::BIGNUM>);

impl Drop for Bn {
    fn drop(&mut self) {
        // SAFETY: the pointer came from the library, is owned by this value alone, and is not used
        // afterwards.
        unsafe { c::BN_clear_free(self.0.as_ptr()) }
    }
}

impl Bn {
    fn new() -> Self {
        // SAFETY: takes nothing and gives a fresh number or null.
        Self(not_null(unsafe { c::BN_new() }))
    }

    /// A number from big-endian bytes. Its width in memory follows the length of `bytes`, not the
    /// value, so that what works on it takes the same time for all values.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        // SAFETY: reads exactly `bytes.len()` bytes from `bytes`; null asks for a fresh number.
        Self(not_null(unsafe { c::BN_bin2bn(bytes.as_ptr(), bytes.len(), ptr::null_mut()) }))
    }

    pub(crate) fn to_bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        // SAFETY: writes exactly `BYTES` bytes to `bytes`; the number is alive.
        done(unsafe { c::BN_bn2bin_padded(bytes.as_mut_ptr(), BYTES, self.0.as_ptr()) });
        bytes
    }
}

/// The modulus in the forms that the library works with.
pub(crate) struct Arithmetic {
    modulus: Bn,
    scratch: Scratch,
    montgomery: Montgomery,
}

struct Scratch(NonNull<c::BN_CTX>);

impl Drop for Scratch {
    fn drop(&mut self) {
        // SAFETY: the pointer came from the library, is owned by this value alone, and is not used
        // afterwards.
        unsafe { c::BN_CTX_free(self.0.as_ptr()) }
    }
}

struct Montgomery(NonNull<c::BN_MONT_CTX>);

impl Drop for Montgomery {
    fn drop(&mut self) {
        // SAFETY: the pointer came from the library, is owned by this value alone, and is not used
        // afterwards.
        unsafe { c::BN_MONT_CTX_free(self.0.as_ptr()) }
    }
}

impl Arithmetic {
    pub(crate) fn new() -> Self {
        let modulus = Bn::from_bytes(&MODULUS);
        // SAFETY: takes nothing and gives a fresh context or null.
        let scratch = Scratch(not_null(unsafe { c::BN_CTX_new() }));
        // SAFETY: both pointers are alive; the modulus is odd, as the function demands.
        let montgomery = Montgomery(not_null(unsafe {
            c::BN_MONT_CTX_new_for_modulus(modulus.0.as_ptr(), scratch.0.as_ptr())
        }));
        Self { modulus, scratch, montgomery }
    }

    pub(crate) fn remainder(&self, number: &Bn) -> Bn {
        let result = Bn::new();
        // SAFETY: all pointers are alive and distinct where they must be; the divisor is not zero.
        done(unsafe {
            c::BN_nnmod(
                result.0.as_ptr(),
                number.0.as_ptr(),
                self.modulus.0.as_ptr(),
                self.scratch.0.as_ptr(),
            )
        });
        result
    }

    /// `base` must be below the modulus.
    pub(crate) fn power(&self, base: &Bn, exponent: &Bn) -> Bn {
        let result = Bn::new();
        // SAFETY: all pointers are alive; the Montgomery context was made for this modulus; the
        // base is reduced, as every `Number` is.
        done(unsafe {
            c::BN_mod_exp_mont_consttime(
                result.0.as_ptr(),
                base.0.as_ptr(),
                exponent.0.as_ptr(),
                self.modulus.0.as_ptr(),
                self.scratch.0.as_ptr(),
                self.montgomery.0.as_ptr(),
            )
        });
        result
    }

    /// Both must be below the modulus.
    pub(crate) fn product(&self, left: &Bn, right: &Bn) -> Bn {
        let (lifted, result) = (Bn::new(), Bn::new());
        // SAFETY: all pointers are alive; the operand is reduced.
        done(unsafe {
            c::BN_to_montgomery(
                lifted.0.as_ptr(),
                left.0.as_ptr(),
                self.montgomery.0.as_ptr(),
                self.scratch.0.as_ptr(),
            )
        });
        // SAFETY: all pointers are alive; both operands are reduced. One operand in Montgomery form
        // times one in plain form gives the product in plain form.
        done(unsafe {
            c::BN_mod_mul_montgomery(
                result.0.as_ptr(),
                lifted.0.as_ptr(),
                right.0.as_ptr(),
                self.montgomery.0.as_ptr(),
                self.scratch.0.as_ptr(),
            )
        });
        result
    }

    /// Both must be below the modulus.
    pub(crate) fn sum(&self, left: &Bn, right: &Bn) -> Bn {
        let result = Bn::new();
        // SAFETY: all pointers are alive; both operands are reduced, as the function demands.
        done(unsafe {
            c::BN_mod_add_quick(
                result.0.as_ptr(),
                left.0.as_ptr(),
                right.0.as_ptr(),
                self.modulus.0.as_ptr(),
            )
        });
        result
    }
}

#[expect(clippy::expect_used, reason = "running out of memory ends the program")]
fn not_null<T>(pointer: *mut T) -> NonNull<T> {
    NonNull::new(pointer).expect("memory for a big number")
}

fn done(success: std::os::raw::c_int) {
    assert_eq!(success, 1, "memory for a big number");
}
