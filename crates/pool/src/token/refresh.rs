use crate::crypto::seal::{Context, SealPurpose, Sealed, Sealer};
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, Session, User};
use crate::error::Refusal;
use crate::ids::{ClientId, PoolId, SessionId};
use crate::system::Rng;
use crate::time::Timestamp;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};

/// What a refresh token says once it is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshToken {
    /// The session it belongs to.
    pub session: SessionId,
    /// How often it took the place of another one.
    #[serde(default)]
    pub rotation: i64,
    /// When it expires, so that an expired one is told from a forged one after its row is gone.
    pub expires_at: Timestamp,
}

/// Five parts like the JWE that Cognito hands out, so that clients which look at the shape see
/// what they know. The content is ours: format byte, nonce, ciphertext and tag of the sealed value.
/// The header names the client, so that a token alone is enough to end its sign-in.
fn header(client: &ClientId) -> String {
    let client = serde_json::Value::from(client.as_str());
    BASE64.encode(format!(r#"{{"cty":"JWT","alg":"dir","enc":"A256GCM-SIV","kid":{client}}}"#))
}

/// The header of tokens that were made before it named the client.
const NAMELESS: &str = r#"{"cty":"JWT","alg":"dir","enc":"A256GCM-SIV"}"#;

/// The client that a refresh token says it belongs to. Opening it decides.
pub(crate) fn client_of_refresh_token(token: &Secret) -> Option<ClientId> {
    #[derive(Deserialize)]
    struct Header {
        kid: ClientId,
    }
    let first = token.expose().split('.').next()?;
    let header: Header = serde_json::from_slice(&BASE64.decode(first).ok()?).ok()?;
    Some(header.kid)
}

const NONCE: usize = 12;
const TAG: usize = 16;

impl RefreshToken {
    /// The token in force of a session.
    pub(super) fn of(session: &Session) -> Self {
        let Session { id, rotation, expires_at, .. } = session;
        Self { session: id.clone(), rotation: *rotation, expires_at: *expires_at }
    }

    /// Seals the token for a client.
    pub(super) fn seal(
        &self,
        pool: &PoolId,
        client: &ClientId,
        sealer: &Sealer,
        rng: &dyn Rng,
    ) -> Secret {
        let sealed = sealer.seal_record(context(pool, client), self, rng);
        let bytes = sealed.as_bytes();
        let (format, rest) = bytes.split_at(1.min(bytes.len()));
        let (nonce, rest) = rest.split_at(NONCE.min(rest.len()));
        let (text, tag) = rest.split_at(rest.len().saturating_sub(TAG));
        let parts = [format, nonce, text, tag].map(|part| BASE64.encode(part));
        Secret::new(format!("{}.{}", header(client), parts.join(".")))
    }
}

/// Opens a refresh token of this client.
///
/// # Errors
///
/// [`Refusal::RefreshTokenInvalid`] if it is forged, malformed or of another client.
pub fn open_refresh_token(
    pool: &PoolId,
    client: &ClientId,
    token: &Secret,
    sealer: &Sealer,
) -> Result<RefreshToken, Refusal> {
    let invalid = || Refusal::RefreshTokenInvalid;
    let mut parts = token.expose().split('.');
    let first = parts.next().ok_or_else(invalid)?;
    if first != header(client) && first != BASE64.encode(NAMELESS) {
        return Err(invalid());
    }
    let sealed = parts
        .map(|part| BASE64.decode(part))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| invalid())?;
    // One token has one spelling: bytes cannot be moved from one part to its neighbour.
    let lengths: Vec<_> = sealed.iter().map(Vec::len).collect();
    if !matches!(lengths[..], [1, NONCE, _, TAG]) {
        return Err(invalid());
    }
    let sealed = Sealed::from_bytes(sealed.concat());
    sealer.open_record(context(pool, client), &sealed).map_err(|_| invalid())
}

fn context<'a>(pool: &'a PoolId, client: &'a ClientId) -> Context<'a> {
    Context { purpose: SealPurpose::RefreshToken, pool, subject: client.as_str() }
}

/// Proof that a sign-in is alive: tokens are issued again for nothing else.
#[derive(Debug)]
pub struct LiveSession {
    session: Session,
    user: User,
}

impl LiveSession {
    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Its user, as of now.
    pub fn user(&self) -> &User {
        &self.user
    }
}

/// Whether the sign-in that a refresh token names may go on.
///
/// # Errors
///
/// [`Refusal::RefreshTokenExpired`], [`Refusal::RefreshTokenInvalid`] if the client has no such
/// session, [`Refusal::RefreshTokenRevoked`] if the sign-in was ended or the user is gone,
/// [`Refusal::UserDisabled`].
pub fn check_session(
    token: &RefreshToken,
    client: &AppClient,
    session: Option<Session>,
    user: Option<User>,
    now: Timestamp,
) -> Result<LiveSession, Refusal> {
    if token.expires_at <= now {
        return Err(Refusal::RefreshTokenExpired);
    }
    let session = session.filter(|session| session.client == client.id);
    let session = session.ok_or(Refusal::RefreshTokenInvalid)?;
    if session.revoked_at.is_some() {
        return Err(Refusal::RefreshTokenRevoked);
    }
    if session.expires_at <= now {
        return Err(Refusal::RefreshTokenExpired);
    }
    // A deleted user's sessions are as good as revoked; that the user is gone is nobody's business.
    let user = user.ok_or(Refusal::RefreshTokenRevoked)?;
    if !user.enabled {
        return Err(Refusal::UserDisabled);
    }
    Ok(LiveSession { session, user })
}
