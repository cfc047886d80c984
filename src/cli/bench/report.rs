//! What the measurements mean. Nothing is measured here: the same measurements give the same report.

use crate::machine::Machine;
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;

/// The longest that the recommended hash takes while all hashing threads are busy. Users do not notice
/// it, and a sign-in's other steps on the network take longer.
const LONGEST_HASH: Duration = Duration::from_millis(100);

/// What a whole sign-in costs the processor, in percent of its hash and signatures: on PostgreSQL, as
/// `docs/performance.md` shows.
const WHOLE_PERCENT: u32 = 130;

/// How much of what a node can do is planned with, in percent: people do not come evenly.
const PLANNED_PERCENT: u32 = 50;

/// How much of the median the times of a hash may differ, in percent, until the machine counts as busy.
const QUIET_PERCENT: u32 = 25;

/// The times of one thing, done one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timing {
    pub(super) median: Duration,
    /// Between the quickest tenth and the slowest tenth.
    pub(super) spread: Duration,
}

impl Timing {
    pub(super) fn of(mut samples: Vec<Duration>) -> Self {
        samples.sort_unstable();
        let at = |tenths: usize| {
            let rank = samples.len().saturating_sub(1) * tenths / 10;
            samples.get(rank).copied().unwrap_or_default()
        };
        Self { median: at(5), spread: at(9).saturating_sub(at(1)) }
    }
}

/// What a password hash costs.
#[derive(Clone, Debug)]
pub(super) struct HashCost {
    pub(super) memory_kib: u32,
    pub(super) iterations: u32,
    /// One after the other; and the time in which one more is done while all threads are busy. `None`
    /// if the memory of the machine was not enough to measure it.
    pub(super) times: Option<(Timing, Duration)>,
}

/// What durable commits cost.
#[derive(Clone, Debug)]
pub(super) struct Commits {
    pub(super) alone: Timing,
    /// The time in which one more is done while there are twice as many callers as hashing threads.
    pub(super) together: Duration,
}

/// Why commits were not measured.
#[derive(Debug)]
pub(super) enum NotMeasured {
    /// The database is no file.
    ElsewhereKept,
    /// It did not work.
    Failed(String),
}

/// What was measured.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) machine: Machine,
    /// How many hashes are computed at a time.
    pub(super) threads: usize,
    pub(super) configured: HashCost,
    /// With the configured hash among them.
    pub(super) choices: Vec<HashCost>,
    pub(super) signature: Timing,
    pub(super) verification: Timing,
    pub(super) srp: Timing,
    pub(super) commits: Result<Commits, NotMeasured>,
    /// Whether the program was built without optimisation.
    pub(super) is_debug: bool,
}

/// The busiest time.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Peak {
    /// How many of the users sign in then.
    pub(super) percent: u32,
    /// How long it is.
    pub(super) minutes: u32,
}

/// The measurements and what was computed from them.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    machine: Machine,
    hashing: Hashing,
    measured: Parts,
    /// Computed from `measured`.
    computed: Computed,
    peak: Peak,
    choices: Vec<Choice>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Hashing {
    memory_kib: u32,
    iterations: u32,
    threads: usize,
}

#[derive(Debug, Serialize)]
struct Parts {
    hash: Part,
    signature: Part,
    verification: Part,
    /// The server's side.
    srp: Part,
    commit: Option<Part>,
}

#[derive(Debug, Serialize)]
struct Part {
    milliseconds: f64,
    /// On one thread, one after the other.
    per_second: f64,
    /// All hashing threads, or twice as many callers of the database.
    together_per_second: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Computed {
    password_sign_ins_per_second: f64,
    limited_by: Limit,
    srp_sign_ins_per_second: f64,
    users: u64,
}

/// What a node runs out of first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Limit {
    Processor,
    HashingThreads,
    Commits,
}

