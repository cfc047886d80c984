//! The sign-in state machine against a model of it that is small enough to be seen to be right:
//! random users, policies and faces, and answers in and out of order.

use crate::world::*;
use poolkeeper_pool::backend::entry_policy::{Audience, EntryPolicy, Selection};
use poolkeeper_pool::backend::self_service::SelfService as _;
use poolkeeper_pool::backend::user_pool::{ChallengeAnswer, Factor, Outcome};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{CodeMfa, MfaMode, User, UserStatus};
use poolkeeper_pool::{Refusal, Result};
use std::collections::BTreeSet;
use std::time::Duration;

const WORLDS: u64 = 400;
const STEPS: usize = 120;

/// What an attempt comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Tokens,
    Asked(Kind),
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    NewPassword,
    App,
    Mail,
    Setup,
    Select,
}

const KINDS: [Kind; 5] = [Kind::NewPassword, Kind::App, Kind::Mail, Kind::Setup, Kind::Select];

/// A session that was handed out, and what it is to the model.
#[derive(Clone)]
struct Held {
    session: Secret,
    kind: Kind,
    /// Of which password and sign-out the first factor was.
    epoch: u32,
    expires: i64,
    spent: bool,
    /// The code that was mailed.
    mailed: Option<Secret>,
    /// The key that was handed out, and whether it was proven.
    key: Option<Secret>,
    proven: bool,
}

/// The user as the model knows them.
struct Model {
    mode: MfaMode,
    password: String,
    status: UserStatus,
    enabled: bool,
    app: Option<(Secret, bool)>,
    prefers_app: bool,
    mail: bool,
    prefers_mail: bool,
    is_member: bool,
    is_barred: bool,
    epoch: u32,
    failures: u32,
    failed_at: i64,
    codes: BTreeSet<(String, i64)>,
    now: i64,
}

impl Model {
    fn locked(&self) -> bool {
        let Some(doublings) = self.failures.checked_sub(5) else { return false };
        self.failed_at + 1000 * (1_i64 << doublings.min(20)).min(900) > self.now
    }

    fn fail(&mut self) -> End {
        let forgotten = self.now - self.failed_at >= 900_000;
        self.failures = if forgotten { 1 } else { self.failures + 1 };
        self.failed_at = self.now;
        End::Refused
    }

    fn is_expected(&self, face: Face) -> bool {
        !face.members_only || self.is_member
    }

    fn is_admitted(&self, face: Face) -> bool {
        self.enabled && !(face.bars && self.is_barred)
    }

    /// The factor that is asked for once the password is final.
    fn factor(&self, face: Face) -> Option<Kind> {
        let app_enabled = self.app.as_ref().is_some_and(|(_, enabled)| *enabled);
        let prefers_none = !self.prefers_app && !self.prefers_mail;
        match self.mode {
            MfaMode::Off => None,
            _ if self.mail && self.prefers_mail => Some(Kind::Mail),
            _ if app_enabled && self.mail && prefers_none && face.selects => Some(Kind::Select),
            _ if app_enabled => Some(Kind::App),
            _ if self.mail => Some(Kind::Mail),
            MfaMode::Optional => None,
            MfaMode::On if self.app.is_some() => Some(Kind::App),
            MfaMode::On => Some(Kind::Setup),
        }
    }

    fn after_password(&mut self, face: Face) -> End {
        self.factor(face).map_or_else(|| self.complete(), End::Asked)
    }

    fn complete(&mut self) -> End {
        self.failures = 0;
        End::Tokens
    }

    fn sign_in(&mut self, password: &str, face: Face) -> End {
        // Who is no member is nobody at that face: what fails there is the name's and not the user's.
        if self.locked() || !self.is_expected(face) {
            return End::Refused;
        }
        if password != self.password {
            return self.fail();
        }
        match self.status {
            _ if !self.is_admitted(face) => End::Refused,
            UserStatus::Unconfirmed | UserStatus::ResetRequired => End::Refused,
            UserStatus::ForceChangePassword => End::Asked(Kind::NewPassword),
            UserStatus::Confirmed => self.after_password(face),
        }
    }

    fn answer(&mut self, held: &mut Held, given: Kind, right: bool, face: Face) -> End {
        let fits = held.kind == given && held.expires > self.now;
        let unproven = given == Kind::Setup && !held.proven;
        if !fits || unproven || self.locked() || !self.is_expected(face) || !self.is_admitted(face)
        {
            return End::Refused;
        }
        let asked_in = match given {
            Kind::NewPassword => UserStatus::ForceChangePassword,
            _ => UserStatus::Confirmed,
        };
        if held.epoch != self.epoch || self.status != asked_in {
            held.spent = true;
            return End::Refused;
        }
        match given {
            Kind::NewPassword => self.answer_new_password(held, right, face),
            Kind::Setup => self.answer_setup(held),
            Kind::Select => Self::answer_select(held, right),
            Kind::App | Kind::Mail => self.answer_code(held, given, right),
        }
    }

