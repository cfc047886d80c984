//! What is measured, and the report.

use super::crowd::Crowd;
use super::server::Server;
use super::statistics::{median, p_value, shuffle};
use crate::client::{Client, request};
use crate::serving::PASSWORD;
use anyhow::Result;
use serde_json::json;
use std::fmt::Write as _;
use std::time::Instant;

/// What a login is refused for, and who tries it in a turn: each turn somebody else, since after five
/// failures a name is locked.
type Attempt = fn(usize, Crowd) -> [String; 3];

const KINDS: [(&str, Attempt); 8] = [
    ("wrong password", |turn, _| [person(turn), first(), "wrong".to_owned()]),
    ("wrong secret", |turn, _| [format!("machine{turn}"), first(), "wrong".to_owned()]),
    ("unknown user", |turn, _| [format!("nobody{turn}@example.com"), first(), right()]),
    ("unknown tenant", |turn, _| [person(turn), format!("Tenant x{turn}"), right()]),
    ("wrong tenant", |turn, _| [person(turn), "Tenant 1".to_owned(), right()]),
    ("machine, wrong tenant", |turn, _| [format!("machine{turn}"), "Tenant 1".to_owned(), right()]),
    ("tenant's own pool", |turn, crowd| {
        let tenant = crowd.shared() + turn % crowd.own_pools;
        [person(turn), format!("Tenant {tenant}"), right()]
    }),
    ("disabled", |turn, _| [format!("disabled{turn}@example.com"), first(), right()]),
];

fn person(turn: usize) -> String {
    format!("person{turn}@example.com")
}

fn first() -> String {
    "Tenant 0".to_owned()
}

fn right() -> String {
    PASSWORD.to_owned()
}

/// Times refusals of all kinds.
pub(crate) fn refusals(server: &Server, turns: usize) -> Result<String> {
    let mut client = Client::connect(server.address)?;
    let mut times = KINDS.map(|_| Vec::with_capacity(turns));
    for turn in 0..turns {
        for kind in shuffle(KINDS.len(), turn) {
            let (Some((_, attempt)), Some(times)) = (KINDS.get(kind), times.get_mut(kind)) else {
                continue;
            };
            let request = login(attempt(turn, server.crowd))?;
            times.push(timed(&mut client, &request, "401")?);
        }
    }
    let mut text = String::from("\nrefusal                    median\n");
    for ((name, _), times) in KINDS.iter().zip(&times) {
        writeln!(text, "{name:<24}{:>9.3} ms", median(times))?;
    }
    text.push_str("\np-value of each pair (Mann-Whitney U, two-sided)\n");
    for (row, (name, _)) in KINDS.iter().enumerate() {
        write!(text, "{name:<24}")?;
        for column in times.iter().take(row) {
            let own = times.get(row).map(Vec::as_slice).unwrap_or_default();
            write!(text, "{:>7.3}", p_value(own, column))?;
        }
        text.push('\n');
    }
    text.push_str(
        "\nOf 28 pairs that do not differ, one or two are below 0.05 by chance, seldom one below \
         0.001.\n",
    );
    Ok(text)
}

/// Times good logins at both servers.
pub(crate) fn logins(many: &Server, one: &Server, turns: usize) -> Result<String> {
    let mut clients = [Client::connect(many.address)?, Client::connect(one.address)?];
    let mut times = [Vec::new(), Vec::new()];
    for turn in 0..turns {
        for server in shuffle(2, turn) {
            let crowd = if server == 0 { many.crowd } else { one.crowd };
            // Somebody else each time, all over the database.
            let user = turn * 7919 % crowd.users;
            let tenant = format!("Tenant {}", crowd.tenant_of(user));
            let request = login([format!("u{user}@example.com"), tenant, right()])?;
            if let (Some(client), Some(times)) = (clients.get_mut(server), times.get_mut(server)) {
                times.push(timed(client, &request, "200")?);
            }
        }
    }
    let [many, one] = times.map(|times| median(&times));
    let ratio = many / one;
    Ok(format!(
        "\nlogin among many           {many:>9.3} ms\nlogin of the only one      {one:>9.3} ms\n\
         ratio                      {ratio:>9.3}\n"
    ))
}

fn login([user, tenant, password]: [String; 3]) -> Result<Vec<u8>> {
    let body = json!({ "UserName": user, "TenantName": tenant, "Password": password });
    request("POST /Login", &[("content-type", "application/json")], &body.to_string())
}

/// Milliseconds.
#[expect(clippy::disallowed_methods, reason = "real time is what a benchmark is about")]
fn timed(client: &mut Client, request: &[u8], status: &str) -> Result<f64> {
    let begin = Instant::now();
    client.call(request, status)?;
    Ok(begin.elapsed().as_secs_f64() * 1e3)
}
