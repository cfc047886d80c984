//! `poolkeeper bench`: the built program measures this machine. What it measures is nobody's business
//! here.

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const CONFIG: &str = r#"
public_url = "http://localhost"
data = "data"

[hashing]
memory_kib = 64
iterations = 1
threads = 2
allow_weak = true
"#;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_poolkeeper"))
        .args(["bench", "--seconds", "1"])
        .args(arguments)
        .current_dir(folder)
        .env("POOLKEEPER_LOG", "error")
        .env_remove("POOLKEEPER_CONFIG")
        .output()
        .unwrap()
}

/// The report with null in the place of whatever differs from machine to machine, which must be there
/// all the same.
fn shape(report: &mut Value) {
    for part in ["hash", "signature", "verification", "srp", "commit"] {
        let part = &mut report["measured"][part];
        for name in ["milliseconds", "per_second"] {
            assert!(take(part, name).as_f64().unwrap() > 0.0, "{name}: {part}");
        }
        let together = take(part, "together_per_second");
        assert!(together.is_number() || together.is_null());
    }
    let computed = &mut report["computed"];
    let limit = take(computed, "limited_by");
    assert!(["processor", "hashing_threads", "commits"].contains(&limit.as_str().unwrap()));
    for name in ["password_sign_ins_per_second", "srp_sign_ins_per_second", "users"] {
        assert!(take(computed, name).is_number());
    }
    let machine = &mut report["machine"];
    // Not every system tells.
    take(machine, "processor");
    take(machine, "memory_bytes");
    assert!(take(machine, "cores").is_u64());
    let choices = report["choices"].as_array_mut().unwrap();
    let recommended = choices.iter_mut().map(|choice| take(choice, "is_recommended"));
    assert_eq!(recommended.filter(|is| *is == true).count(), 1);
    for choice in choices {
        let mut cost = take(choice, "cost");
        // A machine may be too small for it.
        if !cost.is_null() {
            for name in ["busy_milliseconds", "password_sign_ins_per_second", "users"] {
                assert!(take(&mut cost, name).is_number());
            }
            assert_eq!(cost.as_object().unwrap().len(), 3);
        }
    }
    assert!(take(report, "warnings").as_array().unwrap().iter().all(Value::is_string));
}

/// What a member was, which is null from now on.
fn take(object: &mut Value, name: &str) -> Value {
    object.get_mut(name).unwrap_or_else(|| panic!("no {name}")).take()
}

fn choice(memory_kib: u32, iterations: u32, memory_mib: u32, is_configured: bool) -> Value {
    json!({
        "memory_kib": memory_kib,
        "iterations": iterations,
        "memory_mib": memory_mib,
        "is_configured": is_configured,
        "is_recommended": null,
        "cost": null,
    })
}

#[test]
fn the_report_is_json_that_programs_can_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("poolkeeper.toml"), CONFIG).unwrap();
    let done = run(folder.path(), &["--json", "--peak-percent", "20", "--peak-minutes", "30"]);
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
    let mut report: Value = serde_json::from_slice(&done.stdout).unwrap();
    shape(&mut report);
    let part = json!({ "milliseconds": null, "per_second": null, "together_per_second": null });
    let expected = json!({
        "machine": { "processor": null, "cores": null, "memory_bytes": null },
        "hashing": { "memory_kib": 64, "iterations": 1, "threads": 2 },
        "measured": {
            "hash": part, "signature": part, "verification": part, "srp": part, "commit": part,
        },
        "computed": {
            "password_sign_ins_per_second": null,
            "limited_by": null,
            "srp_sign_ins_per_second": null,
            "users": null,
        },
        "peak": { "percent": 20, "minutes": 30 },
        "choices": [
            choice(64, 1, 0, true),
            choice(19_456, 2, 38, false),
            choice(47_104, 1, 92, false),
            choice(65_536, 2, 128, false),
            choice(65_536, 3, 128, false),
            choice(131_072, 3, 256, false),
        ],
        "warnings": null,
    });
    assert_eq!(report, expected);
    // Nothing is left behind, and nothing was created.
    let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["poolkeeper.toml"]);
}

#[test]
fn it_needs_no_configuration_file_unless_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let done = run(folder.path(), &["--config", "missing.toml"]);
    assert_eq!(done.status.code(), Some(2));
    let said = String::from_utf8(done.stderr).unwrap();
    let missing = "missing.toml: cannot be read: No such file or directory (os error 2); choose \
        another file with --config\n";
    assert_eq!(said, missing);
    let done = run(folder.path(), &[]);
    assert!(done.status.success() && done.stderr.is_empty(), "{done:?}");
    let text = String::from_utf8(done.stdout).unwrap();
    let (settings, _) = text.lines().nth(1).unwrap().rsplit_once(", threads = ").unwrap();
    assert_eq!(settings, "argon2id with memory_kib = 19456, iterations = 2");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