    fn answer_new_password(&mut self, held: &mut Held, right: bool, face: Face) -> End {
        if !right || held.spent {
            return End::Refused;
        }
        held.spent = true;
        self.password = NEW.to_owned();
        self.status = UserStatus::Confirmed;
        self.epoch += 1;
        self.after_password(face)
    }

    /// There is no wrong answer: a right one chooses the app, another one the mail.
    fn answer_select(held: &mut Held, right: bool) -> End {
        if std::mem::replace(&mut held.spent, true) {
            return End::Refused;
        }
        End::Asked(if right { Kind::App } else { Kind::Mail })
    }

    /// What proves an app: it is the user's from then on, and its code is used up.
    fn prove_app(&mut self, held: &Held, key: &Secret) -> bool {
        if self.is_waiting(key) && self.is_open_to_set_up(held) {
            return true;
        }
        let code = (key.expose().to_owned(), self.now / 30_000);
        if !self.may_set_up(held) || held.spent || !self.codes.insert(code) {
            return false;
        }
        self.app = Some((key.clone(), false));
        true
    }

    fn is_open_to_set_up(&self, held: &Held) -> bool {
        let is_in = self.enabled && self.status == UserStatus::Confirmed;
        is_in && !self.locked() && held.epoch == self.epoch
    }

    fn may_set_up(&self, held: &Held) -> bool {
        self.is_open_to_set_up(held) && self.factor(Face::default()) == Some(Kind::Setup)
    }

    /// Whether the app of this key was proven and is all that is asked for.
    fn is_waiting(&self, key: &Secret) -> bool {
        let waits = |(own, enabled): &(Secret, bool)| !enabled && own.expose() == key.expose();
        self.app.as_ref().is_some_and(waits) && self.factor(Face::default()) == Some(Kind::App)
    }

    fn answer_setup(&mut self, held: &mut Held) -> End {
        if !held.key.as_ref().is_some_and(|key| self.is_waiting(key)) {
            held.spent = true;
            return End::Refused;
        }
        if std::mem::replace(&mut held.spent, true) {
            return End::Refused;
        }
        self.app = held.key.clone().map(|key| (key, true));
        self.prefers_app = true;
        self.prefers_mail = false;
        self.complete()
    }

    fn answer_code(&mut self, held: &mut Held, given: Kind, right: bool) -> End {
        let key = match (given, &self.app) {
            (Kind::App, None) => return End::Refused,
            (Kind::App, Some((key, _))) => Some(key.expose().to_owned()),
            _ => None,
        };
        if !right {
            let before = (self.failures, self.failed_at);
            self.fail();
            if self.locked() && std::mem::replace(&mut held.spent, true) {
                (self.failures, self.failed_at) = before;
            }
            return End::Refused;
        }
        let code = key.map(|key| (key, self.now / 30_000));
        let used = code.as_ref().is_some_and(|code| self.codes.contains(code));
        if held.spent || used {
            return End::Refused;
        }
        held.spent = true;
        self.codes.extend(code);
        self.complete()
    }
}

/// Who may come in where an attempt is made.
#[derive(Clone, Copy, Debug, Default)]
struct Face {
    members_only: bool,
    bars: bool,
    selects: bool,
}

impl Face {
    fn entry_policy(self) -> EntryPolicy {
        EntryPolicy {
            audience: if self.members_only {
                Audience::Members("members".into())
            } else {
                Audience::Everybody
            },
            barred_group: self.bars.then(|| "barred".into()),
            selection: if self.selects { Selection::ByUser } else { Selection::Strongest },
            ..EntryPolicy::default()
        }
    }
}

const NEW: &str = "An0ther!pass";
const SET: &str = "Br4nd-new!";

/// An engine and its model, and how often what came about.
struct Trial {
    world: World,
    user: User,
    model: Model,
    held: Vec<Held>,
}

