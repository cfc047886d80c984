//! The listings of users by a field of theirs.

/// The users whose value of one field is given, or begins as given.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The field, as a filter names it.
    pub(crate) field: &'static str,
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
        $field:literal, $column:literal, $sub:literal, $from:expr,
        $a:literal $b:literal $c:literal $d:literal
    ) => {
        Listing {
            field: $field,
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
    ($field:literal, $column:literal) => {
        listing!($field, $column, "u.sub", "users u WHERE u.pool_id = $1", "$2" "$3" "$4" "$5")
    };
}

/// Listings by what every user has.
pub(crate) const LISTINGS: [Listing; 4] = [
    listing!("username", "u.username"),
    listing!("sub", "u.sub"),
    listing!("cognito:user_status", "u.user_status"),
    listing!("status", "u.status"),
];

/// The listing by a searchable attribute, which is the second parameter.
pub(crate) const LISTING_BY_ATTRIBUTE: Listing = listing!(
    "", "s.value", "s.sub",
    "user_search s JOIN users u ON u.pool_id = s.pool_id AND u.sub = s.sub \
     WHERE s.pool_id = $1 AND s.field = $2",
    "$3" "$4" "$5" "$6"
);
