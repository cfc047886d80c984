//! One thing that is measured: by itself, and by all cores at once.

use anyhow::{Context as _, Result, anyhow};
use std::thread;
use std::time::{Duration, Instant};

/// Does what is measured once, and gives the time that it took. Each has a connection, an arena and so
/// on of its own.
pub(crate) type Runner = Box<dyn FnMut() -> Result<Duration> + Send>;

/// A runner who does nothing but what is measured.
pub(crate) fn runner(mut work: impl FnMut() -> Result<()> + Send + 'static) -> Runner {
    Box::new(move || timed(&mut work).map(|((), time)| time))
}

/// How long the work is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// With a password hash in it.
    Heavy,
    /// Without.
    Light,
}

/// Something that is measured, and what the measurements were.
pub(crate) struct Work {
    pub(crate) name: &'static str,
    weight: Weight,
    runners: Vec<Runner>,
    alone: Vec<Duration>,
    turns_alone: Vec<Duration>,
    together: Vec<Duration>,
    turns_together: Vec<Duration>,
}

impl Work {
    /// Work that as many runners do at a time as there are runners, if it is done together.
    pub(crate) fn new(name: &'static str, weight: Weight, runners: Vec<Runner>) -> Self {
        Self {
            name,
            weight,
            runners,
            alone: Vec::new(),
            turns_alone: Vec::new(),
            together: Vec::new(),
            turns_together: Vec::new(),
        }
    }

    /// Opens connections, maps arenas, fills caches.
    pub(crate) fn warm_up(&mut self) -> Result<()> {
        let name = self.name;
        self.runners.iter_mut().try_for_each(|runner| runner().map(drop)).context(name)
    }

    /// Does it so often, one after the other, without measuring.
    pub(crate) fn repeat(&mut self, times: u32) -> Result<()> {
        let runner = self.runners.first_mut().context("nobody does the work")?;
        (0..times).try_for_each(|_| runner().map(drop))
    }

    /// Measures one turn with nothing else going on.
    pub(crate) fn measure_alone(&mut self) -> Result<()> {
        let repetitions = match self.weight {
            Weight::Heavy => 3,
            Weight::Light => 9,
        };
        let runner = self.runners.first_mut().context("nobody does the work")?;
        let turn = (0..repetitions).map(|_| runner()).collect::<Result<Vec<_>>>()?;
        self.turns_alone.push(percentile(&turn, 50));
        self.alone.extend(turn);
        Ok(())
    }

    /// Measures one turn with all runners at work at the same time.
    pub(crate) fn measure_together(&mut self, slice: Duration) -> Result<()> {
        let slice = match self.weight {
            Weight::Heavy => slice,
            Weight::Light => slice / 3,
        };
        let turns: Result<Vec<Vec<Duration>>> = thread::scope(|scope| {
            let start = |runner| scope.spawn(move || repeat(runner, slice));
            let threads: Vec<_> = self.runners.iter_mut().map(start).collect();
            let ends = threads.into_iter().map(thread::ScopedJoinHandle::join);
            ends.map(|end| end.map_err(|_| anyhow!("a runner has panicked"))?).collect()
        });
        let turns = turns?;
        // Each runner's own pace, since they do not end at the same moment.
        let per_second: f64 = turns.iter().map(|turn| pace(turn)).sum();
        self.turns_together.push(Duration::from_secs_f64(per_second.recip()));
        self.together.extend(turns.into_iter().flatten());
        Ok(())
    }

    /// Every time that was measured alone.
    pub(crate) fn alone(&self) -> &[Duration] {
        &self.alone
    }

    /// The median of each turn alone.
    pub(crate) fn turns_alone(&self) -> &[Duration] {
        &self.turns_alone
    }

    /// Every time that was measured with all at work.
    pub(crate) fn together(&self) -> &[Duration] {
        &self.together
    }

    /// For each turn with all at work, the time in which the machine does one piece of it: the
    /// inverse of the throughput.
    pub(crate) fn turns_together(&self) -> &[Duration] {
        &self.turns_together
    }
}

fn repeat(runner: &mut Runner, slice: Duration) -> Result<Vec<Duration>> {
    let mut turn = Vec::new();
    let begin = now();
    while turn.is_empty() || begin.elapsed() < slice {
        turn.push(runner()?);
    }
    Ok(turn)
}

/// Pieces of work per second.
fn pace(times: &[Duration]) -> f64 {
    let count = f64::from(u32::try_from(times.len()).unwrap_or(u32::MAX));
    count / times.iter().sum::<Duration>().as_secs_f64()
}

/// What comes of the work, and the time that it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Duration)> {
    let begin = now();
    let done = work()?;
    Ok((done, begin.elapsed()))
}

#[expect(clippy::disallowed_methods, reason = "real time is what a benchmark is about")]
fn now() -> Instant {
    Instant::now()
}

/// The time that so many of a hundred do not exceed.
pub(crate) fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let rank = sorted.len().saturating_sub(1) * percent / 100;
    sorted.get(rank).copied().unwrap_or_default()
}
