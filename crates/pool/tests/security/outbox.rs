//! Messages on their way: each is sent at least once, none forever, and none holds up another.

use crate::world::*;
use async_trait::async_trait;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::crypto::seal::{Sealed, Sealer};
use poolkeeper_pool::entity::*;
use poolkeeper_pool::ids::MessageId;
use poolkeeper_pool::local::{Attempt, Claims, GivenUp, LEASE, Retry, Sent};
use poolkeeper_pool::message::{self, Content};
use poolkeeper_pool::ports::{Outgoing, SendError, Sender, Store as _};
use poolkeeper_pool::system::Clock as _;
use std::sync::Mutex;
use std::time::Duration;

/// Fails as told, and remembers what it was given.
#[derive(Default)]
struct Post {
    failure: Mutex<Option<SendError>>,
    sent: Mutex<Vec<(MessageId, String)>>,
    /// Whom the pools' own settings send mail from.
    from: Mutex<Vec<Option<String>>>,
}

impl Post {
    fn failing(error: SendError) -> Self {
        Self { failure: Mutex::new(Some(error)), ..Self::default() }
    }

    fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }
}

#[async_trait]
impl Sender for Post {
    async fn send(&self, message: &Outgoing) -> Result<(), SendError> {
        let body = message.body.expose().to_owned();
        self.from.lock().unwrap().push(message.from.clone());
        self.sent.lock().unwrap().push((message.id.clone(), body));
        self.failure.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

fn busy() -> SendError {
    SendError::Transient("the mail server answered 450".to_owned())
}

fn world() -> (World, User) {
    let world = World::new(1, MfaMode::Off);
    let user = world.user("ann", |_| {});
    (world, user)
}

/// Puts a message into the outbox that means something for so long.
fn write(world: &World, user: &User, body: &str, life: Duration) -> MessageId {
    let content = Content {
        to: ADDRESS.to_owned(),
        subject: "Code".to_owned(),
        body: body.into(),
        code: None,
        html: false,
        about: None,
    };
    let now = world.clock.now();
    let sealer = Sealer::new(&[7; 32]);
    let parts = (&sealer, &*world.chance as &dyn poolkeeper_pool::system::Rng, now);
    let (channel, purpose) = (Channel::Email, MessagePurpose::SignInCode);
    let change = message::enqueue(parts, user, channel, purpose, now.after(life), &content);
    let Change::Enqueue(message) = &change else { unreachable!() };
    let id = message.id.clone();
    wait(world.store.commit(vec![change])).unwrap();
    id
}

fn claim(world: &World) -> Claims {
    wait(world.engine.claim_due(Channel::Email, 10)).unwrap()
}

/// Everything that is due, one after the other.
fn drain(world: &World, post: &Post) -> (Vec<Attempt>, Vec<GivenUp>) {
    let Claims { messages, given_up } = claim(world);
    let deliver =
        |claimed| wait(world.engine.deliver(&operator(), claimed, post, Sent::Removed)).unwrap();
    (messages.into_iter().map(deliver).collect(), given_up)
}

fn stored(world: &World) -> Vec<Message> {
    wait(world.store.messages(10)).unwrap()
}

const DAY: Duration = Duration::from_hours(24);

#[test]
fn messages_of_one_moment_go_out_in_the_order_in_which_they_were_written() {
    let (world, user) = world();
    let bodies: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    for body in &bodies {
        write(&world, &user, body, DAY);
    }
    let post = Post::default();
    while !stored(&world).is_empty() {
        let (attempts, _) = drain(&world, &post);
        assert!(attempts.iter().all(|attempt| *attempt == Attempt::Delivered), "{attempts:?}");
    }
    assert_eq!(post.sent(), bodies);
    let (attempts, given_up) = drain(&world, &post);
    assert!(attempts.is_empty() && given_up.is_empty());
}

#[test]
fn what_was_delivered_is_removed_or_kept_as_told() {
    let (world, user) = world();
    write(&world, &user, "a", DAY);
    for claimed in claim(&world).messages {
        let attempt =
            wait(world.engine.deliver(&operator(), claimed, &Post::default(), Sent::Kept)).unwrap();
        assert_eq!(attempt, Attempt::Delivered);
    }
    world.later(DAY * 2);
    assert!(claim(&world).messages.is_empty() && claim(&world).given_up.is_empty());
    assert_eq!(wait(world.engine.outbox(9)).unwrap().len(), 1);
    assert!(wait(world.engine.undelivered(None, 9)).unwrap().is_empty());
}

#[test]
fn a_failed_message_comes_back_after_ever_longer_pauses_until_a_day_is_over() {
    let (world, user) = world();
    let id = write(&world, &user, "a", DAY * 7);
    let post = Post::failing(busy());
    let mut pauses = Vec::new();
    let mut given_up = Vec::new();
    while given_up.is_empty() {
        let (attempts, ended) = drain(&world, &post);
        given_up = ended;
        for attempt in attempts {
            let Attempt::Postponed { reason, until } = attempt else { panic!("{attempt:?}") };
            assert_eq!(reason, "the mail server answered 450");
            let pause = until.since(world.clock.now());
            world.later(pause.saturating_sub(Duration::from_millis(1)));
            let early = claim(&world);
            assert!(early.messages.is_empty() && early.given_up.is_empty());
            world.later(Duration::from_millis(1));
            pauses.push(pause);
        }
    }
    for (pause, planned) in pauses.iter().zip([5, 30, 120, 600, 1800, 1800, 1800]) {
        let planned = Duration::from_secs(planned);
        assert!((planned..=planned * 6 / 5).contains(pause), "{pauses:?}");
    }
    assert_eq!(pauses.iter().sum::<Duration>(), DAY);
    let attempts = u32::try_from(pauses.len()).unwrap();
    let reason = "the mail server answered 450".to_owned();
    let (pool, channel, purpose) = (POOL.into(), Channel::Email, MessagePurpose::SignInCode);
    assert_eq!(given_up, [GivenUp { id, pool, channel, purpose, attempts, reason }]);
    assert!(post.sent.lock().unwrap().iter().all(|(sent, _)| *sent == given_up[0].id));
    world.later(DAY);
    let (attempts, again) = drain(&world, &post);
    assert!(attempts.is_empty() && again.is_empty(), "given up once, told once");
}

#[test]
fn a_code_is_given_up_when_its_life_is_over() {
    let (world, user) = world();
    write(&world, &user, "a", Duration::from_mins(3));
    drain(&world, &Post::failing(busy()));
    world.later(Duration::from_mins(3));
    let post = Post::default();
    let (_, given_up) = drain(&world, &post);
    assert_eq!((given_up.len(), given_up[0].attempts), (1, 1));
    assert!(post.sent().is_empty(), "an expired code was sent");
    let id = &given_up[0].id;
    assert_eq!(wait(world.engine.retry_message(id)).unwrap(), Retry::Expired);
}

#[test]
fn nobody_came_in_time() {
    let (world, user) = world();
    write(&world, &user, "a", Duration::from_mins(3));
    world.later(Duration::from_mins(3));
    let (_, given_up) = drain(&world, &Post::default());
    assert_eq!(given_up[0].reason, "no server sent it in time");
}

#[test]
fn a_crash_between_sending_and_noting_sends_it_again_under_the_same_id() {
    let (world, user) = world();
    let id = write(&world, &user, "a", DAY);
    let post = Post::default();
    let lost = claim(&world).messages;
    assert_eq!(lost.len(), 1);
    drop(lost);
    world.later(LEASE.saturating_sub(Duration::from_millis(1)));
    assert!(claim(&world).messages.is_empty());
    world.later(Duration::from_millis(1));
    let (attempts, _) = drain(&world, &post);
    assert_eq!(attempts, [Attempt::Delivered]);
    assert_eq!(*post.sent.lock().unwrap(), [(id, "a".to_owned())]);
}

#[test]
fn of_many_who_want_to_send_a_message_one_may() {
    let (world, user) = world();
    for body in ["a", "b", "c"] {
        write(&world, &user, body, DAY);
    }
    let claims =
        race(&world.chance, (0..8).map(|_| world.engine.claim_due(Channel::Email, 10)).collect());
    let claimed: usize = claims.into_iter().map(|claims| claims.unwrap().messages.len()).sum();
    assert_eq!(claimed, 3);
}

#[test]
fn who_is_slower_than_the_lease_changes_nothing_any_more() {
    let (world, user) = world();
    write(&world, &user, "a", DAY);
    let slow = claim(&world).messages.pop().unwrap();
    world.later(LEASE);
    let other = claim(&world).messages.pop().unwrap();
    let attempt =
        wait(world.engine.deliver(&operator(), slow, &Post::failing(busy()), Sent::Removed));
    assert_eq!(attempt.unwrap(), Attempt::Overtaken);
    assert!(claim(&world).messages.is_empty());
    let attempt = wait(world.engine.deliver(&operator(), other, &Post::default(), Sent::Removed));
    assert_eq!(attempt.unwrap(), Attempt::Delivered);
    assert!(stored(&world).is_empty());
}

#[test]
fn a_message_that_cannot_be_sent_holds_up_no_other() {
    let (world, user) = world();
    let poison = write(&world, &user, "poison", DAY);
    let mut damaged = stored(&world).pop().unwrap();
    damaged.content = Sealed::from_bytes(b"damaged".to_vec());
    let (pool, id) = (damaged.pool.clone(), poison.clone());
    let replace = vec![Change::RemoveMessage { pool, id }, Change::Enqueue(damaged)];
    wait(world.store.commit(replace)).unwrap();
    write(&world, &user, "fine", DAY);
    let post = Post::default();
    let (attempts, _) = drain(&world, &post);
    let [Attempt::Postponed { reason, .. }, Attempt::Delivered] = &attempts[..] else {
        panic!("{attempts:?}")
    };
    assert_eq!(reason, "its content cannot be opened: is this the right master key?");
    assert_eq!(post.sent(), ["fine"]);
}

#[test]
fn a_permanent_failure_is_given_up_at_once_and_tried_again_on_demand() {
    let (world, user) = world();
    let id = write(&world, &user, "a", DAY * 7);
    let no = SendError::Permanent(format!("refused{}", "!".repeat(1000)));
    let (attempts, _) = drain(&world, &Post::failing(no));
    let [Attempt::GivenUp(given_up)] = &attempts[..] else { panic!("{attempts:?}") };
    assert_eq!((given_up.attempts, given_up.reason.len()), (1, 200));
    world.later(DAY * 2);
    assert_eq!(wait(world.engine.undelivered(None, 9)).unwrap().len(), 1);
    assert_eq!(wait(world.engine.retry_message(&"unknown".into())).unwrap(), Retry::Unknown);
    assert_eq!(wait(world.engine.retry_message(&id)).unwrap(), Retry::Due);
    let (attempts, _) = drain(&world, &Post::default());
    assert_eq!(attempts, [Attempt::Delivered]);
    assert_eq!(wait(world.engine.retry_message(&id)).unwrap(), Retry::Unknown);
}

#[test]
fn ids_sort_as_they_were_made_and_are_uuids() {
    let world = World::new(2, MfaMode::Off);
    let make = |_| MessageId::fresh(world.clock.now(), &*world.chance);
    let ids: Vec<_> = (0..5000).map(make).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    let id = ids[0].as_str();
    assert_eq!((id.len(), &id[14..15]), (36, "7"));
    assert!("89ab".contains(&id[19..20]), "{id}");
}

#[test]
fn a_pool_s_own_sender_goes_along() {
    let (world, user) = world();
    let post = Post::default();
    write(&world, &user, "a", DAY);
    drain(&world, &post);
    let mut pool = wait(world.store.pool(&POOL.into())).unwrap().unwrap();
    let settings = serde_json::json!({ "From": "Pool <pool@example.com>" });
    pool.other = serde_json::Map::from_iter([("EmailConfiguration".to_owned(), settings)]).into();
    wait(world.store.commit(vec![Change::UpdatePool(Box::new(pool))])).unwrap();
    write(&world, &user, "b", DAY);
    drain(&world, &post);
    let from = post.from.into_inner().unwrap();
    assert_eq!(from, [None, Some("Pool <pool@example.com>".to_owned())]);
}

#[test]
fn who_is_gone_is_written_to_no_more() {
    let (world, user) = world();
    let gone = User { sub: "gone".into(), ..user };
    write(&world, &gone, "a", DAY);
    let (attempts, _) = drain(&world, &Post::default());
    let [Attempt::GivenUp(given_up)] = &attempts[..] else { panic!("{attempts:?}") };
    assert_eq!(given_up.reason, "the user is gone");
}
