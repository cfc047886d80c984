//! What is wrong with a parameter, in Cognito's words, or in ours where Cognito's are unknown. The
//! portal API and the tenant API repeat these sentences, as the services did that they replace.

use poolkeeper_pool::entity::Contact;
use poolkeeper_pool::error::{
    AccountFlaw, AttributeFlaw, ClientFlaw, DeviceFlaw, FactorFlaw, GroupFlaw, Invalid, PoolFlaw,
    ReservedForm, SchemaBreach, SchemaRule, UsernameFlaw,
};
use poolkeeper_pool::name;

/// The message of Cognito's `InvalidParameterException`.
pub(crate) fn message(invalid: &Invalid) -> String {
    match invalid {
        Invalid::Username(flaw) => username(*flaw),
        Invalid::Attribute(flaw) => attribute(flaw),
        Invalid::Account(flaw) => account(*flaw).to_owned(),
        Invalid::Factor(flaw) => factor(flaw),
        Invalid::Device(DeviceFlaw::Key) => "Invalid device key given.".to_owned(),
        Invalid::Device(DeviceFlaw::Verifier) => "Invalid device secret verifier given.".to_owned(),
        Invalid::Group(flaw) => group(*flaw).to_owned(),
        Invalid::Pool(flaw) => pool(flaw),
        Invalid::Client(flaw) => client(flaw),
        // These are for the operator, and for the tenants whom the operator lets grant.
        Invalid::Partner(flaw) => flaw.to_string(),
        Invalid::Tenant(flaw) => flaw.to_string(),
        Invalid::PaginationToken => "Invalid pagination token.".to_owned(),
        Invalid::SrpValue => "SRP_A is not a value of the group.".to_owned(),
        Invalid::AtProvider(message) => message.clone(),
    }
}

fn username(flaw: UsernameFlaw) -> String {
    match flaw {
        UsernameFlaw::TooLong => {
            format!("Username must not be longer than {} characters.", name::MAX_LENGTH)
        }
        UsernameFlaw::Invisible => "Username has no visible characters.".to_owned(),
        UsernameFlaw::NotEmail => "Username should be an email.".to_owned(),
        UsernameFlaw::NotPhoneNumber => "Username should be a phone number.".to_owned(),
        UsernameFlaw::NotAddress => {
            "Username should be either an email or a phone number.".to_owned()
        }
        UsernameFlaw::OtherThan(kind) => {
            let name = kind.attribute();
            format!(
                "User {name} should be empty or same as username, since username attribute is {name}."
            )
        }
        UsernameFlaw::LooksLike(contact) => {
            let format = match contact {
                Contact::Email => "email",
                Contact::PhoneNumber => "phone",
            };
            format!(
                "Username cannot be of {format} format, since user pool is configured for \
                 {format} alias."
            )
        }
    }
}

fn attribute(flaw: &AttributeFlaw) -> String {
    match flaw {
        AttributeFlaw::Schema(breaches) => {
            let lines: String = breaches.iter().map(line).collect();
            format!("Attributes did not conform to the schema: {lines}")
        }
        AttributeFlaw::EmailFormat => "Invalid email address format.".to_owned(),
        AttributeFlaw::PhoneNumberFormat => "Invalid phone number format.".to_owned(),
        AttributeFlaw::PreferredUsernameForm(form) => {
            let form = match form {
                ReservedForm::Email => "an email address",
                ReservedForm::PhoneNumber => "a phone number",
                ReservedForm::Uuid => "a UUID",
            };
            format!("Preferred username cannot have the form of {form}.")
        }
        AttributeFlaw::PreferredUsernameInvisible => {
            "Preferred username has no visible characters.".to_owned()
        }
        AttributeFlaw::PreferredUsernameSpaces => {
            "Preferred username cannot begin or end with a space.".to_owned()
        }
        AttributeFlaw::PreferredUsernameTooEarly => {
            "Preferred username cannot be provided for unconfirmed account, since user pool is \
             configured for preferred username alias."
                .to_owned()
        }
        AttributeFlaw::Immutable(name) => format!("user.{name}: Attribute cannot be updated.\n"),
        AttributeFlaw::Provided(name) => format!("Cannot modify an already provided {name}"),
        AttributeFlaw::Needed(name) => format!(
            "{name} cannot be removed while sign-in codes or password resets go to it. Change it \
             instead."
        ),
        AttributeFlaw::Absent(contact) => {
            format!("User does not have the attribute {}", contact.attribute())
        }
        AttributeFlaw::NothingToVerify(Contact::Email) => {
            "Email is required to verify/un-verify an email".to_owned()
        }
        AttributeFlaw::NothingToVerify(Contact::PhoneNumber) => {
            "Phone number is required to verify/un-verify a phone number".to_owned()
        }
    }
}

fn line(SchemaBreach { name, rule }: &SchemaBreach) -> String {
    let problem = match rule {
        SchemaRule::Known => "Attribute does not exist in the schema.",
        SchemaRule::Required => "The attribute is required",
        SchemaRule::Text => "Attribute value is invalid.",
        SchemaRule::Boolean => "Attribute value must be true or false.",
        SchemaRule::Number => "Attribute value must be a number within the bounds.",
        SchemaRule::MinLength(least) => {
            &format!("String must be no shorter than {least} characters")
        }
        SchemaRule::MaxLength(most) => &format!("String must be no longer than {most} characters"),
    };
    format!("{name}: {problem}\n")
}

