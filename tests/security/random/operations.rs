//! Bodies of Cognito's operations, made after the service model.

use super::*;
use poolkeeper_cognito_api::{Auth, Kind, Operation, Shape};
use poolkeeper_faces::cognito::is_offered;

/// How often there is a new pool: the one before may be deleted.
const EVERY: usize = 32;

const PARAMETERS: [&str; 18] = [
    "USERNAME",
    "PASSWORD",
    "SRP_A",
    "REFRESH_TOKEN",
    "SECRET_HASH",
    "DEVICE_KEY",
    "PREFERRED_CHALLENGE",
    "NEW_PASSWORD",
    "EMAIL_OTP_CODE",
    "SMS_MFA_CODE",
    "SOFTWARE_TOKEN_MFA_CODE",
    "ANSWER",
    "PASSWORD_CLAIM_SECRET_BLOCK",
    "PASSWORD_CLAIM_SIGNATURE",
    "TIMESTAMP",
    "userAttributes.name",
    "email",
    "x",
];

/// What requests are about.
struct About {
    pool: String,
    client: String,
    access: String,
    refresh: String,
}

impl About {
    async fn new(server: &TestServer) -> Self {
        let pool = server.pool(json!({})).await;
        pool.user("sid", &[("email", "sid@example.com")]).await;
        pool.admin("CreateGroup", json!({ "GroupName": "staff" })).await;
        let tokens = pool.tokens("sid").await;
        let (access, refresh) = (tokens.access.clone(), tokens.refresh.clone());
        Self { pool: pool.id, client: pool.client, access, refresh }
    }

    /// What usually stands under a name.
    fn known(&self, name: &str, by: u8) -> Option<String> {
        let attributes = ["email", "name", "custom:x", "phone_number", "birthdate", "sub"];
        let text = match name {
            "UserPoolId" => &self.pool,
            "ClientId" => &self.client,
            "AccessToken" => &self.access,
            "RefreshToken" | "REFRESH_TOKEN" | "Token" => &self.refresh,
            "Username" | "USERNAME" => "sid",
            "GroupName" => "staff",
            "Password" | "PASSWORD" | "PreviousPassword" | "ProposedPassword" => PASSWORD,
            "NEW_PASSWORD" => "Other-Passw0rd!",
            "ConfirmationCode" | "Code" | "UserCode" => "123456",
            "Name" | "AttributeName" | "UserAttributeNames" => chosen(&attributes, by),
            "Filter" => "email ^= \"s\"",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// Makes values one after the other.
struct Maker<'a> {
    about: &'a About,
    seeds: std::iter::Cycle<std::slice::Iter<'a, Seed>>,
}

impl Maker<'_> {
    /// A value of a shape, or nearly, that stands under a name.
    fn value(&mut self, shape: &Shape, name: &str) -> Value {
        let Some((kind, by, json)) = self.seeds.next() else { return Value::Null };
        if kind % 24 == 0 {
            return json.value();
        }
        match &shape.kind {
            Kind::Structure(_) => self.structure(shape),
            Kind::List { member, .. } => (0..by % 3).map(|_| self.value(member, name)).collect(),
            Kind::Map { value, .. } => {
                let names = (0..by % 6).map(|more| *chosen(&PARAMETERS, kind.wrapping_mul(more)));
                let members = names.map(|name| (name.to_owned(), self.value(value, name)));
                Value::Object(members.collect())
            }
            Kind::String { values: [], .. } => match self.about.known(name, *by) {
                Some(known) if kind % 8 != 1 => json!(known),
                _ => match json {
                    Json::Odd(_) | Json::Text(_) => json.value(),
                    _ => json!(format!("x{by}")),
                },
            },
            Kind::String { values, .. } => json!(chosen(values, *by)),
            Kind::Integer(range) | Kind::Long(range) => {
                json!(range.min.unwrap_or_default() + i64::from(*by) - 1)
            }
            Kind::Boolean => json!(by % 2 == 0),
            Kind::Timestamp => json!(by),
            Kind::Blob(_) => json!("AAAA"),
            Kind::Document => json.value(),
        }
    }

    /// All members that have to be there, and some of the others.
    fn structure(&mut self, shape: &Shape) -> Value {
        let Kind::Structure(members) = &shape.kind else { return Value::Null };
        let members = members.iter().filter_map(|member| {
            let (kind, ..) = self.seeds.next()?;
            let is_there = if member.required { kind % 32 != 0 } else { kind % 4 == 0 };
            is_there.then(|| (member.name.to_owned(), self.value(member.shape, member.name)))
        });
        Value::Object(members.collect())
    }
}

#[test]
fn operations_answer_or_refuse_in_cognitos_words() {
    let site = Site::new();
    let offered: Vec<_> = Operation::ALL.iter().copied().filter(|one| is_offered(*one)).collect();
    let mut turns = 0;
    let mut about = site.wait(About::new(&site.server));
    let mut turn = AssertUnwindSafe(move |which: u8, seeds: &[Seed; 16]| {
        turns += 1;
        if turns % EVERY == 0 {
            about = site.wait(About::new(&site.server));
        }
        let operation = *chosen(&offered, which);
        let body =
            Maker { about: &about, seeds: seeds.iter().cycle() }.structure(operation.input());
        let cognito = site.server.cognito();
        let answer = site.wait(async {
            match operation.auth() {
                Auth::SigV4 => cognito.admin(operation.name(), &body).await,
                Auth::None => cognito.call(operation.name(), &body).await,
            }
        });
        Face::Cognito.check(&answer, &format!("{operation} {body}"));
    });
    bolero::check!()
        .with_type::<(u8, [Seed; 16])>()
        .for_each(move |(which, seeds)| (*turn)(*which, seeds));
}
