//! The listings of users by a field of theirs.

use poolkeeper_pool::ports::FilterField;

/// The users whose value of one field is given, or begins as given.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Takes the value and the `sub` before the page.
    pub(crate) equal: &'static str,
    /// Takes the end of the values (itself outside), and the value and `sub` before the page.
    pub(crate) below: &'static str,
    /// The same for values without an end.
    pub(crate) endless: &'static str,
}

/// `$a` to `$d` are the first four parameters that are not part of `$from`.
macro_rules! listing {
    (
        $column:literal, $sub:literal, $from:expr,
        $a:literal $b:literal $c:literal $d:literal
    ) => {
        Listing {
            equal: concat!(
                "SELECT ", user_columns!(), ", ", $column, " FROM ", $from,
                " AND ", $column, " = ", $a, " AND ", $sub, " > ", $b,
                " ORDER BY ", $sub, " LIMIT ", $c
            ),
            below: concat!(
                "SELECT ", user_columns!(), ", ", $column, " FROM ", $from,
                " AND ", $column, " < ", $a,
                " AND (", $column, ", ", $sub, ") > (", $b, ", ", $c, ")",
                " ORDER BY ", $column, ", ", $sub, " LIMIT ", $d
            ),
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
