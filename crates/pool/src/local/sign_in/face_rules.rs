//! The rules of a face hold for its sign-ins wherever their tokens are used. Whatever opens a token
//! comes through here.

use crate::backend::entry_policy::EntryPolicy;
use crate::entity::{AppClient, Face, Kind, Session};
use crate::error::{Refusal, Result};
use crate::ids::{ClientId, PoolId};
use crate::local::{Authorized, Local};
use crate::sign_in::{Candidate, Machine, check_admission};

/// An app client through which one of the sign-in APIs signs its users in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceClient {
    /// The API.
    pub face: Face,
    /// The pool.
    pub pool: PoolId,
    /// The app client.
    pub client: ClientId,
}

impl Local {
    /// What a face asks of users, together with what holds at every face: nobody is let in who is
    /// suspended, and Cognito's protocol lets nobody in whom the API would refuse that the client
    /// serves.
    pub(in crate::local) fn entry_policy(
        &self,
        given: &EntryPolicy,
        client: &AppClient,
    ) -> EntryPolicy {
        let is_of_partner_api = || self.face_of(&client.id) == Some(Face::Partner);
        let mut entry_policy = given.clone();
        if self.serves_partners(&client.pool) {
            entry_policy = entry_policy.barring(&self.settings().partner_groups.suspended);
        }
        if entry_policy.face == Face::Cognito && is_of_partner_api() {
            entry_policy.needs_active_partner = true;
        }
        entry_policy
    }

    /// What is asked of the user of a sign-in where it is used: what this face asks, and what the face
    /// asks that it was made at.
    pub(in crate::local) fn entry_policy_of(
        &self,
        given: &EntryPolicy,
        client: &AppClient,
        made_at: Face,
    ) -> EntryPolicy {
        let mut entry_policy = self.entry_policy(given, client);
        entry_policy.needs_active_partner |= [made_at, given.face].contains(&Face::Partner);
        entry_policy
    }

    /// Whether the partner API signs users of a pool in.
    pub(in crate::local) fn serves_partners(&self, pool: &PoolId) -> bool {
        let mut faces = self.settings().faces.iter();
        faces.any(|face| face.face == Face::Partner && face.pool == *pool)
    }

    /// The sign-in API that an app client serves.
    pub(in crate::local) fn face_of(&self, client: &ClientId) -> Option<Face> {
        let face = self.settings().faces.iter().find(|face| face.client == *client);
        face.map(|face| face.face)
    }

    /// The face that a sign-in was made at. One from before this was recorded belongs to the face that
    /// its client serves.
    pub(in crate::local) fn made_at(&self, session: &Session) -> Face {
        let by_client = || match session.tenant {
            Some(_) => Face::Tenant,
            None => self.face_of(&session.client).unwrap_or_default(),
        };
        session.face.unwrap_or_else(by_client)
    }

    /// Looks up what a face asks about the user, who is about to come in through it.
    pub(in crate::local) async fn with_entry_facts(
        &self,
        mut candidate: Candidate,
        entry_policy: &EntryPolicy,
    ) -> Result<Candidate> {
        candidate.face = entry_policy.face;
        candidate.tenant.clone_from(&entry_policy.tenant);
        if entry_policy.needs_active_partner {
            let groups = candidate.groups.iter().map(|group| &group.name);
            candidate.partners = Some(self.partners_of(&candidate.user.pool, groups).await?);
        }
        if candidate.user.kind == Kind::Service {
            let (pool, sub) = (&candidate.user.pool, &candidate.user.sub);
            let tenant = self.store().tenant_of_machine(pool, sub).await?;
            candidate.machine = tenant.map_or(Machine::No, Machine::Of);
        }
        Ok(candidate)
    }

    /// Refuses an access token at a face that its sign-in is not for, and one whose user may not come
    /// in any more. A machine may read itself wherever its tokens are read. Gives the user with groups
    /// if the answer depends on them.
    pub(in crate::local) async fn check_use(
        &self,
        authorized: &Authorized,
        session: Option<&Session>,
        face: Face,
    ) -> Result<Option<Candidate>> {
        let Authorized { client, user, caller, .. } = authorized;
        let unrecorded = || match caller.tenant {
            Some(_) => Face::Tenant,
            None => self.face_of(&client.id).unwrap_or_default(),
        };
        let made_at = session.map_or_else(unrecorded, |session| self.made_at(session));
        let is_machine = user.kind == Kind::Service && made_at == Face::Tenant;
        let reads_itself = is_machine && face == Face::Cognito;
        if !(face.is_open_to(made_at) || reads_itself) {
            return Err(Refusal::AccessTokenInvalid.into());
        }
        let tenant = caller.tenant.clone().filter(|_| made_at == Face::Tenant);
        let given = EntryPolicy { face, tenant, ..EntryPolicy::default() };
        let entry_policy = self.entry_policy_of(&given, client, made_at);
        let asks = entry_policy.barred_group.is_some() || entry_policy.needs_active_partner;
        if !asks && user.kind == Kind::Person {
            return Ok(None);
        }
        let candidate = self.with_groups(user.clone()).await?;
        let candidate = self.with_entry_facts(candidate, &entry_policy).await?;
        match check_admission(&candidate, &entry_policy) {
            Ok(()) => Ok(Some(candidate)),
            // It is a machine, of another tenant than when it signed in.
            Err(Refusal::BadCredentials) => Err(Refusal::AccessTokenRevoked.into()),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// The same, and the user with groups.
    pub(in crate::local) async fn check_use_with_groups(
        &self,
        authorized: &Authorized,
        session: Option<&Session>,
        face: Face,
    ) -> Result<Candidate> {
        match self.check_use(authorized, session, face).await? {
            Some(candidate) => Ok(candidate),
            None => self.with_groups(authorized.user.clone()).await,
        }
    }
}
