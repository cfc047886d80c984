//! What is wrong with what a caller gave, by what it is about. The texts here are for logs and for
//! the operator; each face has words of its own for its callers.

use crate::entity::{Contact, SignInName};
use crate::ids::{ClientId, GroupName, PartnerId, PoolId};
use crate::user_pool::Factor;

/// A rule that a parameter breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// About a username.
    #[error(transparent)]
    Username(#[from] UsernameFlaw),
    /// About attributes.
    #[error(transparent)]
    Attribute(#[from] AttributeFlaw),
    /// About what is asked for a user, as the user stands.
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
    /// The cursor of a listing is forged, too old, or another listing's.
    #[error("the pagination token is invalid")]
    PaginationToken,
    /// The client's public value of SRP is out of range.
    #[error("the SRP value is not one of the group")]
    SrpValue,
    /// The service that keeps the pool says what is wrong. Holds its message.
    #[error("{0}")]
    AtProvider(String),
}

/// What is wrong with a username.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsernameFlaw {
    /// Longer than [`crate::name::MAX_LENGTH`] characters.
    #[error("the username is too long")]
    TooLong,
    /// Nobody could see it.
    #[error("the username has no visible characters")]
    Invisible,
    /// The pool's users have e-mail addresses for usernames.
    #[error("the username must be an e-mail address")]
    NotEmail,
    /// The pool's users have phone numbers for usernames.
    #[error("the username must be a phone number")]
    NotPhoneNumber,
    /// The pool's users have e-mail addresses or phone numbers for usernames.
    #[error("the username must be an e-mail address or a phone number")]
    NotAddress,
    /// The attribute whose place it takes is given, too, and is another.
    #[error("the username and the attribute {} differ", .0.attribute())]
    OtherThan(SignInName),
    /// It looks like an address by which another user may sign in.
    #[error("the username looks like the attribute {}, which is an alias", .0.attribute())]
    LooksLike(Contact),
    /// It looks like a `sub`.
    #[error("the username has the form of a UUID")]
    Uuid,
}

/// What is wrong with attributes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttributeFlaw {
    /// They do not fit the pool's schema.
    #[error("attributes do not fit the schema: {}", list(.0))]
    Schema(Vec<SchemaBreach>),
    /// The e-mail address has no such form.
    #[error("the e-mail address has a wrong format")]
    EmailFormat,
    /// The phone number has no such form.
    #[error("the phone number has a wrong format")]
    PhoneNumberFormat,
    /// The preferred username looks like something that leads to somebody else.
    #[error("the preferred username has the form of {0}")]
    PreferredUsernameForm(ReservedForm),
    /// Nobody could see the preferred username.
    #[error("the preferred username has no visible characters")]
    PreferredUsernameInvisible,
    /// A preferred username is not to be had before the sign-up is confirmed.
    #[error("the preferred username comes before the confirmation")]
    PreferredUsernameTooEarly,
    /// The attribute cannot change once the user exists.
    #[error("the attribute {0} cannot change")]
    Immutable(String),
    /// The user has the attribute, and may not replace it at this point.
    #[error("the attribute {0} is there already")]
    Provided(String),
    /// Codes go to the attribute, so it may be changed but not removed.
    #[error("the attribute {0} is needed for codes")]
    Needed(String),
    /// The user has no such attribute to verify.
    #[error("the user has no attribute {}", .0.attribute())]
    Absent(Contact),
    /// An address that is not there cannot be verified.
    #[error("there is no {} to be verified", .0.attribute())]
    NothingToVerify(Contact),
}

/// What an attribute breaks of a pool's schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {rule}")]
pub struct SchemaBreach {
    /// The attribute, as it was given.
    pub name: String,
    /// What is asked of it.
    pub rule: SchemaRule,
}

/// What a schema asks of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaRule {
    /// To be in it.
    #[error("unknown")]
    Known,
    /// To be there.
    #[error("required")]
    Required,
    /// To be text of a bearable length without control characters.
    #[error("unfit")]
    Text,
    /// To be `true` or `false`.
    #[error("neither true nor false")]
    Boolean,
    /// To be a number within the bounds.
    #[error("no number within the bounds")]
    Number,
    /// To have a length within the bounds.
    #[error("too short or too long")]
    Length,
}

impl SchemaRule {
    /// That the attribute of this name does not do what is asked of it.
    pub fn broken_by(self, name: &str) -> SchemaBreach {
        SchemaBreach { name: name.to_owned(), rule: self }
    }
}

/// What a name looks like that can be somebody else's in every pool.
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

/// What a user lacks, or has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountFlaw {
    /// The pool does not have users without a password.
    #[error("a password is needed")]
    PasswordMissing,
    /// The user has a password, and the call does not prove it.
    #[error("the previous password is needed")]
    PreviousPasswordMissing,
    /// The sign-up was confirmed before.
    #[error("the user is confirmed already")]
    AlreadyConfirmed,
    /// There is no address that the code of a sign-up could go to.
    #[error("there is no address to confirm the sign-up with")]
    NoAddressToConfirm,
    /// There is no address that the code for a new password could go to.
    #[error("there is no verified address to reset the password with")]
    NoVerifiedAddress,
    /// There is no address that an invitation could go to.
    #[error("there is no address to send the invitation to")]
    NoAddressToInvite,
    /// The identity is linked to the user already.
    #[error("the identity is linked to the user already")]
    IdentityLinked,
    /// The identity is linked to another user.
    #[error("the identity is linked to another user")]
    IdentityTaken,
}

