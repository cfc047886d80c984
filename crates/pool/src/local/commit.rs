use super::Local;
use super::notices::Notice;
use crate::change::Change;
use crate::entity::{AliasKind, Spent, User};
use crate::error::{
    AccountFlaw, ClientFlaw, CommitError, Counted, Error, Fault, Invalid, PoolFlaw, Refusal,
    Result, TenantFlaw,
};
use crate::event::{Effect, Event};
use crate::request::RequestContext;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How often a decision is made before the engine gives up. Some commit wins each round, and a user
/// whom many attempts contend for is locked after five.
const ATTEMPTS: usize = 16;

/// A decision, and the changes that must be durable before anybody learns of it.
pub(super) struct Plan<T> {
    pub(super) result: Result<T, Refusal>,
    pub(super) changes: Vec<Change>,
    /// The user that the decision was based on, as loaded.
    pub(super) basis: Option<User>,
}

impl<T> Plan<T> {
    pub(super) fn accept(outcome: T, changes: Vec<Change>) -> Self {
        Self { result: Ok(outcome), changes, basis: None }
    }

    /// A refusal that changes something.
    pub(super) fn refuse_with(refusal: Refusal, changes: Vec<Change>) -> Self {
        Self { result: Err(refusal), changes, basis: None }
    }

    pub(super) fn refuse(refusal: Refusal) -> Self {
        Self { result: Err(refusal), changes: Vec::new(), basis: None }
    }

    /// The same plan, based on this user as loaded. The user need not be loaded again to find out
    /// what changes.
    pub(super) fn on(self, user: User) -> Self {
        Self { basis: Some(user), ..self }
    }
}

/// Why a change was refused.
enum OnRefusal {
    /// The decision was based on outdated records: decide again.
    Stale,
    /// The caller asked for something impossible.
    Refused(Refusal),
}

/// Keeps what a repeated decision must not compute twice, such as a hash, together with what it was
/// computed from.
pub(super) struct AttemptMemo<K, V>(Mutex<Option<(K, V)>>);

impl<K, V> Default for AttemptMemo<K, V> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<K: PartialEq, V: Clone> AttemptMemo<K, V> {
    /// The value computed before, if it was computed from this; otherwise the result of `compute`.
    pub(super) async fn get(&self, from: K, compute: impl Future<Output = Result<V>>) -> Result<V> {
        if let Some(known) = self.known(&from) {
            return Ok(known);
        }
        let value = compute.await?;
        *self.lock() = Some((from, value.clone()));
        Ok(value)
    }

