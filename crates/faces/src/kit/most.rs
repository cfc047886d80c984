//! The most characters that a request may have of each kind of text. What is longer is refused
//! before it is copied, folded or hashed.

use poolkeeper_pool::{name, password};

/// A username, an address, or what a tenant is called.
pub(crate) const NAME: usize = name::MAX_LENGTH;

/// A name that may be percent-encoded: each character may be four bytes, each byte an escape.
pub(crate) const ENCODED_NAME: usize = 12 * NAME;

/// A path with names in it. The longest have two.
pub(crate) const PATH: usize = 3 * ENCODED_NAME;

/// A password, where an API has a word for one that is too long.
pub(crate) const PASSWORD: usize = password::MAX_LENGTH;

/// A password, where it is for the engine to say that it is too long for one, which it does without
/// hashing it.
pub(crate) const CLAIMED_PASSWORD: usize = VALUE;

/// A code that was sent, or that an app shows. Codes have six digits; a text that has not is as
/// wrong as another code, and answered alike.
pub(crate) const CODE: usize = 64;

/// An attribute's value, or a description.
pub(crate) const VALUE: usize = 2048;

/// The key of a device, and other values that name a thing and have a fixed form.
pub(crate) const KEY: usize = 256;

/// A token, a session or a cursor.
pub(crate) const TOKEN: usize = 16 * 1024;

/// Any text at all, whatever its reader says.
pub(crate) const TEXT: usize = TOKEN;

/// Entries of a map, such as attributes by name. Cognito's pools have fifty attributes of their own
/// and twenty that all have.
pub(crate) const ENTRIES: usize = 100;