/// What is wrong with what is asked of second factors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactorFlaw {
    /// The factor chosen is none of those that there are to choose from.
    #[error("the factor is not one of {}", names(.0))]
    NoChoice(Vec<Factor>),
    /// The name of an authenticator app is longer than so many bytes.
    #[error("the name of the authenticator app is longer than {most} bytes")]
    AppNameTooLong {
        /// The most bytes it can have.
        most: usize,
    },
    /// The user has no such address that codes could go to.
    #[error("the user has no {} for codes", .0.attribute())]
    NoAddress(Contact),
    /// More than one factor is preferred.
    #[error("only one factor can be preferred")]
    TwoPreferred,
    /// The user's authenticator app has not been proven yet.
    #[error("the authenticator app is not verified")]
    AppNotVerified,
    /// The pool does not ask this user for the factor.
    #[error("the factor {} is not offered", .0.name())]
    NotOffered(Factor),
}

/// What is wrong with a device that is to be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceFlaw {
    /// The key is not the one that the sign-in was given.
    #[error("the device key is invalid")]
    Key,
    /// The salt or the verifier of its secret is unusable.
    #[error("the verifier of the device's secret is invalid")]
    Verifier,
}

/// What is wrong with a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupFlaw {
    /// Its name is not one to have.
    #[error("the name of a group has 1 to 128 characters and no spaces")]
    Name,
    /// Its description is too long.
    #[error("the description of a group has at most 2048 characters")]
    Description,
    /// Its precedence is out of range.
    #[error("the precedence of a group is between 0 and 2147483647")]
    Precedence,
    /// It makes users administrators, so it stays.
    #[error("the group of the administrators stays")]
    Administrators,
}

/// What is wrong with a pool's settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolFlaw {
    /// There is a pool of this id.
    #[error("user pool {0} exists")]
    Exists(PoolId),
    /// Attributes take the username's place or stand beside it, not both.
    #[error("a user pool has either alias attributes or username attributes")]
    AliasAndUsernameAttributes,
    /// Two attributes have the same name.
    #[error("there are two attributes {0}")]
    AttributeTwice(String),
    /// It has more custom attributes than it can.
    #[error("a user pool can have at most {most} custom attributes")]
    TooManyAttributes {
        /// How many it can have.
        most: usize,
    },
    /// It has more tags than it can.
    #[error("a user pool can have at most {most} tags")]
    TooManyTags {
        /// How many it can have.
        most: usize,
    },
    /// Its deletion protection is on.
    #[error("the user pool is protected against deletion")]
    DeletionProtected,
    /// It is to ask for no second factors, and some are set up.
    #[error("second factors are set up, but switched off")]
    FactorsWithoutMfa,
    /// It is to ask for second factors, and none is set up.
    #[error("second factors are switched on, but none is set up")]
    MfaWithoutFactors,
    /// It is to send codes by text message without saying how.
    #[error("text messages are not set up")]
    NoSmsConfiguration,
}

/// What is wrong with an app client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientFlaw {
    /// There is an app client of this id.
    #[error("app client {0} exists")]
    Exists(ClientId),
    /// It was made without a secret, and stays so.
    #[error("a public app client has no secrets")]
    Public,
    /// It has one secret left, which stays.
    #[error("an app client keeps its last secret")]
    LastSecret,
}

/// What is wrong with a partner or a grant. The operator reads these texts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartnerFlaw {
    /// There is a partner of this id.
    #[error("Partner {0} already exists.")]
    Exists(PartnerId),
    /// The permission has no such form.
    #[error("A permission is 1 to 128 letters, digits, '.', '_', '-' and ':'.")]
    Permission,
}

/// What is wrong with a tenant. The operator reads these texts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TenantFlaw {
    /// There is a tenant of this name or id.
    #[error("Tenant {0} already exists.")]
    Exists(String),
    /// Tenants do not move.
    #[error("Tenant {name} is in pool {pool}.")]
    InPool {
        /// The tenant's name.
        name: String,
        /// Where it is.
        pool: PoolId,
    },
    /// Its machines are users of a pool that is not in this database.
    #[error(
        "The tenant has machine credentials in a pool that lives elsewhere: delete those first."
    )]
    ForeignCredentials,
    /// Its name is not one to have.
    #[error("A tenant's name has 1 to 128 characters.")]
    Name,
    /// The app client is not one to sign in through on behalf of users.
    #[error("App client {0} lacks ALLOW_ADMIN_USER_PASSWORD_AUTH.")]
    Client(ClientId),
    /// Whoever may grant the group would make members of the tenant.
    #[error("Group {0} is one that tenants may grant.")]
    Grantable(GroupName),
    /// The group is not one that tenants may grant.
    #[error("{group} is no grant: {}", grants(.allowed))]
    NoGrant {
        /// What was asked for.
        group: GroupName,
        /// What they may grant.
        allowed: Vec<GroupName>,
    },
}

/// What there can be only so many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Counted {
    /// Secrets of an app client.
    #[error("an app client can have at most {most} secrets")]
    ClientSecrets {
        /// How many it can have.
        most: usize,
    },
    /// Identities that are linked to a user.
    #[error("a user can have at most {most} linked identities")]
    LinkedIdentities {
        /// How many a user can have.
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
        return "tenants may grant none here".to_owned();
    }
    let names: Vec<_> = allowed.iter().map(GroupName::as_str).collect();
    format!("one of {} is expected", names.join(", "))
}
