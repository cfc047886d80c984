//! The one place where something is tried again.

use super::failure::Failure;
use poolkeeper_pool::system::Rng;
use std::time::Duration;

/// How often something is tried. With the pauses between it is a third of a second at most until a
/// database that is away is reported as away.
const ATTEMPTS: u32 = 6;
/// The first pause at most; each is up to twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(10);

/// Tries until it succeeds, fails for good, or has been tried often enough.
pub(super) async fn retried<T, F: Future<Output = Result<T, Failure>>>(
    rng: &dyn Rng,
    mut attempt: impl FnMut() -> F,
) -> Result<T, Failure> {
    for tried in 0..ATTEMPTS - 1 {
        match attempt().await {
            Err(Failure::Transient { kind, reason }) => {
                tracing::warn!(
                    monotonic_counter.database_retries = 1_u64,
                    kind,
                    reason,
                    "asking the database again"
                );
                tokio::time::sleep(pause(rng, tried)).await;
            }
            outcome => return outcome,
        }
    }
    attempt().await
}

/// Between nothing and the longest pause, so that those who met do not meet again.
fn pause(rng: &dyn Rng, tried: u32) -> Duration {
    let mut random = [0; 2];
    rng.fill(&mut random);
    let longest = PAUSE.saturating_mul(1 << tried);
    longest.mul_f64(f64::from(u16::from_be_bytes(random)) / f64::from(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    struct Highest;

    impl Rng for Highest {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(255);
        }
    }

    async fn outcome_of(fails: usize, failure: fn() -> Failure) -> (usize, Result<(), Failure>) {
        let tried = Cell::new(0);
        let attempt = || {
            tried.set(tried.get() + 1);
            let failed = tried.get() <= fails;
            async move { if failed { Err(failure()) } else { Ok(()) } }
        };
        let outcome = retried(&Highest, attempt).await;
        (tried.get(), outcome)
    }

    fn deadlock() -> Failure {
        Failure::Transient { kind: "deadlock", reason: String::new() }
    }

    #[tokio::test]
    async fn what_may_succeed_is_tried_a_few_times() {
        assert!(matches!(outcome_of(5, deadlock).await, (6, Ok(()))));
        assert!(matches!(outcome_of(9, deadlock).await, (6, Err(Failure::Transient { .. }))));
    }

    #[tokio::test]
    async fn what_cannot_succeed_or_may_be_done_is_not_tried_again() {
        let unknown = || Failure::Final(String::new());
        assert!(matches!(outcome_of(1, unknown).await, (1, Err(Failure::Final(_)))));
        assert!(matches!(
            outcome_of(1, || Failure::Refused(3)).await,
            (1, Err(Failure::Refused(3)))
        ));
    }

    #[test]
    fn pauses_grow_to_a_bound() {
        let pauses = (0..5).map(|tried| pause(&Highest, tried).as_millis());
        assert_eq!(pauses.collect::<Vec<_>>(), [10, 20, 40, 80, 160]);
    }
}
