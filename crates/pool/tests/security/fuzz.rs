//! Random input where the engine reads what strangers send. Run as tests each is tried for a moment;
//! CONTRIBUTING.md says how to go on for longer.

use crate::world::{CLIENT, KEY, World, operator, sealer, wait};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::crypto::srp::client_value;
use poolkeeper_pool::crypto::totp;
use poolkeeper_pool::entity::{Contact, MfaMode};
use poolkeeper_pool::sign_in::{Pending, PendingFirst, PendingProof};
use poolkeeper_pool::system::Clock as _;
use poolkeeper_pool::time::Timestamp;
use poolkeeper_pool::token::open_refresh_token;
use poolkeeper_pool::{Error, Refusal, attributes, message, name};
use std::panic::AssertUnwindSafe;

#[test]
fn srp_values_are_of_the_group_or_refused() {
    bolero::check!().with_type::<String>().for_each(|text| {
        if client_value(text).is_some() {
            assert!(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
    });
}

#[test]
fn codes_of_apps_are_six_digits_of_one_step() {
    let key = Secret::from(KEY);
    bolero::check!().with_type::<(String, u32)>().for_each(|(code, seconds)| {
        let now = Timestamp::from_seconds(i64::from(*seconds) + 60);
        if let Some(step) = totp::matching_step(&key, code, now) {
            assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
            assert!((step - now.seconds() / 30).abs() <= 1);
        }
    });
}

#[test]
fn keys_of_apps_are_read_or_refused() {
    bolero::check!().with_type::<String>().for_each(|key| {
        totp::matching_step(&Secret::from(key.as_str()), "123456", Timestamp::from_seconds(59));
    });
}

#[test]
fn nothing_but_what_was_sealed_opens() {
    let world = World::new(1, MfaMode::Off);
    let client = wait(world.engine.app_client(&CLIENT.into())).unwrap().unwrap();
    let now = world.clock.now();
    bolero::check!().with_type::<String>().for_each(|text| {
        let sealed = Secret::from(text.as_str());
        assert!(Pending::open(&client, &sealed, &sealer(), now).is_err());
        assert!(PendingFirst::open(&client, &sealed, &sealer(), now).is_err());
        assert!(PendingProof::open(&client, &sealed, &sealer(), now).is_err());
        let (pool, id) = (&client.pool, &client.id);
        assert!(open_refresh_token(pool, id, &sealed, &sealer()).is_err());
    });
}

/// One byte of a real session is changed, in the middle of wherever chance points.
#[test]
fn no_session_opens_that_was_changed() {
    let world = World::new(2, MfaMode::On);
    world.totp_user("new");
    let session = world.begin("new");
    let client = wait(world.engine.app_client(&CLIENT.into())).unwrap().unwrap();
    let now = world.clock.now();
    assert!(Pending::open(&client, &session, &sealer(), now).is_ok());
    bolero::check!().with_type::<(u16, u8)>().for_each(|(at, letter)| {
        let mut bytes = session.expose().as_bytes().to_vec();
        let at = usize::from(*at) % bytes.len();
        let letter = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
            [usize::from(*letter) % 64];
        if bytes[at] == letter {
            return;
        }
        bytes[at] = letter;
        let changed = Secret::new(String::from_utf8(bytes).unwrap());
        assert!(Pending::open(&client, &changed, &sealer(), now).is_err());
    });
}

#[test]
fn addresses_are_masked_whatever_they_are() {
    bolero::check!().with_type::<String>().for_each(|text| {
        let masked = message::mask(Contact::Email, text);
        assert!(masked.chars().count() <= 9, "{masked}");
        message::mask(Contact::PhoneNumber, text);
        if attributes::is_email(text) {
            assert!(text.is_ascii() && !text.contains(char::is_whitespace));
        }
    });
}

/// A form is its own form, and no longer than the longest letter makes it: NFKC turns one letter into
/// eighteen at most, and upper case into three.
#[test]
fn names_have_one_form_of_bounded_length() {
    bolero::check!().with_type::<String>().for_each(|text| {
        let (plain, folded) = (name::plain(text), name::folded(text));
        assert_eq!(name::plain(&plain), plain);
        assert_eq!(name::folded(&folded), folded);
        assert!(plain.chars().count() <= 18 * text.chars().count());
        assert!(folded.chars().count() <= 54 * text.chars().count());
    });
}

#[test]
fn texts_that_were_not_issued_are_no_tokens() {
    // Whoever panics here ends the test.
    let world = AssertUnwindSafe(World::new(1, MfaMode::Off));
    bolero::check!().with_type::<[String; 3]>().for_each(|parts| {
        for text in [parts.concat(), parts.join(".")] {
            let told =
                wait(world.engine.authorize(&operator(), &Secret::from(text.as_str()))).err();
            let is_refused = matches!(told, Some(Error::Refused(Refusal::AccessTokenInvalid)));
            assert!(is_refused, "{text:?}: {told:?}");
        }
    });
}
