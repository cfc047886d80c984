//! The master key: 256 random bits outside the database, under which everything secret inside it
//! is sealed. Lost, they take every TOTP key, signing key and client secret along.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::system::Rng;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::{env, fmt};
use zeroize::Zeroizing;

/// The environment variable that may hold the key instead of a file.
pub const VARIABLE: &str = "POOLKEEPER_MASTER_KEY";

/// The environment variable that may hold the previous key instead of a file.
pub const PREVIOUS_VARIABLE: &str = "POOLKEEPER_PREVIOUS_MASTER_KEY";

const LEN: usize = 32;
/// Longest text read from a file: the key in base64 is 44 characters.
const MAX_TEXT: u64 = 1024;

/// The master key. It is wiped from memory when dropped.
pub struct MasterKey(Zeroizing<[u8; LEN]>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey")
    }
}

/// Why there is no master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// The file cannot be read.
    #[error("the master key cannot be read from {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Others than its owner can read or write the file.
    #[error(
        "the master key {path} is open to other users (mode {mode:04o}): \
         run `chmod 600 {path}`, and make a new key if others may have read it"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// What was found is no key.
    #[error("{origin} does not hold a master key: 32 random bytes in base64 are expected")]
    Malformed {
        /// Where it was found.
        origin: String,
    },
    /// Nothing says where the key is.
    #[error("there is no master key: set master_key_file, or the environment variable {VARIABLE}")]
    Missing,
    /// Two places hold a key, and what one sealed the other cannot open.
    #[error("{setting} and the environment variable {variable} are both set: keep one")]
    Ambiguous {
        /// The setting of the file.
        setting: &'static str,
        /// The variable.
        variable: &'static str,
    },
    /// The key that shall take the place of the previous one is that one.
    #[error(
        "the previous master key is the same as the current one, so nothing would be rotated: \
         remove it, or make a new key"
    )]
    Unchanged,
    /// A new key cannot be written.
    #[error("a new master key cannot be written to {path}: {source}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
}

impl MasterKey {
    /// Reads the key from the one place that holds it: the file that is configured, or else the
    /// environment variable [`VARIABLE`].
    ///
    /// # Errors
    ///
    /// If neither or both are set, the one that is does not hold a key, or the file cannot be read
    /// or is open to other users.
    pub fn find(file: Option<&Path>) -> Result<Self, MasterKeyError> {
        let found = Self::choose((file, "master_key_file"), (Self::from_env()?, VARIABLE))?;
        found.ok_or(MasterKeyError::Missing)
    }

