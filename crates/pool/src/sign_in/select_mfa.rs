use super::challenge::{self, Pending, PendingStep};
use super::mfa::{self, Demand, Usable};
use super::{Candidate, Decision, DecisionContext, ask_for, asked, decide_unseen, settle_lockout};
use crate::backend::entry_policy::EntryPolicy;
use crate::backend::user_pool::{Challenge, ChallengeKind, Factor};
use crate::error::{FactorFlaw, Refusal};
use crate::ids::EventId;
use crate::limits::lockout::Lockout;

/// Asks which of the user's factors to go on with.
pub(super) fn ask(
    context: DecisionContext<'_>,
    candidate: &Candidate,
    event: EventId,
    choices: &[Usable],
) -> Challenge {
    let choices = choices.iter().map(Usable::factor).collect();
    let kind = ChallengeKind::SelectMfaType { choices };
    challenge::ask(context, candidate, event, PendingStep::SelectMfa, kind)
}

/// Goes on with the factor that the user chose, in a session of its own. No mail is sent before
/// this, and the session is good for one choice: so for one mail.
pub fn decide_select_mfa(
    context: DecisionContext<'_>,
    pending: &Pending,
    candidate: &Candidate,
    factor: Factor,
    lockout: &Lockout,
    entry_policy: &EntryPolicy,
) -> Decision {
    if !matches!(pending.step, PendingStep::SelectMfa) {
        return Decision::refuse(Refusal::ChallengeSessionInvalid, Vec::new());
    }
    if let Some(unseen) = decide_unseen(context, pending, candidate, lockout, entry_policy) {
        return unseen;
    }
    // Factors that were switched off, or preferred, meanwhile leave nothing to choose. Whoever knows
    // only the password must not get by the one that is asked for now.
    let Demand::Select(choices) = mfa::demanded(context.pool, &candidate.user) else {
        return Decision::refuse(
            Refusal::ChallengeSessionInvalid,
            vec![pending.spend(context.client)],
        );
    };
    let Some(chosen) = choices.iter().find(|usable| usable.factor() == factor) else {
        let flaw = FactorFlaw::NoChoice(choices.iter().map(Usable::factor).collect());
        return Decision::refuse(Refusal::invalid(flaw), Vec::new());
    };
    let (challenge, message) = ask_for(context, candidate, pending.event.clone(), chosen);
    let result = Ok(asked(challenge));
    let settled = settle_lockout(lockout, &result);
    let mut changes = vec![pending.spend(context.client), candidate.unchanged(), settled];
    changes.extend(message);
    Decision { result, changes, reason: None }
}
