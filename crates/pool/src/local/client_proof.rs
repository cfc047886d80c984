//! What proves that a caller knows an app client's secret.

use crate::backend::user_pool::ClientProof;
use crate::crypto::seal::{Context, SealPurpose};
use crate::crypto::secret::{Secret, same_bytes};
use crate::crypto::secret_hash;
use crate::entity::{AppClient, ClientSecret, User};
use crate::error::{Refusal, Result};
use crate::local::Local;

impl Local {
    /// Checks a proof of the client's secret, for any of the names the caller may have hashed.
    pub(in crate::local) fn check_proof(
        &self,
        client: &AppClient,
        proof: &ClientProof,
        names: &[&str],
    ) -> Result<()> {
        let hash = match proof {
            ClientProof::Trusted => return Ok(()),
            ClientProof::SecretHash(None) | ClientProof::Secret(None)
                if client.secrets.is_empty() =>
            {
                return Ok(());
            }
            ClientProof::Secret(Some(secret)) => {
                return self.check_client_secret(client, Some(secret));
            }
            ClientProof::SecretHash(None) | ClientProof::Secret(None) => {
                return Err(Refusal::SecretHashMissing(client.id.clone()).into());
            }
            ClientProof::SecretHash(Some(hash)) => hash,
        };
        for secret in self.client_secrets(client)? {
            if secret_hash::matches(hash.expose(), &secret, &client.id, names) {
                return Ok(());
            }
        }
        Err(Refusal::SecretHashWrong(client.id.clone()).into())
    }

    /// Checks a plain client secret; public clients must send none.
    pub(in crate::local) fn check_client_secret(
        &self,
        client: &AppClient,
        given: Option<&Secret>,
    ) -> Result<()> {
        let secrets = self.client_secrets(client)?;
        let right = match given {
            None => secrets.is_empty(),
            Some(given) => secrets
                .iter()
                .any(|secret| same_bytes(secret.expose().as_bytes(), given.expose().as_bytes())),
        };
        if right { Ok(()) } else { Err(Refusal::ClientSecretWrong.into()) }
    }

    pub(in crate::local) fn client_secrets(&self, client: &AppClient) -> Result<Vec<Secret>> {
        let open = |secret: &ClientSecret| {
            Ok(self.sealer().open_secret(client_secret_context(client), &secret.value)?)
        };
        client.secrets.iter().map(open).collect()
    }
}

pub(in crate::local) fn client_secret_context(client: &AppClient) -> Context<'_> {
    Context { purpose: SealPurpose::ClientSecret, pool: &client.pool, subject: client.id.as_str() }
}

/// The names over which a client may have computed its `SECRET_HASH`. None at all is no name: a
/// hash over it would do for every user.
pub(in crate::local) fn hashed_names<'a>(sent: &'a str, user: Option<&'a User>) -> Vec<&'a str> {
    let own = user.map(|user| [user.username.as_str(), user.sub.as_str()]);
    let names = [sent].into_iter().chain(own.into_iter().flatten());
    names.filter(|name| !name.is_empty()).collect()
}
