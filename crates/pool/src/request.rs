//! The context of a request: who makes it, from where, and when. It is created once, where the
//! request arrives, and handed to every verb.

use crate::entity::Face;
use crate::error::{Error, Refusal, Result};
use crate::ids::{AccessKeyId, ClientId, PoolId, Sub};
use crate::time::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is known about a request when it arrives, and what is learned while it is carried out.
///
/// It holds the time of arrival, not the current time. A decision that waited for a password hash,
/// or that is made again, reads the clock itself. Otherwise a sign-in that waited could be dated
/// before a sign-out that preceded it.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The id. The response header and every log line of the request carry it.
    pub id: String,
    /// The caller's address: that of the connection, or the one that trusted proxies report.
    pub address: Option<String>,
    /// The name and version of the caller's library, as the caller states them.
    pub user_agent: Option<String>,
    /// When the request arrived.
    pub arrived_at: Timestamp,
    learned: Arc<Mutex<Learned>>,
}

/// What is learned about a request while it is carried out. Only the operator sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Who makes the request.
    pub actor: Actor,
    /// The face that received the request; `None` if no face did, as for the operator's commands.
    pub face: Option<Face>,
    /// The pool that the request is about.
    pub pool: Option<PoolId>,
    /// The app client that the request comes through.
    pub client: Option<ClientId>,
    /// The user that the request is about.
    pub user: Option<Sub>,
    /// Why the request was refused, if the caller is told less.
    pub reason: Option<Reason>,
    /// More about the reason, in words.
    pub detail: Option<String>,
    /// The name of the refusal that the face renders.
    pub refusal: Option<String>,
}

/// Who makes the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Actor {
    /// A caller who has proved nothing yet.
    #[default]
    Anonymous,
    /// A caller who signed the request with this access key.
    AccessKey(AccessKeyId),
    /// The user whose access token the request carries.
    User(Sub),
    /// The operator, through the configuration or a command.
    Operator,
    /// The server itself, for example when it removes expired records.
    Server,
}

/// Why a proof was refused, where every caller gets the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No user of the pool has the name.
    UnknownUser,
    /// The user cannot sign in here: the user is of another tenant, or outside a required group.
    NotExpectedHere,
    /// The password, or the proof of it, is wrong.
    WrongPassword,
    /// There were too many failures, so the proof does not count.
    LockedOut,
    /// The proof is right, but the user is disabled.
    UserDisabled,
    /// The proof is right, but the temporary password has expired.
    TemporaryPasswordExpired,
    /// The signature is right for another `Host` than the one that arrived.
    SignedForOtherHost,
    /// `Host` is none of the server's.
    UnknownHost,
    /// A rate limit is used up. The detail names it.
    RateLimited,
    /// The server, or the share of it that one address may take, is full.
    NoRoom,
}

impl RequestContext {
    /// The context of a request with this id that arrived at this time.
    pub fn new(id: impl Into<String>, arrived_at: Timestamp) -> Self {
        let (id, learned) = (id.into(), Arc::default());
        Self { id, address: None, user_agent: None, arrived_at, learned }
    }

    /// The context of what the operator does through the configuration or a command.
    pub fn of_operator(now: Timestamp) -> Self {
        let request = Self::new("operator", now);
        request.note_actor(Actor::Operator);
        request
    }

    /// The context of what the server does by itself.
    pub fn of_server(now: Timestamp) -> Self {
        let request = Self::new("server", now);
        request.note_actor(Actor::Server);
        request
    }

    /// What has been learned so far.
    pub fn learned(&self) -> Learned {
        self.lock().clone()
    }

    /// The same context with the caller's address and library.
    #[must_use]
    pub fn with_caller(self, address: Option<String>, user_agent: Option<String>) -> Self {
        Self { address, user_agent, ..self }
    }

    /// Notes who makes the request.
    pub fn note_actor(&self, actor: Actor) {
        self.lock().actor = actor;
    }

    /// Notes the face that received the request.
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

    /// Notes why the request is refused, for the operator alone. The first reason is kept, because
    /// later steps conceal it.
    pub fn note_reason(&self, reason: Reason) {
        self.lock().reason.get_or_insert(reason);
    }

    /// Notes more about the reason, in words, for the operator alone.
    pub fn note_detail(&self, detail: String) {
        self.lock().detail = Some(detail);
    }

    /// Forgets the reason, for a decision that is made anew.
    pub fn forget_reason(&self) {
        self.lock().reason = None;
    }

    /// Carries out a verb and notes its refusal, if it ends in one.
    ///
    /// # Errors
    ///
    /// Those of the verb.
    pub async fn noting<T>(&self, verb: impl Future<Output = Result<T>>) -> Result<T> {
        let result = verb.await;
        if let Err(Error::Refused(refusal)) = &result {
            self.note_refusal(refusal);
        }
        result
    }

    /// Notes the refusal of the request.
    pub fn note_refusal(&self, refusal: &Refusal) {
        self.lock().refusal = Some(refusal.name());
    }

    fn lock(&self) -> MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