/// Parameters of argon2id, and what they mean here.
#[derive(Debug, Serialize)]
struct Choice {
    memory_kib: u32,
    iterations: u32,
    /// Of all hashing threads.
    memory_mib: u64,
    is_configured: bool,
    is_recommended: bool,
    /// `None` if the memory of the machine was not enough to measure it.
    cost: Option<Cost>,
}

#[derive(Debug, Serialize)]
struct Cost {
    /// Of one hash while all hashing threads are busy.
    busy_milliseconds: f64,
    password_sign_ins_per_second: f64,
    users: u64,
}

impl Report {
    pub(super) fn of(measured: &Measured, peak: Peak) -> Self {
        let node = Node::of(measured);
        let configured = measured.configured.times.map(|(_, together)| together);
        let (sign_in, limited_by) = node.password_sign_in(configured.unwrap_or_default());
        let Measured { machine, threads, configured, signature, verification, srp, .. } = measured;
        let (alone, together) = configured.times.unzip();
        let commits = measured.commits.as_ref().ok();
        Self {
            machine: machine.clone(),
            hashing: Hashing {
                memory_kib: configured.memory_kib,
                iterations: configured.iterations,
                threads: *threads,
            },
            measured: Parts {
                hash: Part::of(alone.map_or(Duration::ZERO, |alone| alone.median), together),
                signature: Part::of(signature.median, None),
                verification: Part::of(verification.median, None),
                srp: Part::of(srp.median, None),
                commit: commits
                    .map(|commits| Part::of(commits.alone.median, Some(commits.together))),
            },
            computed: Computed {
                password_sign_ins_per_second: rate(sign_in),
                limited_by,
                srp_sign_ins_per_second: rate(node.srp_sign_in(srp.median)),
                users: peak.users(sign_in),
            },
            peak,
            choices: choices(measured, &node, peak),
            warnings: warnings(measured),
        }
    }

