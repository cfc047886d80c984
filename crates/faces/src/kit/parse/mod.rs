//! How requests are read: bodies, members, bearer tokens, paths.

pub(super) mod bearer;
pub(super) mod body;
pub(super) mod challenge;
pub(super) mod flaw;
pub(super) mod members;
pub(super) mod percent;
pub(super) mod root;
