use std::fmt::Write as _;

/// Undoes percent-encoding the way Python's `unquote` does: what is no escape stays as it is, and
/// bytes that are no UTF-8 become replacement characters.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, after) = escape(rest).unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Escapes all but letters, digits and `-._~`, so that a text can stand anywhere in a URI.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _: Result<(), _> = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The byte that an escape at the beginning of `text` means, and what follows it.
fn escape(text: &[u8]) -> Option<(u8, &[u8])> {
    let [b'%', high, low, after @ ..] = text else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = digit(*high)? * 16 + digit(*low)?;
    Some((u8::try_from(byte).ok()?, after))
}

/// The value of a parameter of a query string, decoded; `None` if it is absent or empty.
pub(crate) fn query(query: Option<&str>, name: &str) -> Option<String> {
    parameter(query, name).filter(|value| !value.is_empty())
}

/// The value of a parameter of a query string, decoded, the last one if there are several. It may
/// be empty.
pub(crate) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let pairs = query?.rsplit('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut values = pairs.filter(|(key, _)| plain(key) == name).map(|(_, value)| value);
    values.next().map(plain)
}

fn plain(text: &str) -> String {
    decode(&text.replace('+', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_the_rest_stays() {
        let cases = [
            ("user%40example.com", "user@example.com"),
            ("a+b%2Bc", "a+b+c"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%%41", "%A"),
            ("%C3%A4ä", "ää"),
            ("%FF", "\u{FFFD}"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(decode(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_encoded_is_decoded_to_the_same() {
        assert_eq!(encode("Ann's Café: a+b@c.d~_-"), "Ann%27s%20Caf%C3%A9%3A%20a%2Bb%40c.d~_-");
        for text in ["", "%41", "ä/?#", "a b"] {
            assert_eq!(decode(&encode(text)), text);
        }
    }

    #[test]
    fn parameters_are_found_by_name() {
        let text = Some("to=a%2Bb%40c.d&user=&x=1+2&flag");
        assert_eq!(query(text, "to"), Some("a+b@c.d".to_owned()));
        assert_eq!(query(text, "x"), Some("1 2".to_owned()));
        assert_eq!(query(text, "user"), None);
        assert_eq!(query(text, "flag"), None);
        assert_eq!(query(None, "to"), None);
        assert_eq!(parameter(text, "user"), Some(String::new()));
        assert_eq!(parameter(text, "flag"), Some(String::new()));
        assert_eq!(parameter(text, "none"), None);
        assert_eq!(parameter(Some("x=1&%78=2"), "x"), Some("2".to_owned()));
    }
}

#[cfg(test)]
mod fuzz {
    use super::*;

    #[test]
    fn texts_come_back_as_they_were() {
        bolero::check!().with_type::<String>().for_each(|text| {
            let encoded = encode(text);
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"%-._~".contains(&byte);
            assert!(encoded.bytes().all(plain) && encoded.len() <= 3 * text.len());
            assert_eq!(decode(&encoded), *text);
            // A byte that is no text becomes a letter of three.
            assert!(decode(text).len() <= 3 * text.len());
        });
    }

    #[test]
    fn parameters_come_back_as_they_were() {
        bolero::check!().with_type::<[(String, String); 3]>().for_each(|pairs| {
            let rendered =
                pairs.each_ref().map(|(name, value)| encode(name) + "=" + &encode(value));
            let rendered = rendered.join("&");
            for (name, _) in pairs {
                let last = pairs.iter().rfind(|(other, _)| other == name);
                assert_eq!(parameter(Some(&rendered), name), last.map(|(_, value)| value.clone()));
            }
        });
    }

    #[test]
    fn any_query_is_read() {
        bolero::check!().with_type::<(String, String)>().for_each(|(text, name)| {
            if let Some(value) = parameter(Some(text), name) {
                assert!(value.len() <= 3 * text.len());
            }
        });
    }
}
