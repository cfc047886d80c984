//! Where secrets come from: never from the configuration file itself.

use super::mistake::Place;
use poolkeeper_pool::crypto::secret::Secret;
use std::path::{Path, PathBuf};
use std::{env, fs};
use zeroize::Zeroizing;

/// A secret that is kept outside the configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretSource {
    pub(super) place: Place,
    pub(super) keeper: Keeper,
}

/// Who keeps a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Keeper {
    File(PathBuf),
    Variable(String),
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct SecretError {
    /// Where the configuration names the secret.
    pub place: Place,
    /// What is wrong.
    pub problem: String,
}

impl SecretSource {
    /// Reads the secret. White space around it does not belong to it.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, the environment variable is not set, or either is empty.
    pub fn read(&self) -> Result<Secret, SecretError> {
        let secret = self.keeper.read();
        secret.map_err(|problem| SecretError { place: self.place.clone(), problem })
    }
}

impl SecretSource {
    /// The same of a secret that must have so many characters.
    pub(super) fn read_of_length(&self, least: usize) -> Result<Secret, SecretError> {
        let secret = self.read()?;
        let length = secret.expose().chars().count();
        if length >= least {
            return Ok(secret);
        }
        let problem = format!("the secret has {length} characters: at least {least} are needed");
        Err(SecretError { place: self.place.clone(), problem })
    }
}

impl Keeper {
    /// Reads the secret, or says what is wrong.
    pub(crate) fn read(&self) -> Result<Secret, String> {
        let text = match self {
            Self::File(path) => read_file(path),
            Self::Variable(name) => read_variable(name),
        };
        text.map(|text| Secret::from(text.trim()))
    }
}

fn read_file(path: &Path) -> Result<Zeroizing<String>, String> {
    let text = fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if text.trim().is_empty() {
        return Err(format!("{} is empty", path.display()));
    }
    Ok(text)
}

fn read_variable(name: &str) -> Result<Zeroizing<String>, String> {
    let text = env::var(name).map(Zeroizing::new);
    let text = text.map_err(|_| format!("the environment variable {name} is not set"))?;
    if text.trim().is_empty() {
        return Err(format!("the environment variable {name} is empty"));
    }
    Ok(text)
}
