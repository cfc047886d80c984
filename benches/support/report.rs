//! What the measurements say.

use super::bench::{Bare, Bench, Operation, Parts, clients};
use super::server::{Server, cores};
use super::work::{Work, percentile};
use anyhow::Result;
use std::fmt::Write as _;
use std::time::Duration;

const LEGEND: &str = "
alone     one after the other
together  as many at a time as the machine can do, operations by all clients at once
ratio     the operation to the sum of its bare parts in the same turn, the median of all turns: 1.00
          would mean that nothing else costs anything. Times are the machine's, ratios Poolkeeper's.
";

/// The measurements as a text for people.
pub(crate) fn report(server: &Server, bench: &Bench) -> Result<String> {
    let (mut text, hashing) = (String::new(), server.hashing());
    writeln!(
        text,
        "\n{}, {} cores, {} clients, argon2id with m={} KiB and t={}\n",
        server.database().name(),
        cores(),
        clients(),
        hashing.memory_kib,
        hashing.iterations
    )?;
    writeln!(text, "{:<36}{:<34}together", "", "       alone")?;
    headings(&mut text, "bare part")?;
    let bare = &bench.bare;
    for work in bare.all() {
        line(&mut text, work, ["", ""])?;
    }
    writeln!(text)?;
    headings(&mut text, "operation")?;
    for Operation { work, parts, .. } in &bench.operations {
        let [alone, together] = ratios(work, bare, *parts).map(|ratio| format!("{ratio:.2}"));
        line(&mut text, work, [&alone, &together])?;
    }
    text.push_str(LEGEND);
    for Operation { work, parts, rest } in &bench.operations {
        let parts: Vec<_> =
            bare.parts(*parts).map(|(work, count)| format!("{count} × {}", work.name)).collect();
        write!(text, "\n{}:\n{}\nThe rest: {rest}.\n", work.name, parts.join(" + "))?;
    }
    Ok(text)
}

/// What an operation takes as a ratio to its bare parts, alone and together.
pub(crate) fn ratios(work: &Work, bare: &Bare, parts: Parts) -> [f64; 2] {
    [
        ratio(work.turns_alone(), &bare.sums(parts, Work::turns_alone)),
        ratio(work.turns_together(), &bare.sums(parts, Work::turns_together)),
    ]
}

/// Pieces of work a second with all at work.
pub(crate) fn rate(work: &Work) -> f64 {
    percentile(work.turns_together(), 50).as_secs_f64().recip()
}

fn headings(text: &mut String, what: &str) -> Result<()> {
    let [median, p99, ratio, rate] = ["median", "p99", "ratio", "a second"];
    writeln!(text, "{what:<36}{median:>10}{p99:>11}{ratio:>8}{rate:>15}{p99:>11}{ratio:>8}")?;
    Ok(())
}

fn line(text: &mut String, work: &Work, ratios: [&str; 2]) -> Result<()> {
    let (name, [alone, together]) = (work.name, ratios);
    let [median, p99] = [50, 99].map(|percent| shown(percentile(work.alone(), percent)));
    let rate = rate(work);
    let p99_together = shown(percentile(work.together(), 99));
    writeln!(
        text,
        "{name:<36}{median:>10}{p99:>11}{alone:>8}{rate:>15.0}{p99_together:>11}{together:>8}"
    )?;
    Ok(())
}

fn ratio(whole: &[Duration], parts: &[Duration]) -> f64 {
    let turns = whole.iter().zip(parts);
    let mut ratios: Vec<_> =
        turns.map(|(whole, parts)| whole.as_secs_f64() / parts.as_secs_f64()).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or_default()
}

fn shown(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}
