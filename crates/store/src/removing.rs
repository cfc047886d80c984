//! Removing what is gone for callers, a portion at a time.
//!
//! Each portion is a commit of its own, so that others come in between. It holds the note of the removal
//! first: of several nodes, one after the other removes a portion. Nothing is left where a portion has
//! found nothing; one that was not full may have met rows that somebody else removed.

use crate::changes::removals::{Removal, Removed};
use crate::database::Database;
use crate::rows;
use crate::sql::removal;
use crate::statement::{Statement, values};
use crate::store::SqlStore;
use poolkeeper_pool::error::{CommitError, StoreError};

/// The portions that whoever takes a name removes of what had it: half a million rows. After that the
/// name counts as taken; the sweep goes on.
const MOST_PORTIONS: usize = 1_000;

impl<D: Database> SqlStore<D> {
    /// Removes what is left of what had a name before. False if nothing was, or something still is.
    pub(crate) async fn make_way(&self, before: &Removal) -> Result<bool, StoreError> {
        let mut portions = 0;
        let query = ("removals", removal::REMOVAL);
        while let Some(removal) = self.one(query, before.key(), rows::removal).await? {
            if portions == MOST_PORTIONS {
                return Ok(false);
            }
            self.remove_portion(&removal).await?;
            portions += 1;
        }
        Ok(portions > 0)
    }

    /// Removes a portion, and the note if nothing is left. Does nothing if another node has got further
    /// than was read.
    pub(crate) async fn remove_portion(&self, removal: &Removal) -> Result<(), StoreError> {
        match removal.kind {
            Removed::Pool => self.empty_pool(removal).await,
            Removed::Client => self.end_sessions(removal).await,
            Removed::Group => self.empty_group(removal).await,
        }
    }

    /// Runs statements in a commit. `None` if it was refused.
    pub(crate) async fn attempt(
        &self,
        statements: Vec<Statement>,
    ) -> Result<Option<Vec<u64>>, StoreError> {
        match self.run(vec![statements]).await {
            Ok(rows) => Ok(Some(rows)),
            Err(CommitError::Refused(_)) => Ok(None),
            Err(CommitError::Store(error)) => Err(error),
        }
    }

    /// Goes on at the table that it was at. From whichever it was, all are looked at once more before
    /// the end: a commit that was under way may have come late.
    async fn empty_pool(&self, removal: &Removal) -> Result<(), StoreError> {
        let start = removal.progress.parse().unwrap_or(0);
        let mut removed = 0;
        for (number, sql) in removal::EMPTY_POOL.iter().enumerate().skip(start) {
            loop {
                let portion = Statement::unguarded(sql, values![removal.pool.as_str()]);
                match self.attempt(vec![removal.expect(), portion]).await?.as_deref() {
                    None => return Ok(()),
                    Some(&[_, rows]) if rows > 0 => removed += rows,
                    Some(_) => break,
                }
                if removed >= removal::PORTION {
                    if number != start {
                        self.attempt(vec![removal.advance(&number.to_string())]).await?;
                    }
                    return Ok(());
                }
            }
        }
        let next = if start == 0 { removal.end() } else { removal.advance("") };
        self.attempt(vec![removal.expect(), next]).await.map(drop)
    }

    async fn end_sessions(&self, removal: &Removal) -> Result<(), StoreError> {
        let (pool, after) = (removal.pool.as_str(), removal.progress.as_str());
        let last = ("sessions", removal::SESSIONS_UP_TO);
        let last = self.list(last, values![pool, after], rows::last_session).await?;
        let last = last.into_iter().next().flatten();
        let statements = match &last {
            None => vec![removal.expect(), removal.end()],
            Some(last) => {
                let parameters = values![pool, after, last.as_str(), removal.name.as_str()];
                let portion = Statement::unguarded(removal::REMOVE_SESSIONS_THROUGH, parameters);
                vec![removal.advance(last), portion]
            }
        };
        self.attempt(statements).await.map(drop)
    }

    async fn empty_group(&self, removal: &Removal) -> Result<(), StoreError> {
        let group = || values![removal.pool.as_str(), removal.name.as_str()];
        let portion = Statement::unguarded(removal::REMOVE_MEMBERS, group());
        let rows = self.attempt(vec![removal.expect(), portion]).await?;
        if !matches!(rows.as_deref(), Some([_, 0])) {
            return Ok(());
        }
        let counts = Statement::unguarded(removal::REMOVE_MEMBER_COUNTS, group());
        self.attempt(vec![removal.expect(), counts, removal.end()]).await.map(drop)
    }
}

#[cfg(test)]
mod tests;
