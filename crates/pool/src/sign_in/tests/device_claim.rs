//! What a client says of its device.

use super::*;
use crate::entity::DeviceRules;
use crate::ids::DeviceKey;
use crate::sign_in::device;

fn tracking(challenge_required_on_new_device: bool) -> DeviceRules {
    DeviceRules { challenge_required_on_new_device, ..DeviceRules::default() }
}

fn known(scene: &Scene, remembered: bool) -> Device {
    Device {
        pool: scene.pool.id.clone(),
        sub: "sub".into(),
        key: "key".into(),
        group_key: "group".to_owned(),
        name: None,
        verifier: Sealed::from_bytes(Vec::new()),
        remembered,
        created_at: scene.now,
        modified_at: scene.now,
        last_authenticated_at: scene.now,
        last_address: None,
        version: 1,
    }
}

#[test]
fn a_device_counts_where_the_pool_tracks_devices() {
    let mut scene = Scene::new(MfaMode::Off);
    let key = DeviceKey::from("key");
    let named = DeviceClaim::Named(key.clone());
    for (rules, tracked, of_named, of_none) in [
        (None, true, DeviceClaim::Untracked, DeviceClaim::Untracked),
        (Some(tracking(false)), false, DeviceClaim::Untracked, DeviceClaim::Untracked),
        (Some(tracking(false)), true, named, DeviceClaim::New),
    ] {
        scene.pool.rules.devices = rules;
        assert_eq!(DeviceClaim::of(&scene.pool, tracked, Some(&key)), of_named);
        assert_eq!(DeviceClaim::of(&scene.pool, tracked, None), of_none);
    }
}

#[test]
fn a_device_that_the_user_does_not_have_is_a_new_one_once_it_is_forgiven() {
    let scene = Scene::new(MfaMode::Off);
    let named = DeviceClaim::Named("key".into());
    for (claim, device, expected) in [
        (DeviceClaim::Untracked, None, DeviceClaim::Untracked),
        (DeviceClaim::New, None, DeviceClaim::New),
        (named.clone(), Some(known(&scene, true)), named.clone()),
        (named, None, DeviceClaim::New),
    ] {
        let mut candidate = candidate(scene.user());
        let is_unknown = claim != expected;
        (candidate.claim, candidate.device) = (claim, device);
        assert_eq!(candidate.names_unknown_device(), is_unknown);
        candidate.forgive_unknown_device();
        assert_eq!(candidate.claim, expected);
        assert!(!candidate.names_unknown_device());
    }
}

#[test]
fn a_remembered_device_is_asked_where_only_new_ones_need_a_second_factor() {
    for (mfa, rules, remembered, is_asked) in [
        (MfaMode::Off, Some(tracking(true)), true, true),
        (MfaMode::Off, Some(tracking(true)), false, false),
        (MfaMode::Off, Some(tracking(false)), true, false),
        (MfaMode::Off, None, true, false),
        // A factor is to be set up, which no device replaces.
        (MfaMode::On, Some(tracking(true)), true, false),
    ] {
        let mut scene = Scene::new(mfa);
        scene.pool.rules.devices = rules;
        let device = Some(known(&scene, remembered));
        let candidate = Candidate { device, ..candidate(scene.user()) };
        let asked = device::challenged(scene.context(), &candidate);
        assert_eq!(asked.is_some(), is_asked, "{mfa:?} {rules:?} {remembered}");
    }
}
