use super::*;
use insta::assert_snapshot;

const fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

/// What always takes the same time.
fn timing(time: Duration) -> Timing {
    Timing::of(vec![time; 5])
}

/// A hash on two threads, neither of which slows the other down.
fn hash(memory_kib: u32, iterations: u32, time: Duration) -> HashCost {
    HashCost { memory_kib, iterations, times: Some((timing(time), time / 2)) }
}

/// A quiet machine with two cores.
fn quiet() -> Measured {
    let configured = hash(19_456, 2, micros(8_000));
    Measured {
        machine: Machine {
            processor: Some("Example CPU".to_owned()),
            cores: 2,
            memory_bytes: Some(8 << 30),
            free_bytes: None,
        },
        threads: 2,
        choices: vec![
            configured.clone(),
            hash(65_536, 3, micros(100_000)),
            hash(131_072, 3, micros(100_001)),
        ],
        configured,
        signature: timing(micros(1_000)),
        verification: timing(micros(25)),
        srp: timing(micros(9_000)),
        commits: Ok(Commits { alone: timing(micros(2_000)), together: micros(500) }),
        is_debug: false,
    }
}

const PEAK: Peak = Peak { percent: 10, minutes: 60 };

#[test]
fn the_text_has_what_was_measured_and_what_it_means() {
    assert_snapshot!(Report::of(&quiet(), PEAK).text(), @r#"
    Example CPU, cores: 2, memory: 8,192 MiB
    argon2id with memory_kib = 19456, iterations = 2, threads = 2

    measured (medians)                        each    a second    together
    password hash                         8.000 ms         125         250
    RS256 signature                       1.000 ms        1000
    RS256 verification                    0.025 ms       40000
    SRP, the server's side                9.000 ms         111
    durable commit to a file              2.000 ms         500        2000

    "a second" counts calls made one after the other; "together" uses all hashing threads
    (for commits, twice as many callers).

    Computed from that (a sign-in costs the processor a hash or SRP, two signatures, and 30% more):

      154 password sign-ins a second, limited by the processor
      140 SRP sign-ins a second
      2,700,000 users, if 10% of them sign in by password within the busiest 60 minutes, and the node
      is to be 50% busy then

    memory_kib  iterations      a hash  sign-ins/s         users   all threads

         19456           2      8.0 ms         154     2,700,000        38 MiB  in use
         65536           3    100.0 ms          15       270,000       128 MiB  recommended
        131072           3    100.0 ms          15       270,000       256 MiB

    Recommended is the strongest (memory times iterations) whose hash takes at most 100 ms while all
    hashing threads are busy, or else the weakest. Take a weaker one if its users are too few for you.
    "#);
}

#[test]
fn all_that_is_amiss_is_told() {
    let mut measured = quiet();
    let samples = [8, 8, 8, 8, 8, 8, 8, 8, 12, 12].map(|millis| micros(millis * 1_000));
    measured.configured.times = Some((Timing::of(samples.to_vec()), micros(4_000)));
    measured.commits = Err(NotMeasured::Failed("cannot write to /data: denied".to_owned()));
    measured.choices.truncate(1);
    measured.choices.push(HashCost { memory_kib: 65_536, iterations: 3, times: None });
    measured.machine.processor = None;
    measured.machine.memory_bytes = None;
    measured.is_debug = true;
    assert_snapshot!(Report::of(&measured, PEAK).text(), @r#"
    unknown processor, cores: 2
    argon2id with memory_kib = 19456, iterations = 2, threads = 2

    measured (medians)                        each    a second    together
    password hash                         8.000 ms         125         250
    RS256 signature                       1.000 ms        1000
    RS256 verification                    0.025 ms       40000
    SRP, the server's side                9.000 ms         111

    "a second" counts calls made one after the other; "together" uses all hashing threads
    (for commits, twice as many callers).

    Computed from that (a sign-in costs the processor a hash or SRP, two signatures, and 30% more):

      154 password sign-ins a second, limited by the processor
      140 SRP sign-ins a second
      2,700,000 users, if 10% of them sign in by password within the busiest 60 minutes, and the node
      is to be 50% busy then

    memory_kib  iterations      a hash  sign-ins/s         users   all threads

         19456           2      8.0 ms         154     2,700,000        38 MiB  in use, recommended
         65536           3           -           -             -       128 MiB

    Recommended is the strongest (memory times iterations) whose hash takes at most 100 ms while all
    hashing threads are busy, or else the weakest. Take a weaker one if its users are too few for you.

    Warning: the times of a password hash differ by 50%: something else keeps this machine busy, so measure again when it is quiet.

    Warning: commits were not measured: cannot write to /data: denied.

    Warning: some hashes were not measured, since they need more than half of the memory that is free.

    Warning: this is a debug build; the release build is faster.
    "#);
    measured = quiet();
    measured.commits = Err(NotMeasured::ElsewhereKept);
    assert_snapshot!(Report::of(&measured, PEAK).warnings.join("\n"), @"commits were not measured, since the database is not a file: see docs/performance.md for PostgreSQL");
}

/// How many sign in, and what stops more from it.
fn computed(measured: &Measured) -> (f64, Limit) {
    let Computed { password_sign_ins_per_second, limited_by, .. } =
        Report::of(measured, PEAK).computed;
    (password_sign_ins_per_second, limited_by)
}

#[test]
fn whatever_runs_out_first_limits_the_sign_ins() {
    // Two cores, each of which needs (8 + 2 × 1) × 1.3 ms.
    let mut measured = quiet();
    assert_eq!(computed(&measured), (153.8, Limit::Processor));
    measured.commits = Ok(Commits { alone: timing(micros(9_000)), together: micros(8_000) });
    assert_eq!(computed(&measured), (125.0, Limit::Commits));
    let by_srp = Report::of(&measured, PEAK).computed.srp_sign_ins_per_second;
    assert_eq!(by_srp.to_string(), "125");
    measured = quiet();
    measured.machine.cores = 8;
    assert_eq!(computed(&measured), (250.0, Limit::HashingThreads));
    // More threads than cores take turns.
    measured = quiet();
    measured.threads = 16;
    assert_eq!(computed(&measured), (153.8, Limit::Processor));
}

#[test]
fn the_weakest_hash_is_recommended_where_all_take_too_long() {
    let mut measured = quiet();
    let slow = |memory_kib, millis| hash(memory_kib, 2, Duration::from_millis(millis));
    measured.configured = slow(65_536, 900);
    measured.choices = vec![slow(65_536, 900), slow(19_456, 300)];
    let report = Report::of(&measured, PEAK);
    let recommended = report.choices.iter().filter(|choice| choice.is_recommended);
    let recommended: Vec<_> = recommended.map(|choice| choice.memory_kib).collect();
    assert_eq!(recommended, [19_456]);
}

#[test]
fn users_are_those_whose_peak_keeps_half_of_the_node_busy() {
    let users = |percent, minutes, sign_in| Peak { percent, minutes }.users(sign_in);
    // 100 a second, 50 of which are planned with: 180,000 an hour.
    assert_eq!(users(10, 60, micros(10_000)), 1_800_000);
    assert_eq!(users(100, 1, micros(10_000)), 3_000);
    // Rounded down to two digits.
    assert_eq!(users(10, 60, micros(10_100)), 1_700_000);
    assert_eq!(users(100, 1, Duration::from_secs(1)), 30);
    assert_eq!(users(100, 1, Duration::from_hours(1)), 0);
}
