//! Records to test with.

use poolkeeper_pool::change::Change;
use poolkeeper_pool::crypto::seal::Sealed;
use poolkeeper_pool::entity::{
    AccessKey, AliasKey, AppClient, AuthFlow, Channel, ClientSecret, CodeMfa, Contact,
    DeliveryProgress, Device, Face, Group, KeyUse, Kind, Message, MessagePurpose, Mfa, MfaMode,
    Partner, PartnerStatus, PasswordPolicy, PasswordSource, PoolRules, Proof, Provenance, Rotation,
    SchemaAttribute, SealedKey, Session, SessionRules, SignInName, Spent, Tenant, TokenValidity,
    Totp, User, UserPoolRecord, UserStatus,
};
use poolkeeper_pool::ids::{ClientId, PoolId, SessionId, Sub, Username};
use poolkeeper_pool::limits::lockout::Lockout;
use poolkeeper_pool::time::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

pub(crate) fn sealed(text: &str) -> Sealed {
    Sealed::from_bytes([&[0, 255], text.as_bytes()].concat())
}

pub(crate) fn pool_id() -> PoolId {
    PoolId::from("us-east-1_AbCdEf123")
}

pub(crate) fn other_pool_id() -> PoolId {
    PoolId::from("us-east-1_Other1234")
}

pub(crate) fn pool(id: PoolId) -> UserPoolRecord {
    let other = serde_json::json!({ "EmailConfiguration": { "From": "a@b.c" } });
    UserPoolRecord {
        id,
        name: "Pool \"1\"".to_owned(),
        mfa: MfaMode::Optional,
        password_policy: PasswordPolicy { minimum_length: 12, ..PasswordPolicy::default() },
        username_attributes: Vec::new(),
        alias_attributes: vec![SignInName::Email],
        case_sensitive: false,
        schema: vec![SchemaAttribute {
            name: "custom:tier".to_owned(),
            data_type: "String".to_owned(),
            mutable: true,
            required: false,
            developer_only: false,
            range: Some((None, Some("20".to_owned()))),
        }],
        rules: PoolRules::default(),
        sessions: SessionRules { tracked: true, max_per_user: 7 },
        other: other.as_object().cloned().unwrap_or_default().into(),
        created_at: at(0),
        modified_at: at(1),
        version: 1,
    }
}

pub(crate) fn client(pool: PoolId, id: &str) -> AppClient {
    AppClient {
        pool,
        id: ClientId::from(id),
        name: "Portal".to_owned(),
        secrets: vec![ClientSecret {
            id: format!("{id}--1"),
            value: sealed("client secret"),
            created_at: at(0),
        }],
        flows: vec![AuthFlow::UserSrp, AuthFlow::RefreshToken],
        validity: TokenValidity::default(),
        auth_session_validity: Duration::from_mins(3),
        hides_users: true,
        token_revocation: true,
        rotation: Some(Rotation { grace: Duration::from_secs(9) }),
        sso_minutes: 7,
        read_attributes: None,
        write_attributes: Some(vec!["email".to_owned()]),
        other: serde_json::Map::new(),
        created_at: at(0),
        modified_at: at(0),
        version: 1,
    }
}

/// A user whose username is `name` and whose `sub` is made of it.
pub(crate) fn user(name: &str) -> User {
    User {
        pool: pool_id(),
        sub: sub_of(name),
        username: Username::from(name),
        status: UserStatus::Confirmed,
        enabled: true,
        kind: Kind::Person,
        password: None,
        password_set_at: at(0),
        attributes: [("email", format!("{name}@example.com"))].into_iter().collect(),
        mfa: Mfa::default(),
        provenance: Provenance::default(),
        signed_out_at: None,
        created_at: at(0),
        modified_at: at(0),
        version: 1,
    }
}

/// A user who has everything a user can have.
pub(crate) fn full_user(name: &str) -> User {
    let totp = Totp {
        secret: sealed("totp"),
        enabled: true,
        preferred: false,
        friendly_name: Some("Phone".to_owned()),
    };
    let mut user = User {
        status: UserStatus::ForceChangePassword,
        enabled: false,
        kind: Kind::Service,
        password: Some(sealed("password")),
        mfa: Mfa {
            totp: Some(totp),
            pending_totp: Some(sealed("pending")),
            email: Some(CodeMfa { preferred: true }),
            sms: Some(CodeMfa { preferred: false }),
            legacy_sms: true,
        },
        provenance: Provenance {
            password: PasswordSource::Invitation {
                contact: Contact::Email,
                address: format!("{name}@example.com"),
                verifies: true,
            },
            proven: [(Contact::PhoneNumber, "+14325551212".to_owned())].into(),
            names: Some([(Contact::Email, format!("{name}@example.com"))].into()),
            proofs: [(
                Contact::PhoneNumber,
                Proof { address: "+14325551212".to_owned(), at: at(3), is_doubtful: true },
            )]
            .into(),
        },
        signed_out_at: Some(at(7)),
        ..user(name)
    };
    user.attributes.set("custom:tier", "\u{1F511} 'gold'; --");
    user
}