    /// The report for people.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        self.write(&mut text).ok();
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        self.write_parts(text)?;
        self.write_computed(text)?;
        self.write_choices(text)?;
        for warning in &self.warnings {
            writeln!(text, "\nWarning: {warning}.")?;
        }
        Ok(())
    }

    fn write_parts(&self, text: &mut String) -> std::fmt::Result {
        let Machine { processor, cores, memory_bytes, .. } = &self.machine;
        let processor = processor.as_deref().unwrap_or("unknown processor");
        write!(text, "{processor}, cores: {cores}")?;
        if let Some(bytes) = memory_bytes {
            write!(text, ", memory: {} MiB", grouped(bytes >> 20))?;
        }
        let Hashing { memory_kib, iterations, threads } = self.hashing;
        writeln!(
            text,
            "\nargon2id with memory_kib = {memory_kib}, iterations = {iterations}, threads = {threads}\n"
        )?;
        let [each, alone, together] = ["each", "a second", "together"];
        writeln!(text, "{:<34}{each:>12}{alone:>12}{together:>12}", "measured (medians)")?;
        let Parts { hash, signature, verification, srp, commit } = &self.measured;
        let rows = [
            ("password hash", Some(hash)),
            ("RS256 signature", Some(signature)),
            ("RS256 verification", Some(verification)),
            ("SRP, the server's side", Some(srp)),
            ("durable commit to a file", commit.as_ref()),
        ];
        for (name, part) in rows {
            let Some(part) = part else { continue };
            let Part { milliseconds, per_second, together_per_second } = part;
            let together = together_per_second.map(|rate| format!("{rate:>12.0}"));
            let together = together.unwrap_or_default();
            writeln!(text, "{name:<34}{milliseconds:>9.3} ms{per_second:>12.0}{together}")?;
        }
        writeln!(
            text,
            "\n\"a second\" counts calls made one after the other; \"together\" uses all hashing threads"
        )?;
        writeln!(text, "(for commits, twice as many callers).")
    }

    fn write_computed(&self, text: &mut String) -> std::fmt::Result {
        let Computed { password_sign_ins_per_second, limited_by, srp_sign_ins_per_second, users } =
            &self.computed;
        let limit = match limited_by {
            Limit::Processor => "the processor",
            Limit::HashingThreads => "the number of hashing threads",
            Limit::Commits => "commits to this disk",
        };
        let Peak { percent, minutes } = self.peak;
        write!(
            text,
            "
Computed from that (a sign-in costs the processor a hash or SRP, two signatures, and {}% more):

  {password_sign_ins_per_second:.0} password sign-ins a second, limited by {limit}
  {srp_sign_ins_per_second:.0} SRP sign-ins a second
  {} users, if {percent}% of them sign in by password within the busiest {minutes} minutes, and the node
  is to be {PLANNED_PERCENT}% busy then
",
            WHOLE_PERCENT - 100,
            grouped(*users),
        )
    }

    fn write_choices(&self, text: &mut String) -> std::fmt::Result {
        let [memory, iterations, hash, rate, users, all] =
            ["memory_kib", "iterations", "a hash", "sign-ins/s", "users", "all threads"];
        writeln!(text, "\n{memory:>10}{iterations:>12}{hash:>12}{rate:>12}{users:>14}{all:>14}\n")?;
        for choice in &self.choices {
            let Choice { memory_kib, iterations, memory_mib, cost, .. } = choice;
            let [hash, rate, users] = match cost {
                None => ["-"; 3].map(str::to_owned),
                Some(cost) => [
                    format!("{:.1} ms", cost.busy_milliseconds),
                    format!("{:.0}", cost.password_sign_ins_per_second),
                    grouped(cost.users),
                ],
            };
            let all = format!("{} MiB", grouped(*memory_mib));
            let mark = match (choice.is_configured, choice.is_recommended) {
                (true, true) => "  in use, recommended",
                (true, false) => "  in use",
                (false, true) => "  recommended",
                (false, false) => "",
            };
            writeln!(
                text,
                "{memory_kib:>10}{iterations:>12}{hash:>12}{rate:>12}{users:>14}{all:>14}{mark}"
            )?;
        }
        writeln!(
            text,
            "\nRecommended is the strongest (memory times iterations) whose hash takes at most {} ms while all\n\
             hashing threads are busy, or else the weakest. Take a weaker one if its users are too few for you.",
            LONGEST_HASH.as_millis()
        )
    }
}

/// What bounds the sign-ins of a node.
struct Node {
    cores: usize,
    threads: usize,
    signature: Duration,
    commit: Duration,
}

impl Node {
    fn of(measured: &Measured) -> Self {
        let commits = measured.commits.as_ref();
        Self {
            cores: measured.machine.cores.max(1),
            threads: measured.threads.max(1),
            signature: measured.signature.median,
            commit: commits.map_or(Duration::ZERO, |commits| commits.together),
        }
    }

    /// The time in which one more user signs in by password, if one more hash is done in this time,
    /// and what bounds it.
    fn password_sign_in(&self, hash: Duration) -> (Duration, Limit) {
        let busy = u32::try_from(self.threads.min(self.cores)).unwrap_or(u32::MAX);
        let bounds = [
            (self.with_signatures(hash * busy), Limit::Processor),
            (hash, Limit::HashingThreads),
            (self.commit, Limit::Commits),
        ];
        let slowest = bounds.into_iter().max_by_key(|(time, _)| *time);
        slowest.unwrap_or((hash, Limit::HashingThreads))
    }

    fn srp_sign_in(&self, srp: Duration) -> Duration {
        self.with_signatures(srp).max(self.commit)
    }

    /// The time in which all cores do one more sign-in whose proof takes one core this long.
    fn with_signatures(&self, proof: Duration) -> Duration {
        let cores = u32::try_from(self.cores).unwrap_or(u32::MAX);
        (proof + 2 * self.signature) * WHOLE_PERCENT / 100 / cores
    }
}

