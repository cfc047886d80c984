use crate::kit::traffic::room::Crowded;

/// Why a body is no JSON object. Each face says it in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyFlaw {
    /// Larger than any such request of ours.
    TooLarge,
    /// There is no room for it now.
    Crowded(Crowded),
    /// The connection broke off.
    Unfinished,
    /// Nothing was sent.
    Empty,
    /// The content type names something other than JSON.
    NotJson,
    /// Not UTF-8.
    NotText,
    /// Nested too deep to be read safely.
    TooDeep,
    /// Not JSON, from this character on.
    Malformed {
        /// How many characters were fine.
        position: usize,
        /// What is wrong, in the parser's words: no part of the body.
        reason: String,
    },
    /// JSON `null`.
    Null,
    /// JSON, but not an object.
    NotAnObject,
}
