//! Records to plan with, and values to ask for them by.

use crate::copy::table::{Column, Table};
use crate::sqlite::copying::tables_of_this_release;
use crate::statement::Value;
use std::collections::BTreeMap;

pub(crate) const POOL: &str = "us-east-1_Plans0001";
/// A user in the middle of all.
const SUB: &str = "7fffffff-0000-4000-a000-000000000000";
const SESSION: &str = "a session";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wanted {
    /// What is true of most users.
    Common,
    /// What is true of three users, the one in the middle among them.
    Rare,
}

/// The fill of the measurements (`docs/scale.md`), whose parameters psql or sqlite3 would set.
pub(super) fn fill(sql: &str, users: u32) -> String {
    let sql = sql.replace(":'pool'", ":pool").replace(":first", "1");
    let sql = sql.replace(":pool", &format!("'{POOL}'"));
    format!("{}{sql}{}", before(), after(users)).replace(":last", &users.to_string())
}

/// The user that all others are made like, and the client that they sign in through.
fn before() -> String {
    let columns = "pool_id, sub, username, username_key, user_status, status, kind, \
        password_set_at, attributes, mfa, created_at, modified_at, version";
    format!(
        "INSERT INTO user_pools (pool_id, settings, version) VALUES ('{POOL}', '{{}}', 1);
         INSERT INTO app_clients (pool_id, client_id, settings, version)
             VALUES ('{POOL}', 'the client', '{{}}', 1);
         INSERT INTO users ({columns}) VALUES ('{POOL}', '{SUB}', '{SUB}', '{SUB}', 'CONFIRMED',
             'Enabled', 'person', 0, '{{}}', '{{}}', 0, 0, 1);"
    )
}

/// What the fill leaves empty: as many rows of every other table, which no two have alike.
fn after(users: u32) -> String {
    let filled = [
        "users",
        "user_counts",
        "user_aliases",
        "user_search",
        "memberships",
        "member_counts",
        "sessions",
    ];
    let tables = tables_of_this_release().unwrap();
    let others = tables.iter().filter(|table| !filled.contains(&&*table.name));
    let others: String = others.map(|table| rows(table, users)).collect();
    format!(
        "INSERT INTO memberships (pool_id, sub, group_name)
             SELECT pool_id, sub, 'few' FROM users WHERE sub >= '{SUB}' ORDER BY sub LIMIT 3;
         INSERT INTO memberships (pool_id, sub, group_name) VALUES ('{POOL}', '{SUB}', 'everyone');
         INSERT INTO user_search (pool_id, field, value, sub)
             SELECT pool_id, 'preferred_username', 'common', sub FROM users;
         UPDATE users SET status = 'Disabled', user_status = 'UNCONFIRMED'
             WHERE sub IN (SELECT sub FROM memberships WHERE group_name = 'few');
         INSERT INTO sessions (pool_id, session_id, sub, client_id, auth_time, expires_at, rotation)
             VALUES ('{POOL}', '{SESSION}', '{SUB}', 'the client', 0, 9000000000000, 0);
         {others}"
    )
}

/// As many rows of a table, which no two have alike.
pub(crate) fn rows(Table { name: table, columns, .. }: &Table, count: u32) -> String {
    let value = |column: &Column| match (column.name.as_str(), column.kind.as_str()) {
        ("pool_id", _) if table != "user_pools" => format!("'{POOL}'"),
        ("given_up_at" | "delivered_at", _) => "NULL".to_owned(),
        (_, "INTEGER") => "number".to_owned(),
        (_, "BLOB") => "CAST('0' AS BLOB)".to_owned(),
        (name, _) => format!("'{name} ' || number"),
    };
    let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<_> = columns.iter().map(value).collect();
    format!(
        "WITH RECURSIVE numbers (number) AS (
             SELECT CAST(1 AS BIGINT) UNION ALL SELECT number + 1 FROM numbers WHERE number < {count})
         INSERT INTO {table} ({}) SELECT {} FROM numbers WHERE TRUE ON CONFLICT DO NOTHING;\n",
        names.join(", "),
        values.join(", "),
    )
}

/// A value for each parameter of a statement, by the column that it is compared with or written to.
pub(super) fn values(sql: &str, wanted: Wanted) -> Vec<Value> {
    let kinds = kinds();
    let mut values = BTreeMap::new();
    for (at, _) in sql.match_indices('$') {
        let digits = sql[at + 1..].split(|c: char| !c.is_ascii_digit()).next().unwrap();
        let number: usize = digits.parse().unwrap();
        let place = Place::of(&sql[..at]);
        values.entry(number).or_insert_with(|| place.value(&kinds, wanted));
    }
    values.into_values().collect()
}

