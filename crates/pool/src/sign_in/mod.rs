//! The sign-in state machine: from a first factor over challenges to [`Authenticated`].
//!
//! Everything here is a pure function of what was loaded, what was answered and the time. A
//! decision says what to tell the caller and what to change; nothing is told before the changes
//! are durable. That also bounds guessing: of many attempts at once, only those whose commit wins
//! are told anything, and each of them counts.

mod challenge;
mod device;
mod device_claim;
mod first_factor;
mod lock;
mod mfa;
mod mfa_setup;
mod new_password;
mod password;
mod password_verifier;
mod select_mfa;
mod sent_code;
mod signed_up;
mod software_token;
#[cfg(test)]
mod tests;

pub use challenge::{CredentialEpoch, Pending, PendingStep};
pub use device::{PendingDeviceProof, decide_device_proof};
pub use device_claim::DeviceClaim;
pub use first_factor::{
    PendingFirst, decide_first_code, first_choices, needs_no_password, offered_choices,
};
pub(crate) use lock::failed as failed_attempt;
pub use mfa::{enabled_factors, has_factor, summary as mfa_summary, takes_codes};
pub use mfa_setup::{
    associate, decide_mfa_setup, decide_setup_email, prove_association, set_up_email,
};
pub use new_password::{check_new_password, decide_new_password, decide_reused};
pub use password::{Attempt, decide_password};
pub use password_verifier::{PendingProof, decide_password_claim};
pub use select_mfa::decide_select_mfa;
pub use sent_code::decide_sent_code;
pub use signed_up::{FreshSignUp, decide_signed_up};
pub use software_token::decide_software_token;
pub(crate) use software_token::{spend_code, totp_context};

pub(crate) use crate::backend::entry_policy::Machine;

use crate::backend::entry_policy::{AdmissionFacts, EntryPolicy, Selection};
use crate::backend::user_pool::{Challenge, DevicePair, Profile};
use crate::change::Change;
use crate::crypto::seal::Sealer;
use crate::entity::{
    AppClient, Contact, Device, Face, Group, Kind, Partner, User, UserPoolRecord, UserStatus,
};
use crate::error::Refusal;
use crate::ids::{EventId, GroupName, TenantId};
use crate::limits::lockout::Lockout;
use crate::request::Reason;
use crate::system::Rng;
use crate::time::Timestamp;
use std::time::Duration;

/// Where and when a decision is made.
#[derive(Clone, Copy)]
pub struct DecisionContext<'a> {
    /// The pool.
    pub pool: &'a UserPoolRecord,
    /// The app client.
    pub client: &'a AppClient,
    /// Seals challenge sessions.
    pub sealer: &'a Sealer,
    /// Random source.
    pub rng: &'a dyn Rng,
    /// The current time.
    pub now: Timestamp,
}

/// A user with what a sign-in needs to know.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The record.
    pub user: User,
    /// The user's groups, in the order of tokens.
    pub groups: Vec<Group>,
    /// What the client says of the device it is on.
    pub claim: DeviceClaim,
    /// The device that it names, if the user has it.
    pub device: Option<Device>,
    /// Whether it is on the device that the user's sign-ins are remembered on.
    pub is_trusted: bool,
    /// The user's partners, in any order. Looked up only for faces that ask for them.
    pub partners: Option<Vec<Partner>>,
    /// What is known of the user's being a machine credential.
    pub machine: Machine,
    /// The face that the sign-in is made at.
    pub face: Face,
    /// The tenant that the sign-in is made for.
    pub tenant: Option<TenantId>,
}

/// Proof that every step of a sign-in was passed. Only this module can make one, and only for one
/// can tokens be issued.
#[derive(Debug)]
pub struct Authenticated {
    /// Who signed in.
    pub user: User,
    /// The user's groups, in the order of tokens.
    pub groups: Vec<Group>,
    /// The event of authentication that all steps belong to.
    pub event: EventId,
    /// The device it was made with.
    pub device: DeviceClaim,
    /// The face it was made at.
    pub face: Face,
    /// The tenant it was made for.
    pub tenant: Option<TenantId>,
    /// The device that is remembered from now on.
    pub remembered: Option<DevicePair>,
    _passed: Passed,
}

