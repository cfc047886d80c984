//! The decisions of a sign-in, made on records that the tests write down.

mod device_claim;
mod first_factor;
mod lock;
mod mfa;
mod mfa_setup;
mod new_password;
mod password;
mod select_mfa;
mod sent_code;
mod session;
mod signed_up;
mod software_token;
mod unseen;

use super::*;
use crate::backend::entry_policy::Audience;
use crate::crypto::seal::Sealed;
use crate::crypto::secret::Secret;
use crate::entity::{
    Attributes, CodeMfa, GivenSettings, Mfa, MfaMode, PasswordPolicy, PoolRules, Provenance,
    Recovery, SchemaAttribute, SessionRules, TokenValidity, Totp,
};
use crate::ids::PoolId;
use crate::message;
use std::sync::atomic::{AtomicU8, Ordering};

const ANN: &str = "ann@example.com";
/// The key of Ann's authenticator app.
const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// Bytes that count up: what is drawn is never the same twice.
struct Counting(AtomicU8);

impl Rng for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Where and when decisions are made.
struct Scene {
    pool: UserPoolRecord,
    client: AppClient,
    sealer: Sealer,
    rng: Counting,
    now: Timestamp,
}

impl Scene {
    /// A pool in which the mailbox is the way back in, and a client that hides users.
    fn new(mfa: MfaMode) -> Self {
        let now = Timestamp::from_seconds(1_767_323_045);
        let pool = pool(mfa, now);
        let client = client(&pool.id, now);
        let rng = Counting(AtomicU8::new(0));
        Self { pool, client, sealer: Sealer::new(&[7; 32]), rng, now }
    }

    fn context(&self) -> DecisionContext<'_> {
        let Self { pool, client, sealer, rng, now } = self;
        DecisionContext { pool, client, sealer, rng, now: *now }
    }

    /// Ann, who has a password, a verified address and no second factor.
    fn user(&self) -> User {
        let (pool, sub) = (self.pool.id.clone(), "sub".into());
        let attributes = [("email", ANN), ("email_verified", "true")];
        User {
            pool,
            sub,
            username: "ann".into(),
            status: UserStatus::Confirmed,
            enabled: true,
            kind: Kind::Person,
            password: Some(Sealed::from_bytes(vec![1])),
            password_set_at: self.now,
            attributes: attributes.into_iter().collect(),
            mfa: Mfa::default(),
            provenance: Provenance::default(),
            signed_out_at: None,
            created_at: self.now,
            modified_at: self.now,
            version: 1,
        }
    }

    /// Ann with something else about her.
    fn user_with(&self, change: impl FnOnce(&mut User)) -> User {
        let mut user = self.user();
        change(&mut user);
        user
    }

    /// The app that shows the codes of [`KEY`].
    fn app(&self) -> Totp {
        let user = self.user();
        let sealing = totp_context(&user.pool, &user.sub);
        let secret = self.sealer.seal_secret(sealing, &KEY.into(), &self.rng);
        Totp { secret, enabled: true, preferred: false, friendly_name: None }
    }

    /// A sign-in of this user that waits for an answer.
    fn pending(&self, user: &User, step: PendingStep) -> Pending {
        Pending {
            id: "session".to_owned(),
            sub: user.sub.clone(),
            event: "event".into(),
            credential_epoch: CredentialEpoch::of(user),
            step,
            device: DeviceClaim::Untracked,
            tenant: None,
            face: Some(Face::Cognito),
            expires_at: self.now.after(self.client.auth_session_validity),
        }
    }

    /// The record of a user who has failed so often, the last time just now.
    fn failed(&self, times: u32) -> Lockout {
        let none = Lockout::none(self.pool.id.clone(), "sub".to_owned());
        let version = i64::from(times > 0);
        Lockout { failures: times, last_failure_at: self.now, version, ..none }
    }

    /// What a message says.
    #[track_caller]
    fn read(&self, change: &Change) -> message::Content {
        let Change::Enqueue(message) = change else { panic!("no message: {change:?}") };
        message::open(message, &self.sealer).unwrap()
    }
}

/// An attempt of a user, at Cognito's protocol.
fn candidate(user: User) -> Candidate {
    Candidate {
        user,
        groups: Vec::new(),
        claim: DeviceClaim::Untracked,
        device: None,
        is_trusted: false,
        partners: None,
        machine: Machine::No,
        face: Face::Cognito,
        tenant: None,
    }
}

fn pool(mfa: MfaMode, now: Timestamp) -> UserPoolRecord {
    let recovery = Some(vec![Recovery::VerifiedEmail]);
    UserPoolRecord {
        id: "eu-west-1_Pool".into(),
        name: "pool".to_owned(),
        mfa,
        password_policy: PasswordPolicy::default(),
        username_attributes: Vec::new(),
        alias_attributes: Vec::new(),
        case_sensitive: false,
        schema: ["sub", "email", "phone_number", "name"].map(attribute).to_vec(),
        rules: PoolRules { recovery, ..PoolRules::default() },
        sessions: SessionRules::default(),
        other: GivenSettings::default(),
        created_at: now,
        modified_at: now,
        version: 1,
    }
}

fn attribute(name: &str) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        data_type: "String".to_owned(),
        mutable: name != "sub",
        required: name == "sub",
        developer_only: false,
        range: None,
    }
}

fn client(pool: &PoolId, now: Timestamp) -> AppClient {
    AppClient {
        pool: pool.clone(),
        id: "client".into(),
        name: "client".to_owned(),
        secrets: Vec::new(),
        flows: Vec::new(),
        validity: TokenValidity::default(),
        auth_session_validity: Duration::from_mins(3),
        hides_users: true,
        token_revocation: true,
        rotation: None,
        sso_minutes: 60,
        read_attributes: None,
        write_attributes: None,
        other: serde_json::Map::new(),
        created_at: now,
        modified_at: now,
        version: 1,
    }
}

/// What the caller is told, and the changes that are made before that: `signed in`, the name of the
/// challenge or of the refusal, then the names of the changes.
fn shown(decision: &Decision) -> String {
    let told = match &decision.result {
        Ok(Progress::Done(_)) => "signed in".to_owned(),
        Ok(Progress::Asked(challenge)) => challenge.kind.name().to_owned(),
        Err(refusal) => refusal.name(),
    };
    format!("{told}:{}", names(&decision.changes))
}

fn names(changes: &[Change]) -> String {
    let name = |change: &Change| {
        let text = format!("{change:?}");
        text.split(|letter: char| !letter.is_ascii_alphanumeric())
            .next()
            .map(|name| format!(" {name}"))
    };
    changes.iter().filter_map(name).collect()
}

/// The user as the decision leaves it, if it changes the user.
fn updated(decision: &Decision) -> Option<&User> {
    decision.changes.iter().find_map(|change| match change {
        Change::UpdateUser(user) => Some(&**user),
        _ => None,
    })
}
