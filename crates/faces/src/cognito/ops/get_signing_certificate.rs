use crate::cognito::Call;
use crate::cognito::error::CognitoError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poolkeeper_cognito_api::types::{GetSigningCertificateRequest, GetSigningCertificateResponse};
use poolkeeper_pool::ids::PoolId;

pub(super) async fn run(
    call: Call,
    input: GetSigningCertificateRequest,
) -> Result<GetSigningCertificateResponse, CognitoError> {
    let pool = call.engine.pool(&call.context, &PoolId::from(input.user_pool_id.as_str())).await?;
    let certificate = call.engine.signing_certificate(&pool.id).await?;
    Ok(GetSigningCertificateResponse { certificate: Some(STANDARD.encode(certificate)) })
}
