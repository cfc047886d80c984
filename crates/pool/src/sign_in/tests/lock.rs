//! Failed attempts, and the word that the owner has of a lock.

use super::*;
use crate::ids::Sub;
use crate::sign_in::lock;

#[test]
fn the_failure_that_begins_a_lock_is_told_to_the_owner_and_no_other_is() {
    let scene = Scene::new(MfaMode::Off);
    let user = scene.user();
    let told = (0..8).filter(|failures| {
        let changes = lock::failed(scene.context(), &scene.failed(*failures), Some(&user));
        let counted = changes.last();
        assert!(
            matches!(counted, Some(Change::SetLockout(now)) if now.failures == failures + 1),
            "{counted:?}"
        );
        names(&changes) == " Enqueue SetLockout"
    });
    assert_eq!(told.collect::<Vec<_>>(), [4]);
}

#[test]
fn it_goes_to_a_proven_address_and_else_to_nobody() {
    let scene = Scene::new(MfaMode::Off);
    let proven = scene.user();
    let unproven = scene.user_with(|user| user.attributes.set("email_verified", "false"));
    let disabled = scene.user_with(|user| user.enabled = false);
    let nowhere = scene.user_with(|user| user.attributes.set("email", ""));
    let nobody = (Sub::nobody(), "nobody@example.com".to_owned());
    for (case, user, expected) in [
        ("proven", Some(&proven), (proven.sub.clone(), ANN.to_owned())),
        ("unproven", Some(&unproven), nobody.clone()),
        ("disabled", Some(&disabled), nobody.clone()),
        ("no address", Some(&nowhere), nobody.clone()),
        ("no user", None, nobody),
    ] {
        let changes = lock::failed(scene.context(), &scene.failed(4), user);
        let Some(Change::Enqueue(message)) = changes.first() else { panic!("{changes:?}") };
        assert_eq!((message.sub.clone(), scene.read(&changes[0]).to), expected, "{case}");
    }
}

#[test]
fn a_lock_shows_where_users_do_and_looks_like_a_wrong_proof_elsewhere() {
    let mut scene = Scene::new(MfaMode::Off);
    let (lockout, until) = (scene.failed(5), scene.now);
    let hidden = lock::decide_locked(scene.context(), &lockout, until, Refusal::CodeMismatch);
    assert_eq!(shown(&hidden), "CodeMismatch: TouchLockout");
    assert_eq!(hidden.reason, Some(Reason::LockedOut));
    scene.client.hides_users = false;
    let told = lock::decide_locked(scene.context(), &lockout, until, Refusal::CodeMismatch);
    assert_eq!(told.result.unwrap_err(), Refusal::LockedOut { until });
    assert_eq!((told.changes, told.reason), (Vec::new(), None));
}
