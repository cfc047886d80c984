//! What a pool keeps: the records behind every operation.

mod access_key;
mod account;
mod face;
mod follow_up;
mod master_key;
mod message;
mod partner;
mod pool;
mod suspension;
mod tenant;

pub use access_key::AccessKey;
pub use account::alias_key::{AliasKey, AliasKind};
pub use account::attributes::{Attributes, STANDARD_ATTRIBUTES, StandardAttribute};
pub use account::contact::Contact;
pub use account::device::Device;
pub use account::identity::{Identity, SourceIdentity};
pub use account::proof::SETTLING;
pub use account::provenance::{PasswordSource, Proof, Provenance};
pub use account::session::Session;
pub use account::sign_in_name::SignInName;
pub use account::spent::Spent;
pub use account::trusted_device::TrustedDevice;
pub use account::user::{CodeMfa, Kind, Mfa, Totp, User, UserStatus};
pub use account::verification_code::{CodePurpose, VerificationCode};
pub use face::Face;
pub use follow_up::{FollowUp, FollowUpWork};
pub use master_key::{MasterKeyRecord, MasterKeyState};
pub use message::{Channel, DeliveryProgress, Message, MessagePurpose};
pub use partner::{Grant, Partner, PartnerStatus};
pub use pool::app_client::{
    AppClient, AuthFlow, ClientSecret, Rotation, TokenValidity, default_sso_minutes,
};
pub use pool::given_settings::GivenSettings;
pub use pool::group::{Group, GroupRank, MAX_PRECEDENCE, is_group_name};
pub use pool::pool_rules::{
    DefaultWrite, DeviceRules, FirstFactor, FreshProof, PoolRules, Recovery, SecondFactors,
    SessionRules, Template, Templates,
};
pub use pool::signing_key::{KeyUse, SealedKey};
pub use pool::user_pool::{MfaMode, PasswordPolicy, SchemaAttribute, UserPoolRecord};
pub use suspension::Suspension;
pub use tenant::Tenant;
