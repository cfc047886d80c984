//! What there is to be sealed, and how long it is then.

/// What a sealed value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealPurpose {
    /// The state of a sign-in between two challenges.
    ChallengeSession,
    /// The state of a sign-in before its first factor.
    FirstFactor,
    /// A sign-up between its steps, and the sign-in that may follow it.
    SignUp,
    /// The server's half of an SRP exchange.
    SecretBlock,
    /// A refresh token.
    RefreshToken,
    /// A cursor of a listing.
    Cursor,
    /// A password hash at rest.
    Password,
    /// A TOTP key at rest.
    Totp,
    /// A client secret at rest.
    ClientSecret,
    /// A private signing key at rest.
    SigningKey,
    /// The secret of an access key at rest.
    AccessKey,
    /// The content of a message at rest.
    Message,
    /// What a device proves its secret against, at rest.
    Device,
    /// The server's half of a device's exchange.
    DeviceBlock,
    /// The key of a device's group.
    DeviceGroup,
    /// The digest of a device that sign-ins are remembered on.
    TrustedDevice,
    /// The state between two challenges of a sign-in to a pool that lives elsewhere.
    ForeignSession,
    /// What proves a remembered device to a pool that lives elsewhere.
    ForeignDevice,
    /// The session of a sign-in, kept for clients that do not send it.
    KeptSession,
    /// The tenant that a sign-in to a pool that lives elsewhere was made for.
    ForeignTenant,
    /// The digest of a code that was sent.
    VerificationCode,
    /// The digest of an address that messages go to.
    Recipient,
    /// The name of a session.
    SessionHandle,
    /// The subject of a lockout that belongs to no user.
    UnknownName,
    /// What is invented about a name that leads to nobody.
    Nobody,
    /// Whose calls a rate limit counts.
    RateLimits,
    /// A secret of the demo that must be the same at every start.
    Demo,
    /// The key that digests are made with. Opening it shows whether a master key is the right one.
    DigestKey,
}

impl SealPurpose {
    pub(super) const fn label(self) -> &'static [u8] {
        match self {
            Self::ChallengeSession => b"poolkeeper challenge session",
            Self::FirstFactor => b"poolkeeper first factor",
            Self::SignUp => b"poolkeeper sign-up",
            Self::SecretBlock => b"poolkeeper secret block",
            Self::RefreshToken => b"poolkeeper refresh token",
            Self::Cursor => b"poolkeeper cursor",
            Self::Password => b"poolkeeper password",
            Self::Totp => b"poolkeeper totp",
            Self::ClientSecret => b"poolkeeper client secret",
            Self::SigningKey => b"poolkeeper signing key",
            Self::AccessKey => b"poolkeeper access key",
            Self::Message => b"poolkeeper message",
            Self::Device => b"poolkeeper device",
            Self::DeviceBlock => b"poolkeeper device secret block",
            Self::DeviceGroup => b"poolkeeper device group",
            Self::TrustedDevice => b"poolkeeper trusted device",
            Self::ForeignSession => b"poolkeeper foreign session",
            Self::ForeignTenant => b"poolkeeper foreign tenant",
            Self::ForeignDevice => b"poolkeeper foreign device",
            Self::KeptSession => b"poolkeeper kept session",
            Self::VerificationCode => b"poolkeeper verification code",
            Self::Recipient => b"poolkeeper recipient",
            Self::SessionHandle => b"poolkeeper session handle",
            Self::UnknownName => b"poolkeeper unknown name",
            Self::Nobody => b"poolkeeper nobody",
            Self::RateLimits => b"poolkeeper turns",
            Self::Demo => b"poolkeeper demo",
            Self::DigestKey => b"poolkeeper digest key",
        }
    }

    /// Records are padded to a multiple of this many bytes: or else their length would tell who has
    /// them in hand what is in them, above all whether there is somebody. The steps are longer than
    /// what names of the longest allowed length make of a record.
    pub(super) const fn step(self) -> usize {
        match self {
            Self::SecretBlock | Self::DeviceBlock => 4096,
            Self::ChallengeSession
            | Self::FirstFactor
            | Self::SignUp
            | Self::ForeignSession
            | Self::Message => 1024,
            Self::Cursor => 512,
            Self::RefreshToken => 256,
            Self::Password
            | Self::Totp
            | Self::ClientSecret
            | Self::SigningKey
            | Self::AccessKey
            | Self::Device
            | Self::DeviceGroup
            | Self::TrustedDevice
            | Self::ForeignDevice
            | Self::KeptSession
            | Self::ForeignTenant
            | Self::VerificationCode
            | Self::Recipient
            | Self::SessionHandle
            | Self::UnknownName
            | Self::Nobody
            | Self::RateLimits
            | Self::Demo
            | Self::DigestKey => 1,
        }
    }
}