impl Peak {
    /// How many users there may be if one signs in in this time, rounded down to two digits: it is an
    /// estimate.
    fn users(self, sign_in: Duration) -> u64 {
        let time = Duration::from_secs(60 * u64::from(self.minutes)).as_nanos();
        let sign_ins = time * u128::from(PLANNED_PERCENT) / 100 / sign_in.as_nanos().max(1);
        let users = sign_ins * 100 / u128::from(self.percent.max(1));
        let mut unit = 1;
        while users / unit >= 100 {
            unit *= 10;
        }
        u64::try_from(users / unit * unit).unwrap_or(u64::MAX)
    }
}

impl Part {
    fn of(alone: Duration, together: Option<Duration>) -> Self {
        Self {
            milliseconds: milliseconds(alone),
            per_second: rate(alone),
            together_per_second: together.map(rate),
        }
    }
}

fn choices(measured: &Measured, node: &Node, peak: Peak) -> Vec<Choice> {
    let strength = |choice: &&HashCost| u64::from(choice.memory_kib) * u64::from(choice.iterations);
    let busy = |choice: &HashCost| {
        let threads = u32::try_from(measured.threads).unwrap_or(u32::MAX);
        choice.times.map(|(_, together)| together * threads)
    };
    let known = || measured.choices.iter().filter(|choice| choice.times.is_some());
    let quick = known().filter(|choice| busy(choice).is_some_and(|time| time <= LONGEST_HASH));
    let best = quick.max_by_key(strength).or_else(|| known().min_by_key(strength));
    let parameters = |choice: &HashCost| (choice.memory_kib, choice.iterations);
    let shown = |choice: &HashCost| Choice {
        memory_kib: choice.memory_kib,
        iterations: choice.iterations,
        memory_mib: memory_mib(choice, measured.threads),
        is_configured: parameters(choice) == parameters(&measured.configured),
        is_recommended: best.is_some_and(|best| parameters(best) == parameters(choice)),
        cost: choice.times.zip(busy(choice)).map(|((_, together), busy)| {
            let (sign_in, _) = node.password_sign_in(together);
            Cost {
                busy_milliseconds: milliseconds(busy),
                password_sign_ins_per_second: rate(sign_in),
                users: peak.users(sign_in),
            }
        }),
    };
    measured.choices.iter().map(shown).collect()
}

fn memory_mib(choice: &HashCost, threads: usize) -> u64 {
    let threads = u64::try_from(threads).unwrap_or(u64::MAX);
    u64::from(choice.memory_kib).saturating_mul(threads) / 1024
}

fn warnings(measured: &Measured) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some((Timing { median, spread }, _)) = measured.configured.times {
        let percent = spread.as_nanos() * 100 / median.as_nanos().max(1);
        if percent > u128::from(QUIET_PERCENT) {
            warnings.push(format!(
                "the times of a password hash differ by {percent}%: something else keeps this machine \
                 busy, so measure again when it is quiet"
            ));
        }
    }
    match &measured.commits {
        Ok(_) => {}
        Err(NotMeasured::ElsewhereKept) => warnings.push(
            "commits were not measured, since the database is not a file: see docs/performance.md for \
             PostgreSQL"
                .to_owned(),
        ),
        Err(NotMeasured::Failed(problem)) => {
            warnings.push(format!("commits were not measured: {problem}"));
        }
    }
    if measured.choices.iter().any(|choice| choice.times.is_none()) {
        warnings.push(
            "some hashes were not measured, since they need more than half of the memory that is free"
                .to_owned(),
        );
    }
    if measured.is_debug {
        warnings.push("this is a debug build; the release build is faster".to_owned());
    }
    warnings
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn rate(each: Duration) -> f64 {
    (each.max(Duration::from_nanos(1)).as_secs_f64().recip() * 10.0).round() / 10.0
}

/// 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
