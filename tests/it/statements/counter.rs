use std::mem;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

/// How often each table was read, in the order of the first reads, and the number of commits.
type Counts = (Vec<(String, usize)>, usize);

/// Counts the reads and commits that the store reports on this thread.
pub(super) struct Counter {
    counts: Arc<Mutex<Counts>>,
    _listening: DefaultGuard,
}

impl Counter {
    pub(super) fn start() -> Self {
        let counts = Arc::default();
        let listener = tracing_subscriber::registry().with(Listener(Arc::clone(&counts)));
        Self { counts, _listening: tracing::subscriber::set_default(listener) }
    }

    /// The counts since the last call.
    pub(super) fn take(&self) -> Counts {
        mem::take(&mut *self.counts.lock().unwrap())
    }
}

struct Listener(Arc<Mutex<Counts>>);

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "poolkeeper_store::store" {
            return;
        }
        let mut table = Table(None);
        event.record(&mut table);
        let (reads, commits) = &mut *self.0.lock().unwrap();
        match table.0 {
            None => *commits += 1,
            Some(table) => match reads.iter_mut().find(|(known, _)| *known == table) {
                Some((_, count)) => *count += 1,
                None => reads.push((table, 1)),
            },
        }
    }
}

/// The table that an event names; a commit names none.
struct Table(Option<String>);

impl Visit for Table {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "table" {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
