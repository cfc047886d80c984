//! Random bodies, and what every reader makes of them. CONTRIBUTING.md says how to go on for longer than
//! the moment that a test takes.

use super::*;
use crate::tests::json::Json;
use serde_json::json;

const NAME: Name = Name::new("name").or("Name");

/// A body is an object exactly if serde's own parser says so. Nothing in a list is kept, so what is in
/// it may be a number too large to keep.
#[test]
fn texts_are_objects_or_told_apart() {
    bolero::check!().with_type::<(Json, Option<(u16, char)>)>().for_each(|(json, change)| {
        let mut letters: Vec<_> = json.value().to_string().chars().collect();
        if let Some((at, letter)) = change {
            let at = usize::from(*at) % letters.len();
            letters[at] = *letter;
        }
        let text: String = letters.iter().collect();
        match (Members::parse(&text), serde_json::from_str(&text)) {
            (Ok(members), Ok(Value::Object(values))) => assert_eq!(members.values, values),
            (Err(BodyFlaw::Null), Ok(Value::Null)) => {}
            (Err(BodyFlaw::NotAnObject), Ok(value)) => assert!(!value.is_object(), "{text}"),
            (Err(BodyFlaw::NotAnObject), Err(_)) => assert!(text.trim().starts_with('['), "{text}"),
            (Err(BodyFlaw::Malformed { position, reason }), Err(_)) => {
                assert!(position <= letters.len() && !reason.is_empty(), "{text}");
            }
            (told, expected) => panic!("{text:?}: {:?}, {expected:?}", told.err()),
        }
    });
}

/// What a text of so many characters is, or what is wrong with it.
fn expected(value: &Value, length: &RangeInclusive<usize>) -> Result<String, Flaw> {
    let text = value.as_str().ok_or(Flaw::WrongType)?;
    match text.chars().count() {
        count if count > *length.end() => Err(Flaw::TooLong(*length.end())),
        count if count < *length.start() => Err(Flaw::TooShort),
        _ => Ok(text.to_owned()),
    }
}

/// What is read of a member of this value, or the one thing that is wrong with it.
fn read<T>(value: &Value, read: impl FnOnce(&mut Members) -> T) -> Result<T, Flaw> {
    let members = Members::parse(&json!({ "Name": value }).to_string()).unwrap();
    members.read(read).map_err(|rejected| {
        let [("name", flaw)] = rejected.flaws[..] else { panic!("{:?}", rejected.flaws) };
        flaw
    })
}

fn bounds(least: u8, more: u8) -> RangeInclusive<usize> {
    usize::from(least % 8)..=usize::from(least % 8) + usize::from(more % 64)
}

#[test]
fn texts_are_read_whole_or_refused() {
    bolero::check!().with_type::<(Json, u8, u8)>().for_each(|(json, least, more)| {
        let (value, length) = (json.value(), bounds(*least, *more));
        let whole = expected(&value, &length);
        let trimmed = value.as_str().map_or(value.clone(), |text| json!(text.trim()));
        let trimmed = expected(&trimmed, &length);
        let secret = read(&value, |m| m.secret(NAME, length.clone()));
        assert_eq!(read(&value, |m| m.text(NAME, length.clone())), whole);
        assert_eq!(secret.map(|secret| secret.expose().to_owned()), whole);
        assert_eq!(read(&value, |m| m.trimmed(NAME, length.clone())), trimmed);
        let nullable = read(&value, |m| m.nullable_text(NAME, length.clone()));
        let optional = read(&value, |m| m.optional_trimmed(NAME, length.clone()));
        if value.is_null() {
            assert_eq!((nullable, optional), (Ok(Some(None)), Ok(None)));
        } else {
            assert_eq!(nullable, whole.map(|text| Some(Some(text))));
            assert_eq!(optional, trimmed.map(Some));
        }
    });
}

/// What was refused tells no secret to whoever renders the refusal.
#[test]
fn secrets_are_gone_whatever_is_wrong() {
    bolero::check!().with_type::<(String, u8, bool)>().for_each(|(text, least, twice)| {
        let name = if *twice { "\"name\":1,\"Name\"" } else { "\"name\"" };
        let members = Members::parse(&format!("{{{name}:{}}}", json!(text))).unwrap();
        let length = usize::from(*least)..=usize::MAX;
        let rejected = members.read(|members| {
            members.secret(NAME, length);
            members.reject(Name::new("other"), Flaw::Missing);
        });
        let left = rejected.err().unwrap().values;
        assert!(left.values().all(|value| value == "" || value == 1), "{left:?}");
    });
}

#[test]
fn lists_and_maps_are_read_whole_or_refused() {
    bolero::check!().with_type::<(Json, u8, u8, u8)>().for_each(|(json, least, more, most)| {
        let (value, count) = (json.value(), bounds(*least % 3, *more % 3));
        let length = 0..=usize::from(*most % 64);
        let fits = |texts: Vec<&Value>| {
            let sound = |text: &&Value| expected(text, &length).is_ok();
            count.contains(&texts.len()) && texts.iter().all(sound)
        };
        let list = read(&value, |m| m.texts(NAME, count.clone(), length.clone()));
        let is_list = value.as_array().is_some_and(|list| fits(list.iter().collect()));
        assert_eq!(list.is_ok(), is_list, "{value} {list:?}");
        assert!(list.is_err() || list == Ok(serde_json::from_value(value.clone()).unwrap()));
        let map = read(&value, |m| m.optional_map(NAME, count.clone(), length.clone()));
        let is_map = value.as_object().is_some_and(|map| fits(map.values().collect()));
        assert_eq!(map.is_ok(), is_map || value.is_null(), "{value} {map:?}");
        assert!(map.is_err() || map == Ok(serde_json::from_value(value).unwrap()));
    });
}

#[test]
fn numbers_and_flags_are_what_was_sent_or_refused() {
    bolero::check!().with_type::<(Json, u8, u8)>().for_each(|(json, least, more)| {
        let (value, range) = (json.value(), bounds(*least, *more));
        let number = read(&value, |m| m.optional_number(NAME, range.clone()));
        if let Ok(Some(number)) = number {
            assert!(value == number && range.contains(&number), "{value}");
        }
        let range = -3..=i64::from(*more);
        if let Ok(Some(number)) = read(&value, |m| m.optional_integer(NAME, &range)) {
            assert!(
                value.as_f64() == Some(f64::from(i32::try_from(number).unwrap()))
                    && range.contains(&number),
                "{value}"
            );
        }
        let flag = read(&value, |m| m.optional_flag(NAME));
        assert_eq!(flag.is_ok(), value.is_null() || value.is_boolean(), "{value}");
        assert!(flag.is_err() || flag == Ok(value.as_bool()));
    });
}
