//! How many files, and so connections, the system lets this process have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit of open files to `wanted`, as far as the system allows, and gives what it is
/// then; `None` if there is none.
pub(super) fn raise_limit(wanted: u64) -> Option<u64> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let allowed = maximum.map_or(wanted, |maximum| wanted.min(maximum));
    if current.is_some_and(|current| current < allowed) {
        let raised = Rlimit { current: Some(allowed), maximum };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, "cannot raise the limit of open files");
        }
    }
    getrlimit(Resource::Nofile).current
}
