//! The attributes of a pool's schema between the protocol's terms and the engine's.

use super::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AttributeDataType, NumberAttributeConstraintsType, SchemaAttributeType,
    StringAttributeConstraintsType,
};
use poolkeeper_pool::entity::{Contact, STANDARD_ATTRIBUTES, SchemaAttribute, StandardAttribute};

/// The longest a text attribute can be allowed to be, in characters.
const LONGEST: i64 = 2048;

/// A standard attribute keeps its name; any other is a custom one and gets its prefix. Whether an
/// address is verified is built in: in a schema, such a name means a custom attribute, as Amazon's
/// service team [says](https://github.com/aws/aws-cdk/issues/14175).
pub(super) fn schema_attribute(
    given: &SchemaAttributeType,
) -> Result<SchemaAttribute, CognitoError> {
    let name = given.name.as_deref();
    let standard = STANDARD_ATTRIBUTES
        .iter()
        .filter(|standard| !Contact::is_verified_attribute(standard.name))
        .find(|standard| Some(standard.name) == name);
    attribute(given, standard)
}

/// An attribute of `AddCustomAttributes`: a custom one, whatever its name.
pub(super) fn custom_attribute(
    given: &SchemaAttributeType,
) -> Result<SchemaAttribute, CognitoError> {
    attribute(given, None)
}

fn attribute(
    given: &SchemaAttributeType,
    standard: Option<&StandardAttribute>,
) -> Result<SchemaAttribute, CognitoError> {
    let name = given.name.as_ref().ok_or_else(|| CognitoError::missing("Name"))?;
    let required = given.required.unwrap_or_default();
    if standard.is_none() && required {
        let message = "Required custom attributes are not supported currently.";
        return Err(CognitoError::invalid_parameter(message));
    }
    let data_type = data_type(given, standard)?;
    let developer_only = given.developer_only_attribute.unwrap_or_default();
    let prefix = match (standard.is_some(), developer_only) {
        (true, _) => "",
        (false, true) => "dev:custom:",
        (false, false) => "custom:",
    };
    let name = format!("{prefix}{name}");
    let range = range(given, data_type, standard.and_then(|standard| standard.lengths));
    check_range(&name, data_type, range.as_ref())?;
    Ok(SchemaAttribute {
        name,
        data_type: data_type.to_owned(),
        mutable: given.mutable.unwrap_or(true),
        required,
        developer_only,
        range,
    })
}

/// A standard attribute is what it is; a custom one has to say.
fn data_type(
    given: &SchemaAttributeType,
    standard: Option<&StandardAttribute>,
) -> Result<&'static str, CognitoError> {
    let asked = given.attribute_data_type.map(AttributeDataType::as_str);
    let Some(StandardAttribute { name, data_type, .. }) = standard else {
        let message =
            "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.";
        return asked.ok_or_else(|| CognitoError::invalid_parameter(message));
    };
    let is_developers = given.developer_only_attribute == Some(true);
    if is_developers || asked.is_some_and(|asked| asked != *data_type) {
        let message = format!(
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema \
             attribute {name}"
        );
        return Err(CognitoError::invalid_parameter(message));
    }
    Ok(data_type)
}

/// Bounds are numbers, the lower one not above the upper one.
fn check_range(
    name: &str,
    data_type: &str,
    range: Option<&(Option<String>, Option<String>)>,
) -> Result<(), CognitoError> {
    let Some((least, most)) = range else { return Ok(()) };
    let is_text = data_type != "Number";
    let bound = |text: &Option<String>| {
        let text = text.as_ref().filter(|text| !text.is_empty());
        let number = text.map(|text| text.parse::<i64>()).transpose();
        let number = number.ok().filter(|n| !is_text || n.is_none_or(|n| n >= 0));
        let kind = if is_text { "String" } else { "Number" };
        number.ok_or_else(|| {
            let message = format!("Invalid {kind}AttributeConstraints for schema attribute {name}");
            CognitoError::invalid_parameter(message)
        })
    };
    let (least, most) = (bound(least)?, bound(most)?);
    if is_text && least.max(most).is_some_and(|length| length > LONGEST) {
        let message = format!("{name}: String attributes cannot have a length of more than 2048");
        return Err(CognitoError::invalid_parameter(message));
    }
    if least.zip(most).is_some_and(|(least, most)| least > most) {
        let bounds = if is_text {
            "max length shorter than it's min length"
        } else {
            "max value smaller than it's min value"
        };
        let message = format!("Attribute {name} cannot have a {bounds}");
        return Err(CognitoError::invalid_parameter(message));
    }
    Ok(())
}

/// Bounds stay the texts they came as: clients compare them.
fn range(
    given: &SchemaAttributeType,
    data_type: &str,
    default: Option<(&str, &str)>,
) -> Option<(Option<String>, Option<String>)> {
    if let Some(lengths) = &given.string_attribute_constraints {
        return Some((lengths.min_length.clone(), lengths.max_length.clone()));
    }
    if let Some(values) = &given.number_attribute_constraints {
        return Some((values.min_value.clone(), values.max_value.clone()));
    }
    let own = |(least, most): (&str, &str)| (Some(least.to_owned()), Some(most.to_owned()));
    match data_type {
        "String" => default.map(own).or(Some((None, None))),
        "Number" => Some((None, None)),
        _ => None,
    }
}

/// An attribute as `DescribeUserPool` shows it.
pub(super) fn schema_type(attribute: &SchemaAttribute) -> SchemaAttributeType {
    let mut shown = SchemaAttributeType {
        name: Some(attribute.name.clone()),
        attribute_data_type: AttributeDataType::from_name(&attribute.data_type),
        developer_only_attribute: Some(attribute.developer_only),
        mutable: Some(attribute.mutable),
        required: Some(attribute.required),
        ..SchemaAttributeType::default()
    };
    let Some((least, most)) = attribute.range.clone() else { return shown };
    if attribute.data_type == "Number" {
        let constraints = NumberAttributeConstraintsType { min_value: least, max_value: most };
        shown.number_attribute_constraints = Some(constraints);
    } else {
        let constraints = StringAttributeConstraintsType { min_length: least, max_length: most };
        shown.string_attribute_constraints = Some(constraints);
    }
    shown
}
