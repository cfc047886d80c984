//! Listing users: which statement answers a filter, and where a page starts.

use crate::sql;
use crate::statement::{Effort, Query, Value, values};
use poolkeeper_pool::entity::Tenant;
use poolkeeper_pool::ids::{GroupName, PoolId};
use poolkeeper_pool::ports::{FilterField, UserCursor, UserFilter};

/// The query for a page of at most `limit` rows.
pub(crate) fn query(
    pool: &PoolId,
    filter: Option<&UserFilter>,
    after: Option<&UserCursor>,
    limit: i64,
) -> Query {
    let mut parameters = values![pool.as_str()];
    let after_sub = after.map_or("", |cursor| cursor.sub.as_str());
    let Some(filter) = filter else {
        parameters.extend(values![after_sub, limit]);
        return Query { table: "users", sql: sql::LIST_USERS, effort: Effort::Listing, parameters };
    };
    if let FilterField::Attribute(attribute) = filter.field {
        parameters.push(attribute.name().into());
    }
    let listing = sql::listing_by(filter.field);
    let value = compared(filter);
    let (sql, end) = match (filter.prefix, end_of_prefix(&value)) {
        (false, _) => (listing.equal, Some(value.clone())),
        (true, Some(end)) => (listing.below, Some(end)),
        (true, None) => (listing.endless, None),
    };
    // No `sub` is empty, so that the first page starts with the value itself.
    let start = (value.as_str(), "");
    let start = after.map_or(start, |row| start.max((&row.value, row.sub.as_str())));
    parameters.extend(end.map(Value::from));
    parameters.extend(values![start.0, start.1]);
    parameters.push(limit.into());
    Query { table: "users", sql, effort: Effort::Listing, parameters }
}

/// The query for a page of a group's users.
pub(crate) fn in_group(
    pool: &PoolId,
    group: &GroupName,
    after: Option<&UserCursor>,
    limit: i64,
) -> Query {
    let after = after.map_or("", |cursor| cursor.sub.as_str());
    let parameters = values![pool.as_str(), group.as_str(), after, limit];
    Query { table: "users", sql: sql::LIST_USERS_IN_GROUP, effort: Effort::Listing, parameters }
}

/// The query for a page of a tenant's machine credentials.
pub(crate) fn credentials(tenant: &Tenant, after: Option<&UserCursor>, limit: i64) -> Query {
    let after = after.map_or("", |cursor| cursor.sub.as_str());
    let parameters = values![tenant.pool.as_str(), tenant.id.as_str(), after, limit];
    Query { table: "users", sql: sql::CREDENTIALS, effort: Effort::Listing, parameters }
}

/// The value in the form in which it is stored.
fn compared(filter: &UserFilter) -> String {
    match filter.field {
        FilterField::Username | FilterField::UserStatus | FilterField::Status => {
            filter.value.clone()
        }
        FilterField::Sub | FilterField::Attribute(_) => lower(&filter.value),
    }
}

/// Letter by letter: `str::to_lowercase` writes a sigma one way inside a word and another way at
/// its end, and then a prefix would not be the beginning of what it is a prefix of.
pub(crate) fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The first text after all that begin with `prefix`, in the order of code points; `None` if every
/// text from `prefix` on begins with it.
fn end_of_prefix(prefix: &str) -> Option<String> {
    let mut kept = prefix.chars();
    while let Some(last) = kept.next_back() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            return Some(kept.chain([next]).collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_the_next_text_of_its_length_or_shorter() {
        let end = |prefix| end_of_prefix(prefix);
        assert_eq!(end("ab").as_deref(), Some("ac"));
        assert_eq!(end("50%").as_deref(), Some("50&"));
        assert_eq!(end("a\u{D7FF}").as_deref(), Some("a\u{E000}"));
        assert_eq!(end("a\u{10FFFF}\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(end("\u{10FFFF}"), None);
        assert_eq!(end(""), None);
    }
}
