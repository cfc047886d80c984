//! Patience that shrinks while many connections are open.

use std::time::Duration;
use tokio::sync::watch;

/// How long connections in which nothing happens are put up with.
pub(super) struct Pressure {
    most: usize,
    patience: watch::Sender<Duration>,
}

/// The patience while there is next to no room.
const LEAST: Duration = Duration::from_secs(1);

impl Pressure {
    /// For so many connections at most.
    pub(super) fn new(most: usize) -> Self {
        Self { most, patience: watch::Sender::new(Duration::MAX) }
    }

    /// Notes how many connections are open.
    pub(super) fn note(&self, open: usize) {
        let patience = patience(open, self.most);
        self.patience.send_if_modified(|now| std::mem::replace(now, patience) != patience);
    }

    /// Notes that there is no room at all.
    pub(super) fn note_full(&self) {
        self.note(self.most);
    }

    /// The patience, as it changes.
    pub(super) fn watch(&self) -> watch::Receiver<Duration> {
        self.patience.subscribe()
    }
}

fn patience(open: usize, most: usize) -> Duration {
    match open.saturating_mul(100) / most.max(1) {
        0..50 => Duration::MAX,
        50..75 => Duration::from_secs(15),
        75..90 => Duration::from_secs(5),
        _ => LEAST,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_shrinks_with_the_room() {
        let seconds = [0, 49, 50, 74, 75, 89, 90, 100].map(|open| patience(open, 100).as_secs());
        assert_eq!(seconds, [u64::MAX, u64::MAX, 15, 15, 5, 5, 1, 1]);
    }
}
