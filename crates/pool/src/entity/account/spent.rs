use crate::ids::Sub;

/// A value that works once and was used, by what distinguishes it from all others in its pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spent {
    /// A user's TOTP code.
    TotpCode {
        /// The user.
        sub: Sub,
        /// The time step it belongs to.
        step: i64,
        /// A pseudonym of the key that generates the code. So the first code of a new app is not
        /// mistaken for the last code of the old one.
        key: String,
    },
    /// A challenge session, by its id.
    ChallengeSession(String),
    /// The `SECRET_BLOCK` of a sign-in by SRP, by its id.
    SecretBlock(String),
}

impl Spent {
    /// The form in which it is stored.
    pub fn stored(&self) -> String {
        match self {
            Self::TotpCode { sub, step, key } => format!("totp:{sub}:{step}:{key}"),
            Self::ChallengeSession(id) => format!("session:{id}"),
            Self::SecretBlock(id) => format!("secret-block:{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of earlier releases must still count.
    #[test]
    fn what_is_spent_stays_so() {
        let (sub, key) = (Sub::from("s"), "k".to_owned());
        let all = [
            Spent::TotpCode { sub, step: 7, key },
            Spent::ChallengeSession("a".to_owned()),
            Spent::SecretBlock("b".to_owned()),
        ];
        let stored = all.map(|spent| spent.stored());
        assert_eq!(stored, ["totp:s:7:k", "session:a", "secret-block:b"]);
    }
}
