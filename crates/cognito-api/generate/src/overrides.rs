//! Where the model is not what the service does, or not what is safe here, each with its reason. The
//! reasons are copied into the generated files.

use anyhow::{Context as _, Result, ensure};

use crate::model::Model;

/// What to change of one shape; `None` leaves the model's word.
struct Override {
    shape: &'static str,
    reason: &'static str,
    sensitive: Option<bool>,
    redacted: bool,
    max: Option<i64>,
    /// The pattern that messages quote.
    pattern: Option<&'static str>,
    /// The pattern that is matched, where it is not the quoted one.
    matched: Option<&'static str>,
}

const NOTHING: Override = Override {
    shape: "",
    reason: "",
    sensitive: None,
    redacted: false,
    max: None,
    pattern: None,
    matched: None,
};

const OVERRIDES: &[Override] = &[
    Override {
        shape: "ClientIdType",
        reason: "The model calls it sensitive, but the service echoes it in its messages, and it is \
                 public: it travels in every authorization URL.",
        sensitive: Some(false),
        ..NOTHING
    },
    Override {
        shape: "DomainType",
        reason: "The model admits a prefix only; the same member carries a custom domain, which has \
                 dots and may be as long as a host name may be.",
        max: Some(253),
        matched: Some(
            r"^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?)*$",
        ),
        ..NOTHING
    },
    Override {
        shape: "PasswordType",
        reason: "The model's `[\\S]+` forbids every space; the documented policy allows inner ones, \
                 and this is the pattern that the service's own messages quote. No minimum length \
                 and at most 256, as in the model: the pool's policy decides the rest.",
        pattern: Some(r"^[\S]+.*[\S]+$"),
        ..NOTHING
    },
    Override {
        shape: "ProviderDetailsType",
        reason: "Not sensitive to the model, but it carries an identity provider's client secret.",
        redacted: true,
        ..NOTHING
    },
    Override {
        shape: "DeviceSecretVerifierConfigType",
        reason: "Not sensitive to the model, but a verifier can be attacked offline.",
        redacted: true,
        ..NOTHING
    },
];

/// Applies the table. A row that changes nothing any more is an error: the model has moved on.
pub(crate) fn apply(model: &mut Model) -> Result<()> {
    for row in OVERRIDES {
        let shape = model
            .shapes
            .get_mut(row.shape)
            .with_context(|| format!("override of a shape that is gone: {}", row.shape))?;
        if let Some(sensitive) = row.sensitive {
            ensure!(shape.sensitive != sensitive, "{}: sensitive is already so", row.shape);
            shape.sensitive = sensitive;
        }
        if row.redacted {
            ensure!(!shape.sensitive, "{}: is sensitive by now", row.shape);
            shape.redacted = true;
        }
        if let Some(max) = row.max {
            ensure!(shape.max.is_some_and(|had| had < max), "{}: max", row.shape);
            shape.max = Some(max);
        }
        if let Some(pattern) = row.pattern {
            ensure!(shape.pattern.as_deref() != Some(pattern), "{}: pattern", row.shape);
            shape.pattern = Some(pattern.to_owned());
        }
        shape.matched = row.matched.map(str::to_owned);
        shape.reason = Some(row.reason);
    }
    Ok(())
}
