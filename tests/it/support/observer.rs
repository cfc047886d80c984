use poolkeeper_pool::event::Event;
use poolkeeper_pool::ports::Observer;
use poolkeeper_pool::request::RequestContext;
use std::sync::{Mutex, PoisonError};

/// Keeps events as lines of text.
#[derive(Default)]
pub(crate) struct TestObserver(Mutex<Vec<String>>);

impl TestObserver {
    /// The events since the last call.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Observer for TestObserver {
    fn observe(&self, request: &RequestContext, event: &Event<'_>) {
        let learned = request.learned();
        let line = match event {
            Event::Decided { refusal, effects } => {
                let refusal = refusal.map(poolkeeper_pool::Refusal::name);
                let effects: Vec<_> = effects.iter().map(|effect| effect.kind).collect();
                format!("decided {} {effects:?}", refusal.as_deref().unwrap_or("-"))
            }
            Event::Answered(answered) => {
                let reason = learned.reason.map(|reason| format!("{reason:?}"));
                let reason = reason.or(learned.refusal);
                let detail = learned.detail.map(|detail| format!(" detail={detail:?}"));
                format!(
                    "answered {} {} {} {} reason={}{} pool={} client={} user={} address={}",
                    learned.face.map_or("-".to_owned(), |face| format!("{face:?}")),
                    if answered.operation == "-" { answered.path } else { answered.operation },
                    answered.status,
                    answered.exception.unwrap_or("-"),
                    reason.as_deref().unwrap_or("-"),
                    detail.as_deref().unwrap_or_default(),
                    learned.pool.as_ref().map_or("-", |pool| pool.as_str()),
                    learned.client.as_ref().map_or("-", |client| client.as_str()),
                    learned.user.as_ref().map_or("-", |user| user.as_str()),
                    request.address.as_deref().unwrap_or("-"),
                )
            }
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}
