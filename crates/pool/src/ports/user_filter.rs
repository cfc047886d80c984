/// Which users a listing shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFilter {
    /// The field to compare.
    pub field: FilterField,
    /// The value to compare with. Case matters for all fields except `sub` and attributes.
    pub value: String,
    /// Whether values that begin with `value` match, too (`^=`).
    pub prefix: bool,
}

impl UserFilter {
    /// A comparison as somebody writes it. Statuses are stored in capitals and match in any case.
    pub fn new(field: FilterField, value: String, prefix: bool) -> Self {
        let value =
            if field == FilterField::UserStatus { value.to_ascii_uppercase() } else { value };
        Self { field, value, prefix }
    }
}

/// What a filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterField {
    /// The username.
    Username,
    /// The `sub`.
    Sub,
    /// The user's status, in Cognito's spelling.
    UserStatus,
    /// `Enabled` or `Disabled`.
    Status,
    /// An attribute.
    Attribute(SearchableAttribute),
}

impl FilterField {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Username,
        Self::Sub,
        Self::UserStatus,
        Self::Status,
        Self::Attribute(SearchableAttribute::Email),
        Self::Attribute(SearchableAttribute::PhoneNumber),
        Self::Attribute(SearchableAttribute::Name),
        Self::Attribute(SearchableAttribute::GivenName),
        Self::Attribute(SearchableAttribute::FamilyName),
        Self::Attribute(SearchableAttribute::PreferredUsername),
    ];

    /// Cognito's name of the field.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Sub => "sub",
            Self::UserStatus => "cognito:user_status",
            Self::Status => "status",
            Self::Attribute(attribute) => attribute.name(),
        }
    }

    /// The field of this name in Cognito.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

/// An attribute that users can be listed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchableAttribute {
    /// `email`.
    Email,
    /// `phone_number`.
    PhoneNumber,
    /// `name`.
    Name,
    /// `given_name`.
    GivenName,
    /// `family_name`.
    FamilyName,
    /// `preferred_username`.
    PreferredUsername,
}

impl SearchableAttribute {
    /// All of them, in the order in which a store indexes them.
    pub const ALL: [Self; 6] = [
        Self::Email,
        Self::PhoneNumber,
        Self::Name,
        Self::GivenName,
        Self::FamilyName,
        Self::PreferredUsername,
    ];

    /// The attribute's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PhoneNumber => "phone_number",
            Self::Name => "name",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::PreferredUsername => "preferred_username",
        }
    }
}
