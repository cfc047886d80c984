//! Names as they stand in an index.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use std::borrow::Cow;

/// An entry of PostgreSQL's indexes holds some 2,700 bytes, and a name may be an attribute of 2,048
/// letters of up to four bytes: a longer one is represented by its digest.
const LONGEST: usize = 1024;

/// A name that is only looked up as a whole.
pub(crate) fn whole(name: &str) -> Cow<'_, str> {
    if name.len() <= LONGEST {
        return Cow::Borrowed(name);
    }
    let digest = digest(&SHA256, name.as_bytes());
    Cow::Owned(format!("sha256:{}", HEXLOWER.encode(digest.as_ref())))
}

/// A value that is looked up by its beginning, too. What filters compare with is shorter than this:
/// Cognito takes 256 letters for a whole filter.
pub(crate) fn beginning(value: &str) -> String {
    value.chars().take(LONGEST / 4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_into_an_index_and_stay_distinct() {
        let long = "\u{1F511}".repeat(2048);
        assert_eq!(whole(&long).len(), "sha256:".len() + 64);
        assert_ne!(whole(&long), whole(&long[4..]));
        assert_eq!(whole("email:ada@example.com"), "email:ada@example.com");
        assert_eq!(beginning(&long).len(), LONGEST);
        assert_eq!(beginning("ada"), "ada");
    }
}
