//! A world for one test: the engine over the store in memory, with clock, chance and hashes under
//! the test's control.

use crate::memory::{Memory, let_others_go_first};
use async_trait::async_trait;
use poolkeeper_pool::backend::administration::{Invitation, NewGroup, NewUser};
use poolkeeper_pool::backend::entry_policy::EntryPolicy;
use poolkeeper_pool::backend::partners::PartnerGroups;
use poolkeeper_pool::backend::user_pool::{
    ChallengeAnswer, DevicePair, Outcome, Respond, SignIn, UserPool as _, Via,
};
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::*;
use poolkeeper_pool::error::WorkerError;
use poolkeeper_pool::limits::quota::MessageLimits;
use poolkeeper_pool::local::{Local, NewClient, NewPool, Parts, Settings};
use poolkeeper_pool::ports::*;
use poolkeeper_pool::request::RequestContext;
use poolkeeper_pool::system::{Clock, Rng};
use poolkeeper_pool::time::Timestamp;
use poolkeeper_pool::{Error, Refusal, Result};
use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub(crate) const POOL: &str = "eu-west-1_Pool";
pub(crate) const CLIENT: &str = "client";
pub(crate) const PASSWORD: &str = "Passw0rd!";
pub(crate) const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
pub(crate) const ADDRESS: &str = "ann@example.com";

/// Who asks, where it does not matter.
pub(crate) fn operator() -> RequestContext {
    RequestContext::of_operator(Timestamp::from_seconds(0))
}

/// The same numbers for the same seed.
pub(crate) struct Chance(AtomicU64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(crate) fn next(&self) -> u64 {
        let mut word = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    pub(crate) fn below(&self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    pub(crate) fn once_in(&self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn one_of<T: Clone>(&self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

impl Rng for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}

pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Hashes that cost nothing, and how many were compared.
#[derive(Default)]
pub(crate) struct TestWorkers {
    pub(crate) compared: AtomicUsize,
    next_key: AtomicUsize,
}

#[async_trait]
impl Workers for TestWorkers {
    async fn hash(&self, password: Secret) -> Result<Secret, WorkerError> {
        let_others_go_first().await;
        Ok(Secret::new(format!("hash of {}", password.expose())))
    }

    async fn verify(&self, password: Secret, hash: Secret) -> Result<Verified, WorkerError> {
        self.compared.fetch_add(1, Ordering::SeqCst);
        assert!(password.expose().chars().count() <= 256, "hashed a text too long for a password");
        let_others_go_first().await;
        let matches = hash.expose() == format!("hash of {}", password.expose());
        Ok(Verified { matches, outdated: false })
    }

    fn decoy(&self) -> Secret {
        Secret::from("nothing's hash")
    }

    async fn generate_rsa_key(&self) -> Result<Vec<u8>, WorkerError> {
        static MADE: [OnceLock<Vec<u8>>; 4] = [const { OnceLock::new() }; 4];
        let slot = &MADE[self.next_key.fetch_add(1, Ordering::SeqCst) % MADE.len()];
        Ok(slot.get_or_init(make_rsa_key).clone())
    }
}

fn make_rsa_key() -> Vec<u8> {
    use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
    let key = aws_lc_rs::rsa::KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    der.as_ref().to_vec()
}

/// Runs a future that nobody but itself can hold up.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return done;
        }
    }
}

/// Runs futures side by side, a step of one, then of another, as chance has it.
pub(crate) fn race<'a, T>(chance: &Chance, futures: Vec<impl Future<Output = T> + 'a>) -> Vec<T> {
    type Racing<'a, T> = (usize, Pin<Box<dyn Future<Output = T> + 'a>>);
    let boxed =
        futures.into_iter().map(|future| Box::pin(future) as Pin<Box<dyn Future<Output = T>>>);
    let mut running: Vec<Racing<'a, T>> = boxed.enumerate().collect();
    let mut done = BTreeMap::new();
    while !running.is_empty() {
        let at = chance.below(running.len());
        let (number, future) = &mut running[at];
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            done.insert(*number, result);
            drop(running.swap_remove(at));
        }
    }
    done.into_values().collect()
}

/// What seals in every world.
pub(crate) fn sealer() -> Sealer {
    Sealer::new(&[7; 32])
}

