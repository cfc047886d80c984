use crate::device::Remembered;
use crate::settings::AppClient;
use poolkeeper_pool::user_pool::Admission;

/// Through which door a sign-in goes on.
#[derive(Clone, Copy)]
pub(crate) struct SignInContext<'a> {
    pub(crate) client: &'a AppClient,
    pub(crate) admission: &'a Admission,
    /// The device that it is made on, if that is remembered.
    pub(crate) device: Option<&'a Remembered>,
    /// The name that was typed.
    pub(crate) typed: &'a str,
}
