//! What is wrong with a parameter, in this API's words.

use super::failure::sentence;
use poolkeeper_pool::error::{
    AttributeFlaw, FactorFlaw, Invalid, ReservedForm, SchemaBreach, SchemaRule,
};

/// Why a parameter is refused.
pub(super) fn text(invalid: &Invalid) -> String {
    match invalid {
        Invalid::Attribute(flaw) => attribute(flaw),
        Invalid::Factor(FactorFlaw::NoChoice(factors)) => {
            let names: Vec<_> = factors.iter().map(|factor| factor.name()).collect();
            format!("ANSWER must be one of {}.", names.join(", "))
        }
        Invalid::PaginationToken => "Invalid pagination token.".to_owned(),
        // The operator decides what may be granted, and reads the same.
        Invalid::Tenant(flaw) => flaw.to_string(),
        Invalid::AtProvider(message) => message.clone(),
        // No endpoint of this API leads here.
        Invalid::Username(_)
        | Invalid::Account(_)
        | Invalid::Factor(_)
        | Invalid::Device(_)
        | Invalid::Group(_)
        | Invalid::Pool(_)
        | Invalid::Client(_)
        | Invalid::Partner(_)
        | Invalid::SrpValue => sentence(invalid),
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
        AttributeFlaw::Provided(name) => format!("Cannot modify an already provided {name}"),
        // Attributes are given here with a new password only.
        AttributeFlaw::PreferredUsernameTooEarly
        | AttributeFlaw::Immutable(_)
        | AttributeFlaw::Needed(_)
        | AttributeFlaw::Absent(_)
        | AttributeFlaw::NothingToVerify(_) => sentence(flaw),
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
