use crate::connection::settings::AppClient;
use crate::sign_in::device::Remembered;
use crate::sign_in::loaded_user::LoadedUser;
use crate::sign_in::session::Pending;
use poolkeeper_pool::backend::entry_policy::EntryPolicy;

/// Through which face a sign-in goes on.
#[derive(Clone, Copy)]
pub(crate) struct SignInContext<'a> {
    pub(crate) client: &'a AppClient,
    pub(crate) entry_policy: &'a EntryPolicy,
    /// The device that it is made on, if that is remembered.
    pub(crate) device: Option<&'a Remembered>,
    /// The name that was typed.
    pub(crate) typed: &'a str,
    /// Whether a new device is to be remembered.
    pub(crate) remember: bool,
    /// The challenge that was answered, and what was known of the user before. Of a password, nothing.
    pub(crate) answered: Option<(&'a Pending, &'a LoadedUser)>,
}
