//! What Amazon said of users a moment ago, so that it need not be asked twice.

use poolkeeper_pool::backend::administration::UserDetails;
use poolkeeper_pool::ids::GroupName;
use poolkeeper_pool::time::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Of how many users something is kept.
const MOST: usize = 10_000;

/// Kept by canonical usernames.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    /// How long groups are believed.
    life: Duration,
    groups: Mutex<HashMap<String, (Vec<GroupName>, Timestamp)>>,
    /// How often groups have changed: what was asked before a change is not kept after it.
    changes: AtomicU64,
    users: Mutex<HashMap<String, UserDetails>>,
}

impl Recent {
    /// Groups are believed for so long; zero: never.
    pub(crate) fn new(life: Duration) -> Self {
        Self { life, ..Self::default() }
    }

    /// The groups of a user, if Amazon named them a moment ago.
    pub(crate) fn groups(&self, username: &str, now: Timestamp) -> Option<Vec<GroupName>> {
        let groups = locked(&self.groups);
        let (groups, at) = groups.get(username)?;
        (now.since(*at) < self.life).then(|| groups.clone())
    }

    /// The state of all groups, to be noted before Amazon is asked for some.
    pub(crate) fn state(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Keeps the groups of a user, as Amazon named them when asked in this state.
    pub(crate) fn keep_groups(
        &self,
        username: &str,
        groups: &[GroupName],
        (state, now): (u64, Timestamp),
    ) {
        let mut all = locked(&self.groups);
        if self.life.is_zero() || state != self.state() {
            return;
        }
        insert(&mut all, username, (groups.to_vec(), now));
    }

    /// Groups have changed: nobody's are believed any more.
    pub(crate) fn forget_groups(&self) {
        let mut all = locked(&self.groups);
        self.changes.fetch_add(1, Ordering::SeqCst);
        all.clear();
    }

    /// Keeps what the check of an access token has shown of its user, for the next question of the
    /// same request.
    pub(crate) fn keep_user(&self, user: &UserDetails) {
        insert(&mut locked(&self.users), user.username.as_str(), user.clone());
    }

    /// The same, once.
    pub(crate) fn take_user(&self, username: &str) -> Option<UserDetails> {
        locked(&self.users).remove(username)
    }
}

fn insert<T>(all: &mut HashMap<String, T>, username: &str, value: T) {
    if all.len() >= MOST {
        all.clear();
    }
    all.insert(username.to_owned(), value);
}

fn locked<T>(all: &Mutex<T>) -> MutexGuard<'_, T> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_believed_for_a_while() {
        let at = |millis| Timestamp::from_millis(millis);
        let groups = [GroupName::from("staff")];
        let recent = Recent::new(Duration::from_secs(10));
        let state = recent.state();
        recent.keep_groups("ann", &groups, (state, at(0)));
        assert_eq!(recent.groups("ann", at(9_999)).as_deref(), Some(&groups[..]));
        assert_eq!(recent.groups("ann", at(10_000)), None);
        assert_eq!(recent.groups("ben", at(0)), None);
        recent.forget_groups();
        assert_eq!(recent.groups("ann", at(0)), None);
        recent.keep_groups("ann", &groups, (state, at(0)));
        assert_eq!(recent.groups("ann", at(0)), None, "they were asked for before the change");
        let never = Recent::new(Duration::ZERO);
        never.keep_groups("ann", &groups, (never.state(), at(0)));
        assert_eq!(never.groups("ann", at(0)), None);
    }
}
