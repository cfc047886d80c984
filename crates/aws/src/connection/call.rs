//! The one way to Amazon: time-outs, the breaker, and repetition of what is safe to repeat.

use crate::amazon::Amazon;
use crate::connection::breaker::portion;
use crate::connection::pace::{Congested, Urgency};
use crate::connection::quota::{Category, Metered};
use crate::connection::trouble::{Purpose, Trouble, refused};
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use poolkeeper_pool::error::{Fault, Refusal, Result};
use std::error::Error as StdError;
use std::future::Future;
use std::time::Duration;

/// Whether a call may be made again when nobody knows what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Reads, and writes that change nothing the second time.
    Safely,
    /// What proves a password or a code, sends messages, or makes something. It is made again only
    /// if Amazon said that it did not look at it.
    Never,
}

impl Amazon {
    /// Makes a call. `send` sends it once.
    pub(crate) async fn call<T, E, F, S>(
        &self,
        repeat: Repeat,
        purpose: Purpose<'_>,
        send: F,
    ) -> Result<T>
    where
        F: Fn() -> S + Send + Sync,
        S: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        T: Send,
        E: Metered + ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let mut attempt = 1;
        loop {
            // While calls are paused, none waits for its turn or takes another's.
            if !self.breaker.is_open(self.now()) {
                self.take_turn(E::CATEGORY, purpose.urgency()).await?;
            }
            if !self.breaker.admits(self.now()) {
                let problem = "it has not answered recently, and calls to it are paused";
                return Err(Fault::Unavailable(problem.to_owned()).into());
            }
            let trouble = match Box::pin(send()).await {
                Ok(answer) => {
                    self.breaker.answered();
                    self.pace.answered(E::CATEGORY, self.now());
                    return Ok(answer);
                }
                Err(error) => Trouble::of(&error),
            };
            self.take_note(&trouble, E::CATEGORY);
            let is_last = attempt >= self.settings.limits.attempts;
            if is_last || !trouble.may_pass(repeat, purpose.urgency()) {
                return Err(refused(trouble, purpose, self.now()));
            }
            tokio::time::sleep(self.pause(attempt)).await;
            attempt += 1;
        }
    }

    /// Waits until a call of this category may be sent.
    async fn take_turn(&self, category: Category, urgency: Urgency) -> Result<()> {
        match self.pace.admit(category, urgency, self.now()) {
            Ok(Duration::ZERO) => Ok(()),
            Ok(wait) => {
                tokio::time::sleep(wait).await;
                Ok(())
            }
            Err(Congested) => Err(Refusal::Busy.into()),
        }
    }

    fn take_note(&self, trouble: &Trouble, category: Category) {
        match trouble {
            Trouble::Down(problem) => {
                if self.breaker.failed(self.now(), self.parts.rng.as_ref()) {
                    tracing::error!(
                        %problem, pool = %self.settings.pool,
                        "calls to Amazon are paused"
                    );
                }
            }
            Trouble::Told { .. } => {
                self.breaker.answered();
                self.pace.answered(category, self.now());
            }
            Trouble::Throttled => {
                self.breaker.answered();
                self.pace.throttled(category, self.now());
            }
            // The call was never made.
            Trouble::Unsent(_) => {}
        }
    }

    /// How long to wait before the next attempt: a random part of a time that doubles.
    fn pause(&self, attempt: u32) -> Duration {
        let doubled =
            self.settings.limits.pause.saturating_mul(1 << attempt.min(6).saturating_sub(1));
        portion(doubled, self.parts.rng.as_ref())
    }
}

impl Trouble {
    /// Whether another attempt is allowed and might succeed. A throttled call that begins a request is not
    /// repeated: the caller is told to try again later.
    fn may_pass(&self, repeat: Repeat, urgency: Urgency) -> bool {
        match self {
            Self::Throttled => urgency == Urgency::Begun,
            Self::Down(_) => repeat == Repeat::Safely,
            Self::Told { .. } | Self::Unsent(_) => false,
        }
    }
}

/// A refusal that is no surprise, as an answer.
pub(crate) fn none_if_refused<T>(result: Result<T>, expected: &Refusal) -> Result<Option<T>> {
    match result {
        Err(poolkeeper_pool::Error::Refused(refusal)) if refusal == *expected => Ok(None),
        result => result.map(Some),
    }
}
