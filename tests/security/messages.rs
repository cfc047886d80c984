//! Nobody can have somebody else flooded with messages (S9, D9, B15).

use crate::support::{PASSWORD, TestServer, config};
use async_trait::async_trait;
use poolkeeper::system::operator;
use poolkeeper_pool::crypto::secret::Secret;
use poolkeeper_pool::entity::Channel;
use poolkeeper_pool::local::{Attempt, Sent};
use poolkeeper_pool::ports::{Outgoing, SendError, Sender};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

const VICTIM: &str = "victim@example.com";

/// Counts what goes to whom.
#[derive(Default)]
struct Post(Mutex<BTreeMap<String, usize>>);

#[async_trait]
impl Sender for Post {
    async fn send(&self, message: &Outgoing) -> Result<(), SendError> {
        *self.0.lock().unwrap().entry(message.to.clone()).or_default() += 1;
        Ok(())
    }
}

/// How many messages that are due reach each recipient, and why the others were given up.
pub(super) async fn deliver(
    server: &TestServer,
) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    let post = Post::default();
    let mut given_up = BTreeMap::new();
    loop {
        let mut claimed = Vec::new();
        for channel in [Channel::Email, Channel::Sms] {
            claimed.extend(server.engine.claim_due(channel, 50).await.unwrap().messages);
        }
        if claimed.is_empty() {
            return (post.0.into_inner().unwrap(), given_up);
        }
        for claimed in claimed {
            let attempt =
                server.engine.deliver(&operator(), claimed, &post, Sent::Removed).await.unwrap();
            if let Attempt::GivenUp(message) = attempt {
                *given_up.entry(message.reason).or_default() += 1;
            }
        }
    }
}

fn counts<const N: usize>(pairs: [(&str, usize); N]) -> BTreeMap<String, usize> {
    pairs.map(|(name, count)| (name.to_owned(), count)).into()
}

const ENOUGH: &str = "the recipient has had enough messages this hour";

#[tokio::test]
async fn sign_ups_by_the_hundred_mail_one_recipient_a_few_times() {
    let server = TestServer::start().await;
    let settings = json!({ "AliasAttributes": ["email"], "AutoVerifiedAttributes": ["email"] });
    let pool = server.pool(settings).await;
    let mut answers = Vec::new();
    for number in 0..100 {
        let body = json!({
            "Username": format!("name-{number}"),
            "Password": PASSWORD,
            "UserAttributes": [{ "Name": "email", "Value": VICTIM }],
        });
        let mut answer = pool.call("SignUp", body).await.json();
        answer["UserSub"].take();
        answer["Session"].take();
        answers.push(answer);
    }
    // Whoever causes them gets the same answer.
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let (sent, given_up) = deliver(&server).await;
    assert_eq!(sent, counts([(VICTIM, 20)]));
    assert_eq!(given_up, counts([(ENOUGH, 80)]));
    // An hour later there are new ones.
    server.clock.advance(Duration::from_hours(1));
    let body = json!({ "Username": "name-0" });
    assert_eq!(pool.call("ResendConfirmationCode", body).await.status, 200);
    assert_eq!(deliver(&server).await.0, counts([(VICTIM, 1)]));
}

#[tokio::test]
async fn sign_ins_by_the_dozen_mail_their_user_a_few_times() {
    let server = TestServer::start().await;
    server.email_mfa_user(VICTIM, &[]).await;
    for _ in 0..60 {
        let answer = server.cognito().sign_in(VICTIM, PASSWORD).await;
        assert_eq!(answer.get("/ChallengeName"), "EMAIL_OTP");
    }
    let (sent, given_up) = deliver(&server).await;
    assert_eq!(sent, counts([(VICTIM, 20)]));
    assert_eq!(given_up, counts([(ENOUGH, 40)]));
}

/// Messages wait where there is no sender. One that comes later sends nothing that has lost its meaning.
#[tokio::test]
async fn a_sender_that_comes_later_sends_what_still_counts_alone() {
    let server = TestServer::start().await;
    let settings = json!({ "AliasAttributes": ["email"], "AutoVerifiedAttributes": ["email"] });
    let pool = server.pool(settings).await;
    server.email_mfa_user(VICTIM, &[]).await;
    for (hours, reached) in [(2, Some("sign-up@example.com")), (25, None)] {
        server.cognito().sign_in(VICTIM, PASSWORD).await;
        let email = json!([{ "Name": "email", "Value": "sign-up@example.com" }]);
        let name = format!("name-{hours}");
        let body = json!({ "Username": name, "Password": PASSWORD, "UserAttributes": email });
        assert_eq!(pool.call("SignUp", body).await.status, 200);
        server.clock.advance(Duration::from_hours(hours));
        let expected = reached.map(|to| (to.to_owned(), 1)).into_iter().collect();
        assert_eq!(deliver(&server).await, (expected, BTreeMap::new()), "{hours}");
        let left = server.engine.undelivered(None, 99).await.unwrap();
        assert!(left.iter().all(|message| message.progress.given_up_at.is_some()));
    }
}

