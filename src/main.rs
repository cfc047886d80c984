//! Poolkeeper
fn main() {}
