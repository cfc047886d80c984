//! Cognito's own protocol.

mod initiate_auth;
