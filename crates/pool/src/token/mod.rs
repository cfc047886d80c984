//! Tokens: access and ID tokens are signed (JWS, RS256) and never stored; a refresh token is a
//! sealed value that names a session.

mod certificate;
mod claims;
mod foreign;
mod issue;
mod key_ring;
mod refresh;
mod rotation;
mod scopes;
mod verify;

pub use claims::AccessClaims;
pub use foreign::{ForeignClaims, PublicKeys, check_foreign_token, key_of};
pub(crate) use issue::device_group_key;
pub use issue::{Issuing, issue, reissue, rotate};
pub use key_ring::{KeyRing, KeyState, SigningKey, TokenFlaw};
pub(crate) use refresh::client_of_refresh_token;
pub use refresh::{LiveSession, RefreshToken, check_session, open_refresh_token};
pub(crate) use rotation::{KEPT, NODES_KEEP};
pub use rotation::{LEAD, PUBLIC_KEYS_KEPT};
pub use scopes::Scopes;
pub use verify::{check_access_token, pool_of_issuer, unverified_issuer};
