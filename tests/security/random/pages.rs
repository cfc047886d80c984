//! Where listings go on, and how long their pages are.

use super::*;
use crate::support::POOL;

/// A listing of which there is more than one page.
struct Listing {
    /// What is listed. Of two that list the same, one may go on where the other was.
    of: &'static str,
    /// An operation of Cognito's protocol, or method and path.
    call: &'static str,
    body: Value,
    /// The name of the cursor in the question, and a pointer to it in the answer.
    cursor: (&'static str, &'static str),
}

fn listings(user: &str) -> Vec<Listing> {
    let next = ("NextToken", "/NextToken");
    let token = ("PaginationToken", "/PaginationToken");
    let listing = |of, call, body, cursor| Listing { of, call, body, cursor };
    let filtered = |filter| json!({ "UserPoolId": POOL, "Limit": 1, "Filter": filter });
    let one = || json!({ "UserPoolId": POOL, "Limit": 1 });
    let group = json!({ "UserPoolId": POOL, "Limit": 1, "GroupName": "admin" });
    let groups = json!({ "UserPoolId": POOL, "Limit": 1, "Username": user });
    let clients = json!({ "UserPoolId": POOL, "MaxResults": 1 });
    let portal = ("pagination_token", "/pagination_token");
    let tenant = ("NextPageToken", "/data/NextPageToken");
    vec![
        listing("users", "ListUsers", one(), token),
        listing("users", "GET /api/admin/users?limit=1", Value::Null, portal),
        listing("a", "ListUsers", filtered("email ^= \"a\""), token),
        listing("ad", "ListUsers", filtered("email ^= \"ad\""), token),
        listing("members", "ListUsersInGroup", group, next),
        listing("groups", "ListGroups", one(), next),
        listing("groups of a user", "AdminListGroupsForUser", groups, next),
        listing("clients", "ListUserPoolClients", clients, next),
        listing("pools", "ListUserPools", json!({ "MaxResults": 1 }), next),
        listing("credentials", "POST /Credentials", json!({ "PageSize": 1 }), tenant),
    ]
}

async fn ask(
    server: &TestServer,
    administrator: &Administrator,
    listing: &Listing,
    cursor: Option<&str>,
) -> (Face, Answer) {
    let Listing { call, body, cursor: (name, _), .. } = listing;
    let mut body = body.clone();
    if let (Some(body), Some(cursor)) = (body.as_object_mut(), cursor) {
        body.insert((*name).to_owned(), json!(cursor));
    }
    let Some((_, path)) = call.split_once(' ') else {
        return (Face::Cognito, server.cognito().admin(call, &body).await);
    };
    let face = if path.starts_with("/api") { Face::Portal } else { Face::Tenant };
    let bearer = administrator.bearer(face);
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let query = cursor.filter(|_| body.is_null()).map(|text| format!("&{name}={}", escaped(text)));
    let line = [call, query.as_deref().unwrap_or_default()].concat();
    (face, server.call(&line, &headers, body.to_string()).await)
}

async fn populated(server: &TestServer) -> Administrator {
    let administrator = Administrator::new(server, 0).await;
    Administrator::new(server, 1).await;
    let bearer = administrator.bearer(Face::Tenant);
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    for name in ["a", "b"] {
        let body = json!({ "Name": name, "Grants": [] }).to_string();
        let made = server.call("POST /Credentials/Create", &headers, body).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }
    administrator
}

/// A cursor goes on with the listing that it is of, whole. Changed in one letter, made up, or at another
/// listing, it is refused.
#[test]
fn a_cursor_is_good_whole_and_at_its_own_listing() {
    type Input = (u8, u8, Option<(u16, Vec<u8>)>);
    let site = Site::new();
    let administrator = site.wait(populated(&site.server));
    let listings = listings(&administrator.name);
    let ask = |listing: &Listing, cursor: Option<&str>| {
        site.wait(ask(&site.server, &administrator, listing, cursor))
    };
    let first = |listing: &Listing| ask(listing, None).1.get(listing.cursor.1);
    let cursors: Vec<_> = listings.iter().map(first).collect();
    let input = AssertUnwindSafe((listings, cursors, ask));
    bolero::check!().with_type::<Input>().for_each(|(from, to, change)| {
        let (listings, cursors, ask) = &*input;
        let (from, to) = (usize::from(*from) % listings.len(), usize::from(*to) % listings.len());
        let mut cursor = cursors[from].clone();
        if let Some((at, put)) = change {
            let at = usize::from(*at) % cursor.len();
            cursor.replace_range(at..=at, &odd(put));
        }
        let is_same = listings[from].of == listings[to].of && cursor == cursors[from];
        let (face, answer) = ask(&listings[to], Some(&cursor));
        assert_eq!(answer.status == 200, is_same, "{cursor} {}", answer.text);
        face.check(&answer, &cursor);
    });
}

/// A page of the partner's users has as many as were asked for, and never more than fifty.
#[test]
fn pages_are_as_long_as_they_may_be() {
    let site = Site::new();
    let administrator = site.wait(populated(&site.server));
    let bearer = administrator.bearer(Face::Partner);
    bolero::check!().with_type::<[(u64, u8, Vec<u8>); 2]>().for_each(|numbers| {
        let texts = numbers.each_ref().map(|(number, form, put)| match form % 4 {
            0 => number.to_string(),
            1 => (number % 64).to_string(),
            2 => format!("{number}{number}"),
            _ => odd(put),
        });
        let [page, limit] = &texts;
        let path = format!("/auth/partners/users?page={}&limit={}", escaped(page), escaped(limit));
        let authorization = [("authorization", bearer.as_str())];
        let answer = site.wait(site.server.bare("GET", &path, &authorization));
        Face::Partner.check(&answer, &path);
        let number = |text: &str| {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            let number = is_number.then(|| text.parse().unwrap_or(u64::MAX));
            number.filter(|number| *number > 0)
        };
        let wanted = |text: &str, usual| if text.is_empty() { Some(usual) } else { number(text) };
        let expected = wanted(page, 1).zip(wanted(limit, 50));
        assert_eq!(answer.status == 200, expected.is_some(), "{path} {}", answer.text);
        if let Some((page, limit)) = expected {
            let told = answer.json();
            assert_eq!((&told["page"], &told["limit"]), (&json!(page), &json!(limit.min(50))));
            let items = told["items"].as_array().unwrap().len() as u64;
            assert!(items <= limit.min(50));
        }
    });
}
