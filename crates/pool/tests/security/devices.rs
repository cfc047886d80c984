//! Remembered devices: many at once, and what overtakes them.

use crate::world::*;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use data_encoding::HEXLOWER;
use poolkeeper_bignum::Number;
use poolkeeper_pool::backend::entry_policy::EntryPolicy;
use poolkeeper_pool::backend::user_pool::{
    ChallengeAnswer, ChallengeKind, NewDevice, Outcome, SignedIn, Via,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{AuthFlow, DeviceRules, MfaMode, Totp, User, UserStatus};
use poolkeeper_pool::ids::DeviceKey;
use poolkeeper_pool::local::{
    DeviceChallenge, DeviceProof, DeviceSrp, NewDeviceSecret, PasswordSignIn,
};
use poolkeeper_pool::ports::Store as _;
use poolkeeper_pool::{Error, Refusal, Result};
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

type Act<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

const EXPONENT: &[u8] = b"a secret exponent of the client's, which is the same at every run";
const TIMESTAMP: &str = "Fri Jan 2 03:04:05 UTC 2026";

fn hash(parts: &[&[u8]]) -> Vec<u8> {
    digest(&SHA256, &parts.concat()).as_ref().to_vec()
}

/// The bytes of a number as a signed integer.
fn pad(bytes: &[u8]) -> Vec<u8> {
    let digits: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    if digits.first().is_some_and(|first| *first < 0x80) {
        digits
    } else {
        [vec![0], digits].concat()
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    let even = format!("{}{digits}", "0".repeat(digits.len() % 2));
    HEXLOWER.decode(even.as_bytes()).unwrap()
}

fn public() -> Number {
    Number::generator().power(EXPONENT)
}

fn srp_a() -> String {
    HEXLOWER.encode(public().to_bytes())
}

/// The verifier's exponent for this secret.
fn exponent(device: &NewDevice, salt: &[u8], secret: &str) -> Vec<u8> {
    let inner = format!("{}{}:{secret}", device.group_key, device.key);
    hash(&[&pad(salt), &hash(&[inner.as_bytes()])])
}

fn signature(device: &NewDevice, secret: &str, challenge: &DeviceChallenge) -> Secret {
    let x = exponent(device, &unhex(&challenge.salt), secret);
    let b = unhex(&challenge.srp_b);
    let u = hash(&[&pad(public().to_bytes()), &pad(&b)]);
    let k = Number::reduce(&hash(&[&pad(&Number::MODULUS), &[2]]));
    // B − k·v, with −1 as the last number below the prime.
    let mut last = Number::MODULUS;
    last[383] -= 1;
    let verifier = Number::generator().power(&x);
    let base = Number::reduce(&b).plus(&k.times(&verifier).times(&Number::reduce(&last)));
    let shared = base.power(EXPONENT).times(&base.power(&x).power(&u));
    let secret = sign(&Key::new(HMAC_SHA256, &pad(&u)), &pad(shared.to_bytes()));
    let drawn = sign(&Key::new(HMAC_SHA256, secret.as_ref()), b"Caldera Derived Key\x01");
    let block = STANDARD.decode(challenge.secret_block.expose()).unwrap();
    let parts = [device.group_key.as_bytes(), device.key.as_str().as_bytes(), &block];
    let message = [parts.concat(), TIMESTAMP.as_bytes().to_vec()].concat();
    Secret::new(STANDARD.encode(sign(&Key::new(HMAC_SHA256, &drawn.as_ref()[..16]), &message)))
}

const SECRET: &str = "the device's secret";

impl World {
    /// With a pool that remembers devices at once, and a user who is asked for a code elsewhere.
    fn tracking(seed: u64) -> (Self, User) {
        let world = Self::new(seed, MfaMode::Optional);
        let mut pool = wait(world.engine.pool(&operator(), &POOL.into())).unwrap();
        pool.rules.devices = Some(DeviceRules {
            challenge_required_on_new_device: true,
            device_only_remembered_on_user_prompt: false,
        });
        wait(world.engine.replace_pool(&operator(), pool)).unwrap();
        let user = world.user("ann", |_| {});
        (world, user)
    }

    async fn sign_in_on(&self, key: Option<&DeviceKey>) -> Result<Outcome> {
        let command = PasswordSignIn {
            remembered: None,
            via: Via::trusted(&CLIENT.into()),
            flow: AuthFlow::UserPassword,
            username: "ann".to_owned(),
            password: PASSWORD.into(),
            device_key: key.cloned(),
            entry_policy: EntryPolicy::default(),
        };
        self.engine.password_sign_in(&operator(), command).await
    }

    async fn confirm(&self, signed_in: &SignedIn) -> Result<bool> {
        let device = signed_in.new_device.clone().unwrap();
        let salt = [7; 16];
        let verifier = Number::generator().power(&exponent(&device, &salt, SECRET));
        let secret = |bytes: &[u8]| Secret::new(STANDARD.encode(pad(bytes)));
        let new = NewDeviceSecret {
            key: device.key,
            name: None,
            salt: secret(&salt),
            verifier: secret(verifier.to_bytes()),
        };
        self.engine.confirm_device(&operator(), &signed_in.access_token, &new, None).await
    }

    /// A remembered device, and a second factor from now on.
    fn device(&self, user: &User) -> NewDevice {
        let tokens = signed_in(wait(self.sign_in_on(None)));
        wait(self.confirm(&tokens)).unwrap();
        let totp = Totp { preferred: true, ..self.totp(user) };
        self.edit(user, |user| user.mfa.totp = Some(totp.clone()));
        tokens.new_device.unwrap()
    }

    async fn challenge(&self, session: &Secret, key: &DeviceKey) -> Result<DeviceChallenge> {
        let command = DeviceSrp {
            via: Via::trusted(&CLIENT.into()),
            username: "ann".to_owned(),
            session: Some(session.clone()),
            device_key: key.clone(),
            srp_a: srp_a(),
        };
        self.engine.begin_device_srp(&operator(), command).await
    }

    async fn prove(
        &self,
        device: &NewDevice,
        secret: &str,
        challenge: &DeviceChallenge,
    ) -> Result<Outcome> {
        let command = DeviceProof {
            via: Via::trusted(&CLIENT.into()),
            username: "ann".to_owned(),
            device_key: device.key.clone(),
            secret_block: challenge.secret_block.clone(),
            signature: signature(device, secret, challenge),
            timestamp: TIMESTAMP.to_owned(),
        };
        self.engine.prove_device(&operator(), command).await
    }

    /// A challenge that the device is about to answer.
    fn challenged(&self, device: &NewDevice) -> DeviceChallenge {
        let session = session(wait(self.sign_in_on(Some(&device.key))));
        wait(self.challenge(&session, &device.key)).unwrap()
    }
}

fn count<T>(results: &[Result<T>], refusal: &Refusal) -> usize {
    results.iter().filter(|r| matches!(r, Err(Error::Refused(r)) if r == refusal)).count()
}

#[test]
fn of_many_right_proofs_at_once_one_signs_in() {
    for seed in 0..10 {
        let (world, user) = World::tracking(seed);
        let device = world.device(&user);
        let session = session(wait(world.sign_in_on(Some(&device.key))));
        // Of one block or of several, it is one sign-in.
        let blocks = [(); 2].map(|()| wait(world.challenge(&session, &device.key)).unwrap());
        let proofs = (0..24).map(|at| world.prove(&device, SECRET, &blocks[at % 2])).collect();
        let told = race(&world.chance, proofs);
        assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 1, "seed {seed}");
        assert_eq!(count(&told, &Refusal::ChallengeSessionSpent), 23, "seed {seed}");
    }
}

#[test]
fn of_many_wrong_proofs_at_once_five_are_told() {
    for seed in 0..10 {
        let (world, user) = World::tracking(seed);
        let device = world.device(&user);
        let challenge = world.challenged(&device);
        let proofs = (0..24).map(|_| world.prove(&device, "a guess", &challenge)).collect();
        let told = race(&world.chance, proofs);
        assert_eq!(count(&told, &Refusal::BadCredentials), 5, "seed {seed}");
        let locked =
            |told: &&Result<_>| matches!(told, Err(Error::Refused(Refusal::LockedOut { .. })));
        let locked = told.iter().filter(locked).count();
        // The fifth failure spends the session, too.
        assert_eq!(locked + count(&told, &Refusal::ChallengeSessionSpent), 19, "seed {seed}");
    }
}

/// Once it was told that a device is forgotten, or that a password is set, it signs nobody in.
#[test]
fn an_end_that_was_told_is_the_end() {
    for seed in 0..30 {
        let (world, user) = World::tracking(seed);
        let device = world.device(&user);
        let challenges: Vec<_> = (0..8).map(|_| world.challenged(&device)).collect();
        world.later(Duration::from_millis(1));
        let (ended, told) = (AtomicBool::new(false), Mutex::new(Vec::new()));
        let mut acts: Vec<Act<'_, ()>> = Vec::new();
        for challenge in &challenges {
            acts.push(Box::pin(async {
                let after = ended.load(Ordering::SeqCst);
                let signed_in = world.prove(&device, SECRET, challenge).await.is_ok();
                told.lock().unwrap().push(after && signed_in);
            }));
        }
        acts.push(Box::pin(async {
            let pool = POOL.into();
            if seed % 2 == 0 {
                world
                    .engine
                    .forget_device_of(&operator(), &pool, "ann", &device.key)
                    .await
                    .unwrap();
            } else {
                let password = Secret::from(PASSWORD);
                world
                    .engine
                    .set_password(&operator(), &pool, "ann", &password, true)
                    .await
                    .unwrap();
            }
            ended.store(true, Ordering::SeqCst);
        }));
        race(&world.chance, acts);
        assert!(!told.lock().unwrap().contains(&true), "seed {seed}");
        let after = wait(world.sign_in_on(Some(&device.key)));
        assert_eq!(refusal(after), Refusal::DeviceNotFound, "seed {seed}");
    }
}

/// A device that is confirmed while a password is set: it does not outlive that.
#[test]
fn no_device_of_the_old_password_outlives_a_new_one() {
    for seed in 0..60 {
        let (world, user) = World::tracking(seed);
        let tokens: Vec<_> = (0..4).map(|_| signed_in(wait(world.sign_in_on(None)))).collect();
        world.later(Duration::from_millis(1));
        let mut acts: Vec<Act<'_, ()>> = Vec::new();
        for tokens in &tokens {
            acts.push(Box::pin(async { drop(world.confirm(tokens).await) }));
        }
        acts.push(Box::pin(async {
            let password = Secret::from("Br4nd-new!");
            world
                .engine
                .set_password(&operator(), &user.pool, "ann", &password, true)
                .await
                .unwrap();
        }));
        race(&world.chance, acts);
        let left = wait(world.store.devices_of(&user.pool, &user.sub, None, 9)).unwrap();
        assert!(left.is_empty(), "seed {seed}");
    }
}

/// A new password comes first; then the device is asked, in place of the second factor.
#[test]
fn a_device_comes_after_a_new_password() {
    let (world, user) = World::tracking(1);
    let device = world.device(&user);
    world.edit(&user, |user| user.status = UserStatus::ForceChangePassword);
    let begun = session(wait(world.sign_in_on(Some(&device.key))));
    // Not before.
    let early = wait(world.challenge(&begun, &device.key));
    assert_eq!(refusal(early), Refusal::ChallengeSessionInvalid);
    let asked = wait(world.respond(&begun, new_password("Br4nd-new!")));
    let Ok(Outcome::Challenge(asked)) = asked else { panic!("{asked:?}") };
    assert_eq!(asked.kind, ChallengeKind::DeviceSrp { key: device.key.clone() });
    let challenge = wait(world.challenge(&asked.session, &device.key)).unwrap();
    let tokens = signed_in(wait(world.prove(&device, SECRET, &challenge)));
    assert_eq!(tokens.new_device, None);
}

/// A device that is forgotten while its user types the code is a new one at the end.
#[test]
fn forgotten_on_the_way() {
    let (world, user) = World::tracking(1);
    let device = world.device(&user);
    let status = Some(false);
    let pool = POOL.into();
    wait(world.engine.set_device_status_of(&operator(), &pool, "ann", &device.key, status))
        .unwrap();
    let begun = session(wait(world.sign_in_on(Some(&device.key))));
    wait(world.engine.forget_device_of(&operator(), &pool, "ann", &device.key)).unwrap();
    let code = ChallengeAnswer::SoftwareToken(world.code(&KEY.into()));
    let tokens = signed_in(wait(world.respond(&begun, code)));
    assert_ne!(tokens.new_device.unwrap().key, device.key);
}

/// Servers that sign their users in have no devices.
#[test]
fn servers_have_no_devices() {
    let (world, _) = World::tracking(1);
    assert_eq!(signed_in(wait(world.sign_in("ann", PASSWORD))).new_device, None);
}
