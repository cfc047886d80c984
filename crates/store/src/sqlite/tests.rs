use super::*;
use crate::sql::{self, every_statement};
use crate::statement::{Statement, values};
use rusqlite::{Connection, StatementStatus};
use std::collections::BTreeSet;
use tempfile::TempDir;
use writer::answer_together;

/// A fresh database, through the connection that writes.
pub(crate) fn migrated() -> (TempDir, Connection) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("pool.db");
    connect::create_file(&path).unwrap();
    let mut connection = connect::writer(&path).unwrap();
    migrations::apply(&mut connection).unwrap();
    (folder, connection)
}

/// The numbers of the parameters, in the order of their first appearance.
fn parameters(sql: &str) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let parts = sql.split('$').skip(1);
    let digits = parts.map(|part| part.split(|c: char| !c.is_ascii_digit()).next().unwrap());
    digits.map(|digits| digits.parse().unwrap()).filter(|number| seen.insert(*number)).collect()
}

#[test]
fn every_statement_can_be_prepared() {
    let (_folder, connection) = migrated();
    for (_, sql) in every_statement() {
        let prepared = connection.prepare(sql);
        let prepared = prepared.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(prepared.parameter_count(), parameters(sql).len(), "{sql}");
    }
}

#[test]
fn parameters_first_appear_in_ascending_order() {
    for (_, sql) in every_statement() {
        let numbers = parameters(sql);
        assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>(), "{sql}");
    }
}

fn spend(id: &str) -> Statement {
    Statement::guarded(sql::SPEND, values!["pool", id, 0])
}

fn jobs(lists: impl IntoIterator<Item = Vec<Statement>>) -> Vec<Job> {
    let job = |statements: Vec<Statement>| Job {
        changes: statements.into_iter().map(|statement| vec![statement]).collect(),
        answer: oneshot::channel().0,
    };
    lists.into_iter().map(job).collect()
}

fn spent(connection: &Connection) -> i64 {
    connection.query_row("SELECT COUNT(*) FROM spent", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_full_disk_undoes_all_and_the_writer_goes_on() {
    let (_folder, connection) = migrated();
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let limit = |pages: i64| {
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    };
    let large = || spend(&"x".repeat(100_000));
    let lists = || [vec![spend("a")], vec![spend("b"), large()], vec![spend("c")]];
    limit(pages);
    let answers = answer_together(&connection, &jobs(lists()));
    assert_eq!(answers.len(), 3);
    for answer in answers {
        assert!(
            matches!(answer, Err(CommitError::Store(StoreError::Unavailable(_)))),
            "{answer:?}"
        );
    }
    assert_eq!(spent(&connection), 0);
    limit(pages + 1000);
    let answers = answer_together(&connection, &jobs(lists()));
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(spent(&connection), 4);
}

#[test]
fn a_statement_that_cannot_be_spares_the_jobs_beside_it() {
    let (_folder, connection) = migrated();
    let impossible = Statement::guarded(sql::SPEND, values!["pool", "b", None::<i64>]);
    let lists =
        [vec![spend("a")], vec![spend("b"), impossible], vec![spend("a")], vec![spend("c")]];
    let answers = answer_together(&connection, &jobs(lists));
    let [Ok(_), Err(CommitError::Store(_)), Err(CommitError::Refused(0)), Ok(_)] = &answers[..]
    else {
        panic!("{answers:?}")
    };
    assert_eq!(spent(&connection), 2);
}

#[test]
fn statements_with_joins_are_compiled_once() {
    let (_folder, connection) = migrated();
    for sql in [sql::GROUPS_OF, sql::USER_OR_OTHER] {
        for _ in 0..3 {
            let mut statement = connection.prepare_cached(sql).unwrap();
            let mut rows = statement.query(["pool", "somebody"]).unwrap();
            assert!(rows.next().unwrap().is_none());
            drop(rows);
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{sql}");
        }
    }
}