impl Trial {
    fn new(seed: u64) -> Self {
        let chance = Chance::new(seed ^ 0xa5a5_a5a5);
        let mode = chance.one_of(&[MfaMode::Off, MfaMode::Optional, MfaMode::On]);
        let world = World::new(seed, mode);
        let status = chance.one_of(&[
            UserStatus::Confirmed,
            UserStatus::Confirmed,
            UserStatus::ForceChangePassword,
            UserStatus::ForceChangePassword,
            UserStatus::Unconfirmed,
            UserStatus::ResetRequired,
        ]);
        let enabled = !chance.once_in(8);
        let app =
            chance.one_of(&[None, None, None, Some(true), Some(true), Some(true), Some(false)]);
        let (mail, prefers_mail) = (chance.once_in(2), chance.once_in(5));
        let prefers_app = app == Some(true) && !(mail && prefers_mail) && chance.once_in(5);
        let user = world.user("ann", |_| {});
        let totp = world.totp(&user);
        world.edit(&user, |user| {
            user.status = status;
            user.enabled = enabled;
            user.mfa.totp = app.map(|enabled| {
                let preferred = prefers_app;
                poolkeeper_pool::entity::Totp { enabled, preferred, ..totp.clone() }
            });
            user.mfa.email = mail.then_some(CodeMfa { preferred: prefers_mail });
        });
        let (is_member, is_barred) = (chance.once_in(2), chance.once_in(4));
        for (group, joins) in [("members", is_member), ("barred", is_barred)] {
            if joins {
                wait(world.engine.add_to_group(&operator(), &POOL.into(), "ann", &group.into()))
                    .unwrap();
            }
        }
        let model = Model {
            mode,
            password: PASSWORD.to_owned(),
            status,
            enabled,
            app: app.map(|enabled| (Secret::from(KEY), enabled)),
            prefers_app,
            mail,
            prefers_mail: mail && prefers_mail,
            is_member,
            is_barred,
            epoch: 0,
            failures: 0,
            failed_at: 0,
            codes: BTreeSet::new(),
            now: 0,
        };
        Self { world, user, model, held: Vec::new() }
    }

    fn chance(&self) -> &Chance {
        &self.world.chance
    }

    fn face(&self) -> Face {
        let (members_only, bars) = (self.chance().once_in(6), self.chance().once_in(3));
        Face { members_only, bars, selects: !self.chance().once_in(8) }
    }

    /// Does something at random, and says what came of it if it was an attempt.
    fn step(&mut self) -> Option<End> {
        let longest = if self.chance().once_in(5) { 100_000 } else { 4_000 };
        let pause = 1 + u64::try_from(self.chance().below(longest)).unwrap();
        self.world.later(Duration::from_millis(pause));
        self.model.now = {
            use poolkeeper_pool::system::Clock as _;
            self.world.clock.now().millis()
        };
        match self.chance().below(20) {
            0 => self.set_password(),
            1 => self.switch(),
            2 => self.sign_out(),
            3..=9 => return Some(self.sign_in()),
            10..=12 => self.set_up(),
            _ => return self.answer(),
        }
        None
    }

    fn set_password(&mut self) {
        let permanent = self.chance().once_in(2);
        let set = wait(self.world.engine.set_password(
            &operator(),
            &POOL.into(),
            "ann",
            &SET.into(),
            permanent,
        ));
        set.unwrap();
        self.model.password = SET.to_owned();
        self.model.status =
            if permanent { UserStatus::Confirmed } else { UserStatus::ForceChangePassword };
        self.model.epoch += 1;
    }

    fn switch(&mut self) {
        let enabled = !self.model.enabled || self.chance().once_in(3);
        self.world.edit(&self.user, |user| user.enabled = enabled);
        self.model.enabled = enabled;
    }

    fn sign_out(&mut self) {
        use poolkeeper_pool::system::Clock as _;
        let now = self.world.clock.now();
        self.world.edit(&self.user, |user| user.signed_out_at = Some(now));
        self.model.epoch += 1;
    }

    fn sign_in(&mut self) -> End {
        let right = !self.chance().once_in(3);
        let password = if right { self.model.password.clone() } else { "Wr0ng!pass".to_owned() };
        let face = self.face();
        let attempt = self.world.sign_in_at(CLIENT, "ann", &password, face.entry_policy());
        let outcome = wait(attempt);
        let expected = self.model.sign_in(&password, face);
        self.note(outcome, expected)
    }

    fn answer(&mut self) -> Option<End> {
        if self.held.is_empty() {
            return None;
        }
        let at = self.chance().below(self.held.len());
        let mut held = self.held[at].clone();
        let given = if self.chance().once_in(5) { self.chance().one_of(&KINDS) } else { held.kind };
        let right = !self.chance().once_in(3);
        let face = self.face();
        let answer = self.answer_of(&held, given, right);
        let outcome =
            wait(self.world.respond_at(CLIENT, &held.session, answer, face.entry_policy()));
        let expected = self.model.answer(&mut held, given, right, face);
        self.held[at].spent = held.spent;
        Some(self.note(outcome, expected))
    }

