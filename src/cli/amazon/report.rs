//! What a check of pools at Amazon has found, as text and as JSON.

use crate::cli::Failure;
use crate::config::{Backend, Config};
use crate::system::{SystemClock, SystemRng};
use crate::wire::amazon::{expected, settings};
use anyhow::anyhow;
use poolkeeper_aws::{About, Finding, Fix, Verdict};
use poolkeeper_pool::ids::PoolId;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::Arc;

/// A pool and what was found.
pub(super) struct Checked {
    pool: PoolId,
    findings: Vec<Finding>,
}

/// Asks Amazon about every pool of a configuration that lives there.
pub(super) async fn checked(config: &Config) -> Result<Vec<Checked>, Failure> {
    let mut pools = Vec::new();
    for pool in config.pools_at_amazon() {
        let Backend::Amazon(amazon) = &pool.backend else { continue };
        let settings = settings(pool, amazon, config);
        let settings = settings.map_err(|error| Failure::Usage(format!("{error:#}")))?;
        let expected = expected(pool, amazon, config);
        let check = poolkeeper_aws::check(&settings, &expected, Arc::new(SystemClock), &SystemRng);
        let findings = Box::pin(check).await.map_err(anyhow::Error::from)?;
        pools.push(Checked { pool: pool.id.clone(), findings });
    }
    Ok(pools)
}

/// A line for each finding, and one below for what fixes it.
pub(super) fn text(pools: &[Checked], out: &mut impl Write) -> Result<(), Failure> {
    for Checked { pool, findings } in pools {
        writeln!(out, "{pool}")?;
        for finding in findings {
            let verdict = verdict_name(finding.verdict);
            writeln!(out, "  {verdict:<8} {}: {}", about(&finding.about), finding.says)?;
            if let Some(fix) = &finding.fix {
                let (kind, text) = fix_parts(fix);
                writeln!(out, "           {}: {text}", kind.replace('_', " "))?;
            }
        }
    }
    Ok(())
}

/// The same for programs.
pub(super) fn json(pools: &[Checked], out: &mut impl Write) -> Result<(), Failure> {
    let shown: Vec<_> = pools.iter().map(pool_value).collect();
    let report = json!({ "fits": count(pools, is_open) == 0, "pools": shown });
    serde_json::to_writer_pretty(&mut *out, &report).map_err(anyhow::Error::from)?;
    Ok(writeln!(out)?)
}

/// Fails unless all fits.
pub(super) fn verdict(pools: &[Checked]) -> Result<(), Failure> {
    if count(pools, is_open) == 0 {
        return Ok(());
    }
    let differ = count(pools, |verdict| verdict == Verdict::Differs);
    let unknown = count(pools, |verdict| verdict == Verdict::Unknown);
    Err(anyhow!("not everything fits (differs: {differ}, unknown: {unknown})").into())
}

fn count(pools: &[Checked], counts: impl Fn(Verdict) -> bool) -> usize {
    let findings = pools.iter().flat_map(|pool| &pool.findings);
    findings.filter(|finding| counts(finding.verdict)).count()
}

/// Whether nobody can say that it fits.
fn is_open(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Differs | Verdict::Unknown)
}

fn pool_value(checked: &Checked) -> Value {
    let findings: Vec<_> = checked.findings.iter().map(finding_value).collect();
    json!({ "pool": checked.pool.as_str(), "findings": findings })
}

fn finding_value(finding: &Finding) -> Value {
    let fix = finding.fix.as_ref().map(|fix| {
        let (kind, text) = fix_parts(fix);
        json!({ kind: text })
    });
    json!({
        "about": about(&finding.about),
        "verdict": verdict_name(finding.verdict),
        "says": finding.says,
        "fix": fix,
    })
}

fn about(about: &About) -> String {
    match about {
        About::Caller => "caller".to_owned(),
        About::Pool => "pool".to_owned(),
        About::Client(id) => format!("app client {id}"),
        About::Issuer => "issuer".to_owned(),
        About::Groups => "groups".to_owned(),
        About::Permissions => "permissions".to_owned(),
    }
}

const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fits => "fits",
        Verdict::Note => "note",
        Verdict::Unknown => "unknown",
        Verdict::Differs => "differs",
    }
}

/// Where something is to be done, and what.
const fn fix_parts(fix: &Fix) -> (&'static str, &String) {
    match fix {
        Fix::Command(command) => ("run", command),
        Fix::File(line) => ("in_the_file", line),
        Fix::ByHand(deed) => ("by_hand", deed),
    }
}