/// Cannot be made outside this module, and so neither can [`Authenticated`].
#[derive(Debug)]
struct Passed(());

/// Where a sign-in has come to.
#[derive(Debug)]
pub enum Progress {
    /// Every step was passed.
    Done(Box<Authenticated>),
    /// One more thing is asked.
    Asked(Box<Challenge>),
}

/// What was decided, and what must be durable before it is told.
#[derive(Debug)]
pub struct Decision {
    /// What to tell.
    pub result: Result<Progress, Refusal>,
    /// What to change.
    pub changes: Vec<Change>,
    /// Why it is a refusal, where the caller is told less.
    pub reason: Option<Reason>,
}

impl Decision {
    fn refuse(refusal: Refusal, changes: Vec<Change>) -> Self {
        Self { result: Err(refusal), changes, reason: None }
    }

    /// The same, with the reason for the operator.
    fn because(self, reason: Reason) -> Self {
        Self { reason: Some(reason), ..self }
    }
}

/// The user as clients see them.
pub fn profile(pool: &UserPoolRecord, user: &User, groups: &[Group]) -> Profile {
    Profile {
        sub: user.sub.clone(),
        username: user.username.clone(),
        attributes: user.attributes.clone(),
        groups: groups.iter().map(|group| group.name.clone()).collect(),
        partners: None,
        mfa: mfa::summary(pool, user),
        owns_email: user.is_owned_through(Contact::Email),
    }
}

impl Candidate {
    /// Whether the user belongs to those the face is for at all.
    pub(crate) fn is_expected(&self, entry_policy: &EntryPolicy) -> bool {
        entry_policy.is_for(&self.group_names())
    }

    /// Refuses those who may not come in, whatever they prove.
    fn check_admitted(&self, entry_policy: &EntryPolicy) -> Result<(), Refusal> {
        entry_policy.check_admitted(AdmissionFacts {
            enabled: self.user.enabled,
            groups: &self.group_names(),
            lacks_active_partner: self.partners.as_deref().is_some_and(Partner::all_suspended),
            machine: &self.machine,
        })
    }

    fn group_names(&self) -> Vec<GroupName> {
        self.groups.iter().map(|group| group.name.clone()).collect()
    }

    /// The change that holds a decision to the version of the user it was made on.
    fn unchanged(&self) -> Change {
        self.user.unchanged()
    }
}

/// Whether a user may come in through this face: the rule that a refresh checks again.
///
/// # Errors
///
/// The first that applies: [`Refusal::BadCredentials`] for users whom the face is not for and
/// machines that are not known to be its tenant's, [`Refusal::UserDisabled`], [`Refusal::Barred`],
/// [`Refusal::External`], [`Refusal::PartnerSuspended`].
pub fn check_admission(candidate: &Candidate, entry_policy: &EntryPolicy) -> Result<(), Refusal> {
    if !candidate.is_expected(entry_policy) {
        return Err(Refusal::BadCredentials);
    }
    candidate.check_admitted(entry_policy)
}

/// The decision on an answer that is not even looked at, if so: the user is locked out, may not
/// come in, or has been changed in a way that ends what was begun before.
pub fn decide_unseen(
    context: DecisionContext<'_>,
    pending: &Pending,
    candidate: &Candidate,
    lockout: &Lockout,
    entry_policy: &EntryPolicy,
) -> Option<Decision> {
    if let Some(until) = lockout.locked_until(context.now) {
        return Some(Decision::refuse(Refusal::LockedOut { until }, Vec::new()));
    }
    if let Err(refusal) = check_admission(candidate, entry_policy) {
        return Some(Decision::refuse(refusal, Vec::new()));
    }
    let user = &candidate.user;
    if pending.stands_for(user) && pending.step.status() == user.status {
        return None;
    }
    // Or this challenge was answered before and that changed the user: spending it again will tell.
    Some(Decision::refuse(Refusal::ChallengeSessionInvalid, vec![pending.spend(context.client)]))
}

