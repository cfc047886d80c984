//! The attributes of a pool's schema between the protocol's terms and the engine's.

use super::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AttributeDataType, NumberAttributeConstraintsType, SchemaAttributeType,
    StringAttributeConstraintsType,
};
use poolkeeper_pool::entity::{STANDARD_ATTRIBUTES, SchemaAttribute, StandardAttribute};

/// A standard attribute keeps its name; any other is a custom one and gets its prefix.
pub(super) fn schema_attribute(
    given: &SchemaAttributeType,
) -> Result<SchemaAttribute, CognitoError> {
    let name = given.name.as_deref();
    let standard = STANDARD_ATTRIBUTES.iter().find(|standard| Some(standard.name) == name);
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
    let default_type = standard.map_or("String", |standard| standard.data_type);
    let data_type = given.attribute_data_type.map_or(default_type, |given| given.as_str());
    let developer_only = given.developer_only_attribute.unwrap_or_default();
    let prefix = match (standard.is_some(), developer_only) {
        (true, _) => "",
        (false, true) => "dev:custom:",
        (false, false) => "custom:",
    };
    Ok(SchemaAttribute {
        name: format!("{prefix}{name}"),
        data_type: data_type.to_owned(),
        mutable: given.mutable.unwrap_or(true),
        required,
        developer_only,
        range: range(given, data_type, standard.and_then(|standard| standard.lengths)),
    })
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
