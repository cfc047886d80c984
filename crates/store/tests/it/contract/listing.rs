//! Listing users.

use super::{AnyStore, done};
use crate::records::{create, other_pool_id, pool_id, update, user};
use poolkeeper_pool::entity::{User, UserStatus};
use poolkeeper_pool::ids::Sub;
use poolkeeper_pool::ports::{FilterField, UserFilter};

fn equal(field: &str, value: &str) -> UserFilter {
    UserFilter { prefix: false, ..prefix(field, value) }
}

fn prefix(field: &str, value: &str) -> UserFilter {
    let field = FilterField::named(field).unwrap();
    UserFilter { field, value: value.to_owned(), prefix: true }
}

/// The usernames on each page.
async fn pages(
    store: &AnyStore,
    filter: impl Into<Option<UserFilter>>,
    limit: usize,
) -> Vec<Vec<String>> {
    let filter = filter.into();
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = store.users(&pool_id(), filter.as_ref(), after.as_ref(), limit).await.unwrap();
        pages.push(page.users.iter().map(|user| user.username.to_string()).collect());
        after = page.next;
        if after.is_none() || pages.len() > 100 {
            return pages;
        }
    }
}

/// All usernames, which must be the same however they are paged.
async fn names(store: &AnyStore, filter: UserFilter) -> Vec<String> {
    let all = pages(store, filter.clone(), 100).await.concat();
    for limit in [1, 2, 3] {
        let paged = pages(store, filter.clone(), limit).await.concat();
        assert_eq!(paged, all, "{filter:?} by {limit}");
    }
    all
}

async fn add(store: &AnyStore, users: impl IntoIterator<Item = User>) {
    done(store, users.into_iter().map(|user| create(&user))).await;
}

fn with(name: &str, attribute: &str, value: &str) -> User {
    User { attributes: [(attribute, value)].into_iter().collect(), ..user(name) }
}

pub(crate) async fn pages_of_all_users(store: &AnyStore) {
    assert_eq!(pages(store, None, 2).await, [[""; 0]]);
    add(store, ["c", "a", "e", "b", "d"].map(user)).await;
    add(store, [User { pool: other_pool_id(), ..user("f") }]).await;
    assert_eq!(pages(store, None, 2).await, [vec!["a", "b"], vec!["c", "d"], vec!["e"]]);
    let read = store.users(&pool_id(), None, None, 1).await.unwrap();
    assert_eq!(read.users, [user("a")]);
}

pub(crate) async fn the_last_page_may_be_full(store: &AnyStore) {
    add(store, ["a", "b", "c", "d"].map(user)).await;
    assert_eq!(pages(store, None, 2).await, [["a", "b"], ["c", "d"]]);
    assert_eq!(pages(store, None, 4).await, [["a", "b", "c", "d"]]);
    assert_eq!(pages(store, prefix("username", ""), 2).await, [["a", "b"], ["c", "d"]]);
    assert_eq!(pages(store, equal("status", "Enabled"), 2).await, [["a", "b"], ["c", "d"]]);
    let none = store.users(&pool_id(), None, None, 0).await.unwrap();
    assert_eq!((none.users, none.next), (Vec::new(), None));
}

pub(crate) async fn by_each_searchable_attribute(store: &AnyStore) {
    let fields =
        ["email", "phone_number", "name", "given_name", "family_name", "preferred_username"];
    add(store, fields.map(|field| with(field, field, "Émile@Example"))).await;
    for field in fields {
        assert_eq!(names(store, equal(field, "émile@EXAMPLE")).await, [field]);
        assert_eq!(names(store, prefix(field, "ÉM")).await, [field]);
        assert_eq!(names(store, prefix(field, "")).await, [field]);
        assert_eq!(names(store, equal(field, "émile")).await, [""; 0]);
        assert_eq!(names(store, prefix(field, "milE")).await, [""; 0]);
        assert_eq!(names(store, equal(field, "")).await, [""; 0]);
    }
}

pub(crate) async fn case_is_folded_letter_by_letter(store: &AnyStore) {
    add(store, [with("o", "name", "ΟΔΥΣΣΕΥΣ"), with("i", "name", "İstanbul")]).await;
    assert_eq!(names(store, prefix("name", "ΟδυΣ")).await, ["o"]);
    assert_eq!(names(store, equal("name", "οδυσσευσ")).await, ["o"]);
    assert_eq!(names(store, prefix("name", "İSTAN")).await, ["i"]);
}

