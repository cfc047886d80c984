use super::Local;
use super::notices::Notice;
use crate::change::Change;
use crate::error::{Error, Fault, Refusal, Result};
use crate::ports::CommitError;

/// How often a decision is made anew before giving up. Every round somebody's commit wins, and a
/// user that many attempts fight over is locked after five.
const ATTEMPTS: usize = 16;

/// What was decided, and what must be durable before it is told.
pub(super) struct Plan<T> {
    pub(super) result: Result<T, Refusal>,
    pub(super) changes: Vec<Change>,
}

impl<T> Plan<T> {
    pub(super) fn accept(outcome: T, changes: Vec<Change>) -> Self {
        Self { result: Ok(outcome), changes }
    }

    /// A refusal that leaves something behind.
    pub(super) fn told(refusal: Refusal, changes: Vec<Change>) -> Self {
        Self { result: Err(refusal), changes }
    }

    pub(super) fn refuse(refusal: Refusal) -> Self {
        Self { result: Err(refusal), changes: Vec::new() }
    }
}

/// What it means that a change was refused.
enum Meaning {
    /// The decision was made on what is no longer so: decide again.
    Stale,
    /// The caller asked for what cannot be.
    Refused(Refusal),
}

/// Counts how often a decision was made.
#[derive(Default)]
pub(super) struct Rounds(usize);

impl Local {
    /// Commits changes that no concurrent change can get in the way of.
    pub(super) async fn commit(&self, changes: Vec<Change>) -> Result<()> {
        let plan = Plan { result: Ok(()), changes };
        self.settle(plan, &mut Rounds(ATTEMPTS)).await.map(|_| ())
    }

    /// Commits what was decided and gives the outcome to tell. `None` means that others changed
    /// what the decision was made on: load and decide again. Users whose accounts it changes are
    /// told so by a message of the same commit.
    pub(super) async fn settle<T>(&self, plan: Plan<T>, rounds: &mut Rounds) -> Result<Option<T>> {
        let notices = self.notices(&plan.changes).await?;
        self.settle_with(plan, notices, rounds).await
    }

    /// The same for what the operator does to users, who are told nothing.
    pub(super) async fn settle_quietly<T>(
        &self,
        plan: Plan<T>,
        rounds: &mut Rounds,
    ) -> Result<Option<T>> {
        self.settle_with(plan, Vec::new(), rounds).await
    }

    async fn settle_with<T>(
        &self,
        plan: Plan<T>,
        notices: Vec<Notice>,
        rounds: &mut Rounds,
    ) -> Result<Option<T>> {
        if plan.changes.is_empty() {
            return Ok(Some(plan.result?));
        }
        let meanings: Vec<Meaning> = plan.changes.iter().map(meaning).collect();
        match self.commit_telling(plan.changes, notices).await {
            Ok(()) => return Ok(Some(plan.result?)),
            Err(CommitError::Store(error)) => return Err(error.into()),
            Err(CommitError::Refused(index)) => {
                if let Some(Meaning::Refused(refusal)) = meanings.into_iter().nth(index) {
                    return Err(refusal.into());
                }
            }
        }
        rounds.0 += 1;
        if rounds.0 >= ATTEMPTS { Err(Error::Fault(Fault::Contended)) } else { Ok(None) }
    }

    /// Commits changes with what is told about them. Users who were told often enough are not told
    /// once more: the changes hold all the same.
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

fn meaning(change: &Change) -> Meaning {
    match change {
        Change::CreateUser { .. } => Meaning::Refused(Refusal::UsernameExists),
        Change::CreateDevice(_) => Meaning::Refused(Refusal::DeviceExists),
        Change::CreateGroup(_) => Meaning::Refused(Refusal::GroupExists),
        Change::DeleteGroup { name, .. } | Change::AddToGroup { group: name, .. } => {
            Meaning::Refused(Refusal::GroupNotFound(name.clone()))
        }
        Change::AddAlias { key, .. } if key.starts_with("link:") => {
            let problem = "SourceUser is already linked to another user";
            Meaning::Refused(Refusal::InvalidParameter(problem.to_owned()))
        }
        Change::AddAlias { key, .. } => Meaning::Refused(Refusal::AliasExists(alias_kind(key))),
        Change::Spend { id, .. } if id.starts_with("totp:") => Meaning::Refused(Refusal::CodeSpent),
        Change::Spend { .. } => Meaning::Refused(Refusal::SessionSpent),
        Change::UseQuota(_) => Meaning::Refused(Refusal::LimitExceeded),
        Change::CreatePool(pool) => exists("User pool", pool.id.as_str()),
        Change::CreateClient(client) => exists("User pool client", client.id.as_str()),
        Change::CreateTenant(tenant) => exists("Tenant", &tenant.name),
        Change::AddCredential { .. } => Meaning::Refused(Refusal::TooMany(
            "The tenant has as many machine credentials as there can be.",
        )),
        Change::DeleteClient { id, .. } => Meaning::Refused(Refusal::ClientNotFound(id.clone())),
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
        | Change::RemoveSignUp { .. }
        | Change::RemoveExpired { .. } => Meaning::Stale,
    }
}

fn exists(what: &str, id: &str) -> Meaning {
    Meaning::Refused(Refusal::InvalidParameter(format!("{what} {id} already exists.")))
}

fn alias_kind(key: &str) -> &'static str {
    match key.split_once(':') {
        Some(("phone_number", _)) => "phone_number",
        Some(("preferred_username", _)) => "preferred_username",
        _ => "email",
    }
}
