use super::Members;
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, StatusCode};
use axum::response::IntoResponse;
use http_body_util::BodyExt;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Makes the schema of a type, and notes those of the types in it.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What the document of a face says of an endpoint. It is written next to the handler.
///
/// Every operation fails in the ways of [`Api::every`] and, unless [`Operation::unfailing`], of
/// [`Api::engine`]; a body and a bearer token add theirs. Only what is left is named.
pub(crate) struct Operation {
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    /// The path, where the table of endpoints spells it in another way.
    pub(crate) path: Option<&'static str>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<RequestBody>,
    pub(crate) bearer: bool,
    pub(crate) unfailing: bool,
    pub(crate) names_throttling: bool,
    pub(crate) answers: Vec<DescribedAnswer>,
    pub(crate) failures: Vec<Failing>,
}

/// What is read of a body.
pub(crate) struct RequestBody {
    pub(crate) schema: Value,
    /// Whether it can be left out.
    pub(crate) optional: bool,
    /// Whether one that is wrong counts as none.
    pub(crate) forgiven: bool,
}

/// An answer of success.
pub(crate) struct DescribedAnswer {
    pub(crate) status: StatusCode,
    pub(crate) description: &'static str,
    /// None if nothing is in it.
    pub(crate) schema: Option<SchemaOf>,
}

/// A parameter outside the body.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    /// `path`, `query` or `header`.
    pub(crate) place: &'static str,
    pub(crate) description: &'static str,
    pub(crate) schema: Value,
    /// Whether an empty value counts as none.
    pub(crate) may_be_empty: bool,
}

/// A failure as it is really answered.
pub(crate) struct Failing {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<HeaderName>,
    pub(crate) body: Value,
}

/// What the document of a face says of all its endpoints.
pub(crate) struct Api {
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    /// The shape of every failure.
    pub(crate) failure: SchemaOf,
    /// Where a failure's body has the text that tells it from others: JSON pointers, the first that
    /// leads to a text counts.
    pub(crate) label: &'static [&'static str],
    /// What any request may be answered.
    pub(crate) every: Vec<Failing>,
    /// What a request that reaches the engine may be answered.
    pub(crate) engine: Vec<Failing>,
    /// What a request with a body may be answered.
    pub(crate) body: Vec<Failing>,
    /// What a request with an access token may be answered.
    pub(crate) bearer: Vec<Failing>,
}

impl Operation {
    /// An operation among those of a tag. The summary goes without a full stop.
    pub(crate) const fn new(tag: &'static str, summary: &'static str) -> Self {
        Self {
            tag,
            summary,
            description: "",
            path: None,
            parameters: Vec::new(),
            body: None,
            bearer: false,
            unfailing: false,
            names_throttling: false,
            answers: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// More about it, in sentences.
    #[must_use]
    pub(crate) fn about(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// The spelling of the path that clients should use.
    #[must_use]
    pub(crate) fn spelled(self, path: &'static str) -> Self {
        Self { path: Some(path), ..self }
    }

    /// Takes what `read` reads.
    #[must_use]
    pub(crate) fn body<T>(self, read: impl FnOnce(&mut Members) -> T) -> Self {
        let body = RequestBody { schema: Members::schema(read), optional: false, forgiven: false };
        Self { body: Some(body), ..self }
    }

    /// Takes what `read` reads, or nothing.
    #[must_use]
    pub(crate) fn optional_body<T>(self, read: impl FnOnce(&mut Members) -> T) -> Self {
        let body = RequestBody { schema: Members::schema(read), optional: true, forgiven: false };
        Self { body: Some(body), ..self }
    }

    /// Takes what `read` reads, or nothing. What is wrong with it counts as nothing.
    #[must_use]
    pub(crate) fn forgiven_body<T>(self, read: impl FnOnce(&mut Members) -> T) -> Self {
        let body = RequestBody { schema: Members::schema(read), optional: true, forgiven: true };
        Self { body: Some(body), ..self }
    }

    /// Takes a parameter.
    #[must_use]
    pub(crate) fn takes(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Needs an access token.
    #[must_use]
    pub(crate) fn bearer(self) -> Self {
        Self { bearer: true, ..self }
    }

    /// Does not ask the engine, or answers the same whatever it says.
    #[must_use]
    pub(crate) fn unfailing(self) -> Self {
        Self { unfailing: true, ..self }
    }

    /// Has words of its own for what [`Api::engine`] says. They are among its failures.
    #[must_use]
    pub(crate) fn names_throttling(self) -> Self {
        Self { names_throttling: true, ..self }
    }

    /// Succeeds with 200 and such a body. Called again, with one or the other.
    #[must_use]
    pub(crate) fn answers<T: JsonSchema>(self, description: &'static str) -> Self {
        self.answers_with::<T>(StatusCode::OK, description)
    }

    /// Succeeds with a status and such a body.
    #[must_use]
    pub(crate) fn answers_with<T: JsonSchema>(
        mut self,
        status: StatusCode,
        description: &'static str,
    ) -> Self {
        let schema: SchemaOf = SchemaGenerator::subschema_for::<T>;
        self.answers.push(DescribedAnswer { status, description, schema: Some(schema) });
        self
    }

    /// Succeeds with a status and no body.
    #[must_use]
    pub(crate) fn answers_nothing(mut self, status: StatusCode, description: &'static str) -> Self {
        self.answers.push(DescribedAnswer { status, description, schema: None });
        self
    }

    /// Fails like this, too.
    #[must_use]
    pub(crate) fn fails(mut self, failures: impl IntoIterator<Item = impl IntoResponse>) -> Self {
        self.failures.extend(failing(failures));
        self
    }
}

impl Parameter {
    /// A part of the path.
    pub(crate) fn path(name: &'static str, description: &'static str) -> Self {
        Self::new("path", name, description).of(json!({ "type": "string", "minLength": 1 }))
    }

    /// A parameter of the query string that may be left out.
    pub(crate) fn query(name: &'static str, description: &'static str) -> Self {
        Self::new("query", name, description)
    }

    /// A header that may be left out.
    pub(crate) fn header(name: &'static str, description: &'static str) -> Self {
        Self::new("header", name, description)
    }

    fn new(place: &'static str, name: &'static str, description: &'static str) -> Self {
        let schema = json!({ "type": "string" });
        Self { name, place, description, schema, may_be_empty: false }
    }

    /// An empty value is as good as none.
    #[must_use]
    pub(crate) fn or_empty(self) -> Self {
        Self { may_be_empty: true, ..self }
    }

    /// Its schema, if it is not any text.
    #[must_use]
    pub(crate) fn of(self, schema: Value) -> Self {
        Self { schema, ..self }
    }
}

/// Failures, as they are really answered: status, headers and body cannot differ from it.
pub(crate) fn failing(failures: impl IntoIterator<Item = impl IntoResponse>) -> Vec<Failing> {
    failures.into_iter().map(Failing::of).collect()
}

impl Failing {
    fn of(failure: impl IntoResponse) -> Self {
        let (parts, body) = failure.into_response().into_parts();
        let body = serde_json::from_slice(&all_of(body)).unwrap_or_default();
        Self { status: parts.status, headers: parts.headers.keys().cloned().collect(), body }
    }
}

/// A body that is there already, as those of failures are.
fn all_of(body: Body) -> Bytes {
    let collected = pin!(body.collect());
    match collected.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(collected)) => collected.to_bytes(),
        Poll::Ready(Err(_)) | Poll::Pending => Bytes::new(),
    }
}
