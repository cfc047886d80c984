//! Which second factor is asked for.

use super::*;
use crate::backend::user_pool::Factor::{self, Email, Sms, Totp as App};
use crate::backend::user_pool::MfaSummary;
use crate::entity::SecondFactors;
use crate::sign_in::mfa::{self, Demand, Usable};

/// Whether the app is switched on, and whether it comes first.
const APP: Option<(bool, bool)> = Some((true, false));
const APP_FIRST: Option<(bool, bool)> = Some((true, true));
const APP_OFF: Option<(bool, bool)> = Some((false, true));
const ON: Option<CodeMfa> = Some(CodeMfa { preferred: false });
const FIRST: Option<CodeMfa> = Some(CodeMfa { preferred: true });

/// How many are asked for, and which.
fn demanded(pool: &UserPoolRecord, user: &User) -> (&'static str, Vec<Factor>) {
    match mfa::demanded(pool, user) {
        Demand::None => ("none", Vec::new()),
        Demand::One(usable) => ("one", vec![usable.factor()]),
        Demand::Select(choices) => ("select", choices.iter().map(Usable::factor).collect()),
        Demand::Setup(choices) => ("set up", choices),
    }
}

/// A user with an app, which is as told here, and with codes by mail.
fn user(app: Option<(bool, bool)>, email: Option<CodeMfa>) -> User {
    let totp = app.map(|(enabled, preferred)| {
        let secret = Sealed::from_bytes(Vec::new());
        Totp { secret, enabled, preferred, friendly_name: None }
    });
    let mfa = Mfa { totp, email, ..Mfa::default() };
    Scene::new(MfaMode::Off).user_with(|user| user.mfa = mfa)
}

/// A pool with this way back in, that insists on a second factor.
fn insisting(recovery: Option<Recovery>) -> UserPoolRecord {
    let mut pool = Scene::new(MfaMode::On).pool;
    pool.rules.recovery = recovery.map(|way| vec![way]);
    pool
}

#[test]
fn what_a_user_has_and_what_the_pool_wants_decide() {
    let (optional, on) = (Scene::new(MfaMode::Optional).pool, Scene::new(MfaMode::On).pool);
    let one = |factor| ("one", vec![factor]);
    let either = || ("select", vec![App, Email]);
    let none = || ("none", Vec::new());
    for (case, user, if_optional, if_on) in [
        ("nothing", user(None, None), none(), ("set up", vec![App])),
        ("the app", user(APP, None), one(App), one(App)),
        ("the app, switched off", user(APP_OFF, None), none(), one(App)),
        ("mail", user(None, ON), one(Email), one(Email)),
        ("both", user(APP, ON), either(), either()),
        ("both, the app first", user(APP_FIRST, ON), one(App), one(App)),
        ("both, mail first", user(APP, FIRST), one(Email), one(Email)),
        ("mail, and the app off", user(APP_OFF, ON), one(Email), one(Email)),
    ] {
        let off = Scene::new(MfaMode::Off).pool;
        assert_eq!(demanded(&off, &user), none(), "off: {case}");
        assert_eq!(demanded(&optional, &user), if_optional, "optional: {case}");
        assert_eq!(demanded(&on, &user), if_on, "on: {case}");
        let program = User { kind: Kind::Service, ..user };
        assert_eq!(demanded(&on, &program), none(), "a program: {case}");
    }
}

#[test]
fn an_address_serves_a_pool_that_insists_unless_it_is_the_way_back_in() {
    let user = user(None, None);
    for (way, expected) in [
        (Some(Recovery::VerifiedEmail), ("set up", vec![App])),
        (Some(Recovery::VerifiedPhoneNumber), ("one", vec![Email])),
        (Some(Recovery::AdminOnly), ("one", vec![Email])),
        // Cognito's legacy has the phone number first.
        (None, ("one", vec![Email])),
    ] {
        assert_eq!(demanded(&insisting(way), &user), expected, "{way:?}");
    }
}

#[test]
fn what_can_be_set_up_is_what_the_pool_offers() {
    let nowhere = Scene::new(MfaMode::On).user_with(|user| user.attributes.set("email", ""));
    for (software_token, email, expected) in [
        (true, true, vec![App, Email]),
        (true, false, vec![App]),
        (false, true, vec![Email]),
        (false, false, vec![]),
    ] {
        let mut pool = insisting(Some(Recovery::VerifiedEmail));
        pool.rules.second_factors = SecondFactors { software_token, email, sms: true };
        assert_eq!(demanded(&pool, &nowhere), ("set up", expected));
    }
}

#[test]
fn what_the_pool_does_not_offer_is_asked_for_by_one_that_insists_alone() {
    let sms = Mfa { sms: ON, ..Mfa::default() };
    let sms = Scene::new(MfaMode::Off).user_with(|user| {
        user.attributes.set("phone_number", "+14325551212");
        user.mfa = sms;
    });
    let mut pool = Scene::new(MfaMode::Optional).pool;
    assert_eq!(demanded(&pool, &sms), ("none", vec![]));
    pool.rules.second_factors.sms = true;
    assert_eq!(demanded(&pool, &sms), ("one", vec![Sms]));
    pool.rules.second_factors.software_token = false;
    let app = user(APP_FIRST, None);
    assert_eq!(demanded(&pool, &app), ("none", vec![]));
    pool.mfa = MfaMode::On;
    assert_eq!(demanded(&pool, &app), ("one", vec![App]));
}

#[test]
fn codes_go_to_an_address_that_is_switched_on_or_serves_for_want_of_another() {
    let by_phone = insisting(Some(Recovery::VerifiedPhoneNumber));
    let by_mail = insisting(Some(Recovery::VerifiedEmail));
    for (case, pool, user, expected) in [
        ("switched on", &by_mail, user(None, ON), true),
        ("beside the app that comes first", &by_mail, user(APP_FIRST, ON), true),
        ("for want of another", &by_phone, user(None, None), true),
        ("the way back in", &by_mail, user(None, None), false),
        ("beside the app, not switched on", &by_phone, user(APP, None), false),
    ] {
        assert_eq!(takes_codes(pool, &user, Contact::Email), expected, "{case}");
        assert!(!takes_codes(pool, &user, Contact::PhoneNumber), "{case}");
    }
}

#[test]
fn a_summary_says_what_is_on_and_what_comes_first() {
    let pool = Scene::new(MfaMode::Optional).pool;
    let none = MfaSummary::default();
    let both = MfaSummary { required: true, totp: true, email: true, ..none };
    for (case, user, expected) in [
        ("nothing", user(None, None), none),
        ("an app that is off", user(APP_OFF, None), none),
        ("both", user(APP, ON), both),
        ("mail first", user(APP, FIRST), MfaSummary { preferred: Some(Email), ..both }),
        ("both first", user(APP_FIRST, FIRST), MfaSummary { preferred: Some(App), ..both }),
    ] {
        assert_eq!(mfa_summary(&pool, &user), expected, "{case}");
    }
}

#[test]
fn a_factor_that_nobody_asks_for_is_one_all_the_same() {
    let off = Scene::new(MfaMode::Off).pool;
    assert!(has_factor(&off, &user(APP, None)));
    assert!(!has_factor(&off, &user(APP_OFF, None)));
    // What is to be set up is none yet.
    assert!(!has_factor(&insisting(Some(Recovery::VerifiedEmail)), &user(None, None)));
    assert!(has_factor(&insisting(Some(Recovery::AdminOnly)), &user(None, None)));
    assert_eq!(enabled_factors(&off, &user(APP, FIRST)), [App, Email]);
}