const fn account(flaw: AccountFlaw) -> &'static str {
    match flaw {
        AccountFlaw::PasswordMissing => "Missing required parameter Password",
        AccountFlaw::PreviousPasswordMissing => "Missing required parameter PreviousPassword",
        AccountFlaw::AlreadyConfirmed => "User is already confirmed.",
        AccountFlaw::NoAddressToConfirm => "Cannot resend codes. Auto verification not turned on.",
        AccountFlaw::NoVerifiedAddress => {
            "Cannot reset password for the user as there is no registered/verified email or \
             phone_number"
        }
        AccountFlaw::NoAddressToInvite => {
            "User has no email or phone number to send the invitation to."
        }
        AccountFlaw::TemporaryForProgram => {
            "A service account cannot replace a temporary password: give it a permanent one."
        }
        AccountFlaw::IdentityLinked => "SourceUser is already linked to DestinationUser",
        AccountFlaw::IdentityTaken => "SourceUser is already linked to another user",
    }
}

fn factor(flaw: &FactorFlaw) -> String {
    match flaw {
        FactorFlaw::NoChoice(factors) => {
            let names: Vec<_> = factors.iter().map(|factor| factor.name()).collect();
            format!("ANSWER must be one of {}.", names.join(", "))
        }
        FactorFlaw::AppNameTooLong { most } => {
            format!("FriendlyDeviceName is longer than {most} bytes.")
        }
        FactorFlaw::NoAddress(Contact::Email) => {
            "User does not have an email set to turn on EMAIL MFA".to_owned()
        }
        FactorFlaw::NoAddress(Contact::PhoneNumber) => {
            "User does not have a phone_number set to turn on SMS MFA".to_owned()
        }
        FactorFlaw::TwoPreferred => "Only one factor can be set as preferred.".to_owned(),
        FactorFlaw::AppNotVerified => "User has not verified software token mfa".to_owned(),
        FactorFlaw::NotOffered(factor) => {
            format!("User does not have delivery config set to turn on {}", factor.name())
        }
    }
}

const fn group(flaw: GroupFlaw) -> &'static str {
    match flaw {
        GroupFlaw::Name => "The name of a group has 1 to 128 characters and no spaces.",
        GroupFlaw::Description => "The description of a group has at most 2048 characters.",
        GroupFlaw::Precedence => "The precedence of a group is between 0 and 2147483647.",
        GroupFlaw::Administrators => "The group of the administrators stays.",
    }
}

fn pool(flaw: &PoolFlaw) -> String {
    match flaw {
        PoolFlaw::Exists(id) => format!("User pool {id} already exists."),
        PoolFlaw::AliasAndUsernameAttributes => {
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
                .to_owned()
        }
        PoolFlaw::AttributeTwice(name) => {
            format!(
                "Duplicate custom attribute names {name} are not allowed in a user pool schema."
            )
        }
        PoolFlaw::AttributeExists(name) => {
            format!("{name}: Existing attribute already has name {name}.")
        }
        PoolFlaw::TooManyAttributes { most } => {
            format!("A user pool can have at most {most} custom attributes.")
        }
        PoolFlaw::TooManyTags { most } => format!("A user pool can have at most {most} tags."),
        PoolFlaw::MfaTurnedOn => {
            "MfaConfiguration cannot go from OFF to ON here. Use SetUserPoolMfaConfig.".to_owned()
        }
        PoolFlaw::UpdatesUnverified => {
            "All attributes in AttributesRequireVerificationBeforeUpdate must exist in \
             AutoVerifiedAttributes"
                .to_owned()
        }
        PoolFlaw::DeletionProtected => {
            "The user pool cannot be deleted because deletion protection is activated. Deletion \
             protection must be inactivated first."
                .to_owned()
        }
        PoolFlaw::FactorsWithoutMfa => {
            "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
                .to_owned()
        }
        PoolFlaw::MfaWithoutFactors => {
            "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be \
             enabled."
                .to_owned()
        }
        PoolFlaw::PasskeysAlone => {
            "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and \
             WebAuthn is an allowed first auth factor"
                .to_owned()
        }
        PoolFlaw::PasskeysWithMfa => {
            "WEB_AUTHN cannot be used as an auth factor when MFA is enabled if not configured for \
             MFA."
                .to_owned()
        }
        PoolFlaw::FactorsDisabled => {
            "Invalid MFA configuration given, can't disable all MFAs with a required or optional \
             configuration."
                .to_owned()
        }
        PoolFlaw::NoSmsConfiguration => "SMS MFA needs an SmsConfiguration.".to_owned(),
    }
}

fn client(flaw: &ClientFlaw) -> String {
    match flaw {
        ClientFlaw::Exists(id) => format!("User pool client {id} already exists."),
        ClientFlaw::Public => "The app client is public and can have no secret.".to_owned(),
        ClientFlaw::LastSecret => "The last secret of an app client cannot be deleted.".to_owned(),
    }
}
