use crate::cognito::Call;
use crate::cognito::convert::{epoch, secret};
use crate::cognito::error::CognitoError;
use poolkeeper_cognito_api::Sensitive;
use poolkeeper_cognito_api::types::{
    ListUserSessionsRequest, ListUserSessionsResponse, SessionDescriptionType, SessionTypeType,
};
use poolkeeper_pool::local::ListedSession;

pub(super) async fn run(
    call: Call,
    input: ListUserSessionsRequest,
) -> Result<ListUserSessionsResponse, CognitoError> {
    refuse_token(input.next_token.as_deref())?;
    let listed = call.engine.list_own_sessions(&call.context, &secret(&input.access_token)).await?;
    let sessions = listed.into_iter().map(|listed| ListedDescription(listed).own());
    Ok(ListUserSessionsResponse { sessions: Some(sessions.collect()), next_token: None })
}

/// All sessions of a user fit one page, so no token continues a listing.
pub(super) fn refuse_token(token: Option<&str>) -> Result<(), CognitoError> {
    match token {
        Some(_) => Err(CognitoError::invalid_parameter("Invalid pagination token.")),
        None => Ok(()),
    }
}

/// A session to be described.
pub(super) struct ListedDescription(pub(super) ListedSession);

impl ListedDescription {
    /// As administrators see it.
    pub(super) fn plain(self) -> SessionDescriptionType {
        let ListedSession { handle, session, .. } = self.0;
        SessionDescriptionType {
            session_id: Some(handle),
            session_type: Some(SessionTypeType::Token),
            client_id: Some(session.client.to_string()),
            create_date: Some(epoch(session.auth_time)),
            last_active_date: Some(epoch(session.last_used_at())),
            last_ip_address: session.address.map(Sensitive::from),
            ..SessionDescriptionType::default()
        }
    }

    /// As its user sees it: with a mark on the one that asks.
    fn own(self) -> SessionDescriptionType {
        let is_current_session = Some(self.0.is_current);
        SessionDescriptionType { is_current_session, ..self.plain() }
    }
}