/// Word of a change gets through, whatever else was sent to its user.
#[tokio::test]
async fn codes_do_not_keep_word_of_a_change_from_its_user() {
    let mut config = config(Path::new(""));
    config.messages.per_recipient = 1;
    let server = TestServer::with(config).await;
    let user = server.email_mfa_user(VICTIM, &[]).await;
    server.edit(&user, |user| user.attributes.set("email_verified", "true")).await;
    for _ in 0..4 {
        server.cognito().sign_in(VICTIM, PASSWORD).await;
    }
    for number in 0..3 {
        server.clock.advance(Duration::from_secs(1));
        let password = Secret::new(format!("N3w-password-{number}!"));
        let by = operator();
        let done = server.engine.set_password(&by, &user.pool, user.sub.as_str(), &password, true);
        done.await.unwrap();
    }
    let (sent, given_up) = deliver(&server).await;
    assert_eq!(sent, counts([(VICTIM, 4)]));
    assert_eq!(given_up, counts([(ENOUGH, 3)]));
}

/// Nodes count together: the limit is in the database.
#[tokio::test]
async fn another_node_knows_what_was_sent() {
    let server = TestServer::start().await;
    if !server.engine.has_other_nodes() {
        return;
    }
    let other = server.another_node().await;
    server.email_mfa_user(VICTIM, &[]).await;
    for _ in 0..15 {
        server.cognito().sign_in(VICTIM, PASSWORD).await;
    }
    assert_eq!(deliver(&server).await.0, counts([(VICTIM, 15)]));
    for _ in 0..15 {
        other.cognito().sign_in(VICTIM, PASSWORD).await;
    }
    assert_eq!(deliver(&other).await.0, counts([(VICTIM, 5)]));
}

#[tokio::test]
async fn text_messages_have_a_budget_by_country() {
    let mut config = config(Path::new(""));
    config.messages.sms_per_country = 3;
    config.messages.sms_prefixes = vec!["1".to_owned(), "49".to_owned()];
    let server = TestServer::with(config).await;
    let settings = json!({
        "UsernameAttributes": ["phone_number"], "AutoVerifiedAttributes": ["phone_number"],
    });
    let pool = server.pool(settings).await;
    let premium = (0..5).map(|number| format!("+8825551{number:03}"));
    let german = (0..5).map(|number| format!("+4930123{number:03}"));
    let american = ["+14325551212".to_owned()];
    for number in premium.chain(german).chain(american) {
        let body = json!({ "Username": number, "Password": PASSWORD });
        assert_eq!(pool.call("SignUp", body).await.status, 200);
    }
    let known = "+4930999000";
    pool.user(known, &[("phone_number_verified", "true")]).await;
    pool.call("ForgotPassword", json!({ "Username": known })).await;
    let (sent, given_up) = deliver(&server).await;
    assert_eq!(sent.values().sum::<usize>(), 5);
    assert_eq!(sent.keys().filter(|to| to.starts_with("+4930123")).count(), 3);
    assert!(sent.contains_key("+14325551212"));
    // A flood of sign-ups leaves other codes alone.
    assert!(sent.contains_key(known));
    let expected = counts([
        ("enough text messages went to this country this hour", 2),
        ("no text messages are sent to numbers of this prefix", 5),
    ]);
    assert_eq!(given_up, expected);
}

/// A flood of sign-ups leaves the codes of those who sign in alone.
#[tokio::test]
async fn a_pool_has_a_budget_for_each_purpose() {
    let mut config = config(Path::new(""));
    config.messages.per_pool = 5;
    let server = TestServer::with(config).await;
    let settings = json!({ "UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"] });
    let pool = server.pool(settings).await;
    for number in 0..9 {
        let body = json!({ "Username": format!("{number}@example.com"), "Password": PASSWORD });
        assert_eq!(pool.call("SignUp", body).await.status, 200);
    }
    pool.user("known@example.com", &[("email", "known@example.com"), ("email_verified", "true")])
        .await;
    pool.call("ForgotPassword", json!({ "Username": "known@example.com" })).await;
    let (sent, given_up) = deliver(&server).await;
    assert_eq!(sent.len(), 6);
    assert!(sent.contains_key("known@example.com"));
    assert_eq!(given_up, counts([("the pool has sent enough messages of this kind this hour", 4)]));
}