    fn known(&self, from: &K) -> Option<V> {
        self.lock().as_ref().filter(|(known, _)| known == from).map(|(_, value)| value.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<(K, V)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses to go on for a user who was shut out after the token was checked: whoever holds a stolen
/// token must not come first by being slow.
fn check_still_in(checked: &User, fresh: &User) -> Result<(), Refusal> {
    if !fresh.enabled {
        return Err(Refusal::UserDisabled);
    }
    if fresh.signed_out_at != checked.signed_out_at {
        return Err(Refusal::AccessTokenRevoked);
    }
    Ok(())
}

/// Whether users hear of what is changed about their accounts.
#[derive(Clone, Copy)]
enum Telling {
    Users,
    Nobody,
}

impl Local {
    /// Runs a verb: loads and decides (`decision`), commits the decision, and returns the outcome.
    /// If others have changed the records behind the decision, it is made again. Users whose
    /// accounts change are told by a message of the same commit.
    pub(super) async fn decide<T, F>(
        &self,
        request: &RequestContext,
        decision: impl Fn() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<Plan<T>>>,
    {
        self.decide_telling(request, Telling::Users, decision).await
    }

    /// The same about a user who was loaded a moment ago. The first decision uses that record; a
    /// repeated decision loads the user again.
    pub(super) async fn decide_about<T, F>(
        &self,
        request: &RequestContext,
        user: &User,
        decision: impl Fn(User) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<Plan<T>>>,
    {
        let loaded = Mutex::new(Some(user.clone()));
        let take = || loaded.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.decide(request, || async {
            let user = if let Some(user) = take() {
                user
            } else {
                let fresh = self.store().user(&user.pool, &user.sub).await?;
                let fresh = fresh.ok_or(Refusal::UserNotFound)?;
                check_still_in(user, &fresh)?;
                fresh
            };
            Ok(decision(user.clone()).await?.on(user))
        })
        .await
    }

    /// The same for the operator's changes to users, who are not told.
    pub(super) async fn decide_quietly<T, F>(
        &self,
        request: &RequestContext,
        decision: impl Fn() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<Plan<T>>>,
    {
        self.decide_telling(request, Telling::Nobody, decision).await
    }

    /// Commits changes that cannot conflict with concurrent ones.
    pub(super) async fn commit(
        &self,
        request: &RequestContext,
        changes: Vec<Change>,
    ) -> Result<()> {
        let plan = Plan::accept((), changes);
        let settled = self.settle(request, plan, Telling::Users).await?;
        settled.ok_or(Error::Fault(Fault::Contended))
    }

    async fn decide_telling<T, F>(
        &self,
        request: &RequestContext,
        telling: Telling,
        decision: impl Fn() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<Plan<T>>>,
    {
        for _ in 0..ATTEMPTS {
            // What an earlier round found out was not what the commit decided.
            request.forget_reason();
            if let Some(outcome) = self.settle(request, decision().await?, telling).await? {
                return Ok(outcome);
            }
        }
        Err(Error::Fault(Fault::Contended))
    }

    /// Commits a decision and returns the outcome. `None` means that others have changed the
    /// records behind the decision.
    async fn settle<T>(
        &self,
        request: &RequestContext,
        plan: Plan<T>,
        telling: Telling,
    ) -> Result<Option<T>> {
        if plan.changes.is_empty() {
            self.observe_decision(request, &plan.result, &[]);
            return Ok(Some(plan.result?));
        }
        let effects: Vec<Effect> = plan.changes.iter().filter_map(Effect::of).collect();
        let notices = match telling {
            Telling::Users => self.notices(&plan.changes, plan.basis.as_ref()).await?,
            Telling::Nobody => Vec::new(),
        };
        let answers: Vec<OnRefusal> = plan.changes.iter().map(on_refusal).collect();
        match self.commit_telling(plan.changes, notices).await {
            Ok(()) => {
                self.observe_decision(request, &plan.result, &effects);
                Ok(Some(plan.result?))
            }
            Err(CommitError::Store(error)) => Err(error.into()),
            Err(CommitError::Refused(index)) => match answers.into_iter().nth(index) {
                Some(OnRefusal::Refused(refusal)) => {
                    let result: Result<T, Refusal> = Err(refusal);
                    self.observe_decision(request, &result, &[]);
                    Ok(Some(result?))
                }
                _ => Ok(None),
            },
        }
    }

    fn observe_decision<T>(
        &self,
        request: &RequestContext,
        result: &Result<T, Refusal>,
        effects: &[Effect],
    ) {
        let refusal = result.as_ref().err();
        self.parts.observer.observe(request, &Event::Decided { refusal, effects });
    }

    /// Commits changes together with the notices about them. Users who have reached a limit of
    /// notices get no further one; the changes are committed all the same.
    async fn commit_telling(
        &self,
        changes: Vec<Change>,
        mut notices: Vec<Notice>,
    ) -> Result<(), CommitError> {
        let own = changes.len();
        while !notices.is_empty() {
            let told = notices.iter().flat_map(Notice::changes);
            let all = changes.iter().cloned().chain(told).collect();
            let spent = match self.store().commit(all).await {
                Err(CommitError::Refused(index)) if index >= own => (index - own) / Notice::CHANGES,
                done => return done,
            };
            notices.iter_mut().skip(spent).take(1).for_each(Notice::count_otherwise);
            notices.retain(Notice::is_told);
        }
        self.store().commit(changes).await
    }
}

fn on_refusal(change: &Change) -> OnRefusal {
    match change {
        Change::CreateUser { .. } => OnRefusal::Refused(Refusal::UsernameExists),
        Change::CreateDevice(_) => OnRefusal::Refused(Refusal::DeviceExists),
        Change::CreateGroup(_) => OnRefusal::Refused(Refusal::GroupExists),
        Change::DeleteGroup { name, .. } | Change::AddToGroup { group: name, .. } => {
            OnRefusal::Refused(Refusal::GroupNotFound(name.clone()))
        }
        Change::AddAlias { key, .. } => match key.kind() {
            AliasKind::Link => invalid(AccountFlaw::IdentityTaken),
            AliasKind::SignIn(kind) => OnRefusal::Refused(Refusal::AliasExists(kind.attribute())),
        },
        Change::Spend { spent: Spent::TotpCode { .. }, .. } => {
            OnRefusal::Refused(Refusal::CodeSpent)
        }
        Change::Spend { spent: Spent::ChallengeSession(_) | Spent::SecretBlock(_), .. } => {
            OnRefusal::Refused(Refusal::ChallengeSessionSpent)
        }
        Change::UseQuota(_) => OnRefusal::Refused(Refusal::LimitExceeded),
        Change::CreatePool(pool) => invalid(PoolFlaw::Exists(pool.id.clone())),
        Change::CreateClient(client) => invalid(ClientFlaw::Exists(client.id.clone())),
        Change::CreateTenant(tenant) => invalid(TenantFlaw::Exists(tenant.name.clone())),
        Change::AddCredential { .. } => OnRefusal::Refused(Refusal::TooMany(Counted::Credentials)),
        Change::DeleteClient { id, .. } => OnRefusal::Refused(Refusal::ClientNotFound(id.clone())),
        Change::UseSilentQuota(_)
        | Change::UpdatePool(_)
        | Change::DeletePool { .. }
        | Change::UpdateClient(_)
        | Change::CreateSigningKey(_)
        | Change::UpdateSigningKey(_)
        | Change::DeleteSigningKey { .. }
        | Change::UpdateUser(_)
        | Change::DeleteUser { .. }
        | Change::ExpectUser { .. }
        | Change::LookForUser { .. }
        | Change::RemoveAlias { .. }
        | Change::UpdateGroup { .. }
        | Change::JoinGroup { .. }
        | Change::RemoveFromGroup { .. }
        | Change::PutSuspension(_)
        | Change::LiftSuspension { .. }
        | Change::ForgetSuspension { .. }
        | Change::PutFollowUp(_)
        | Change::TryFollowUp { .. }
        | Change::DeleteFollowUp { .. }
        | Change::CreateSession(_)
        | Change::RotateSession { .. }
        | Change::RevokeSession { .. }
        | Change::RevokeSessionsOf { .. }
        | Change::RevokeStaleSessions { .. }
        | Change::RemoveCredential { .. }
        | Change::UpdateDevice(_)
        | Change::ExpectDevice { .. }
        | Change::TouchDevice { .. }
        | Change::DeleteDevice { .. }
        | Change::PutTrustedDevice(_)
        | Change::DeleteDevicesOf { .. }
        | Change::DeleteStaleDevices { .. }
        | Change::KeepSession { .. }
        | Change::SetLockout(_)
        | Change::ClearLockout { .. }
        | Change::TouchLockout { .. }
        | Change::ExpectNoLockout { .. }
        | Change::PutCode(_)
        | Change::SpendCode(_)
        | Change::TakeAlias { .. }
        | Change::Enqueue(_)
        | Change::AdvanceMessage { .. }
        | Change::RemoveMessage { .. }
        | Change::CreatePartner(_)
        | Change::UpdatePartner { .. }
        | Change::Grant(_)
        | Change::RevokeGrant(_)
        | Change::UpdateTenant { .. }
        | Change::DeleteTenant(_)
        | Change::PutAccessKey(_)
        | Change::MasterKey(_)
        | Change::Reseal { .. }
        | Change::PutSignUp { .. }
        | Change::RemoveSignUp { .. } => OnRefusal::Stale,
    }
}

fn invalid(flaw: impl Into<Invalid>) -> OnRefusal {
    OnRefusal::Refused(Refusal::invalid(flaw))
}
