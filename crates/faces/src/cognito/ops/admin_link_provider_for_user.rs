use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::types::{
    AdminLinkProviderForUserRequest, AdminLinkProviderForUserResponse, ProviderUserIdentifierType,
};
use poolkeeper_pool::entity::SourceIdentity;
use poolkeeper_pool::ids::PoolId;

/// What the pool itself is called where identity providers are.
pub(super) const NATIVE: &str = "Cognito";

pub(super) async fn run(
    call: Call,
    input: AdminLinkProviderForUserRequest,
) -> Result<AdminLinkProviderForUserResponse, CognitoError> {
    let pool = PoolId::from(input.user_pool_id.as_str());
    let destination = input.destination_user;
    if destination.provider_name.as_deref() != Some(NATIVE) {
        let message = "The DestinationUser's ProviderName must be Cognito.";
        return Err(CognitoError::invalid_parameter(message));
    }
    let username = given(destination.provider_attribute_value, "ProviderAttributeValue")?;
    let source = source(input.source_user)?;
    if source.provider == NATIVE {
        let message = "The SourceUser's ProviderName must be that of an identity provider.";
        return Err(CognitoError::invalid_parameter(message));
    }
    call.engine.link_identity(&call.context, &pool, &username, &source).await?;
    Ok(AdminLinkProviderForUserResponse {})
}

/// A profile at an identity provider: all three members are needed to tell it from others.
pub(super) fn source(user: ProviderUserIdentifierType) -> Result<SourceIdentity, CognitoError> {
    Ok(SourceIdentity {
        provider: given(user.provider_name, "ProviderName")?,
        attribute: given(user.provider_attribute_name, "ProviderAttributeName")?,
        value: given(user.provider_attribute_value, "ProviderAttributeValue")?,
    })
}

fn given(value: Option<String>, name: &str) -> Result<String, CognitoError> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| CognitoError::missing(name))
}
