//! Enumerations that travel as strings.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{Error, Visitor},
};

/// An enumeration of the service. One visitor serves them all, where serde's derive would write
/// two for each.
pub(crate) trait WireEnum: Sized {
    fn of_name(name: &str) -> Option<Self>;
}

pub(crate) fn deserialize<'de, T: WireEnum, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    struct Name<T>(PhantomData<T>);

    impl<T: WireEnum> Visitor<'_> for Name<T> {
        type Value = T;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a value of the enumeration")
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
            T::of_name(name).ok_or_else(|| E::custom("a value outside of the enumeration"))
        }
    }

    deserializer.deserialize_str(Name(PhantomData))
}

macro_rules! wire_enum {
    ($name:ident { $($variant:ident = $value:literal,)+ }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($variant,)+
        }

        impl $name {
            /// Every value, in the model's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $value,)+
                }
            }

            /// The value of that name on the wire.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($value => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl crate::wire_enum::WireEnum for $name {
            fn of_name(name: &str) -> Option<Self> {
                Self::from_name(name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                crate::wire_enum::deserialize(deserializer)
            }
        }
    };
}
pub(crate) use wire_enum;