/// The engine and what it stands on.
pub(crate) struct World {
    pub(crate) engine: Local,
    pub(crate) store: Arc<Memory>,
    pub(crate) workers: Arc<TestWorkers>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) chance: Arc<Chance>,
}

impl World {
    /// With one pool and one public client.
    pub(crate) fn new(seed: u64, mfa: MfaMode) -> Self {
        let store = Arc::new(Memory::default());
        let workers = Arc::new(TestWorkers::default());
        let clock = Arc::new(TestClock(AtomicI64::new(1_767_323_045_000)));
        let chance = Arc::new(Chance::new(seed));
        let parts = Parts {
            store: store.clone(),
            workers: workers.clone(),
            clock: clock.clone(),
            rng: chance.clone(),
            sealer: Arc::new(sealer()),
            observer: Arc::new(Unobserved),
        };
        let settings = Settings {
            region: "eu-west-1".to_owned(),
            account: "000000000000".to_owned(),
            issuer_base: "https://auth.example.com".to_owned(),
            grants: Vec::new(),
            messages: MessageLimits::default(),
            faces: Vec::new(),
            administrators: Vec::new(),
            partner_groups: PartnerGroups::default(),
            elsewhere: Vec::new(),
        };
        let world = Self { engine: Local::new(parts, settings), store, workers, clock, chance };
        world.pool(POOL, mfa);
        world.client(POOL, CLIENT);
        for name in ["members", "barred"] {
            let (pool, name) = (POOL.into(), name.into());
            let (description, role_arn, precedence) = (None, None, None);
            let new = NewGroup { pool, name, description, role_arn, precedence };
            wait(world.engine.create_group(&operator(), new)).unwrap();
        }
        world
    }

    /// The same with a client that tells who exists, and who is locked out.
    pub(crate) fn telling(seed: u64, mfa: MfaMode) -> Self {
        let world = Self::new(seed, mfa);
        let mut client = wait(world.engine.app_client(&CLIENT.into())).unwrap().unwrap();
        client.hides_users = false;
        wait(world.engine.replace_client(&operator(), client, None)).unwrap();
        world
    }

    pub(crate) fn pool(&self, id: &str, mfa: MfaMode) {
        let (id, name) = (Some(id.into()), id.to_owned());
        // The mailbox is the way back in, so that it does for a second factor only if switched on.
        let recovery = Some(vec![Recovery::VerifiedEmail]);
        let rules = PoolRules { recovery, ..PoolRules::default() };
        let new = NewPool { id, name, mfa, rules, ..NewPool::default() };
        wait(self.engine.create_pool(&operator(), new)).unwrap();
    }

    pub(crate) fn client(&self, pool: &str, id: &str) -> AppClient {
        let flows =
            vec![AuthFlow::AdminUserPassword, AuthFlow::UserPassword, AuthFlow::RefreshToken];
        let new = NewClient {
            id: Some(id.into()),
            flows,
            hides_users: true,
            ..NewClient::named(pool.into(), id)
        };
        wait(self.engine.create_client(&operator(), new)).unwrap()
    }

    /// A user with [`PASSWORD`], with an address, changed as the test says.
    pub(crate) fn user(&self, name: &str, edit: impl Fn(&mut User)) -> User {
        let attributes = [("email", ADDRESS), ("email_verified", "true")];
        let new = NewUser {
            pool: POOL.into(),
            username: name.to_owned(),
            attributes: attributes.into_iter().collect(),
            temporary_password: Some(PASSWORD.into()),
            kind: Kind::Person,
            invitation: Invitation::Suppress,
            mediums: Vec::new(),
            force_alias: false,
            groups: Vec::new(),
        };
        let user = wait(self.engine.create_user(&operator(), new)).unwrap();
        self.edit(&user, |user| user.status = UserStatus::Confirmed);
        self.edit(&user, edit);
        self.now_of(&user)
    }

    pub(crate) fn edit(&self, user: &User, edit: impl Fn(&mut User)) {
        wait(self.engine.edit_user(&operator(), user, edit)).unwrap();
    }

    pub(crate) fn now_of(&self, user: &User) -> User {
        wait(self.store.user(&user.pool, &user.sub)).unwrap().unwrap()
    }

    /// An authenticator app with [`KEY`].
    pub(crate) fn totp(&self, user: &User) -> Totp {
        let secret = self.engine.seal_totp_key(user, &KEY.into());
        Totp { secret, enabled: true, preferred: false, friendly_name: None }
    }

