use crate::change::Change;
use crate::crypto::credentials::Credentials;
use crate::crypto::seal::Sealed;
use crate::crypto::secret::Secret;
use crate::entity::{PasswordSource, User, UserPoolRecord};
use crate::error::{AccountFlaw, Refusal, Result};
use crate::limits::lockout::Lockout;
use crate::limits::quota::Quota;
use crate::local::commit::{AttemptMemo, Plan};
use crate::local::{Authorized, Local};
use crate::password;
use crate::request::RequestContext;
use crate::sign_in::failed_attempt;

/// A new password's hash, with the password that it was to replace.
pub(in crate::local) type HashMemo = AttemptMemo<Option<Sealed>, Sealed>;

impl Local {
    /// Replaces one's password, knowing the old one (`ChangePassword`). Users who have none leave
    /// it out. Wrong guesses count like those at sign-in. Other sign-ins stay, as in Cognito;
    /// those half-way end.
    ///
    /// # Errors
    ///
    /// Those of [`Local::authorize`]; [`Refusal::AccessTokenLacksScope`] for machines;
    /// [`Refusal::PasswordPolicy`]; [`Refusal::FreshSignInRequired`] if there is no old password;
    /// [`Refusal::Invalid`] ([`AccountFlaw`]) if the old one is left out;
    /// [`Refusal::BadCredentials`] if it is wrong; [`Refusal::LockedOut`];
    /// [`Refusal::LimitExceeded`] after five attempts an hour; [`Refusal::PasswordReused`],
    /// [`Refusal::Busy`]; [`Refusal::UserNotFound`] if the user is removed meanwhile;
    /// faults on our side.
    pub async fn change_password(
        &self,
        request: &RequestContext,
        access_token: &Secret,
        previous: Option<&Secret>,
        proposed: &Secret,
    ) -> Result<()> {
        let authorized = self.authorize_person(request, access_token).await?;
        let pool = &authorized.pool;
        password::check(&pool.password_policy, proposed).map_err(Refusal::PasswordPolicy)?;
        let (authorized, hashed) = (&authorized, &AttemptMemo::default());
        self.decide_about(request, &authorized.user, |user| async move {
            if user.password.is_none() {
                self.expect_fresh(authorized)?;
            }
            self.plan_change(authorized, user, previous, proposed, hashed).await
        })
        .await
    }

    async fn plan_change(
        &self,
        Authorized { pool, client, .. }: &Authorized,
        mut user: User,
        previous: Option<&Secret>,
        proposed: &Secret,
        hashed: &HashMemo,
    ) -> Result<Plan<()>> {
        let attempt = self.use_quota(pool, user.sub.as_str(), Quota::ChangePassword);
        let lockout = self.lockout_of(pool, "", Some(&user)).await?;
        if let Some(until) = lockout.locked_until(self.now()) {
            return Ok(Plan::refuse(Refusal::LockedOut { until }));
        }
        if !self.is_password(&user, previous).await? {
            let failed = failed_attempt(self.context(pool, client), &lockout, Some(&user));
            let changes = [attempt].into_iter().chain(failed);
            return Ok(Plan::refuse_with(Refusal::BadCredentials, changes.collect()));
        }
        // What follows tells that the guess was right, so it counts and holds like any other.
        let held = vec![attempt, unchanged(lockout)];
        if self.is_remembered(pool, &user, proposed).await? {
            let changes = held.into_iter().chain([user.unchanged()]);
            return Ok(Plan::refuse_with(Refusal::PasswordReused, changes.collect()));
        }
        user.password = Some(self.hashed_once(pool, &user, proposed, hashed).await?);
        user.password_set_at = self.now();
        user.modified_at = self.now();
        let update = Change::UpdateUser(Box::new(user));
        Ok(Plan::accept((), held.into_iter().chain([update]).collect()))
    }

    /// A new password for storage, hashed once however often the decision is made.
    pub(in crate::local) async fn hashed_once(
        &self,
        pool: &UserPoolRecord,
        user: &User,
        password: &Secret,
        hashed: &HashMemo,
    ) -> Result<Sealed> {
        hashed.get(user.password.clone(), self.seal_password(pool, user, password)).await
    }

    /// Whether this is the user's password, or there is none and none is claimed.
    async fn is_password(&self, user: &User, claimed: Option<&Secret>) -> Result<bool> {
        match (&user.password, claimed) {
            (None, None) => Ok(true),
            (None, Some(_)) => Ok(false),
            (Some(_), None) => Err(Refusal::invalid(AccountFlaw::PreviousPasswordMissing).into()),
            (Some(sealed), Some(claimed)) => {
                let known = Credentials::open(user, sealed, self.sealer())?;
                self.matches(claimed, known.hash).await
            }
        }
    }

    async fn matches(&self, password: &Secret, hash: Secret) -> Result<bool> {
        if password.expose().chars().nth(password::MAX_LENGTH).is_some() {
            return Ok(false);
        }
        Ok(self.parts.workers.verify(password.clone(), hash).await?.matches)
    }

    /// Whether the user had this password of late, where the pool remembers
    /// (`PasswordHistorySize`), or an administrator knows it. The caller has to count the question
    /// before the answer is told.
    pub(in crate::local) async fn is_remembered(
        &self,
        pool: &UserPoolRecord,
        user: &User,
        password: &Secret,
    ) -> Result<bool> {
        let is_known = user.provenance.password == PasswordSource::Administrator;
        let size = (pool.password_policy.password_history_size as usize).max(is_known.into());
        let Some(sealed) = user.password.as_ref().filter(|_| size > 0) else { return Ok(false) };
        let known = Credentials::open(user, sealed, self.sealer())?;
        let hashes = [known.hash].into_iter().chain(known.earlier);
        for hash in hashes.take(size) {
            if self.matches(password, hash).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes what is kept of a user's new password, and of as many before it as the pool remembers.
    pub(in crate::local) async fn seal_password(
        &self,
        pool: &UserPoolRecord,
        user: &User,
        password: &Secret,
    ) -> Result<Sealed> {
        let remembered = pool.password_policy.password_history_size.saturating_sub(1) as usize;
        let earlier = match user.password.as_ref().filter(|_| remembered > 0) {
            Some(sealed) => {
                let known = Credentials::open(user, sealed, self.sealer())?;
                let hashes = [known.hash].into_iter().chain(known.earlier);
                hashes.take(remembered).collect()
            }
            None => Vec::new(),
        };
        let hash = self.parts.workers.hash(password.clone()).await?;
        let credentials = Credentials::new(user, password, hash, earlier, self.rng());
        Ok(credentials.seal(user, self.sealer(), self.rng()))
    }

    /// Hashes a password again that was hashed with weaker parameters than today's.
    pub(in crate::local) async fn rehash(
        &self,
        mut user: User,
        password: &Secret,
    ) -> Result<Change> {
        let earlier = match &user.password {
            Some(sealed) => Credentials::open(&user, sealed, self.sealer())?.earlier,
            None => Vec::new(),
        };
        let hash = self.parts.workers.hash(password.clone()).await?;
        let credentials = Credentials::new(&user, password, hash, earlier, self.rng());
        user.password = Some(credentials.seal(&user, self.sealer(), self.rng()));
        Ok(Change::UpdateUser(Box::new(user)))
    }
}

/// Holds a decision on a right password to the failures it was made on: or else, of many guesses at
/// once, none would have been counted yet.
fn unchanged(lockout: Lockout) -> Change {
    if lockout.version > 0 {
        return Change::SetLockout(lockout);
    }
    let Lockout { pool, subject, .. } = lockout;
    Change::ExpectNoLockout { pool, subject }
}
