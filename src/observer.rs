//! Writes the log: one line for each request, and one line for each change that an administrator
//! makes to anything but the administrator's own account.

use poolkeeper_pool::entity::Face;
use poolkeeper_pool::event::{Answered, Effect, EffectKind, Event, Target};
use poolkeeper_pool::ports::Observer;
use poolkeeper_pool::request::{Actor, Learned, RequestContext};

/// Writes the log. The span around a line adds the request's id to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogObserver;

impl Observer for LogObserver {
    fn observe(&self, request: &RequestContext, event: &Event<'_>) {
        match event {
            Event::Decided { effects, .. } => {
                let learned = request.learned();
                for effect in effects.iter().filter(|effect| is_told(&learned.actor, effect)) {
                    changed(request, &learned, effect);
                }
            }
            Event::Answered(answered) => answered_line(request, answered),
        }
    }
}

/// Whether a change gets a line of its own. The line of the request is enough for what users do to
/// their own accounts.
fn is_told(actor: &Actor, effect: &Effect) -> bool {
    let by_an_administrator = matches!(actor, Actor::AccessKey(_) | Actor::User(_));
    let to_oneself = match (&effect.target, actor) {
        (
            Target::User(sub) | Target::Member(sub, _) | Target::Device(sub, _),
            Actor::User(actor),
        ) => sub == actor,
        (Target::Session(_), Actor::User(_)) => true,
        _ => false,
    };
    by_an_administrator && !to_oneself && effect.kind != EffectKind::SignedIn
}

fn changed(request: &RequestContext, learned: &Learned, effect: &Effect) {
    let Effect { kind, pool, target } = effect;
    let actor = actor(&learned.actor);
    let address = request.address.as_deref().unwrap_or("-");
    let target = named(target);
    tracing::info!(change = ?kind, %pool, target, actor, address, "changed");
}

/// What was changed, such as `user c4f6a2b0-…` or `group editors`.
fn named(target: &Target) -> String {
    match target {
        Target::Pool => "pool".to_owned(),
        Target::Client(id) => format!("client {id}"),
        Target::User(sub) => format!("user {sub}"),
        Target::Group(group) => format!("group {group}"),
        Target::Member(sub, group) => format!("user {sub} group {group}"),
        Target::Session(id) => format!("session {id}"),
        Target::Device(sub, key) => format!("user {sub} device {key}"),
    }
}

fn answered_line(request: &RequestContext, answered: &Answered<'_>) {
    let Answered { method, path, operation, status, exception, ms } = *answered;
    let Learned { actor: who, face, pool, client, user, reason, detail, refusal } =
        request.learned();
    let reason = reason.map(|reason| format!("{reason:?}")).or(refusal);
    tracing::info!(
        face = %face.map_or("-", name),
        %method,
        path,
        operation,
        status,
        exception = exception.unwrap_or("-"),
        reason = reason.as_deref().unwrap_or("-"),
        // Most requests have none.
        detail,
        pool = pool.as_ref().map_or("-", |pool| pool.as_str()),
        client = client.as_ref().map_or("-", |client| client.as_str()),
        user = user.as_ref().map_or("-", |user| user.as_str()),
        actor = actor(&who),
        address = request.address.as_deref().unwrap_or("-"),
        ms,
        agent = request.user_agent.as_deref().unwrap_or("-"),
        "answered"
    );
}

/// The actor as text. The id of an access key is not a secret.
fn actor(actor: &Actor) -> &str {
    match actor {
        Actor::Anonymous => "-",
        Actor::AccessKey(id) => id.as_str(),
        Actor::User(sub) => sub.as_str(),
        Actor::Operator => "operator",
        Actor::Server => "server",
    }
}

const fn name(face: Face) -> &'static str {
    match face {
        Face::Cognito => "cognito",
        Face::Partner => "partner",
        Face::Portal => "portal",
        Face::Tenant => "tenant",
    }
}