    /// A user with an authenticator app that has [`KEY`].
    pub(crate) fn totp_user(&self, name: &str) -> User {
        let user = self.user(name, |_| {});
        let totp = self.totp(&user);
        self.edit(&user, |user| user.mfa.totp = Some(totp.clone()));
        self.now_of(&user)
    }

    /// A user with both factors, who prefers none.
    pub(crate) fn both_user(&self, name: &str) -> User {
        let user = self.totp_user(name);
        self.edit(&user, |user| user.mfa.email = Some(CodeMfa { preferred: false }));
        self.now_of(&user)
    }

    pub(crate) fn later(&self, by: Duration) {
        self.clock.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn earlier(&self, by: Duration) {
        self.clock.0.fetch_sub(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    pub(crate) fn code(&self, key: &Secret) -> Secret {
        Secret::new(poolkeeper_pool::crypto::totp::code(key, self.clock.now()).unwrap())
    }

    /// The code in the newest message.
    pub(crate) fn mailed_code(&self) -> Secret {
        let newest = wait(self.engine.outbox(1)).unwrap();
        newest[0].code.clone().unwrap()
    }

    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Result<Outcome> {
        self.sign_in_at(CLIENT, name, password, EntryPolicy::default()).await
    }

    pub(crate) async fn sign_in_at(
        &self,
        client: &str,
        name: &str,
        password: &str,
        entry_policy: EntryPolicy,
    ) -> Result<Outcome> {
        let via = Via::trusted(&client.into());
        let (username, password) = (name.to_owned(), password.into());
        let device = None;
        let command = SignIn { via, username, password, device, entry_policy };
        self.engine.sign_in(&operator(), command).await
    }

    /// Answers with a code and has the device remembered.
    pub(crate) async fn answer_and_remember(
        &self,
        session: &Secret,
        code: Secret,
    ) -> Result<Outcome> {
        let command = Respond {
            via: Via::trusted(&CLIENT.into()),
            session: session.clone(),
            username: None,
            answer: ChallengeAnswer::SoftwareToken(code),
            remember_device: true,
            entry_policy: EntryPolicy::default(),
        };
        self.engine.respond(&operator(), command).await
    }

    /// Signs in on a device that an earlier sign-in was remembered on.
    pub(crate) async fn sign_in_trusted(&self, name: &str, device: &DevicePair) -> Result<Outcome> {
        let via = Via::trusted(&CLIENT.into());
        let (username, password) = (name.to_owned(), PASSWORD.into());
        let (device, entry_policy) = (Some(device.clone()), EntryPolicy::default());
        let command = SignIn { via, username, password, device, entry_policy };
        self.engine.sign_in(&operator(), command).await
    }

    pub(crate) async fn respond(
        &self,
        session: &Secret,
        answer: ChallengeAnswer,
    ) -> Result<Outcome> {
        self.respond_at(CLIENT, session, answer, EntryPolicy::default()).await
    }

    pub(crate) async fn respond_at(
        &self,
        client: &str,
        session: &Secret,
        answer: ChallengeAnswer,
        entry_policy: EntryPolicy,
    ) -> Result<Outcome> {
        let (via, session) = (Via::trusted(&client.into()), session.clone());
        let command =
            Respond { via, session, username: None, answer, remember_device: false, entry_policy };
        self.engine.respond(&operator(), command).await
    }

    /// The session of the challenge that a sign-in leads to.
    pub(crate) fn begin(&self, name: &str) -> Secret {
        session(wait(self.sign_in(name, PASSWORD)))
    }
}

pub(crate) fn new_password(password: &str) -> ChallengeAnswer {
    ChallengeAnswer::NewPassword { password: password.into(), attributes: Attributes::default() }
}

#[track_caller]
pub(crate) fn session(outcome: Result<Outcome>) -> Secret {
    match outcome {
        Ok(Outcome::Challenge(challenge)) => challenge.session,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub(crate) fn signed_in(outcome: Result<Outcome>) -> poolkeeper_pool::backend::user_pool::SignedIn {
    match outcome {
        Ok(Outcome::SignedIn(signed_in)) => *signed_in,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub(crate) fn refusal<T>(result: Result<T>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("not refused"),
    }
}
