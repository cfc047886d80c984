use super::*;

const ID: Name = Name::new("id").or("Id");
const KEY: Name = Name::new("key");

fn read(text: &str) -> Result<(String, Secret), Vec<(&'static str, Flaw)>> {
    let members = Members::parse(text).unwrap();
    let read = members.read(|m| (m.trimmed(ID, 1..=3), m.secret(KEY, 1..=3)));
    read.map_err(|rejected| rejected.flaws)
}

#[test]
fn members_are_read_under_either_name() {
    let expected = || Ok(("a".to_owned(), Secret::from(" k ")));
    assert_eq!(read(r#"{"id":" a ","key":" k ","more":[{}]}"#), expected());
    assert_eq!(read(r#"{"Id":"a","key":" k "}"#), expected());
}

#[test]
fn all_problems_are_told_at_once() {
    use Flaw::{Missing, Repeated, TooLong, TooShort, WrongType};
    let cases = [
        ("{}", vec![("id", Missing), ("key", Missing)]),
        (r#"{"id":1,"key":null}"#, vec![("id", WrongType), ("key", WrongType)]),
        (r#"{"id":"  ","key":"äöüß"}"#, vec![("id", TooShort), ("key", TooLong(3))]),
        (r#"{"id":"a","id":"b","key":"k"}"#, vec![("id", Repeated)]),
        (r#"{"id":"a","Id":"a","key":"k"}"#, vec![("id", Repeated)]),
        (r#"{"ID":"a","Key":"k"}"#, vec![("id", Missing), ("key", Missing)]),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text), Err(expected), "{text}");
    }
}

#[test]
fn optional_members_may_be_absent_or_null_but_not_of_another_type() {
    let read = |text: &str| {
        let read =
            Members::parse(text).unwrap().read(|m| (m.flag(ID), m.optional_secret(KEY, 0..=3)));
        read.map_err(|rejected| rejected.flaws)
    };
    assert_eq!(read("{}"), Ok((false, None)));
    assert_eq!(read(r#"{"id":null,"key":null}"#), Ok((false, None)));
    assert_eq!(read(r#"{"id":true,"key":""}"#), Ok((true, Some(Secret::from("")))));
    let wrong = vec![("id", Flaw::WrongType), ("key", Flaw::WrongType)];
    assert_eq!(read(r#"{"id":"true","key":1}"#), Err(wrong));
}

#[test]
fn what_is_no_object_is_told_apart() {
    let flaw = |text: &str| Members::parse(text).err();
    assert_eq!(flaw("null"), Some(BodyFlaw::Null));
    for other in ["[{}]", "1", "-1", "1.5", "true", r#""x""#] {
        assert_eq!(flaw(other), Some(BodyFlaw::NotAnObject), "{other}");
    }
    let reason = "trailing characters".to_owned();
    assert_eq!(flaw("{}\n ä"), Some(BodyFlaw::Malformed { position: 4, reason }));
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    assert_eq!(flaw(&deep), Some(BodyFlaw::TooDeep));
    for bad in ["{", "{]", "{\"a\":}", "\u{feff}{}", "{\"a\":\"\\ud800\"}", "{\"a\":1e400}"] {
        assert!(matches!(flaw(bad), Some(BodyFlaw::Malformed { .. })), "{bad}");
    }
}

#[test]
fn one_of_several_texts_is_what_it_stands_for() {
    let read = |text: &str| {
        let read = Members::parse(text).unwrap().read(|m| m.one_of(ID, &[("a", 1), ("b", 2)]));
        read.map_err(|rejected| rejected.flaws)
    };
    assert_eq!(read(r#"{"Id":"b"}"#), Ok(Some(2)));
    let cases = [
        (r#"{"id":"A"}"#, Flaw::Unknown),
        (r#"{"id":""}"#, Flaw::Unknown),
        (r#"{"id":1}"#, Flaw::WrongType),
        (r#"{"id":null}"#, Flaw::WrongType),
        ("{}", Flaw::Missing),
    ];
    for (text, flaw) in cases {
        assert_eq!(read(text), Err(vec![("id", flaw)]), "{text}");
    }
    let optional = |text: &str| {
        let choices = [("a", 1), ("b", 2)];
        let read = Members::parse(text).unwrap().read(|m| m.optional_one_of(ID, &choices));
        read.map_err(|rejected| rejected.flaws)
    };
    assert_eq!(optional(r#"{"Id":"b"}"#), Ok(Some(2)));
    assert_eq!(optional(r#"{"id":null}"#), Ok(None));
    assert_eq!(optional("{}"), Ok(None));
    assert_eq!(optional(r#"{"id":"A"}"#), Err(vec![("id", Flaw::Unknown)]));
    assert_eq!(optional(r#"{"id":1}"#), Err(vec![("id", Flaw::WrongType)]));
}

#[test]
fn optional_texts_are_measured_only_if_given() {
    let read = |text: &str| {
        let read = Members::parse(text).unwrap();
        let read = read.read(|m| (m.optional_trimmed(ID, 1..=3), m.nullable_text(KEY, 1..=3)));
        read.map_err(|rejected| rejected.flaws)
    };
    assert_eq!(read("{}"), Ok((None, None)));
    assert_eq!(read(r#"{"id":null,"key":null}"#), Ok((None, Some(None))));
    let both = (Some("a".to_owned()), Some(Some(" k ".to_owned())));
    assert_eq!(read(r#"{"id":" a ","key":" k "}"#), Ok(both));
    let cases = [
        (r#"{"id":"  ","key":""}"#, Flaw::TooShort),
        (r#"{"id":"abcd","key":"abcd"}"#, Flaw::TooLong(3)),
        (r#"{"id":1,"key":[]}"#, Flaw::WrongType),
        (r#"{"id":"a","id":"a","key":"a","key":"a"}"#, Flaw::Repeated),
    ];
    for (text, flaw) in cases {
        assert_eq!(read(text), Err(vec![("id", flaw), ("key", flaw)]), "{text}");
    }
}

#[test]
fn lists_are_measured_and_so_is_each_text() {
    let read = |text: &str| {
        let read = Members::parse(text).unwrap();
        let read = read.read(|m| (m.texts(ID, 1..=2, 1..=3), m.optional_texts(KEY, 1..=2, 1..=3)));
        read.map_err(|rejected| rejected.flaws)
    };
    let list = || vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(read(r#"{"id":["a","b"]}"#), Ok((list(), None)));
    assert_eq!(read(r#"{"id":["a","b"],"key":null}"#), Ok((list(), None)));
    assert_eq!(read(r#"{"Id":["a","b"],"key":["a","b"]}"#), Ok((list(), Some(list()))));
    assert_eq!(read("{}"), Err(vec![("id", Flaw::Missing)]));
    assert_eq!(read(r#"{"id":null}"#), Err(vec![("id", Flaw::WrongType)]));
    let cases = [
        ("[]", Flaw::TooShort),
        (r#"["a",""]"#, Flaw::TooShort),
        (r#"["a","b","c"]"#, Flaw::TooLong(2)),
        (r#"["abcd"]"#, Flaw::TooLong(3)),
        (r#"["a",1]"#, Flaw::WrongType),
        (r#""a""#, Flaw::WrongType),
        (r#"{"0":"a"}"#, Flaw::WrongType),
    ];
    for (value, flaw) in cases {
        let text = format!(r#"{{"id":{value},"key":{value}}}"#);
        assert_eq!(read(&text), Err(vec![("id", flaw), ("key", flaw)]), "{text}");
    }
}

#[test]
fn maps_and_flags_may_be_left_out() {
    let read = |text: &str| {
        let read = Members::parse(text).unwrap();
        let read = read.read(|m| (m.optional_map(ID, 1..=2, 0..=3), m.optional_flag(KEY)));
        read.map_err(|rejected| rejected.flaws)
    };
    assert_eq!(read("{}"), Ok((None, None)));
    assert_eq!(read(r#"{"id":null,"key":null}"#), Ok((None, None)));
    let map = || Some([("n".to_owned(), "v".to_owned())].into());
    assert_eq!(read(r#"{"id":{"n":"v"},"key":false}"#), Ok((map(), Some(false))));
    let cases = [
        ("{}", Flaw::TooShort),
        (r#"{"a":"","b":"","c":""}"#, Flaw::TooLong(2)),
        (r#"{"a":"abcd"}"#, Flaw::TooLong(3)),
        (r#"{"a":null}"#, Flaw::WrongType),
        (r#"["a"]"#, Flaw::WrongType),
    ];
    for (value, flaw) in cases {
        assert_eq!(read(&format!(r#"{{"id":{value}}}"#)), Err(vec![("id", flaw)]), "{value}");
    }
    assert_eq!(read(r#"{"key":"true"}"#), Err(vec![("key", Flaw::WrongType)]));
}

#[test]
fn what_reads_a_request_also_describes_it() {
    const USER: Name = Name::new("user").or("User").about("Who signs in.").like("ann");
    let unbounded = 0..=usize::MAX;
    let schema = Members::schema(|m| {
        m.trimmed(USER, 1..=128);
        m.secret(Name::new("password"), 1..=usize::MAX);
        m.text(Name::new("text"), unbounded.clone());
        m.one_of(Name::new("kind"), &[("b", ()), ("a", ())]);
        m.texts(Name::new("groups"), 0..=2, 1..=3);
        m.optional_one_of(Name::new("other"), &[("a", ())]);
        m.optional_trimmed(Name::new("name"), 3..=8);
        m.nullable_text(Name::new("nick"), 0..=8);
        m.optional_map(Name::new("more"), 0..=5, unbounded.clone());
        m.optional_texts(Name::new("tags"), 1..=usize::MAX, unbounded);
        m.optional_secret(Name::new("key"), 0..=usize::MAX);
        m.flag(Name::new("flag"));
    });
    let expected = serde_json::json!({
        "type": "object",
        "additionalProperties": true,
        "required": ["user", "password", "text", "kind", "groups"],
        "properties": {
            "user": {
                "type": "string",
                "minLength": 1,
                "maxLength": 128,
                "pattern": r"\S",
                "description": "Who signs in. Also accepted as `User`.",
                "examples": ["ann"],
            },
            "password": { "type": "string", "minLength": 1, "format": "password" },
            "text": { "type": "string" },
            "kind": { "type": "string", "enum": ["b", "a"] },
            "groups": {
                "type": "array",
                "maxItems": 2,
                "items": { "type": "string", "minLength": 1, "maxLength": 3 },
            },
            "other": { "type": ["string", "null"], "enum": ["a", null] },
            "name": {
                "type": ["string", "null"],
                "minLength": 3,
                "maxLength": 8,
                "pattern": r"\S[\s\S]{1,}\S",
            },
            "nick": { "type": ["string", "null"], "maxLength": 8 },
            "more": {
                "type": ["object", "null"],
                "maxProperties": 5,
                "additionalProperties": { "type": "string" },
            },
            "tags": { "type": ["array", "null"], "minItems": 1, "items": { "type": "string" } },
            "key": { "type": ["string", "null"], "format": "password" },
            "flag": { "type": ["boolean", "null"] },
        },
    });
    assert_eq!(schema, expected);
    assert_eq!(Members::schema(|_| ()).get("required"), None);
}

/// (L6)
#[test]
fn what_is_too_long_is_neither_copied_nor_left() {
    let long = "\u{fdfa}".repeat(most::TEXT + 1);
    let members = Members::parse(&serde_json::json!({ "id": long, "key": long }).to_string());
    let unbounded = 0..=usize::MAX;
    let mut read = None;
    let rejected = members.unwrap().read(|members| {
        let key = members.secret(KEY, 0..=3);
        read = Some((members.text(ID, unbounded), key));
    });
    assert_eq!(read, Some((String::new(), Secret::from(""))));
    let Rejected { flaws, values } = rejected.err().unwrap();
    assert_eq!(flaws, vec![("key", Flaw::TooLong(3)), ("id", Flaw::TooLong(most::TEXT))]);
    assert_eq!(values["key"], "");
}
