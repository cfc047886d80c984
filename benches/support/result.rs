//! The measurements for programs: `scripts/performance` makes a page of them.

use super::bench::{Bare, Bench, Operation, clients};
use super::report::{rate, ratios};
use super::server::Server;
use super::work::{Work, percentile};
use anyhow::{Context as _, Result};
use poolkeeper::machine::Machine;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the measurements to a file, and gives its path.
pub(crate) fn write_result(server: &Server, bench: &Bench, is_whole: bool) -> Result<PathBuf> {
    let (database, hashing) = (server.database().name(), server.hashing());
    let operations = bench.operations.iter().map(|each| operation(each, &bench.bare));
    let result = json!({
        "is_whole": is_whole,
        "version": env!("CARGO_PKG_VERSION"),
        "database": database,
        "machine": Machine::this(),
        "parameters": {
            "memory_kib": hashing.memory_kib,
            "iterations": hashing.iterations,
            "hashing_threads": hashing.threads,
            "clients": clients(),
        },
        "parts": bench.bare.all().map(|work| part(work, [None, None])),
        "operations": operations.collect::<Vec<_>>(),
    });
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().context("no build folder")?;
    let path = target.join(format!("bench/sign_in-{}.json", database.to_lowercase()));
    fs::create_dir_all(path.with_file_name(""))?;
    fs::write(&path, format!("{result:#}\n"))?;
    Ok(path)
}

fn operation(Operation { work, parts, rest }: &Operation, bare: &Bare) -> Map<String, Value> {
    let counts = bare.parts(*parts).map(|(part, count)| (part.name.to_owned(), json!(count)));
    let counts: Map<_, _> = counts.collect();
    let mut row = part(work, ratios(work, bare, *parts).map(Some));
    row.extend([("parts".to_owned(), counts.into()), ("rest".to_owned(), json!(rest))]);
    row
}

/// Times in milliseconds. Bare parts have no ratios.
fn part(work: &Work, [alone, together]: [Option<f64>; 2]) -> Map<String, Value> {
    let at = |times, percent| rounded(percentile(times, percent).as_secs_f64() * 1e3);
    let alone = json!({
        "median_ms": at(work.alone(), 50),
        "p99_ms": at(work.alone(), 99),
        "ratio": alone.map(rounded),
    });
    let together = json!({
        "per_second": rounded(rate(work)),
        "p99_ms": at(work.together(), 99),
        "ratio": together.map(rounded),
    });
    let row = [("name", json!(work.name)), ("alone", alone), ("together", together)];
    row.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// To three decimals.
fn rounded(number: f64) -> f64 {
    (number * 1e3).round() / 1e3
}