    fn choose(
        (file, setting): (Option<&Path>, &'static str),
        (value, variable): (Option<Self>, &'static str),
    ) -> Result<Option<Self>, MasterKeyError> {
        match (file, value) {
            (Some(path), None) => Self::from_file(path).map(Some),
            (Some(_), Some(_)) => Err(MasterKeyError::Ambiguous { setting, variable }),
            (None, value) => Ok(value),
        }
    }

    /// Reads the key from a file that only its owner can read.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is open to other users, or does not hold a key.
    pub fn from_file(path: &Path) -> Result<Self, MasterKeyError> {
        let unreadable = |source| MasterKeyError::Unreadable { path: path.to_owned(), source };
        let file = File::open(path).map_err(unreadable)?;
        // Of the open file, so that it cannot be exchanged in between.
        let mode = file.metadata().map_err(unreadable)?.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(MasterKeyError::Exposed { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(String::with_capacity(64));
        file.take(MAX_TEXT).read_to_string(&mut text).map_err(unreadable)?;
        Self::parse(&text, || path.display().to_string())
    }

    /// Takes the key from the environment variable [`VARIABLE`], if it is set.
    ///
    /// # Errors
    ///
    /// If the variable does not hold a key.
    pub fn from_env() -> Result<Option<Self>, MasterKeyError> {
        Self::from_variable(VARIABLE)
    }

    fn from_variable(name: &str) -> Result<Option<Self>, MasterKeyError> {
        let origin = || format!("the environment variable {name}");
        match env::var(name).map(Zeroizing::new) {
            Ok(text) => Self::parse(&text, origin).map(Some),
            Err(env::VarError::NotPresent) => Ok(None),
            Err(env::VarError::NotUnicode(_)) => {
                Err(MasterKeyError::Malformed { origin: origin() })
            }
        }
    }

    /// Makes a new key and writes it to a file that must not exist yet. The file appears complete
    /// or not at all.
    ///
    /// # Errors
    ///
    /// If the file exists or cannot be written.
    pub fn create(path: &Path, rng: &dyn Rng) -> Result<Self, MasterKeyError> {
        let mut key = Self(Zeroizing::new([0; LEN]));
        rng.fill(&mut *key.0);
        let text = Zeroizing::new(BASE64.encode(key.0.as_slice()) + "\n");
        write_new(path, text.as_bytes())
            .map_err(|source| MasterKeyError::Unwritable { path: path.to_owned(), source })?;
        Ok(key)
    }

    /// Reads the key from a file, or makes one where there is none.
    ///
    /// # Errors
    ///
    /// If the file is there and cannot be read, is open to other users or does not hold a key, or
    /// if a new one cannot be written.
    pub fn open_or_create(path: &Path, rng: &dyn Rng) -> Result<Self, MasterKeyError> {
        match Self::from_file(path) {
            Err(MasterKeyError::Unreadable { source, .. })
                if source.kind() == io::ErrorKind::NotFound =>
            {
                Self::create(path, rng)
            }
            found => found,
        }
    }

    /// What seals and opens under this key.
    pub fn sealer(&self) -> Sealer {
        Sealer::new(&self.0)
    }

    fn parse(text: &str, origin: impl FnOnce() -> String) -> Result<Self, MasterKeyError> {
        let mut key = Zeroizing::new([0; LEN]);
        let bytes = BASE64.decode(text.trim()).map(Zeroizing::new);
        match bytes {
            Ok(bytes) if bytes.len() == LEN => key.copy_from_slice(&bytes),
            _ => return Err(MasterKeyError::Malformed { origin: origin() }),
        }
        Ok(Self(key))
    }
}

/// The master key, and the one before as long as something is sealed under it.
#[derive(Debug)]
pub struct MasterKeys {
    current: MasterKey,
    previous: Option<MasterKey>,
}

impl MasterKeys {
    /// Reads each from the one place that holds it: the file that is configured, or else its
    /// environment variable.
    ///
    /// # Errors
    ///
    /// If there is no current key, both places of a key are set, one does not hold a key, a file
    /// cannot be read or is open to other users, or the two keys are the same.
    pub fn find(current: Option<&Path>, previous: Option<&Path>) -> Result<Self, MasterKeyError> {
        let variable = MasterKey::from_variable(PREVIOUS_VARIABLE)?;
        let previous = (previous, "previous_master_key_file");
        let previous = MasterKey::choose(previous, (variable, PREVIOUS_VARIABLE))?;
        let current = MasterKey::find(current)?;
        if previous.as_ref().is_some_and(|previous| previous.0 == current.0) {
            return Err(MasterKeyError::Unchanged);
        }
        Ok(Self { current, previous })
    }

    /// What seals and opens under these keys.
    pub fn sealer(&self) -> Sealer {
        let previous: Vec<_> = self.previous.iter().map(|key| &*key.0).collect();
        Sealer::holding(&self.current.0, &previous)
    }
}

/// Writes a file beside `path` and links it there, which fails if `path` exists.
fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{}.new", std::process::id()));
    let draft = PathBuf::from(draft);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let written = file
        .write_all(content)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::SystemRng;
    use std::os::unix::fs::PermissionsExt as _;

    fn file(content: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    /// The message without the folder, which differs from run to run.
    fn message(folder: &tempfile::TempDir, error: &MasterKeyError) -> String {
        error.to_string().replace(folder.path().to_str().unwrap(), "")
    }

    #[test]
    fn a_created_key_is_private_complete_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let made = MasterKey::open_or_create(&path, &SystemRng).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(*MasterKey::from_file(&path).unwrap().0, *made.0);
        assert_eq!(*MasterKey::open_or_create(&path, &SystemRng).unwrap().0, *made.0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let again = MasterKey::create(&path, &SystemRng).unwrap_err();
        assert!(message(&folder, &again).contains("cannot be written to /master.key"), "{again}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_open_to_others_is_refused() {
        for mode in [0o640, 0o604, 0o660, 0o610, 0o644] {
            let (folder, path) = file(&BASE64.encode([7; LEN]), mode);
            let refused = MasterKey::from_file(&path).unwrap_err();
            let expected = format!(
                "the master key /master.key is open to other users (mode {mode:04o}): run \
                 `chmod 600 /master.key`, and make a new key if others may have read it"
            );
            assert_eq!(message(&folder, &refused), expected);
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_shown() {
        let short = BASE64.encode([7; 31]);
        let long = BASE64.encode([7; 33]);
        for content in ["", "secret", &short, &long] {
            let (folder, path) = file(content, 0o400);
            let refused = MasterKey::from_file(&path).unwrap_err();
            assert_eq!(
                message(&folder, &refused),
                "/master.key does not hold a master key: 32 random bytes in base64 are expected"
            );
        }
    }

    #[test]
    fn white_space_around_the_key_does_not_matter() {
        let (_folder, path) = file(&format!("  {}\r\n", BASE64.encode([7; LEN])), 0o400);
        assert_eq!(*MasterKey::from_file(&path).unwrap().0, [7; LEN]);
    }

    #[test]
    fn the_key_is_in_exactly_one_place() {
        let (_folder, path) = file(&BASE64.encode([7; LEN]), 0o600);
        let variable = || Some(MasterKey(Zeroizing::new([8; LEN])));
        let choose = |file: Option<&Path>, value| {
            MasterKey::choose((file, "master_key_file"), (value, VARIABLE))
        };
        assert_eq!(*choose(Some(&path), None).unwrap().unwrap().0, [7; LEN]);
        assert_eq!(*choose(None, variable()).unwrap().unwrap().0, [8; LEN]);
        assert!(choose(None, None).unwrap().is_none());
        let both = choose(Some(&path), variable()).unwrap_err();
        assert_eq!(
            both.to_string(),
            "master_key_file and the environment variable POOLKEEPER_MASTER_KEY are both set: keep one"
        );
    }

    #[test]
    fn debug_shows_nothing() {
        let (_folder, path) = file(&BASE64.encode([7; LEN]), 0o600);
        assert_eq!(format!("{:?}", MasterKey::from_file(&path).unwrap()), "MasterKey");
    }
}