/// The types of all columns, by name.
fn kinds() -> BTreeMap<String, String> {
    let tables = tables_of_this_release().unwrap();
    let columns = tables.into_iter().flat_map(|table| table.columns);
    columns.map(|column| (column.name, column.kind)).collect()
}

/// Where a parameter stands.
struct Place {
    /// The column, or the word before.
    column: String,
    /// Whether it is an end that the column stays below.
    is_end: bool,
    /// Whether it is a list that the column is in.
    is_list: bool,
}

impl Place {
    fn of(before: &str) -> Self {
        let before = before.trim_end();
        let column = |text: &str| last_word(text.trim_end()).to_owned();
        let lists = [" IN (SELECT value FROM json_each(", " = ANY("];
        if let Some(opening) = lists.iter().find_map(|list| before.strip_suffix(list)) {
            return Self { column: column(opening), is_end: false, is_list: true };
        }
        if let Some((opening, index)) = list_around(before) {
            let column = column_of_list(opening.trim_end(), index);
            return Self { column, is_end: false, is_list: false };
        }
        let word = before.strip_suffix("IS NOT DISTINCT FROM").unwrap_or(before);
        let word = word.trim_end_matches(|c: char| "=<>+ ".contains(c));
        Self { column: column(word), is_end: before.ends_with('<'), is_list: false }
    }

    /// A list has the value three times, and more that are not there.
    fn value(&self, kinds: &BTreeMap<String, String>, wanted: Wanted) -> Value {
        match self.one(kinds, wanted) {
            Value::Text(text) if self.is_list => {
                [&*text, &*text, "x", "y", "z", &*text].into_iter().collect()
            }
            value => value,
        }
    }

    fn one(&self, kinds: &BTreeMap<String, String>, wanted: Wanted) -> Value {
        let of = |common, rare| if wanted == Wanted::Common { common } else { rare };
        let text = match self.column.as_str() {
            "LIMIT" => return 60.into(),
            "OFFSET" => return 0.into(),
            "pool_id" => POOL,
            "sub" | "username" | "username_key" => SUB,
            "group_name" => of("everyone", "few"),
            "session_id" => SESSION,
            "client_id" => "the client",
            "alias_key" => "email:person1@example.com",
            "field" => of("preferred_username", "email"),
            "value" => of("common", "person1@example.com"),
            "user_status" => of("CONFIRMED", "UNCONFIRMED"),
            "status" => of("Enabled", "Disabled"),
            column => match kinds.get(column).map(String::as_str) {
                Some("BLOB") => return Value::Blob(vec![0]),
                Some("TEXT") => "text",
                _ => return 1.into(),
            },
        };
        // No text that begins so lies behind.
        let end = if self.is_end { "~" } else { "" };
        format!("{text}{end}").into()
    }
}

/// Where the list begins that the end of a text is inside of, and how many entries of it are before.
fn list_around(before: &str) -> Option<(&str, usize)> {
    if !before.ends_with(['(', ',']) {
        return before.ends_with("SELECT").then_some((before, 0));
    }
    let (mut depth, mut index) = (0, 0);
    for (at, letter) in before.char_indices().rev() {
        match letter {
            ')' => depth += 1,
            '(' if depth == 0 => return Some((&before[..at], index)),
            '(' => depth -= 1,
            ',' if depth == 0 => index += 1,
            'S' if depth == 0 && before[at..].starts_with("SELECT ") => {
                return Some((&before[..at + 6], index));
            }
            _ => {}
        }
    }
    None
}

/// The column that an entry of a list is for: of those written to, or of those compared with it.
fn column_of_list(opening: &str, index: usize) -> String {
    let of = |columns: &str| columns.split(',').nth(index).unwrap_or_default().trim().to_owned();
    if opening.ends_with("VALUES") || opening.ends_with("SELECT") {
        let columns = opening.split_once("INSERT INTO ").and_then(|(_, rest)| rest.split_once('('));
        return columns.and_then(|(_, rest)| rest.split_once(')')).map_or_else(
            // The searchable attributes of a user, each with its name.
            || "value".to_owned(),
            |(columns, _)| of(columns),
        );
    }
    let opening = opening.trim_end_matches(|c: char| "=<> ".contains(c));
    match opening.strip_suffix(')').and_then(|inner| inner.rsplit_once('(')) {
        Some((_, columns)) => last_word(&of(columns)).to_owned(),
        None => last_word(opening).to_owned(),
    }
}

/// The last word, without the table's name in front.
fn last_word(text: &str) -> &str {
    text.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default()
}
