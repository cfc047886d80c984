//! Cognito's own protocol.
