//! Whether a pool at Amazon matches the configuration. The check changes nothing: calls that could change
//! something are made in a way that Amazon must refuse.

mod client;
mod fix;
mod groups;
mod issuer;
mod permissions;
mod pool;

use crate::check::fix::Commands;
use crate::connection::connect::SetupError;
use crate::connection::probe::Probe;
use crate::connection::settings::Settings;
use crate::connection::trouble::{Trouble, advice};
use poolkeeper_pool::ids::{ClientId, GroupName};
use poolkeeper_pool::system::{Clock, Rng};
use std::sync::Arc;

/// What the configuration expects of a pool, beside what calls are made with.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Attributes that take the username's place, by Cognito's names.
    pub username_attributes: Vec<&'static str>,
    /// Attributes that work beside the username.
    pub alias_attributes: Vec<&'static str>,
    /// The groups that the configuration names.
    pub groups: Vec<ExpectedGroup>,
    /// Whether users are made by signing up, which the partner API and the portal's registration do.
    pub signs_up: bool,
    /// Whether machine credentials are made.
    pub makes_machines: bool,
    /// App clients that may tell that a user does not exist.
    pub shows_unknown_users: Vec<ClientId>,
}

/// A group that the configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedGroup {
    /// Its name.
    pub name: GroupName,
    /// Who makes it.
    pub need: Need,
}

/// Who makes a group that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The operator: an API does not work without it.
    Required,
    /// The server, at its next start or when it is first needed.
    MadeByServer,
    /// The operator, if programs sign in.
    ForPrograms,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub about: About,
    /// Whether it fits.
    pub verdict: Verdict,
    /// What was found, in words. Holds nothing secret.
    pub says: String,
    /// What would fix it.
    pub fix: Option<Fix>,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Whose credentials the calls are made with.
    Caller,
    /// The pool itself.
    Pool,
    /// An app client.
    Client(ClientId),
    /// The issuer of tokens and its public keys.
    Issuer,
    /// The groups.
    Groups,
    /// What the caller may do.
    Permissions,
}

/// Whether something fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As the configuration has it.
    Fits,
    /// Good to know; nothing has to be done.
    Note,
    /// It could not be found out.
    Unknown,
    /// Something would not work.
    Differs,
}

/// What fixes a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// A command for a shell, with aws-cli and, in some, jq.
    Command(String),
    /// A line of the configuration file.
    File(String),
    /// Something to do at Amazon for which there is no one command.
    ByHand(String),
}

/// Asks Amazon about a pool.
///
/// # Errors
///
/// If TLS cannot be set up, or FIPS is asked for at an endpoint without it. That Amazon does not answer is a finding.
pub async fn check(
    settings: &Settings,
    expected: &Expected,
    clock: Arc<dyn Clock>,
    rng: &dyn Rng,
) -> Result<Vec<Finding>, SetupError> {
    let probe = Probe::new(settings, clock).await?;
    let commands = Commands::of(settings);
    let inquiry = Inquiry { probe, settings, expected, commands };
    let mut findings = Vec::new();
    let caller = inquiry.caller(&mut findings).await;
    let pool = inquiry.pool(&mut findings).await;
    if matches!(pool, Err(Unasked::Everything)) {
        return Ok(findings);
    }
    let pool = pool.ok();
    for client in &settings.clients {
        inquiry.client(client, &mut findings).await;
    }
    inquiry.issuer(&mut findings).await?;
    let groups = inquiry.groups(&mut findings).await;
    let facts = permissions::Facts { caller, pool, group: groups.into_iter().next() };
    inquiry.permissions(&facts, rng, &mut findings).await;
    Ok(findings)
}

/// What is asked, and how.
struct Inquiry<'a> {
    probe: Probe,
    settings: &'a Settings,
    expected: &'a Expected,
    commands: Commands<'a>,
}

/// Why a pool was not described.
enum Unasked {
    /// The caller may not ask for it.
    Description,
    /// It is not there, or Amazon is not: nothing else can be found out either.
    Everything,
}

impl Finding {
    fn fits(about: About, says: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Fits, says: says.into(), fix: None }
    }

    fn note(about: About, says: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Note, says: says.into(), fix: None }
    }

    fn unknown(about: About, says: impl Into<String>) -> Self {
        Self { about, verdict: Verdict::Unknown, says: says.into(), fix: None }
    }

    fn differs(about: About, says: impl Into<String>, fix: Option<Fix>) -> Self {
        Self { about, verdict: Verdict::Differs, says: says.into(), fix }
    }
}

impl Inquiry<'_> {
    /// What the operator can do about a trouble that says nothing about the pool.
    fn remedy(&self, trouble: &Trouble) -> Option<Fix> {
        let endpoint = &self.settings.endpoint;
        let deed = match trouble {
            Trouble::Told { code, .. } => advice(code)?.to_owned(),
            Trouble::Throttled => "wait, and run the check again".to_owned(),
            Trouble::Down(_) if self.settings.named_endpoint.is_some() => {
                format!("let this machine reach {endpoint}, or correct endpoint in [pool.aws]")
            }
            Trouble::Down(_) => format!("let this machine reach {endpoint}"),
            // It says what is missing.
            Trouble::Unsent(_) => return None,
        };
        Some(Fix::ByHand(deed))
    }
}

/// Whether Amazon has refused a call because the caller may not make it.
fn is_denied(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Told { code, .. } if code == "AccessDeniedException")
}

/// Whether Amazon says that something is not there.
fn is_missing(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Told { code, .. } if code == "ResourceNotFoundException")
}

/// A trouble in words, with nothing of the request.
fn in_words(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Told { code, .. } => format!("Amazon answers {code}"),
        Trouble::Throttled => "Amazon has too many requests".to_owned(),
        Trouble::Down(problem) => format!("no usable answer ({problem})"),
        Trouble::Unsent(problem) => format!("the call could not be made: {problem}"),
    }
}
