//! Scalars that JSON has no form of its own for.

use std::fmt;

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// Clients pad or do not; both decode. What is sent is padded.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Bytes, which travel as base64.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Blob(pub Vec<u8>);

impl Blob {
    /// The bytes of their base64 form.
    pub fn from_base64(text: &str) -> Option<Self> {
        BASE64.decode(text).ok().map(Self)
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Blob({} bytes)", self.0.len())
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Blob;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("base64")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Blob, E> {
                Blob::from_base64(text).ok_or_else(|| E::custom("not base64"))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

/// A moment, which travels as a number of seconds since 1970 with a fraction of milliseconds.
///
/// Held in milliseconds: binary fractions of a second would not compare equal after a round trip.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EpochSeconds {
    milliseconds: i64,
}

impl EpochSeconds {
    /// A moment given in milliseconds since 1970.
    pub const fn from_millis(milliseconds: i64) -> Self {
        Self { milliseconds }
    }

    /// A moment given in whole seconds since 1970.
    pub const fn from_secs(seconds: i64) -> Self {
        Self { milliseconds: seconds.saturating_mul(1000) }
    }

    /// Milliseconds since 1970.
    pub const fn millis(self) -> i64 {
        self.milliseconds
    }
}

impl Serialize for EpochSeconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.milliseconds % 1000 == 0 {
            return serializer.serialize_i64(self.milliseconds / 1000);
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds stay exact until long after the year 200000"
        )]
        let milliseconds = self.milliseconds as f64;
        serializer.serialize_f64(milliseconds / 1000.0)
    }
}

impl<'de> Deserialize<'de> for EpochSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = EpochSeconds;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number of seconds")
            }

            fn visit_i64<E: Error>(self, seconds: i64) -> Result<EpochSeconds, E> {
                Ok(EpochSeconds::from_secs(seconds))
            }

            fn visit_u64<E: Error>(self, seconds: u64) -> Result<EpochSeconds, E> {
                Ok(EpochSeconds::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)))
            }

            fn visit_f64<E: Error>(self, seconds: f64) -> Result<EpochSeconds, E> {
                #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
                let milliseconds = (seconds * 1000.0).round() as i64;
                Ok(EpochSeconds { milliseconds })
            }
        }

        deserializer.deserialize_f64(Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        for (json, milliseconds) in [
            ("1470957431.965", 1_470_957_431_965),
            ("1470957431", 1_470_957_431_000),
            ("-0.5", -500),
        ] {
            let moment: EpochSeconds = serde_json::from_str(json).unwrap();
            assert_eq!(moment.millis(), milliseconds);
            assert_eq!(serde_json::to_string(&moment).unwrap(), json);
        }
        let far: EpochSeconds = serde_json::from_str("18446744073709551615").unwrap();
        assert_eq!(far.millis(), i64::MAX);
    }

    #[test]
    fn bytes() {
        let blob: Blob = serde_json::from_str(r#""AAEC/w""#).unwrap();
        assert_eq!(blob, Blob(vec![0, 1, 2, 255]));
        assert_eq!(serde_json::to_string(&blob).unwrap(), r#""AAEC/w==""#);
        assert_eq!(format!("{blob:?}"), "Blob(4 bytes)");
        assert!(serde_json::from_str::<Blob>(r#""*""#).is_err());
    }
}
