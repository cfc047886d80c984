use crate::change::Change;
use crate::crypto::seal::{Context, SealPurpose};
use crate::crypto::secret::Secret;
use crate::entity::{AppClient, Session, SessionRules, User, UserPoolRecord};
use crate::error::{Refusal, Result};
use crate::ids::{ClientId, PoolId, SessionId};
use crate::local::Local;
use crate::local::commit::Plan;
use crate::request::RequestContext;

/// More than a user can have where sessions are tracked, with room for those from before they were.
const MOST_LISTED: usize = 125;

/// A completed sign-in as its user and administrators see it.
#[derive(Clone, Debug)]
pub struct ListedSession {
    /// The id to revoke it by: `tkn` and 25 letters and digits.
    pub handle: String,
    /// The record.
    pub session: Session,
    /// Whether the call was made in it.
    pub is_current: bool,
}

impl Local {
    /// The live sign-ins of the user an access token belongs to, newest first (`ListUserSessions`).
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::SignInSessionsNotTracked`]; faults on our side.
    pub async fn list_own_sessions(
        &self,
        request: &RequestContext,
        access_token: &Secret,
    ) -> Result<Vec<ListedSession>> {
        let authorized = self.authorize(request, access_token).await?;
        let current = authorized.caller.session.as_ref();
        self.list_sessions(&authorized.pool, &authorized.user, current).await
    }

    /// The live sign-ins of a user, newest first (`AdminListUserSessions`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::SignInSessionsNotTracked`];
    /// faults on our side.
    pub async fn admin_list_sessions(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<Vec<ListedSession>> {
        let pool = self.pool(request, pool).await?;
        let user = self.get_user_in(request, &pool, username).await?;
        self.list_sessions(&pool, &user, None).await
    }

    async fn list_sessions(
        &self,
        pool: &UserPoolRecord,
        user: &User,
        current: Option<&SessionId>,
    ) -> Result<Vec<ListedSession>> {
        if !pool.sessions.tracked {
            return Err(Refusal::SignInSessionsNotTracked.into());
        }
        let live = self.store().sessions_of(&pool.id, &user.sub, self.now(), MOST_LISTED).await?;
        let listed = live.into_iter().map(|session| ListedSession {
            handle: self.session_handle(&session),
            is_current: current == Some(&session.id),
            session,
        });
        Ok(listed.collect())
    }

    /// Ends one of one's own sign-ins (`RevokeUserSession`).
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::SignInSessionsNotTracked`],
    /// [`Refusal::SignInSessionNotFound`]; faults on our side.
    pub async fn revoke_own_session(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        handle: &str,
    ) -> Result<()> {
        let authorized = self.authorize(request, access_token).await?;
        self.revoke_session(request, &authorized.pool, &authorized.user, handle).await
    }

    /// Ends a sign-in of a user (`AdminRevokeUserSession`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`]; [`Refusal::SignInSessionsNotTracked`],
    /// [`Refusal::SignInSessionNotFound`]; faults on our side.
    pub async fn admin_revoke_session(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
        handle: &str,
    ) -> Result<()> {
        let pool = self.pool(request, pool).await?;
        let user = self.get_user_in(request, &pool, username).await?;
        self.revoke_session(request, &pool, &user, handle).await
    }

    async fn revoke_session(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        user: &User,
        handle: &str,
    ) -> Result<()> {
        let listed = self.list_sessions(pool, user, None).await?;
        let found = listed.into_iter().find(|listed| listed.handle == handle);
        let id = found.ok_or(Refusal::SignInSessionNotFound)?.session.id;
        let (pool, at) = (pool.id.clone(), self.now());
        self.commit(request, vec![Change::RevokeSession { pool, id, at }]).await
    }

    /// What ends so that one more sign-in is not too many: those used least recently. A sign-in is
    /// used when it begins and when its refresh token is replaced; refreshing alone writes
    /// nothing.
    pub(in crate::local) fn make_room(&self, pool: &UserPoolRecord, user: &User) -> Option<Change> {
        pool.sessions.tracked.then(|| Change::RevokeStaleSessions {
            pool: pool.id.clone(),
            sub: user.sub.clone(),
            at: self.now(),
            keep: pool.sessions.max_per_user.saturating_sub(1),
        })
    }

    /// Sets how a pool keeps track of sign-ins (`SetUserPoolSessionConfiguration`).
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`]; faults on our side.
    pub async fn set_session_rules(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        rules: SessionRules,
    ) -> Result<()> {
        self.decide(request, || async {
            let mut pool = self.pool(request, pool).await?;
            pool.sessions = rules;
            pool.modified_at = self.now();
            let update = Change::UpdatePool(Box::new(pool));
            Ok(Plan::accept((), vec![update]))
        })
        .await
    }

    /// Sets for how long a client may go on from a browser's session, in minutes
    /// (`SetUserPoolClientSessionConfiguration`). Kept for login pages, which are yet to come.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; faults on our side.
    pub async fn set_sso_minutes(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        client: &ClientId,
        minutes: u32,
    ) -> Result<()> {
        self.decide(request, || async {
            let found = self.describe_client(request, pool, client).await?;
            let client = AppClient { sso_minutes: minutes, modified_at: self.now(), ..found };
            let update = Change::UpdateClient(Box::new(client));
            Ok(Plan::accept((), vec![update]))
        })
        .await
    }

    /// A name for a session that says nothing: the id itself is in tokens.
    fn session_handle(&self, session: &Session) -> String {
        const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let (purpose, pool) = (SealPurpose::SessionHandle, &session.pool);
        let context = Context { purpose, pool, subject: session.id.as_str() };
        let seed = self.sealer().pseudonym_bytes(context);
        let letter = |byte: &u8| LETTERS.get(usize::from(*byte) % LETTERS.len());
        let letters = seed.iter().take(25).filter_map(letter).map(|letter| char::from(*letter));
        format!("tkn{}", letters.collect::<String>())
    }
}
