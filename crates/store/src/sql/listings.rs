//! The listings of users by a field of theirs.

use poolkeeper_pool::ports::FilterField;

/// The users whose value of one field is given, or begins as given.
///
/// An equal value is written as the values from it to itself, in their order. Otherwise PostgreSQL, where
/// it takes most users to have the value, reads the pool by `sub` and leaves out the others; and it goes
/// on so when it is asked for a value that hardly anybody has.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Takes the value, and the value and `sub` before the page.
    pub(crate) equal: &'static str,
    /// Takes the end of the values (itself outside), and the value and `sub` before the page.
    pub(crate) below: &'static str,
    /// The same for values without an end.
    pub(crate) endless: &'static str,
}

impl Listing {
    /// Its texts, each with a word for it.
    pub(crate) const fn texts(&self) -> [(&'static str, &'static str); 3] {
        [("equal", self.equal), ("below", self.below), ("endless", self.endless)]
    }
}

/// Every listing, with a word for its field.
pub(crate) const ALL: [(&str, &Listing); 5] = [
    ("username", &BY_USERNAME),
    ("sub", &BY_SUB),
    ("user_status", &BY_USER_STATUS),
    ("status", &BY_STATUS),
    ("attribute", &BY_ATTRIBUTE),
];

/// `$a` to `$d` are the first four parameters that are not part of `$from`.
macro_rules! listing {
    (
        @before $is_before:literal, $column:literal, $sub:literal, $from:expr,
        $a:literal $b:literal $c:literal $d:literal
    ) => {
        concat!(
            "SELECT ", user_columns!(), ", ", $column, " FROM ", $from,
            " AND ", $column, $is_before, $a,
            " AND (", $column, ", ", $sub, ") > (", $b, ", ", $c, ")",
            " ORDER BY ", $column, ", ", $sub, " LIMIT ", $d
        )
    };
    (
        $column:literal, $sub:literal, $from:expr,
        $a:literal $b:literal $c:literal $d:literal
    ) => {
        Listing {
            equal: listing!(@before " <= ", $column, $sub, $from, $a $b $c $d),
            below: listing!(@before " < ", $column, $sub, $from, $a $b $c $d),
            endless: concat!(
                "SELECT ", user_columns!(), ", ", $column, " FROM ", $from,
                " AND (", $column, ", ", $sub, ") > (", $a, ", ", $b, ")",
                " ORDER BY ", $column, ", ", $sub, " LIMIT ", $c
            ),
        }
    };
    ($column:literal) => {
        listing!($column, "u.sub", "users u WHERE u.pool_id = $1", "$2" "$3" "$4" "$5")
    };
}

/// The listing by a field. A searchable attribute is the second parameter.
pub(crate) const fn listing_by(field: FilterField) -> &'static Listing {
    match field {
        FilterField::Username => &BY_USERNAME,
        FilterField::Sub => &BY_SUB,
        FilterField::UserStatus => &BY_USER_STATUS,
        FilterField::Status => &BY_STATUS,
        FilterField::Attribute(_) => &BY_ATTRIBUTE,
    }
}

const BY_USERNAME: Listing = listing!("u.username");
const BY_SUB: Listing = listing!("u.sub");
const BY_USER_STATUS: Listing = listing!("u.user_status");
const BY_STATUS: Listing = listing!("u.status");
const BY_ATTRIBUTE: Listing = listing!(
    "s.value", "s.sub",
    "user_search s JOIN users u ON u.pool_id = s.pool_id AND u.sub = s.sub \
     WHERE s.pool_id = $1 AND s.field = $2",
    "$3" "$4" "$5" "$6"
);
