//! Poolkeeper
