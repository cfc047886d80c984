//! What becomes of a decision of a sign-in: the next challenge or, once every step was passed, tokens.

use crate::backend::user_pool::{Outcome, SignedIn};
use crate::change::Change;
use crate::entity::Session;
use crate::error::Result;
use crate::local::Local;
use crate::local::commit::Plan;
use crate::request::RequestContext;
use crate::sign_in::{Decision, DecisionContext, Progress};
use crate::token::{self, Scopes};

/// A decision as a plan. Its verb says what a completed sign-in is for.
pub(in crate::local) fn decided(request: &RequestContext, decision: Decision) -> Plan<Progress> {
    let Decision { result, changes, reason } = decision;
    if let Some(reason) = reason {
        request.note_reason(reason);
    }
    Plan { result, changes, basis: None }
}

impl Local {
    /// Issues tokens to those who have passed every step, with the session that the tokens belong
    /// to.
    pub(in crate::local) async fn with_tokens(
        &self,
        request: &RequestContext,
        context: DecisionContext<'_>,
        plan: Plan<Progress>,
    ) -> Result<Plan<Outcome>> {
        let Plan { result, mut changes, basis } = plan;
        let result = match result {
            Err(refusal) => Err(refusal),
            Ok(Progress::Asked(challenge)) => Ok(Outcome::Challenge(challenge)),
            Ok(Progress::Done(authenticated)) => {
                let keys = self.key_ring(&context.pool.id).await?;
                let issuer = self.issuer(&context.pool.id);
                let scopes = Scopes::self_service();
                let issuing = Self::issuing(context, &keys, (&issuer, &scopes));
                changes.extend(self.make_room(context.pool, &authenticated.user));
                let (signed_in, session) =
                    token::issue(issuing, *authenticated, request.address.clone())?;
                changes.extend(touched_device(&session, &signed_in));
                changes.push(Change::CreateSession(session));
                Ok(Outcome::SignedIn(Box::new(signed_in)))
            }
        };
        Ok(Plan { result, changes, basis })
    }
}

/// The note that a device was used, at the end of a sign-in with one that is known.
fn touched_device(session: &Session, signed_in: &SignedIn) -> Option<Change> {
    let key = session.device_key.clone().filter(|_| signed_in.new_device.is_none())?;
    Some(Change::TouchDevice {
        pool: session.pool.clone(),
        sub: session.sub.clone(),
        key,
        at: session.auth_time,
        address: session.address.clone(),
    })
}
