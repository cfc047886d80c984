//! Who asks, from where and when: made once where a request comes in, and handed to every verb.

use crate::entity::Face;
use crate::error::{Error, Refusal, Result};
use crate::ids::{AccessKeyId, ClientId, PoolId, Sub};
use crate::time::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is known of a request before it is looked into, and what is learned about it on the way.
///
/// It holds when the request arrived and not the time: a decision that waited for a password hash,
/// or that is made anew, is made at its own moment. Otherwise a sign-in that waited could be issued
/// as of before a sign-out that came first.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The id that the answer's header and every log line name.
    pub id: String,
    /// The caller's address, as far as trusted proxies tell it.
    pub address: Option<String>,
    /// The name and version of the caller's library, as it says itself.
    pub user_agent: Option<String>,
    /// When the request arrived.
    pub arrived_at: Timestamp,
    learned: Arc<Mutex<Learned>>,
}

/// What is learned about a request while it is carried out. It goes to the operator alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Who asks.
    pub actor: Actor,
    /// The face that it came in at; `None` for what the operator or the server itself does.
    pub face: Option<Face>,
    /// The pool that it is about.
    pub pool: Option<PoolId>,
    /// The app client that it comes through.
    pub client: Option<ClientId>,
    /// The user that it is about.
    pub user: Option<Sub>,
    /// Why it was refused, where the caller is told less.
    pub reason: Option<Reason>,
    /// The refusal that the face renders, by its name.
    pub refusal: Option<String>,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who has proved nothing yet.
    #[default]
    Anonymous,
    /// Who signs with this access key.
    AccessKey(AccessKeyId),
    /// The user whose access token was shown.
    User(Sub),
    /// The operator, by configuration or a command.
    Operator,
    /// The server itself, such as when it removes what has expired.
    Server,
}

/// Why a proof was refused, where all callers are told the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The name leads to nobody in the pool.
    UnknownUser,
    /// The name leads to a user who cannot sign in here: of another tenant, or outside a group.
    NotExpectedHere,
    /// The password, or the proof of it, is wrong.
    WrongPassword,
    /// Too many failures: the proof was not looked at.
    LockedOut,
    /// The proof is right and the user is disabled.
    UserDisabled,
    /// The proof is right and the temporary password is too old.
    TemporaryPasswordExpired,
}

impl RequestContext {
    /// A request with this id that arrived now.
    pub fn new(id: impl Into<String>, arrived_at: Timestamp) -> Self {
        let (id, learned) = (id.into(), Arc::default());
        Self { id, address: None, user_agent: None, arrived_at, learned }
    }

    /// What the operator does: by configuration, or by a command.
    pub fn of_operator(now: Timestamp) -> Self {
        let request = Self::new("operator", now);
        request.note_actor(Actor::Operator);
        request
    }

    /// What the server does by itself.
    pub fn of_server(now: Timestamp) -> Self {
        let request = Self::new("server", now);
        request.note_actor(Actor::Server);
        request
    }

    /// What has been learned so far.
    pub fn learned(&self) -> Learned {
        self.lock().clone()
    }

    /// The same, seen from this address with this library.
    #[must_use]
    pub fn seen(self, address: Option<String>, user_agent: Option<String>) -> Self {
        Self { address, user_agent, ..self }
    }

    /// Notes who asks.
    pub fn note_actor(&self, actor: Actor) {
        self.lock().actor = actor;
    }

    /// Notes the face that the request came in at.
    pub fn note_face(&self, face: Face) {
        self.lock().face = Some(face);
    }

    /// Notes the pool that the request is about.
    pub fn note_pool(&self, pool: &PoolId) {
        self.lock().pool = Some(pool.clone());
    }

    /// Notes the app client that the request comes through, and its pool.
    pub fn note_client(&self, pool: &PoolId, client: &ClientId) {
        let mut learned = self.lock();
        learned.pool = Some(pool.clone());
        learned.client = Some(client.clone());
    }

    /// Notes the user that the request is about.
    pub fn note_user(&self, user: &Sub) {
        self.lock().user = Some(user.clone());
    }

    /// Notes why the request is refused, for the operator alone. The first reason counts: what comes
    /// after it hides it.
    pub fn note_reason(&self, reason: Reason) {
        self.lock().reason.get_or_insert(reason);
    }

    /// Forgets the reason, for a decision that is made anew.
    pub fn forget_reason(&self) {
        self.lock().reason = None;
    }

    /// Carries out a verb and notes its refusal, if it ends in one.
    ///
    /// # Errors
    ///
    /// The verb's own.
    pub async fn noting<T>(&self, verb: impl Future<Output = Result<T>>) -> Result<T> {
        let result = verb.await;
        if let Err(Error::Refused(refusal)) = &result {
            self.note_refusal(refusal);
        }
        result
    }

    /// Notes how the request is refused.
    pub fn note_refusal(&self, refusal: &Refusal) {
        self.lock().refusal = Some(refusal.name());
    }

    fn lock(&self) -> MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