pub(crate) async fn by_username_and_sub(store: &AnyStore) {
    add(store, ["ada", "Bob", "adam", "adB"].map(user)).await;
    assert_eq!(names(store, equal("username", "ada")).await, ["ada"]);
    assert_eq!(names(store, equal("username", "ADA")).await, [""; 0]);
    assert_eq!(names(store, prefix("username", "ada")).await, ["ada", "adam"]);
    assert_eq!(names(store, prefix("username", "")).await, ["Bob", "adB", "ada", "adam"]);
    assert_eq!(names(store, equal("sub", "SUB-ada")).await, ["ada"]);
    assert_eq!(names(store, prefix("sub", "sub-ADA")).await, ["ada", "adam"]);
    assert_eq!(names(store, prefix("sub", "sub-c")).await, [""; 0]);
}

pub(crate) async fn by_both_kinds_of_status(store: &AnyStore) {
    let status = |name, status| User { status, ..user(name) };
    let off = User { enabled: false, ..user("a") };
    let waiting = [
        status("c", UserStatus::Unconfirmed),
        status("b", UserStatus::ForceChangePassword),
        status("d", UserStatus::ResetRequired),
    ];
    add(store, [off, user("e")].into_iter().chain(waiting)).await;
    assert_eq!(names(store, equal("status", "Disabled")).await, ["a"]);
    assert_eq!(names(store, equal("status", "disabled")).await, [""; 0]);
    assert_eq!(names(store, prefix("status", "En")).await, ["b", "c", "d", "e"]);
    assert_eq!(names(store, prefix("status", "")).await, ["a", "b", "c", "d", "e"]);
    let field = "cognito:user_status";
    assert_eq!(names(store, equal(field, "CONFIRMED")).await, ["a", "e"]);
    assert_eq!(names(store, equal(field, "Confirmed")).await, [""; 0]);
    assert_eq!(names(store, prefix(field, "FORCE")).await, ["b"]);
    assert_eq!(names(store, prefix(field, "")).await, ["a", "e", "b", "d", "c"]);
}

pub(crate) async fn ties_are_split_over_pages(store: &AnyStore) {
    let same = ["a", "b", "c", "d", "e"].map(|name| with(name, "name", "Same"));
    add(store, same.into_iter().chain([with("f", "name", "Same!"), with("0", "name", "Sand")]))
        .await;
    assert_eq!(
        pages(store, equal("name", "same"), 2).await,
        [vec!["a", "b"], vec!["c", "d"], vec!["e"]]
    );
    assert_eq!(
        pages(store, prefix("name", "sa"), 3).await,
        [vec!["a", "b", "c"], vec!["d", "e", "f"], vec!["0"]]
    );
}

pub(crate) async fn a_prefix_is_taken_literally(store: &AnyStore) {
    let values = [
        "50%",
        "50% off",
        "50x",
        "a_b",
        "acb",
        "it's",
        "it\"s",
        "a\u{10FFFF}",
        "a\u{10FFFF}z",
        "a\u{D7FF}",
        "a\u{E000}",
        "b",
        "\u{10FFFF}",
        "\u{10FFFF}\u{10FFFF}x",
        "*",
        "\\",
        "%",
        "_",
    ];
    let user = |(i, value)| User { sub: Sub::new(format!("{i:02}")), ..with(value, "name", value) };
    add(store, values.into_iter().enumerate().map(user)).await;
    let prefixes = values.iter().copied().chain(["", "5", "a", "it", "zz", "'; DROP TABLE users"]);
    for start in prefixes {
        let mut expected: Vec<&str> = values.into_iter().filter(|v| v.starts_with(start)).collect();
        expected.sort_unstable();
        assert_eq!(names(store, prefix("name", start)).await, expected, "{start:?}");
        assert_eq!(names(store, prefix("username", start)).await, expected, "{start:?}");
        expected.retain(|value| *value == start);
        assert_eq!(names(store, equal("name", start)).await, expected, "{start:?}");
    }
}

pub(crate) async fn a_search_follows_updates(store: &AnyStore) {
    let mut ada = with("ada", "email", "old@example.com");
    ada.attributes.set("name", "Ada");
    add(store, [ada.clone()]).await;
    ada.attributes.set("email", "new@example.com");
    ada.attributes.set("name", "");
    ada.attributes.set("family_name", "Lovelace");
    done(store, [update(&ada)]).await;
    assert_eq!(names(store, equal("email", "old@example.com")).await, [""; 0]);
    assert_eq!(names(store, equal("email", "new@example.com")).await, ["ada"]);
    assert_eq!(names(store, prefix("name", "")).await, [""; 0]);
    assert_eq!(names(store, equal("family_name", "lovelace")).await, ["ada"]);
    let off = User { enabled: false, status: UserStatus::ResetRequired, version: 2, ..ada };
    done(store, [update(&off)]).await;
    assert_eq!(names(store, equal("status", "Disabled")).await, ["ada"]);
    assert_eq!(names(store, equal("email", "new@example.com")).await, ["ada"]);
    assert_eq!(names(store, equal("cognito:user_status", "CONFIRMED")).await, [""; 0]);
}
