use crate::backend::user_pool::Via;
use crate::entity::{AppClient, User, UserPoolRecord};
use crate::error::{Refusal, Result};
use crate::local::Local;
use crate::local::names::own_names;
use crate::ports::UserOrOther;
use crate::request::RequestContext;

/// An operation on a user who is named but not proven, through an app client.
#[derive(Clone, Debug)]
pub struct Named {
    /// Through which app client the call comes.
    pub via: Via,
    /// Username or alias, as typed; where addresses take the username's place, the `sub`, too.
    pub username: String,
}

/// Where such a name has led.
pub(in crate::local) struct NamedUser {
    /// The user.
    pub(in crate::local) user: Option<User>,
    /// Somebody else in the pool, in place of nobody: what is invented about nobody looks like that.
    pub(in crate::local) other: Option<User>,
    /// Who attempts are counted against: the user, or a pseudonym of the name.
    pub(in crate::local) subject: String,
}

impl Local {
    /// The user a name leads to, and who attempts are counted against: the user, or a pseudonym of
    /// the name. Whether there is one is told only through clients that do not hide it.
    pub(in crate::local) async fn find_named(
        &self,
        request: &RequestContext,
        pool: &UserPoolRecord,
        client: &AppClient,
        named: &Named,
    ) -> Result<NamedUser> {
        let names = own_names(pool, &named.username);
        let place = self.place_of_nobody(pool, &named.username);
        let (user, other) = match self.store().user_or_other(&pool.id, &names, &place).await? {
            Some(UserOrOther::Named(user)) => (Some(user), None),
            Some(UserOrOther::Other(user)) => (None, Some(user)),
            None => (None, None),
        };
        if let Some(user) = &user {
            request.note_user(&user.sub);
        }
        let names = (named.username.as_str(), named.username.as_str());
        self.check_proof_of((pool, client), &named.via.proof, names, user.as_ref())?;
        if user.is_none() && !client.hides_users {
            return Err(Refusal::UserNotFound.into());
        }
        let subject = self.subject(pool, &named.username, user.as_ref());
        let other = other.filter(|other| other.pool == pool.id);
        Ok(NamedUser { user, other, subject })
    }
}
