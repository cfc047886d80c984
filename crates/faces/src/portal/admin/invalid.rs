//! What is wrong with an administrator's call, in this API's words. Most of them are the words of
//! the original service, which repeated Cognito's.

use poolkeeper_pool::entity::Contact;
use poolkeeper_pool::error::{
    AccountFlaw, AttributeFlaw, GroupFlaw, Invalid, ReservedForm, SchemaBreach, SchemaRule,
    UsernameFlaw,
};
use poolkeeper_pool::name;

/// Why a parameter is refused.
pub(super) fn text(invalid: &Invalid) -> String {
    match invalid {
        Invalid::Username(flaw) => username(*flaw),
        Invalid::Attribute(flaw) => attribute(flaw),
        Invalid::Account(AccountFlaw::NoVerifiedAddress) => {
            "Cannot reset password for the user as there is no registered/verified email or \
             phone_number"
                .to_owned()
        }
        Invalid::Account(AccountFlaw::NoAddressToInvite) => {
            "User has no email or phone number to send the invitation to.".to_owned()
        }
        Invalid::Group(flaw) => group(*flaw).to_owned(),
        Invalid::PaginationToken => "Invalid pagination token.".to_owned(),
        Invalid::AtProvider(message) => message.clone(),
        // No operation of this API leads here.
        Invalid::Account(_)
        | Invalid::Factor(_)
        | Invalid::Device(_)
        | Invalid::Pool(_)
        | Invalid::Client(_)
        | Invalid::Partner(_)
        | Invalid::Tenant(_)
        | Invalid::SrpValue => invalid.to_string(),
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
            format!("Username and {} attribute must be the same.", kind.attribute())
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
        UsernameFlaw::Uuid => "Username cannot have the form of a UUID.".to_owned(),
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
        AttributeFlaw::Immutable(name) => format!("user.{name}: Attribute cannot be updated.\n"),
        AttributeFlaw::NothingToVerify(Contact::Email) => {
            "Email is required to verify/un-verify an email".to_owned()
        }
        AttributeFlaw::NothingToVerify(Contact::PhoneNumber) => {
            "Phone number is required to verify/un-verify a phone number".to_owned()
        }
        // Only users get these answers, about themselves.
        AttributeFlaw::PreferredUsernameTooEarly
        | AttributeFlaw::Provided(_)
        | AttributeFlaw::Needed(_)
        | AttributeFlaw::Absent(_) => flaw.to_string(),
    }
}

fn line(SchemaBreach { name, rule }: &SchemaBreach) -> String {
    let problem = match rule {
        SchemaRule::Known => "Attribute does not exist in the schema.",
        SchemaRule::Required => "The attribute is required",
        SchemaRule::Text => "Attribute value is invalid.",
        SchemaRule::Boolean => "Attribute value must be true or false.",
        SchemaRule::Number => "Attribute value must be a number within the bounds.",
        SchemaRule::Length => "String must be within the length limits.",
    };
    format!("{name}: {problem}\n")
}

const fn group(flaw: GroupFlaw) -> &'static str {
    match flaw {
        GroupFlaw::Name => "The name of a group has 1 to 128 characters and no spaces.",
        GroupFlaw::Description => "The description of a group has at most 2048 characters.",
        GroupFlaw::Precedence => "The precedence of a group is between 0 and 2147483647.",
        GroupFlaw::Administrators => "The group of the administrators stays.",
    }
}
