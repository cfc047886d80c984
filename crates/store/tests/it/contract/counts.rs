//! Counts that are kept.

use super::AnyStore;
use crate::records::{at, group, other_pool_id, pool, pool_id, user};
use poolkeeper_pool::change::Change;
use poolkeeper_pool::entity::{Group, User};
use poolkeeper_pool::error::CommitError;
use poolkeeper_pool::ids::{GroupName, PoolId, Sub, Username};
use poolkeeper_pool::ports::{UserCursor, UserPage};
use std::sync::Arc;
use tokio::task::JoinSet;

const GROUPS: [&str; 3] = ["g", "h", "i"];

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn pool(&mut self) -> PoolId {
        if self.below(4) == 0 { other_pool_id() } else { pool_id() }
    }

    fn group(&mut self) -> GroupName {
        GROUPS[usize::try_from(self.below(3)).unwrap()].into()
    }

    /// One of sixty users, of whom many begin alike.
    fn user(&mut self, pool: PoolId) -> User {
        let number = self.below(60);
        let name = format!("{:02x}-{number}", number % 13);
        User {
            pool,
            sub: Sub::from(name.as_str()),
            username: Username::from(name.as_str()),
            ..user("x")
        }
    }

    /// What one commit changes; it may not find what it expects.
    fn changes(&mut self) -> Vec<Change> {
        (0..=self.below(2)).flat_map(|_| self.change()).collect()
    }

    fn change(&mut self) -> Vec<Change> {
        let (pool, name) = (self.pool(), self.group());
        let user = self.user(pool.clone());
        let (sub, version, username_key) = (user.sub.clone(), 1, user.username.to_string());
        let expect = Change::ExpectUser { pool: pool.clone(), sub: sub.clone(), version };
        match self.below(40) {
            0..16 => vec![Change::CreateUser { user: Box::new(user), username_key }],
            16..18 => vec![Change::DeleteUser { pool, sub, version }],
            18..28 => vec![expect, Change::AddToGroup { pool, sub, group: name }],
            28..32 => vec![expect, Change::JoinGroup { pool, sub, group: name }],
            32..36 => vec![Change::RemoveFromGroup { pool, sub, group: name }],
            36 => vec![Change::DeleteGroup { pool, name }],
            37 if self.below(8) == 0 => vec![Change::DeletePool { pool, version }],
            _ => vec![Change::CreateGroup(Group { pool, ..group(name.as_str(), None) })],
        }
    }
}

/// How many there are, one by one.
async fn walked<F: Future<Output = UserPage>>(page: impl Fn(Option<UserCursor>) -> F) -> u64 {
    let (mut count, mut after) = (0, None);
    loop {
        let UserPage { users, next } = page(after).await;
        count += users.len() as u64;
        match next {
            None => return count,
            next => after = next,
        }
    }
}

/// Whatever happens, and however much of it at the same time.
pub(crate) async fn counts_are_those_of_the_records(store: &AnyStore) {
    let mut numbers = Numbers(7);
    let mut highest = [0; 2];
    for _ in 0..60 {
        for record in [pool_id(), other_pool_id()].map(pool) {
            // Unless it is there.
            let _ = store.commit(vec![Change::CreatePool(Box::new(record))]).await;
        }
        let mut commits = JoinSet::new();
        for _ in 0..8 {
            let (store, changes) = (Arc::clone(store), numbers.changes());
            commits.spawn(async move { store.commit(changes).await });
        }
        let sweep = store.sweep(at(0)).await;
        assert!(sweep.is_ok(), "{sweep:?}");
        for answer in commits.join_all().await {
            assert!(!matches!(answer, Err(CommitError::Store(_))), "{answer:?}");
        }
        for pool in [pool_id(), other_pool_id()] {
            let all = async |after: Option<UserCursor>| {
                store.users(&pool, None, after.as_ref(), 50).await.unwrap()
            };
            let users = walked(all).await;
            if let Some((_, counted)) = store.counted_pool(&pool).await.unwrap() {
                assert_eq!(u64::try_from(counted).unwrap(), users);
                highest[0] = users.max(highest[0]);
            }
            for group in GROUPS.map(GroupName::from) {
                let members = async |after: Option<UserCursor>| {
                    store.users_in_group(&pool, &group, after.as_ref(), 50).await.unwrap()
                };
                let members = walked(members).await;
                let slice = store.member_slice(&pool, &group, 0, 0).await.unwrap();
                if let Some((counted, _)) = slice.and_then(|slice| slice.members) {
                    assert_eq!(counted, members);
                    highest[1] = members.max(highest[1]);
                }
            }
        }
    }
    assert!(highest[0] > 20 && highest[1] > 5, "hardly anything was counted: {highest:?}");
}
