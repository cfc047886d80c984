//! One attempt at a commit.

use super::connections::{Connections, within};
use super::failure::{Failure, Moment};
use super::text;
use crate::statement::Statement;
use deadpool_postgres::ClientWrapper;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio_postgres::Error;

/// How long a connection may take to be ready again after a failure. It is replaced otherwise.
const RECOVERY: Duration = Duration::from_secs(1);

/// A statement with the index of its change.
struct CommitStep<'a> {
    change: usize,
    statement: &'a Statement,
    prepared: tokio_postgres::Statement,
}

type RowCount<'a> = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send + 'a>>;

/// Makes the changes, all or none. Says how many rows each statement has changed or found.
pub(super) async fn attempt(
    connections: &Connections,
    changes: &[Vec<Statement>],
) -> Result<Vec<u64>, Failure> {
    let client = connections.check_out().await?;
    let outcome = run(&client, changes, connections.patience()).await;
    let unfit = outcome.as_ref().is_err_and(Failure::is_of_the_connection);
    if unfit || outcome.is_err() && !is_ready_again(&client).await {
        client.discard();
    }
    outcome
}

async fn run(
    client: &ClientWrapper,
    changes: &[Vec<Statement>],
    patience: Duration,
) -> Result<Vec<u64>, Failure> {
    let preparing = prepare(client, changes);
    let steps = within(patience, Moment::Before, preparing).await?;
    match steps.as_slice() {
        // A statement alone is a transaction, and its answer the answer to the commit.
        [step] => {
            let answer = step.run(client);
            let rows = within(patience, Moment::Deciding, answer).await?;
            first_refused(&steps, &[rows])?;
            Ok(vec![rows])
        }
        steps => {
            let rows = within(patience, Moment::Before, together(client, steps)).await?;
            first_refused(steps, &rows)?;
            within(patience, Moment::Deciding, client.batch_execute("COMMIT")).await?;
            Ok(rows)
        }
    }
}

async fn prepare<'a>(
    client: &ClientWrapper,
    changes: &'a [Vec<Statement>],
) -> Result<Vec<CommitStep<'a>>, Error> {
    let mut steps = Vec::new();
    for (change, statements) in changes.iter().enumerate() {
        for statement in statements {
            let prepared = client.prepare_cached(text(statement.sql)).await?;
            steps.push(CommitStep { change, statement, prepared });
        }
    }
    Ok(steps)
}

impl CommitStep<'_> {
    fn run<'a>(&'a self, client: &'a ClientWrapper) -> RowCount<'a> {
        Box::pin(client.execute_raw(&self.prepared, &self.statement.parameters))
    }
}

/// Begins a transaction and runs all steps in it, without waiting for one answer before the next is
/// sent: the transaction costs one round trip, and holds its rows for no longer than that. What
/// comes after a step that must be refused is undone with it.
async fn together(client: &ClientWrapper, steps: &[CommitStep<'_>]) -> Result<Vec<u64>, Error> {
    let begun: RowCount<'_> = Box::pin(async { client.batch_execute("BEGIN").await.map(|()| 0) });
    let answers = [begun].into_iter().chain(steps.iter().map(|step| step.run(client)));
    let rows = all_in_order(answers.collect()).await;
    rows.into_iter().skip(1).collect()
}

/// Polls all for the first time in their order, which is when each sends its message.
async fn all_in_order(mut answers: Vec<RowCount<'_>>) -> Vec<Result<u64, Error>> {
    let mut given: Vec<Option<Result<u64, Error>>> = answers.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (answer, given) in answers.iter_mut().zip(&mut given) {
            if given.is_none()
                && let Poll::Ready(rows) = answer.as_mut().poll(context)
            {
                *given = Some(rows);
            }
        }
        if given.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    given.into_iter().flatten().collect()
}

fn first_refused(steps: &[CommitStep<'_>], rows: &[u64]) -> Result<(), Failure> {
    let enough = |step: &CommitStep<'_>, rows: u64| rows >= step.statement.at_least as u64;
    let refused = steps.iter().zip(rows).find(|(step, rows)| !enough(step, **rows));
    refused.map_or(Ok(()), |(step, _)| Err(Failure::Refused(step.change)))
}

/// Undoes what a failed attempt has left.
async fn is_ready_again(client: &ClientWrapper) -> bool {
    matches!(tokio::time::timeout(RECOVERY, client.batch_execute("ROLLBACK")).await, Ok(Ok(())))
}
