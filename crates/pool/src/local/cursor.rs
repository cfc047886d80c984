//! Where a listing goes on: sealed, good for that listing alone and for an hour.

use super::Local;
use crate::backend::administration::Listing;
use crate::crypto::seal::{Context, SealPurpose, Sealed};
use crate::error::{Invalid, Refusal};
use crate::ids::PoolId;
use crate::time::Timestamp;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a listing may be continued.
const LIFE: Duration = Duration::from_hours(1);

/// The listing a cursor belongs to: its pool, and a text that no other listing of the pool has.
#[derive(Clone, Copy)]
pub(super) struct Listed<'a> {
    pub(super) pool: &'a PoolId,
    pub(super) what: &'a str,
}

/// A cursor as it travels.
#[derive(Serialize, Deserialize)]
struct SealedCursor<C> {
    after: C,
    expires_at: Timestamp,
}

impl Local {
    pub(super) fn seal_cursor<C: Serialize>(&self, listed: Listed<'_>, after: C) -> String {
        let cursor = SealedCursor { after, expires_at: self.now().after(LIFE) };
        BASE64.encode(self.sealer().seal_record(context(listed), &cursor, self.rng()).as_bytes())
    }

    pub(super) fn open_cursor<C: DeserializeOwned>(
        &self,
        listed: Listed<'_>,
        cursor: Option<&str>,
    ) -> Result<Option<C>, Refusal> {
        let Some(cursor) = cursor else { return Ok(None) };
        let invalid = || Refusal::invalid(Invalid::PaginationToken);
        let sealed = Sealed::from_bytes(BASE64.decode(cursor).map_err(|_| invalid())?);
        let opened = self.sealer().open_record(context(listed), &sealed);
        let cursor: SealedCursor<C> = opened.map_err(|_| invalid())?;
        let is_live = cursor.expires_at.is_ahead(self.now(), LIFE);
        if is_live { Ok(Some(cursor.after)) } else { Err(invalid()) }
    }

    /// A page of entries of which one more than `limit` was asked for, if there are so many.
    pub(super) fn page<T, C: Serialize>(
        &self,
        listed: Listed<'_>,
        mut entries: Vec<T>,
        limit: usize,
        cursor_of: impl Fn(&T) -> C,
    ) -> Listing<T> {
        let more = entries.len() > limit;
        entries.truncate(limit);
        let last = entries.last().filter(|_| more);
        let next = last.map(|last| self.seal_cursor(listed, cursor_of(last)));
        Listing { entries, next }
    }
}

fn context(listed: Listed<'_>) -> Context<'_> {
    Context { purpose: SealPurpose::Cursor, pool: listed.pool, subject: listed.what }
}
