use std::cell::RefCell;
use std::sync::Once;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

/// How often each table was read, in the order of the first reads, and the number of commits. A table
/// that a listing has read has a star.
type Counts = (Vec<(String, usize)>, usize);

thread_local! {
    static COUNTS: RefCell<Counts> = RefCell::default();
}

/// Begins to count what the store reports on this thread, and on every other for itself.
///
/// It listens for the whole process: where tests share one, a listener of one thread would miss what
/// another thread was the first to report, since nobody listened there.
pub(super) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let listener = tracing_subscriber::registry().with(Listener);
        tracing::subscriber::set_global_default(listener).unwrap();
    });
}

/// What this thread's store has reported since the last call.
pub(super) fn take() -> Counts {
    COUNTS.take()
}

struct Listener;

impl<S: Subscriber> Layer<S> for Listener {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == "poolkeeper_store::store"
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut read = Read::default();
        event.record(&mut read);
        let star = if read.is_listing { "*" } else { "" };
        let table = read.table.map(|table| table + star);
        COUNTS.with_borrow_mut(|(reads, commits)| match table {
            None => *commits += 1,
            Some(table) => match reads.iter_mut().find(|(known, _)| *known == table) {
                Some((_, count)) => *count += 1,
                None => reads.push((table, 1)),
            },
        });
    }
}

/// What an event says of a read; of a commit it names no table.
#[derive(Default)]
struct Read {
    table: Option<String>,
    is_listing: bool,
}

impl Visit for Read {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "table" {
            self.table = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "effort" {
            self.is_listing = format!("{value:?}") == "Listing";
        }
    }
}
