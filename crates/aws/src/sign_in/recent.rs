//! What Amazon said of users a moment ago, so that it need not be asked twice.

use poolkeeper_pool::backend::administration::UserDetails;
use poolkeeper_pool::ids::{GroupName, Sub};
use poolkeeper_pool::time::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many users are kept at most.
const MOST: usize = 10_000;

/// How long a user is kept for the next question of the same request.
const MOMENT: Duration = Duration::from_secs(1);

/// What was learned when, by the users' subs: a name can be given to somebody else.
type Kept<T> = Mutex<HashMap<Sub, (T, Timestamp)>>;

#[derive(Debug, Default)]
pub(crate) struct Recent {
    /// How long groups are believed.
    life: Duration,
    groups: Kept<Vec<GroupName>>,
    /// How often groups have changed: what was asked before a change is not kept after it.
    changes: AtomicU64,
    users: Kept<UserDetails>,
}

impl Recent {
    /// Groups are believed for so long; zero: never.
    pub(crate) fn new(life: Duration) -> Self {
        Self { life, ..Self::default() }
    }

    /// The groups of a user, if Amazon named them a moment ago.
    pub(crate) fn groups(&self, sub: &Sub, now: Timestamp) -> Option<Vec<GroupName>> {
        let groups = locked(&self.groups);
        let (groups, at) = groups.get(sub)?;
        (now.since(*at) < self.life).then(|| groups.clone())
    }

    /// The state of all groups, to be noted before Amazon is asked for some.
    pub(crate) fn state(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Keeps the groups of a user, as Amazon named them when asked in this state.
    pub(crate) fn keep_groups(
        &self,
        sub: &Sub,
        groups: &[GroupName],
        (state, now): (u64, Timestamp),
    ) {
        let mut all = locked(&self.groups);
        if state == self.state() {
            insert(&mut all, sub, groups.to_vec(), (now, self.life));
        }
    }

    /// Groups have changed: nobody's are believed any more.
    pub(crate) fn forget_groups(&self) {
        let mut all = locked(&self.groups);
        self.changes.fetch_add(1, Ordering::SeqCst);
        all.clear();
    }

    /// Keeps what the check of an access token has shown of its user, for the next question of the
    /// same request.
    pub(crate) fn keep_user(&self, user: UserDetails, now: Timestamp) {
        insert(&mut locked(&self.users), &user.sub.clone(), user, (now, MOMENT));
    }

    /// The same, once.
    pub(crate) fn take_user(&self, sub: &Sub, now: Timestamp) -> Option<UserDetails> {
        let (user, at) = locked(&self.users).remove(sub)?;
        (now.since(at) < MOMENT).then_some(user)
    }
}

/// Old entries make room for a new one; if none are old, all do.
fn insert<T>(
    all: &mut HashMap<Sub, (T, Timestamp)>,
    sub: &Sub,
    value: T,
    (now, life): (Timestamp, Duration),
) {
    if life.is_zero() {
        return;
    }
    if all.len() >= MOST {
        all.retain(|_, (_, at)| now.since(*at) < life);
    }
    if all.len() >= MOST {
        all.clear();
    }
    all.insert(sub.clone(), (value, now));
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
        let (ann, groups) = (Sub::from("ann"), [GroupName::from("staff")]);
        let recent = Recent::new(Duration::from_secs(10));
        let state = recent.state();
        recent.keep_groups(&ann, &groups, (state, at(0)));
        assert_eq!(recent.groups(&ann, at(9_999)).as_deref(), Some(&groups[..]));
        assert_eq!(recent.groups(&ann, at(10_000)), None);
        assert_eq!(recent.groups(&Sub::from("ben"), at(0)), None);
        recent.forget_groups();
        assert_eq!(recent.groups(&ann, at(0)), None);
        recent.keep_groups(&ann, &groups, (state, at(0)));
        assert_eq!(recent.groups(&ann, at(0)), None, "they were asked for before the change");
        let never = Recent::new(Duration::ZERO);
        never.keep_groups(&ann, &groups, (never.state(), at(0)));
        assert_eq!(never.groups(&ann, at(0)), None);
    }
}
