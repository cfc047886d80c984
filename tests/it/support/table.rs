use super::Answer;
use std::fmt::{Display, Formatter, Result, Write as _};

/// Many answers in one snapshot: `case: status, error and message`, or the body of a success.
#[derive(Default)]
pub(crate) struct Table(String);

impl Table {
    pub(crate) fn row(&mut self, case: &str, answer: &Answer) {
        writeln!(self.0, "{case}: {}", answer.line()).unwrap();
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.0)
    }
}
