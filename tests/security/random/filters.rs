//! Filters of `ListUsers` with letters that mean something to a database, compared with a plain search.

use super::*;
use crate::support::POOL;
use std::collections::BTreeSet;

const FIELDS: [&str; 4] = ["name", "given_name", "family_name", "preferred_username"];

/// What users are called, by field.
const VALUES: [&str; 16] = [
    "a", "A%", "a_", "a\\", "a\"", "a'", "a*", "%", "_", "\\", "\"\"", "ab", "İ", "aΣ", "\u{307}a",
    "😀",
];

fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[test]
fn filters_find_what_they_say_and_nothing_else() {
    type Input = (u8, bool, u8, u8, Vec<u8>);
    let site = Site::new();
    for (number, value) in VALUES.iter().enumerate() {
        site.wait(async {
            let user = site.server.user(&format!("user{number}@example.com"), &[]).await;
            let field = FIELDS[number % FIELDS.len()];
            site.server.edit(&user, |user| user.attributes.set(field, *value)).await;
            site.server.edit(&user, |user| user.attributes.set("name", *value)).await;
        });
    }
    bolero::check!().with_type::<Input>().for_each(|(field, prefix, value, cut, more)| {
        let value = chosen(&VALUES, *value);
        let kept: String = value.chars().take(usize::from(cut % 4)).collect();
        let value = if *cut < 128 { kept } else { kept + &odd(more) };
        let field = *chosen(&FIELDS, *field);
        let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
        let operator = if *prefix { "^=" } else { "=" };
        let filter = format!("{field} {operator} \"{quoted}\"");
        let body = json!({ "UserPoolId": POOL, "Filter": filter });
        let answer = site.wait(site.server.cognito().admin("ListUsers", &body));
        Face::Cognito.check(&answer, &filter);
        if answer.status != 200 {
            assert!(filter.encode_utf16().count() > 256, "{filter} {}", answer.text);
            return;
        }
        let asked = lower(&value);
        let is_meant = |(number, own): &(usize, &&str)| {
            let has = field == "name" || FIELDS[number % FIELDS.len()] == field;
            let own = lower(own);
            has && if *prefix { own.starts_with(&asked) } else { own == asked }
        };
        let expected = VALUES.iter().enumerate().filter(is_meant);
        let expected = expected.map(|(number, _)| format!("user{number}@example.com"));
        let found = answer.json();
        let found = found["Users"].as_array().unwrap().iter().map(|user| {
            let attributes = user["Attributes"].as_array().unwrap();
            let email = attributes.iter().find(|attribute| attribute["Name"] == "email").unwrap();
            email["Value"].as_str().unwrap().to_owned()
        });
        assert_eq!(found.collect::<BTreeSet<_>>(), expected.collect(), "{filter}");
    });
}
