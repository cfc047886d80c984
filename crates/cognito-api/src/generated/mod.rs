//! What the generator wrote, and only that.

#[expect(missing_docs, reason = "the operations are Cognito's own and are documented there")]
pub(crate) mod operations;
pub(crate) mod shapes;
#[expect(missing_docs, reason = "the names are Cognito's own and are documented there")]
pub mod types;
