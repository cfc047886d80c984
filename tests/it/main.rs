//! Poolkeeper through HTTP: the real router, engine and database in one process, with a clock that
//! the test sets and a random source that repeats. The tree mirrors the faces.

mod cognito;
mod support;
