//! What is wrong with a caller's input, by subject. The texts here are for logs and for the
//! operator; each face has words of its own for its callers.

use crate::backend::user_pool::Factor;
use crate::entity::{Contact, SignInName};
use crate::ids::{ClientId, GroupName, PartnerId, PoolId};

/// A rule that a parameter breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// About a username.
    #[error(transparent)]
    Username(#[from] UsernameFlaw),
    /// About attributes.
    #[error(transparent)]
    Attribute(#[from] AttributeFlaw),
    /// About a call that does not fit the state of the user's account.
    #[error(transparent)]
    Account(#[from] AccountFlaw),
    /// About second factors.
    #[error(transparent)]
    Factor(#[from] FactorFlaw),
    /// About a device.
    #[error(transparent)]
    Device(#[from] DeviceFlaw),
    /// About a group.
    #[error(transparent)]
    Group(#[from] GroupFlaw),
    /// About a pool's settings.
    #[error(transparent)]
    Pool(#[from] PoolFlaw),
    /// About an app client.
    #[error(transparent)]
    Client(#[from] ClientFlaw),
    /// About a partner or its grants.
    #[error(transparent)]
    Partner(#[from] PartnerFlaw),
    /// About a tenant.
    #[error(transparent)]
    Tenant(#[from] TenantFlaw),
    /// The cursor of a listing is forged, too old, or from another listing.
    #[error("the pagination token is invalid")]
    PaginationToken,
    /// The client's public SRP value is out of range.
    #[error("the SRP value is not one of the group")]
    SrpValue,
    /// The service that keeps the pool rejects the input. Holds its message.
    #[error("{0}")]
    AtProvider(String),
}

/// What is wrong with a username.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsernameFlaw {
    /// Longer than [`crate::name::MAX_LENGTH`] characters.
    #[error("the username is too long")]
    TooLong,
    /// It has no visible characters.
    #[error("the username has no visible characters")]
    Invisible,
    /// The pool's usernames are e-mail addresses.
    #[error("the username must be an e-mail address")]
    NotEmail,
    /// The pool's usernames are phone numbers.
    #[error("the username must be a phone number")]
    NotPhoneNumber,
    /// The pool's usernames are e-mail addresses or phone numbers.
    #[error("the username must be an e-mail address or a phone number")]
    NotAddress,
    /// It differs from the attribute whose place it takes, which is given, too.
    #[error("the username and the attribute {} differ", .0.attribute())]
    OtherThan(SignInName),
    /// It looks like an address by which another user may sign in.
    #[error("the username looks like the attribute {}, which is an alias", .0.attribute())]
    LooksLike(Contact),
}

/// What is wrong with attributes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttributeFlaw {
    /// They do not fit the pool's schema.
    #[error("attributes do not fit the schema: {}", list(.0))]
    Schema(Vec<SchemaBreach>),
    /// The e-mail address is malformed.
    #[error("the e-mail address has a wrong format")]
    EmailFormat,
    /// The phone number is malformed.
    #[error("the phone number has a wrong format")]
    PhoneNumberFormat,
    /// The preferred username looks like a name that may lead to somebody else.
    #[error("the preferred username has the form of {0}")]
    PreferredUsernameForm(ReservedForm),
    /// The preferred username has no visible characters.
    #[error("the preferred username has no visible characters")]
    PreferredUsernameInvisible,
    /// The preferred username begins or ends with a space, and so looks like one that does not.
    #[error("the preferred username begins or ends with a space")]
    PreferredUsernameSpaces,
    /// A user cannot have a preferred username before the sign-up is confirmed.
    #[error("a preferred username needs a confirmed user")]
    PreferredUsernameTooEarly,
    /// The attribute cannot change once the user exists.
    #[error("the attribute {0} cannot change")]
    Immutable(String),
    /// The user already has the attribute and may not replace it at this point.
    #[error("the attribute {0} already exists")]
    Provided(String),
    /// Codes go to the attribute, so it may be changed but not removed.
    #[error("the attribute {0} is needed for codes")]
    Needed(String),
    /// The user has no such attribute to verify.
    #[error("the user has no attribute {}", .0.attribute())]
    Absent(Contact),
    /// There is no such address to mark as verified.
    #[error("there is no {} to verify", .0.attribute())]
    NothingToVerify(Contact),
}

/// How an attribute breaks a pool's schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {rule}")]
pub struct SchemaBreach {
    /// The attribute's name, as given.
    pub name: String,
    /// The rule that it breaks.
    pub rule: SchemaRule,
}

/// A rule of a schema about an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaRule {
    /// The attribute is in the schema.
    #[error("unknown")]
    Known,
    /// The attribute is present.
    #[error("required")]
    Required,
    /// The value is text of a reasonable length without control characters.
    #[error("unfit")]
    Text,
    /// The value is `true` or `false`.
    #[error("neither true nor false")]
    Boolean,
    /// The value is a number within the bounds.
    #[error("not a number within the bounds")]
    Number,
    /// The value has at least so many characters.
    #[error("shorter than {0} characters")]
    MinLength(i64),
    /// The value has at most so many characters.
    #[error("longer than {0} characters")]
    MaxLength(i64),
}

impl SchemaRule {
    /// The breach of this rule by the attribute of this name.
    pub fn broken_by(self, name: &str) -> SchemaBreach {
        SchemaBreach { name: name.to_owned(), rule: self }
    }
}

/// A form of names that can be somebody else's in any pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReservedForm {
    /// An e-mail address.
    #[error("an e-mail address")]
    Email,
    /// A phone number.
    #[error("a phone number")]
    PhoneNumber,
    /// A `sub`.
    #[error("a UUID")]
    Uuid,
}

/// What a user lacks, or already has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountFlaw {
    /// The pool does not allow users without a password.
    #[error("a password is needed")]
    PasswordMissing,
    /// The user has a password, but the call does not prove it.
    #[error("the previous password is needed")]
    PreviousPasswordMissing,
    /// The sign-up is already confirmed.
    #[error("the user is confirmed already")]
    AlreadyConfirmed,
    /// The user has no address to which the code of a sign-up could go.
    #[error("there is no address to confirm the sign-up with")]
    NoAddressToConfirm,
    /// The user has no verified address to which the code for a new password could go.
    #[error("there is no verified address to reset the password with")]
    NoVerifiedAddress,
    /// The user has no address to which an invitation could go.
    #[error("there is no address to send the invitation to")]
    NoAddressToInvite,
    /// A temporary password is given to a program, which cannot replace it.
    #[error("a service account cannot replace a temporary password")]
    TemporaryForProgram,
    /// The identity is already linked to the user.
    #[error("the identity is linked to the user already")]
    IdentityLinked,
    /// The identity is linked to another user.
    #[error("the identity is linked to another user")]
    IdentityTaken,
}

/// What is wrong with a call about second factors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactorFlaw {
    /// The chosen factor is not among the choices.
    #[error("the factor is not one of {}", names(.0))]
    NoChoice(Vec<Factor>),
    /// The name of the authenticator app is too long.
    #[error("the name of the authenticator app is longer than {most} bytes")]
    AppNameTooLong {
        /// The maximum length, in bytes.
        most: usize,
    },
    /// The user has no such address to which codes could go.
    #[error("the user has no {} for codes", .0.attribute())]
    NoAddress(Contact),
    /// More than one factor is preferred.
    #[error("only one factor can be preferred")]
    TwoPreferred,
    /// The user's authenticator app is not verified yet.
    #[error("the authenticator app is not verified")]
    AppNotVerified,
    /// The pool does not ask this user for the factor.
    #[error("the factor {} is not offered", .0.name())]
    NotOffered(Factor),
}

/// What is wrong with the confirmation of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceFlaw {
    /// The key is not the one that came with the sign-in.
    #[error("the device key is invalid")]
    Key,
    /// The salt or the verifier of its secret is unusable.
    #[error("the verifier of the device's secret is invalid")]
    Verifier,
}

/// What is wrong with a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupFlaw {
    /// Its name is not allowed.
    #[error("the name of a group has 1 to 128 characters and no spaces")]
    Name,
    /// Its description is too long.
    #[error("the description of a group has at most 2048 characters")]
    Description,
    /// Its precedence is out of range.
    #[error("the precedence of a group is between 0 and 2147483647")]
    Precedence,
    /// It makes its members administrators, so it cannot be deleted.
    #[error("the group of the administrators cannot be deleted")]
    Administrators,
}

/// What is wrong with a pool's settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolFlaw {
    /// A pool with this id exists.
    #[error("user pool {0} already exists")]
    Exists(PoolId),
    /// Attributes either replace the username or are aliases beside it, not both.
    #[error("a user pool has either alias attributes or username attributes")]
    AliasAndUsernameAttributes,
    /// Two attributes of a new schema have the same name.
    #[error("there are two attributes {0}")]
    AttributeTwice(String),
    /// The schema has an attribute of this name already.
    #[error("there is an attribute {0} already")]
    AttributeExists(String),
    /// It has too many custom attributes.
    #[error("a user pool can have at most {most} custom attributes")]
    TooManyAttributes {
        /// The maximum number.
        most: usize,
    },
    /// It has too many tags.
    #[error("a user pool can have at most {most} tags")]
    TooManyTags {
        /// The maximum number.
        most: usize,
    },
    /// The request makes MFA mandatory in a pool where it is off, without saying which factors to use.
    #[error("a second factor cannot be made mandatory by this operation")]
    MfaTurnedOn,
    /// An address must be verified before it replaces another one, but no code is sent to it.
    #[error("addresses that are never verified must be verified before an update")]
    UpdatesUnverified,
    /// Its deletion protection is on.
    #[error("the user pool is protected against deletion")]
    DeletionProtected,
    /// MFA is to be off, but second factors are set up.
    #[error("second factors are set up, but switched off")]
    FactorsWithoutMfa,
    /// MFA is to be on, but no second factor is named.
    #[error("second factors are switched on, but none is set up")]
    MfaWithoutFactors,
    /// MFA is to be on, but all factors that are named are off.
    #[error("second factors are switched on, but each of them is off")]
    FactorsDisabled,
    /// MFA is to be mandatory, but a passkey alone would do.
    #[error("passkeys are set up as the only factor, but a second one is mandatory")]
    PasskeysAlone,
    /// Passkeys may take the password's place, but are not set up for mandatory MFA.
    #[error("passkeys are not set up for a pool with mandatory MFA")]
    PasskeysWithMfa,
    /// It is to send codes by text message, but the settings do not say how.
    #[error("text messages are not set up")]
    NoSmsConfiguration,
}

