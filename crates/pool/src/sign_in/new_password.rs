use super::challenge::{self, Pending, Step};
use super::{Candidate, Decision, Scene, after_password};
use crate::change::Change;
use crate::entity::{Attributes, UserStatus};
use crate::error::Refusal;
use crate::ids::EventId;
use crate::password;
use crate::seal::Sealed;
use crate::secret::Secret;
use crate::user_pool::{Admission, Challenge, ChallengeKind};
use std::time::Duration;

/// Asks for a new password in place of a temporary one, unless that is too old.
pub(super) fn ask(
    scene: Scene<'_>,
    candidate: &Candidate,
    event: EventId,
) -> Result<Challenge, Refusal> {
    let days = u64::from(scene.pool.password_policy.temporary_password_validity_days);
    let life = Duration::from_secs(days * 86_400);
    if candidate.user.password_set_at.after(life) <= scene.now {
        return Err(Refusal::TemporaryPasswordExpired);
    }
    let kind = ChallengeKind::NewPasswordRequired {
        required: missing_attributes(scene, &candidate.user.attributes),
        attributes: candidate.user.attributes.clone(),
    };
    Ok(challenge::ask(scene, candidate, event, Step::NewPassword, kind))
}

fn missing_attributes(scene: Scene<'_>, attributes: &Attributes) -> Vec<String> {
    let required = scene.pool.schema.iter().filter(|attribute| attribute.required);
    let missing = required.filter(|attribute| attributes.get(&attribute.name).is_none());
    missing.filter(|attribute| attribute.name != "sub").map(|a| a.name.clone()).collect()
}

/// What can be refused of an answer before the costly hash of the new password is made.
pub fn check_new_password(
    scene: Scene<'_>,
    candidate: &Candidate,
    password: &Secret,
    given: &Attributes,
) -> Result<(), Refusal> {
    password::check(&scene.pool.password_policy, password).map_err(Refusal::PasswordPolicy)?;
    let missing = missing_attributes(scene, &candidate.user.attributes);
    if let Some(name) = missing.iter().find(|name| given.get(name).is_none()) {
        return Err(Refusal::AttributeMissing(name.clone()));
    }
    for (name, _) in given.iter() {
        let attribute = scene.pool.attribute(name).ok_or(Refusal::AttributeNotWritable)?;
        if attribute.required && candidate.user.attributes.get(name).is_some() {
            let problem = format!("Cannot modify an already provided {name}");
            return Err(Refusal::InvalidParameter(problem));
        }
        let fills_gap = missing.iter().any(|missing| missing == name);
        let writable = attribute.mutable && scene.client.may_write(name);
        if !(fills_gap || writable) {
            return Err(Refusal::AttributeNotWritable);
        }
    }
    Ok(())
}

/// Takes the new password, already hashed and sealed, and goes on to the second factor.
pub fn decide_new_password(
    scene: Scene<'_>,
    pending: &Pending,
    mut candidate: Candidate,
    hash: Sealed,
    given: &Attributes,
    admission: &Admission,
) -> Decision {
    if !matches!(pending.step, Step::NewPassword) {
        return Decision::refuse(Refusal::SessionInvalid, Vec::new());
    }
    if let Err(refusal) = candidate.check_admitted(admission) {
        return Decision::refuse(refusal, Vec::new());
    }
    // Either this challenge was answered before, which spending it again will tell, or an
    // administrator has changed the user since, and then nobody may answer it any more.
    if candidate.user.status != UserStatus::ForceChangePassword {
        return Decision::refuse(Refusal::SessionInvalid, vec![pending.spend(scene.client)]);
    }
    let user = &mut candidate.user;
    user.status = UserStatus::Confirmed;
    user.password = Some(hash);
    user.password_set_at = scene.now;
    user.modified_at = scene.now;
    for (name, value) in given.iter() {
        user.attributes.set(name, value);
    }
    let mut changes = vec![pending.spend(scene.client), Change::UpdateUser(Box::new(user.clone()))];
    changes.extend(new_aliases(scene, &candidate, given));
    let (progress, more) = after_password(scene, candidate, pending.event.clone());
    changes.extend(more);
    Decision { result: Ok(progress), changes }
}

/// Sign-in names among the given attributes lead to the user from now on.
fn new_aliases(scene: Scene<'_>, candidate: &Candidate, given: &Attributes) -> Vec<Change> {
    let kinds = scene.pool.username_attributes.iter();
    let given = kinds.filter_map(|kind| given.get(kind.attribute()).map(|value| (*kind, value)));
    given
        .map(|(kind, value)| Change::AddAlias {
            pool: scene.pool.id.clone(),
            sub: candidate.user.sub.clone(),
            key: scene.pool.alias_key(kind, value),
        })
        .collect()
}
