//! Devices that sign-ins are remembered on.

use crate::world::*;
use poolkeeper_pool::Result;
use poolkeeper_pool::backend::user_pool::{DevicePair, Outcome};
use poolkeeper_pool::entity::MfaMode;
use std::time::Duration;

/// A world with a user who has an app, and the device that one sign-in was remembered on.
fn remembered(seed: u64) -> (World, DevicePair) {
    let world = World::new(seed, MfaMode::Optional);
    world.totp_user("ann");
    let device = remember(&world);
    (world, device)
}

fn remember(world: &World) -> DevicePair {
    world.later(Duration::from_secs(30));
    let session = world.begin("ann");
    let code = world.code(&KEY.into());
    signed_in(wait(world.answer_and_remember(&session, code))).remembered.unwrap()
}

fn is_in(outcome: &Result<Outcome>) -> bool {
    matches!(outcome, Ok(Outcome::SignedIn(_)))
}

/// Whoever sets a password means to shut out who came in before: in whatever order they come, after
/// it was set the device stands for nothing.
#[test]
fn no_sign_in_slips_past_a_password_that_is_set() {
    for seed in 0..200 {
        let (world, device) = remembered(seed);
        let sign_ins = (0..4).map(|_| Box::pin(sign_in(&world, &device)) as Act<'_>);
        let set: Act<'_> = Box::pin(set_password(&world));
        race(&world.chance, sign_ins.chain([set]).collect());
        assert!(!is_in(&wait(world.sign_in_trusted("ann", &device))), "seed {seed}");
    }
}

type Act<'a> = std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;

async fn sign_in(world: &World, device: &DevicePair) {
    drop(world.sign_in_trusted("ann", device).await);
}

async fn set_password(world: &World) {
    let (pool, password) = (POOL.into(), PASSWORD.into());
    world.engine.set_password(&operator(), &pool, "ann", &password, true).await.unwrap();
}

/// Of many that are remembered at once, one is left.
#[test]
fn one_device_is_left() {
    for seed in 0..50 {
        let world = World::new(seed, MfaMode::Optional);
        world.totp_user("ann");
        let mut devices = Vec::new();
        for _ in 0..3 {
            devices.push(remember(&world));
        }
        let good: Vec<_> =
            devices.iter().map(|pair| is_in(&wait(world.sign_in_trusted("ann", pair)))).collect();
        assert_eq!(good, [false, false, true], "seed {seed}");
    }
}

/// Every character of both keys counts.
#[test]
fn every_character_counts() {
    let (world, device) = remembered(1);
    assert!(is_in(&wait(world.sign_in_trusted("ann", &device))));
    let (key, group) = (device.key.as_str(), device.group_key.expose());
    for at in 0..key.len() + group.len() {
        let flip = |text: &str, at: usize| {
            let flipped = text.char_indices().map(|(i, c)| match (i == at, c) {
                (true, 'x') => 'y',
                (true, _) => 'x',
                (false, c) => c,
            });
            flipped.collect::<String>()
        };
        let pair = if at < key.len() {
            DevicePair { key: flip(key, at).as_str().into(), ..device.clone() }
        } else {
            let group_key = flip(group, at - key.len()).as_str().into();
            DevicePair { group_key, ..device.clone() }
        };
        assert!(!is_in(&wait(world.sign_in_trusted("ann", &pair))), "{at}");
    }
}

/// A device is its user's and its app client's.
#[test]
fn nobody_else_s() {
    let (world, device) = remembered(2);
    world.totp_user("bob");
    assert!(!is_in(&wait(world.sign_in_trusted("bob", &device))));
    let shown = format!("{device:?}");
    assert!(!shown.contains(device.group_key.expose()), "{shown}");
}