/// What is wrong with an app client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientFlaw {
    /// An app client with this id exists.
    #[error("app client {0} already exists")]
    Exists(ClientId),
    /// It was created without a secret and cannot get one.
    #[error("a public app client has no secrets")]
    Public,
    /// It has one secret left, which cannot be deleted.
    #[error("an app client keeps its last secret")]
    LastSecret,
}

/// What is wrong with a partner or a grant. The operator reads these texts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartnerFlaw {
    /// A partner with this id exists.
    #[error("Partner {0} already exists.")]
    Exists(PartnerId),
    /// The permission is malformed.
    #[error("A permission is 1 to 128 letters, digits, '.', '_', '-' and ':'.")]
    Permission,
}

/// What is wrong with a tenant. The operator reads these texts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TenantFlaw {
    /// A tenant with this name or id exists.
    #[error("Tenant {0} already exists.")]
    Exists(String),
    /// A tenant cannot move to another pool.
    #[error("Tenant {name} is in pool {pool}.")]
    InPool {
        /// The tenant's name.
        name: String,
        /// The tenant's pool.
        pool: PoolId,
    },
    /// Its machines are users of a pool that is not in this database.
    #[error("The tenant has machine credentials in a pool at Amazon. Delete them first.")]
    ForeignCredentials,
    /// Its name is not allowed.
    #[error("A tenant's name has 1 to 128 characters.")]
    Name,
    /// The app client does not allow sign-ins on behalf of users.
    #[error("App client {0} lacks ALLOW_ADMIN_USER_PASSWORD_AUTH.")]
    Client(ClientId),
    /// Whoever may grant the group could add members to the tenant.
    #[error("Tenants may grant group {0} to machine credentials.")]
    Grantable(GroupName),
    /// Administrators of partners could add members to the tenant, or its members would be marked.
    #[error("The partner API of the same pool uses group {0}.")]
    OfPartnerApi(GroupName),
    /// A machine would be in groups of several tenants.
    #[error("A machine belongs to one tenant, but a group belongs to another.")]
    OneTenant,
    /// The group is not one that tenants may grant.
    #[error(
        "{group} is no grant: a grant is a group that tenants may put machine credentials into. {}",
        grants(.allowed)
    )]
    NoGrant {
        /// The group that was asked for.
        group: GroupName,
        /// The groups that they may grant.
        allowed: Vec<GroupName>,
    },
}

/// Things of which there is a maximum number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Counted {
    /// Secrets of an app client.
    #[error("an app client can have at most {most} secrets")]
    ClientSecrets {
        /// The maximum number.
        most: usize,
    },
    /// Identities that are linked to a user.
    #[error("a user can have at most {most} linked identities")]
    LinkedIdentities {
        /// The maximum number.
        most: usize,
    },
    /// Machine credentials of a tenant.
    #[error("the tenant has as many machine credentials as there can be")]
    Credentials,
}

fn list(breaches: &[SchemaBreach]) -> String {
    breaches.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn names(factors: &[Factor]) -> String {
    factors.iter().map(|factor| factor.name()).collect::<Vec<_>>().join(", ")
}

fn grants(allowed: &[GroupName]) -> String {
    if allowed.is_empty() {
        return "There are none here: tenant_api.grants lists them.".to_owned();
    }
    let names: Vec<_> = allowed.iter().map(GroupName::as_str).collect();
    format!("Here these are {}.", names.join(", "))
}
