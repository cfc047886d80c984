//! Amazon Cognito's user pool API as data and types: its operations, their requests and answers,
//! and the checks a request passes before anything looks at its meaning.
//!
//! [`Operation`] names what is asked, [`parse`] turns a body into a request of [`types`] or into
//! the error that the service would give, and the answers of [`types`] serialise to the service's
//! JSON. No operation is carried out here.

#[cfg(test)]
mod fuzz;
mod generated;
mod operation;
mod scalar;
mod sensitive;
mod shape;
mod validate;
mod wire_enum;

pub use generated::{operations::Operation, types};
pub use operation::{Auth, OperationInput};
pub use scalar::{Blob, EpochSeconds};
pub use sensitive::Sensitive;
pub use shape::{Kind, Length, Member, Pattern, Range, Shape};
pub use validate::{Constraint, InputError, Violation, parse, parse_input};
