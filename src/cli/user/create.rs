//! `poolkeeper user create`.

use super::super::{Failure, told};
use crate::pools::Pools;
use crate::system::{SystemRng, operator};
use anyhow::anyhow;
use clap::Args;
use poolkeeper_cognito_api::parse_input;
use poolkeeper_cognito_api::types::AdminCreateUserRequest;
use poolkeeper_pool::backend::administration::{
    Administration as _, Invitation, NewServiceAccount, NewUser,
};
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::{Attributes, Contact, Kind, UserStatus};
use poolkeeper_pool::ids::{
    GroupName, PoolId, Sub, Username, random_machine_secret_for_any_policy,
};
use poolkeeper_pool::local::Local;
use serde_json::{Value, json};
use std::io::Write;

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Username. For a person in a pool where an address replaces the username: that address.
    #[arg(long, value_name = "NAME")]
    username: String,
    /// Creates a service account, for a program. Its secret is its password; it is printed once and
    /// not shown again. A service account is never asked for a second factor.
    #[arg(long)]
    service: bool,
    /// Adds the user to this group, which must exist. Can be repeated.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Sets an attribute, e.g. `name=Ann`. Can be repeated.
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = pair)]
    attributes: Vec<(String, String)>,
}

impl Create {
    pub(super) async fn run(
        self,
        engine: &Local,
        pool: PoolId,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        self.check(&pool)?;
        let new = self.user(pool);
        if new.kind == Kind::Service {
            let NewUser { pool, username, attributes, groups, .. } = new;
            let new = NewServiceAccount { pool, username, attributes, groups };
            let created = engine.create_service_account(&operator(), new).await;
            let (user, secret) = created.map_err(told)?;
            return write_service(&user.username, &user.sub, &secret, out);
        }
        let user = engine.admin_create_user(&operator(), new).await.map_err(told)?;
        write_person((&user.username, &user.sub), user.status, &user.attributes, out)
    }

    /// The same in a pool that lives at Amazon, which also sends the invitation.
    pub(super) async fn run_at_amazon(
        self,
        pools: &Pools,
        pool: PoolId,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        self.check(&pool)?;
        let new = self.user(pool.clone());
        let kind = new.kind;
        let user = pools.create_user(&operator(), new).await.map_err(told)?;
        if kind == Kind::Person {
            return write_person((&user.username, &user.sub), user.status, &user.attributes, out);
        }
        let secret = random_machine_secret_for_any_policy(&SystemRng);
        let sub = user.sub.as_str();
        let set = pools.set_password(&operator(), &pool, sub, &secret, true).await;
        if let Err(problem) = set {
            // Without a secret it is of no use, and in the way of the next attempt.
            let deleted = pools.delete_user(&operator(), &pool, sub).await;
            return Err(match deleted {
                Ok(()) => told(problem),
                Err(left) => Failure::Failed(anyhow!(
                    "{problem}; user {sub} is there and has no secret, for it could not be \
                     deleted: {left}"
                )),
            });
        }
        write_service(&user.username, &user.sub, &secret, out)
    }

    fn user(self, pool: PoolId) -> NewUser {
        let Self { username, service, groups, attributes } = self;
        let (kind, invitation) = if service {
            (Kind::Service, Invitation::Suppress)
        } else {
            (Kind::Person, Invitation::SendToVerify)
        };
        NewUser {
            pool,
            username,
            attributes: Attributes::from_iter(attributes),
            temporary_password: None,
            kind,
            invitation,
            mediums: Vec::new(),
            force_alias: false,
            groups: groups.into_iter().map(GroupName::new).collect(),
        }
    }

    /// What the protocol would refuse of a user before anything looks at its meaning.
    fn check(&self, pool: &PoolId) -> Result<(), Failure> {
        let mut names: Vec<_> = self.attributes.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < self.attributes.len() {
            return Err(Failure::Usage("an attribute is given twice".to_owned()));
        }
        let attribute = |(name, value): &(String, String)| json!({ "Name": name, "Value": value });
        let attributes: Value = self.attributes.iter().map(attribute).collect();
        let request = json!({
            "UserPoolId": pool.as_str(),
            "Username": self.username,
            "UserAttributes": attributes,
        });
        let checked = parse_input::<AdminCreateUserRequest>(request.to_string().as_bytes());
        checked.map(drop).map_err(|error| Failure::Usage(error.to_string()))
    }
}

fn write_person(
    (username, sub): (&Username, &Sub),
    status: UserStatus,
    attributes: &Attributes,
    out: &mut impl Write,
) -> Result<(), Failure> {
    writeln!(out, "username  {username}")?;
    writeln!(out, "sub       {sub}")?;
    writeln!(out, "status    {}", status.as_str())?;
    let has_address =
        Contact::ALL.iter().any(|contact| attributes.get(contact.attribute()).is_some());
    if status == UserStatus::ForceChangePassword && !has_address {
        writeln!(out, "No invitation was sent: the user has no email address or phone number.")?;
    }
    Ok(())
}

fn write_service(
    username: &Username,
    sub: &Sub,
    secret: &Secret,
    out: &mut impl Write,
) -> Result<(), Failure> {
    writeln!(out, "username  {username}")?;
    writeln!(out, "sub       {sub}")?;
    writeln!(out, "secret    {}", secret.expose())?;
    Ok(writeln!(out, "The secret is stored hashed: it cannot be shown again.")?)
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(username: &str, attributes: &[&str]) -> String {
        let attributes = attributes.iter().map(|text| pair(text).unwrap()).collect();
        let username = username.to_owned();
        let create = Create { username, service: true, groups: Vec::new(), attributes };
        create.check(&PoolId::from("us-east-1_Example01")).unwrap_err().to_string()
    }

    #[test]
    fn attributes_are_pairs_and_their_values_may_hold_anything() {
        assert_eq!(pair("name=a=b"), Ok(("name".to_owned(), "a=b".to_owned())));
        assert_eq!(pair("name"), Err("expected NAME=VALUE".to_owned()));
    }

    #[test]
    fn names_are_held_to_what_the_protocol_takes() {
        assert_eq!(refused("a", &["name=x", "name=y"]), "an attribute is given twice");
        let words =
            "1 validation error detected: Value at 'username' failed to satisfy constraint: ";
        assert_eq!(
            refused(&"x".repeat(129), &[]),
            format!("{words}Member must have length less than or equal to 128")
        );
        assert_eq!(
            refused("two words", &[]),
            format!(
                "{words}Member must satisfy regular expression pattern: [\\p{{L}}\\p{{M}}\\p{{S}}\\p{{N}}\\p{{P}}]+"
            )
        );
    }
}
