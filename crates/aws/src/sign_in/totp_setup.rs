//! An authenticator app that is set up in the middle of a sign-in. Amazon's session stays sealed in
//! ours, and every step replaces both.

use crate::amazon::Amazon;
use crate::connection::call::Repeat;
use crate::connection::trouble::Purpose;
use crate::convert::{self, missing};
use crate::sign_in::session::Pending;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::error::{Refusal, Result};
use poolkeeper_pool::ids::ClientId;

impl Amazon {
    /// Whether a session is one of ours, of whichever app client.
    pub fn asked(&self, session: &Secret) -> bool {
        self.opened(session).is_some()
    }

    /// `AssociateSoftwareToken` by a session: the key, and the session to prove it in.
    pub(crate) async fn hand_out_key(&self, session: &Secret) -> Result<(Secret, Secret)> {
        let (client, pending) = self.pending_setup(session)?;
        let call = self.sdk.associate_software_token().session(pending.session.expose());
        let made = self.call(Repeat::Never, Purpose::Setup, || call.clone().send()).await?;
        let key = made.secret_code.ok_or_else(|| missing("a key"))?;
        Ok((Secret::new(key), self.go_on(client, pending, made.session)?))
    }

    /// `VerifySoftwareToken` by a session: the session that answers `MFA_SETUP`.
    pub(crate) async fn prove_app(
        &self,
        session: &Secret,
        code: &Secret,
        friendly_name: Option<String>,
    ) -> Result<Secret> {
        let (client, pending) = self.pending_setup(session)?;
        let call = self.sdk.verify_software_token().session(pending.session.expose());
        let call = call.user_code(code.expose()).set_friendly_device_name(friendly_name);
        let told = self.call(Repeat::Never, Purpose::Setup, || call.clone().send()).await?;
        convert::proven(told.status.as_ref())?;
        self.go_on(client, pending, told.session)
    }

    fn go_on(&self, client: &ClientId, before: Pending, session: Option<String>) -> Result<Secret> {
        let session = Secret::new(session.ok_or_else(|| missing("a session"))?);
        Ok(self.seal_pending(client, &Pending { session, ..before }))
    }

    /// The sign-in that a set-up belongs to: these operations name no client.
    fn pending_setup(&self, session: &Secret) -> Result<(&ClientId, Pending), Refusal> {
        let asks = |(_, pending): &(&ClientId, Pending)| pending.challenge == "MFA_SETUP";
        self.opened(session).filter(asks).ok_or(Refusal::ChallengeSessionInvalid)
    }

    fn opened(&self, session: &Secret) -> Option<(&ClientId, Pending)> {
        let mut ids = self.settings.clients.iter().map(|client| &client.id);
        ids.find_map(|id| Some((id, self.open_pending(id, session).ok()?)))
    }
}
