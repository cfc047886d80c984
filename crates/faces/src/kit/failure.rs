use axum::http::StatusCode;
use poolkeeper_pool::error::{Error, Fault, Refusal, StoreError};

/// Logs what failed on our side, once, inside the span that holds the request's id. The answer is
/// the status to give; of the details the caller learns nothing.
pub(crate) fn report_fault(fault: &Fault) -> StatusCode {
    tracing::error!(%fault, "the request failed");
    match fault {
        Fault::Store(StoreError::Unavailable(_)) | Fault::Contended | Fault::Unavailable(_) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Fault::Store(StoreError::Inconsistent { .. })
        | Fault::Damaged(_)
        | Fault::Worker(_)
        | Fault::Signing
        | Fault::Provider(_)
        | Fault::Exception { .. }
        | Fault::Unsent(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Logs what failed while the request itself succeeded.
pub(crate) fn report_error(error: &Error) {
    tracing::error!(%error, "the request succeeded, but it still counts towards the rate limit");
}

/// Logs a refusal that callers cannot cause: the face is mounted on an app client that does not
/// fit, which only the operator can mend.
pub(crate) fn report_misconfiguration(refusal: &Refusal) {
    tracing::error!(%refusal, "the configured app client or pool does not suit this API");
}