    fn answer_of(&self, held: &Held, given: Kind, right: bool) -> ChallengeAnswer {
        let wrong = Secret::from("no code");
        match given {
            Kind::NewPassword => new_password(if right { NEW } else { "short" }),
            Kind::App => {
                let key = self.model.app.as_ref().map(|(key, _)| self.world.code(key));
                ChallengeAnswer::SoftwareToken(key.filter(|_| right).unwrap_or(wrong))
            }
            Kind::Mail => {
                ChallengeAnswer::EmailCode(held.mailed.clone().filter(|_| right).unwrap_or(wrong))
            }
            Kind::Setup => ChallengeAnswer::MfaSetup,
            Kind::Select => {
                ChallengeAnswer::MfaType(if right { Factor::Totp } else { Factor::Email })
            }
        }
    }

    /// A step of setting up an app, in any session.
    fn set_up(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let at = self.chance().below(self.held.len());
        let held = self.held[at].clone();
        let open = held.kind == Kind::Setup && held.expires > self.model.now && !held.proven;
        if self.chance().once_in(2) {
            let told =
                wait(self.world.engine.associate_totp_by_session(&operator(), &held.session));
            assert_eq!(told.is_ok(), open && self.model.may_set_up(&held));
            if let Ok((key, session)) = told {
                let key = Some(key);
                self.held.push(Held { session, key, spent: false, ..held });
            }
        } else {
            let right = held.key.as_ref().filter(|_| !self.chance().once_in(3));
            let code = right.map(|key| self.world.code(key));
            let proves = held.key.clone().filter(|_| open && code.is_some());
            let expected = proves.is_some_and(|key| self.model.prove_app(&held, &key));
            let code = code.unwrap_or_else(|| Secret::from("000000x"));
            let told = wait(self.world.engine.verify_totp_by_session(
                &operator(),
                &held.session,
                &code,
                None,
            ));
            assert_eq!(told.is_ok(), expected);
            if let Ok(session) = told {
                self.held[at].spent = true;
                self.held.push(Held { session, proven: true, spent: false, ..held });
            }
        }
    }

    /// Compares what happened with what should have, and keeps the session if there is one.
    fn note(&mut self, outcome: Result<Outcome>, expected: End) -> End {
        let end = match &outcome {
            Ok(Outcome::SignedIn(_)) => End::Tokens,
            Ok(Outcome::Challenge(challenge)) => End::Asked(match challenge.kind.name() {
                "NEW_PASSWORD_REQUIRED" => Kind::NewPassword,
                "SOFTWARE_TOKEN_MFA" => Kind::App,
                "EMAIL_OTP" => Kind::Mail,
                "SELECT_MFA_TYPE" => Kind::Select,
                _ => Kind::Setup,
            }),
            Err(poolkeeper_pool::Error::Refused(_)) => End::Refused,
            Err(fault) => panic!("{fault:?}"),
        };
        assert_eq!(end, expected, "{outcome:?}");
        match outcome {
            Ok(Outcome::Challenge(challenge)) => {
                let End::Asked(kind) = end else { unreachable!() };
                self.held.push(Held {
                    session: challenge.session,
                    kind,
                    epoch: self.model.epoch,
                    expires: self.model.now + 180_000,
                    spent: false,
                    mailed: (kind == Kind::Mail).then(|| self.world.mailed_code()),
                    key: None,
                    proven: false,
                });
            }
            Ok(Outcome::SignedIn(signed_in)) => {
                wait(self.world.engine.authorize(&operator(), &signed_in.access_token)).unwrap();
            }
            Err(error) => assert_ne!(refusal::<()>(Err(error)), Refusal::Busy),
        }
        end
    }
}

#[test]
fn tokens_come_out_of_complete_paths_and_of_nothing_else() {
    let mut ends = Vec::new();
    for seed in 0..WORLDS {
        let mut trial = Trial::new(seed);
        for step in 0..STEPS {
            let run = std::panic::AssertUnwindSafe(|| trial.step());
            let end = std::panic::catch_unwind(run);
            let end = end.unwrap_or_else(|_| panic!("seed {seed}, step {step}"));
            ends.extend(end);
        }
    }
    // The trials are worth something only if all ends were come to often.
    let count = |end: End| ends.iter().filter(|other| **other == end).count();
    for end in [End::Tokens, End::Refused].into_iter().chain(KINDS.map(End::Asked)) {
        assert!(count(end) > 100, "{end:?}: {}", count(end));
    }
}