/// Goes on after the first factor, in the order that Cognito keeps: status, new password, second
/// factor.
fn after_first_factor(
    context: DecisionContext<'_>,
    candidate: Candidate,
    entry_policy: &EntryPolicy,
) -> (Result<Progress, Refusal>, Vec<Change>) {
    if let Err(refusal) = candidate.check_admitted(entry_policy) {
        return (Err(refusal), Vec::new());
    }
    if candidate.names_unknown_device() {
        return (Err(Refusal::DeviceNotFound), Vec::new());
    }
    let event = EventId::random(context.rng);
    match candidate.user.status {
        UserStatus::Unconfirmed => (Err(Refusal::UserNotConfirmed), Vec::new()),
        UserStatus::ResetRequired => (Err(Refusal::PasswordResetRequired), Vec::new()),
        UserStatus::ForceChangePassword => {
            (new_password::ask(context, &candidate, event).map(asked), Vec::new())
        }
        UserStatus::Confirmed => {
            let (progress, changes) = after_password(context, candidate, event, entry_policy);
            (Ok(progress), changes)
        }
    }
}

/// Goes on when the password is final: a remembered device's proof, the second factor, or done.
fn after_password(
    context: DecisionContext<'_>,
    candidate: Candidate,
    event: EventId,
    entry_policy: &EntryPolicy,
) -> (Progress, Vec<Change>) {
    if let Some(device) = device::challenged(context, &candidate) {
        let key = device.key.clone();
        return (asked(device::ask(context, &candidate, event, key)), Vec::new());
    }
    let (challenge, message) = match mfa::demanded(context.pool, &candidate.user) {
        mfa::Demand::None => return (done(candidate, event), Vec::new()),
        // What is to be set up, nothing replaces.
        mfa::Demand::One(_) | mfa::Demand::Select(_) if candidate.is_trusted => {
            return (done(candidate, event), Vec::new());
        }
        mfa::Demand::Select(choices) if entry_policy.selection == Selection::ByUser => {
            (select_mfa::ask(context, &candidate, event, &choices), None)
        }
        mfa::Demand::Select(choices) => match choices.iter().min_by_key(|usable| usable.factor()) {
            Some(strongest) => ask_for(context, &candidate, event, strongest),
            None => (mfa_setup::ask(context, &candidate, event, Vec::new()), None),
        },
        mfa::Demand::One(factor) => ask_for(context, &candidate, event, &factor),
        mfa::Demand::Setup(choices) => (mfa_setup::ask(context, &candidate, event, choices), None),
    };
    (asked(challenge), message.into_iter().collect())
}

/// Asks for one second factor, and has a code sent if that is one.
fn ask_for(
    context: DecisionContext<'_>,
    candidate: &Candidate,
    event: EventId,
    factor: &mfa::Usable,
) -> (Challenge, Option<Change>) {
    match factor {
        mfa::Usable::SoftwareToken => (software_token::ask(context, candidate, event), None),
        mfa::Usable::SentCode { contact, address } => {
            let to = (*contact, address.as_str());
            let (challenge, message) = sent_code::ask(context, candidate, event, to);
            (challenge, Some(message))
        }
    }
}

fn asked(challenge: Challenge) -> Progress {
    Progress::Asked(Box::new(challenge))
}

fn done(candidate: Candidate, event: EventId) -> Progress {
    let device = candidate.final_claim();
    let Candidate { user, groups, face, tenant, .. } = candidate;
    let passed = Passed(());
    let remembered = None;
    let through =
        Authenticated { user, groups, event, device, face, tenant, remembered, _passed: passed };
    Progress::Done(Box::new(through))
}

/// What an attempt does to the subject's record of failures: a completed sign-in clears it, a
/// proven step leaves it, and both hold the decision to the record they were made on.
fn settle_lockout(lockout: &Lockout, result: &Result<Progress, Refusal>) -> Change {
    let (pool, subject) = (lockout.pool.clone(), lockout.subject.clone());
    match (lockout.version, result) {
        (0, _) => Change::ExpectNoLockout { pool, subject },
        (version, Ok(Progress::Done(_))) => Change::ClearLockout { pool, subject, version },
        _ => Change::SetLockout(lockout.clone()),
    }
}

/// How long something that cannot be used after `until` is remembered as spent: a little longer,
/// for clocks that are set back.
fn remembered(until: Timestamp) -> Timestamp {
    until.after(Duration::from_hours(1))
}

fn is_service(user: &User) -> bool {
    user.kind == Kind::Service
}
