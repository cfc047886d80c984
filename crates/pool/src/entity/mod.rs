//! What a pool keeps: the records behind every operation.

mod access_key;
mod alias_key;
mod app_client;
mod attributes;
mod contact;
mod device;
mod face;
mod given_settings;
mod group;
mod identity;
mod master_key;
mod message;
mod partner;
mod pool_rules;
mod proof;
mod provenance;
mod session;
mod sign_in_name;
mod signing_key;
mod spent;
mod suspension;
mod tenant;
mod trusted_device;
mod user;
mod user_pool;
mod verification_code;

pub use access_key::AccessKey;
pub use alias_key::{AliasKey, AliasKind};
pub use app_client::{
    AppClient, AuthFlow, ClientSecret, Rotation, TokenValidity, default_sso_minutes,
};
pub use attributes::{Attributes, STANDARD_ATTRIBUTES, StandardAttribute};
pub use contact::Contact;
pub use device::Device;
pub use face::Face;
pub use given_settings::GivenSettings;
pub use group::{Group, MAX_PRECEDENCE, is_group_name};
pub use identity::{Identity, SourceIdentity};
pub use master_key::{MasterKeyRecord, MasterKeyState};
pub use message::{Channel, DeliveryProgress, Message, MessagePurpose};
pub use partner::{Grant, Partner, PartnerStatus};
pub use pool_rules::{
    DeviceRules, FirstFactor, FreshProof, PoolRules, Recovery, SecondFactors, SessionRules,
    Template, Templates,
};
pub use proof::SETTLING;
pub use provenance::{PasswordSource, Proof, Provenance};
pub use session::Session;
pub use sign_in_name::SignInName;
pub use signing_key::{KeyUse, SealedKey};
pub use spent::Spent;
pub use suspension::Suspension;
pub use tenant::Tenant;
pub use trusted_device::TrustedDevice;
pub use user::{CodeMfa, Kind, Mfa, Totp, User, UserStatus};
pub use user_pool::{MfaMode, PasswordPolicy, SchemaAttribute, UserPoolRecord};
pub use verification_code::{CodePurpose, VerificationCode};