pub(crate) fn sub_of(name: &str) -> Sub {
    Sub::new(format!("sub-{}", name.to_lowercase()))
}

pub(crate) fn create(user: &User) -> Change {
    let username_key = user.username.as_str().to_lowercase();
    Change::CreateUser { user: Box::new(user.clone()), username_key }
}

pub(crate) fn update(user: &User) -> Change {
    Change::UpdateUser(Box::new(user.clone()))
}

pub(crate) fn expect(sub: &Sub, version: i64) -> Change {
    Change::ExpectUser { pool: pool_id(), sub: sub.clone(), version }
}

pub(crate) fn email(address: &str) -> AliasKey {
    AliasKey::sign_in(SignInName::Email, address)
}

pub(crate) fn alias(key: AliasKey, sub: &Sub) -> Change {
    Change::AddAlias { pool: pool_id(), sub: sub.clone(), key }
}

pub(crate) fn group(name: &str, precedence: Option<i64>) -> Group {
    Group {
        pool: pool_id(),
        name: name.into(),
        description: precedence.map(|precedence| format!("no. {precedence}")),
        role_arn: None,
        precedence,
        created_at: at(0),
        modified_at: at(1),
    }
}

pub(crate) fn session(id: &str, name: &str) -> Session {
    Session {
        pool: pool_id(),
        id: SessionId::from(id),
        sub: sub_of(name),
        client: ClientId::from("client"),
        auth_time: at(0),
        expires_at: at(3600),
        rotation: 0,
        rotated_at: None,
        revoked_at: None,
        address: Some("192.0.2.1".to_owned()),
        device_key: Some("us-east-1_d1".into()),
        tenant: Some("t-1".into()),
        face: Some(Face::Tenant),
    }
}

pub(crate) fn device(key: &str, name: &str) -> Device {
    Device {
        pool: pool_id(),
        sub: sub_of(name),
        key: key.into(),
        group_key: "-abcdefgh".to_owned(),
        name: Some("Ada's \"phone\"".to_owned()),
        verifier: sealed("verifier"),
        remembered: true,
        created_at: at(1),
        modified_at: at(2),
        last_authenticated_at: at(3),
        last_address: Some("192.0.2.1".to_owned()),
        version: 1,
    }
}

pub(crate) fn spend(id: &str, until: Timestamp) -> Change {
    Change::Spend { pool: pool_id(), spent: Spent::ChallengeSession(id.to_owned()), until }
}

pub(crate) fn lockout(subject: &str, failures: u32, version: i64) -> Lockout {
    Lockout {
        pool: pool_id(),
        subject: subject.to_owned(),
        failures,
        last_failure_at: at(0),
        version,
    }
}

pub(crate) fn message(id: &str, created_at: Timestamp) -> Message {
    Message {
        pool: pool_id(),
        id: id.into(),
        sub: sub_of("ada"),
        channel: Channel::Email,
        purpose: MessagePurpose::SignInCode,
        created_at,
        expires_at: created_at.after(Duration::from_mins(3)),
        content: sealed("code 123456"),
        progress: DeliveryProgress::begin(created_at, created_at.after(Duration::from_mins(3))),
    }
}

pub(crate) fn signing_key(id: &str, usage: KeyUse, created_at: Timestamp) -> SealedKey {
    SealedKey {
        pool: pool_id(),
        id: id.into(),
        usage,
        private: sealed("private"),
        created_at,
        signs_from: created_at,
        expires_at: None,
    }
}

pub(crate) fn partner(name: &str) -> Partner {
    Partner {
        pool: pool_id(),
        id: "partner-id-acme".into(),
        client_id: 17,
        name: name.to_owned(),
        domain: "acme.example".to_owned(),
        currency: "USD".to_owned(),
        vertical: "live_entertainment".to_owned(),
        demand_prediction: true,
        campaign_recommendations: false,
        status: PartnerStatus::Active,
        pricing_tier: "gold".to_owned(),
        campaign_pricing_model: "flat".to_owned(),
        ner_active: false,
        features: BTreeMap::new(),
    }
}

pub(crate) fn tenant(name: &str, group: Option<&str>) -> Tenant {
    Tenant {
        name: name.to_owned(),
        id: "t-1".into(),
        pool: pool_id(),
        client: "client".into(),
        group: group.map(Into::into),
        admin_group: None,
    }
}

pub(crate) fn access_key(operations: &[&str]) -> AccessKey {
    AccessKey {
        id: "PK0123456789ABCDEFGH".into(),
        secret: sealed("secret"),
        operations: operations.iter().map(ToString::to_string).collect(),
        pools: vec!["*".to_owned()],
    }
}
