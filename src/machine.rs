//! What the machine is, as far as the system tells: numbers that were measured mean little without it.

use serde::Serialize;
use std::num::NonZero;
use std::{fs, thread};

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// What the processor calls itself, if the system tells.
    pub processor: Option<String>,
    /// How many threads it runs at a time.
    pub cores: usize,
    /// Its memory in bytes, if the system tells.
    pub memory_bytes: Option<u64>,
    /// The memory in bytes that nobody uses, if the system tells.
    #[serde(skip)]
    pub free_bytes: Option<u64>,
}

impl Machine {
    /// The one that this runs on. Only Linux tells more than the number of cores.
    pub fn this() -> Self {
        let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        Self {
            processor: processor(&cpus),
            cores: thread::available_parallelism().map_or(1, NonZero::get),
            memory_bytes: bytes(&memory, "MemTotal"),
            free_bytes: bytes(&memory, "MemAvailable"),
        }
    }
}

fn processor(cpus: &str) -> Option<String> {
    let fields = cpus.lines().filter_map(|line| line.split_once(':'));
    let mut names = fields.filter(|(name, _)| name.trim() == "model name");
    names.next().map(|(_, model)| model.trim().to_owned())
}

/// A line such as `MemTotal:   24557960 kB`.
fn bytes(memory: &str, name: &str) -> Option<u64> {
    let line = memory.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_tells_is_understood() {
        let cpus = "processor\t: 0\nmodel name\t: Example CPU @ 2.00GHz\nflags\t: fpu\n\n\
                    processor\t: 1\nmodel name\t: Another\n";
        assert_eq!(processor(cpus).as_deref(), Some("Example CPU @ 2.00GHz"));
        assert_eq!(processor("processor : 0\nBogoMIPS : 50.00\n"), None);
        let memory = "MemTotal:       24557960 kB\nMemFree:        1 kB\nMemAvailable:   20 kB\n";
        assert_eq!(bytes(memory, "MemTotal"), Some(24_557_960 * 1024));
        assert_eq!(bytes(memory, "MemAvailable"), Some(20 * 1024));
        assert_eq!(bytes("MemTotal: many kB\n", "MemTotal"), None);
        assert_eq!(bytes("", "MemTotal"), None);
    }
}
