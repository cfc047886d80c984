//! Sessions of challenges.

use super::*;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};

#[test]
fn a_session_opens_for_its_client_while_it_lasts() {
    let scene = Scene::new(MfaMode::Off);
    let pending = scene.pending(&scene.user(), PendingStep::SoftwareToken);
    let session = pending.seal(scene.context());
    assert_eq!(Pending::client(&session), Ok(scene.client.id.clone()));
    let end = pending.expires_at;
    let last = Timestamp::from_millis(end.millis() - 1);
    let other = AppClient { id: "other".into(), ..scene.client.clone() };
    let invalid = || Err(Refusal::ChallengeSessionInvalid);
    let text = session.expose();
    for (case, client, session, now, expected) in [
        ("at once", &scene.client, text, scene.now, Ok("session".to_owned())),
        ("at last", &scene.client, text, last, Ok("session".to_owned())),
        ("too late", &scene.client, text, end, Err(Refusal::ChallengeSessionExpired)),
        ("elsewhere", &other, text, scene.now, invalid()),
        ("cut off", &scene.client, &text[..text.len() - 4], scene.now, invalid()),
        ("nothing", &scene.client, "", scene.now, invalid()),
        ("no base64", &scene.client, "?", scene.now, invalid()),
    ] {
        let opened = Pending::open(client, &session.into(), &scene.sealer, now);
        assert_eq!(opened.map(|pending| pending.id), expected, "{case}");
    }
}

/// The name in front of a session is in clear, and part of what was sealed.
#[test]
fn a_session_of_one_client_is_none_of_another_under_its_name() {
    let scene = Scene::new(MfaMode::Off);
    let other = AppClient { id: "other".into(), ..scene.client.clone() };
    let pending = scene.pending(&scene.user(), PendingStep::SoftwareToken);
    let context = DecisionContext { client: &other, ..scene.context() };
    let theirs = BASE64.decode(pending.seal(context).expose()).unwrap();
    let sealed = theirs.strip_prefix(b"other.").unwrap();
    let renamed = Secret::new(BASE64.encode([b"client.".as_slice(), sealed].concat()));
    assert_eq!(Pending::client(&renamed), Ok(scene.client.id.clone()));
    let opened = Pending::open(&scene.client, &renamed, &scene.sealer, scene.now);
    assert_eq!(opened.map(|pending| pending.id), Err(Refusal::ChallengeSessionInvalid));
}

#[test]
fn an_answer_comes_to_the_face_and_the_tenant_that_asked() {
    let scene = Scene::new(MfaMode::Off);
    let at = |face, tenant: Option<&str>| EntryPolicy {
        face,
        tenant: tenant.map(TenantId::from),
        ..EntryPolicy::default()
    };
    for (asked_at, answered_at, is_good) in [
        ((Some(Face::Partner), None), at(Face::Partner, None), true),
        ((Some(Face::Partner), None), at(Face::Cognito, None), false),
        ((Some(Face::Cognito), None), at(Face::Partner, None), false),
        ((Some(Face::Tenant), Some("acme")), at(Face::Tenant, Some("acme")), true),
        ((Some(Face::Tenant), Some("acme")), at(Face::Tenant, Some("globex")), false),
        ((Some(Face::Tenant), Some("acme")), at(Face::Tenant, None), false),
        // From before the face was noted.
        ((None, None), at(Face::Portal, None), true),
        ((None, Some("acme")), at(Face::Portal, None), false),
    ] {
        let (face, tenant) = (asked_at.0, asked_at.1.map(TenantId::from));
        let pending = scene.pending(&scene.user(), PendingStep::SoftwareToken);
        let pending = Pending { tenant, face, ..pending };
        let expected = if is_good { Ok(()) } else { Err(Refusal::ChallengeSessionInvalid) };
        assert_eq!(pending.check_face(&answered_at), expected, "{asked_at:?}");
    }
}
