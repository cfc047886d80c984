//! The `username` of a request, which every endpoint takes in the same spellings.

use crate::kit::{Flaw, Members, Name, decode, most};
use poolkeeper_pool::name;

const USERNAME: Name =
    Name::new("username").about("May be percent-encoded, as in a URL.").like("ann@example.com");

/// Reads it, without spaces around it and decoded: some clients send the address as it stands in
/// their URL.
pub(super) fn read(members: &mut Members) -> String {
    let username = decode(&members.trimmed(USERNAME, 0..=most::ENCODED_NAME));
    if name::is_too_long(&username) {
        members.reject(USERNAME, Flaw::TooLong(most::NAME));
    }
    username
}
