//! Master keys, and all that is sealed.

use super::{AnyStore, done, refused};
use crate::records::{
    access_key, at, client, create, device, full_user, message, pool_id, sealed, signing_key, user,
};
use poolkeeper_pool::change::{Change, MasterKeyChange};
use poolkeeper_pool::crypto::master_keys::{MasterKeyProblem, adopt};
use poolkeeper_pool::crypto::resealing::{RowKey, SealedPlace, SealedRow};
use poolkeeper_pool::crypto::seal::Sealer;
use poolkeeper_pool::entity::{KeyUse, MasterKeyRecord, MasterKeyState, User};
use poolkeeper_pool::system::Rng;

struct Sevens;

impl Rng for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn master_key(generation: i64, state: MasterKeyState) -> MasterKeyRecord {
    let digest_key = sealed(&format!("digest key {generation}"));
    MasterKeyRecord { generation, state, digest_key, since: at(generation), is_missed: false }
}

fn creation(key: &MasterKeyRecord) -> Change {
    Change::MasterKey(MasterKeyChange::Create(key.clone()))
}

fn advance(generation: i64, from: MasterKeyState, to: MasterKeyState) -> Change {
    Change::MasterKey(MasterKeyChange::Advance { generation, from, to, at: at(100) })
}

pub(crate) async fn a_master_key_advances_from_where_it_was_seen(store: &AnyStore) {
    use MasterKeyState::{Announced, Opening, Sealing};
    let (first, second) = (master_key(1, Sealing), master_key(2, Announced));
    done(store, [&second, &first].map(creation)).await;
    assert_eq!(refused(store, [creation(&master_key(1, Opening))]).await, 0);
    assert_eq!(store.master_keys().await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(refused(store, [advance(1, Opening, Sealing)]).await, 0);
    done(store, [advance(2, Announced, Sealing), advance(1, Sealing, Opening)]).await;
    let old = MasterKeyRecord { state: Opening, since: at(100), ..first };
    let new = MasterKeyRecord { state: Sealing, since: at(100), ..second };
    assert_eq!(store.master_keys().await.unwrap(), [old, new]);
    // What nodes do not hold does not come to seal.
    done(store, [creation(&master_key(3, Announced))]).await;
    done(
        store,
        [2, 3, 4].map(|generation| Change::MasterKey(MasterKeyChange::Miss { generation })),
    )
    .await;
    let missed = store.master_keys().await.unwrap().into_iter().map(|key| key.is_missed);
    assert_eq!(missed.collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(refused(store, [advance(3, Announced, Sealing)]).await, 0);
    let delete =
        |generation, state| Change::MasterKey(MasterKeyChange::Delete { generation, state });
    assert_eq!(refused(store, [delete(1, Sealing)]).await, 0);
    done(store, [delete(1, Opening), delete(3, Announced)]).await;
    assert_eq!(store.master_keys().await.unwrap().len(), 1);
}

/// Two servers start at the same time on a new database, one of them with a wrong key.
pub(crate) async fn an_empty_database_adopts_one_key(store: &AnyStore) {
    let sealers = [Sealer::new(&[1; 32]), Sealer::new(&[2; 32])];
    let [one, two] = &sealers;
    let (one, two) =
        tokio::join!(adopt(&**store, one, &Sevens, at(0)), adopt(&**store, two, &Sevens, at(0)));
    let problem = match (one, two) {
        (Ok(()), Err(problem)) | (Err(problem), Ok(())) => problem,
        other => panic!("{other:?}"),
    };
    assert!(matches!(problem, MasterKeyProblem::Wrong), "{problem}");
    assert_eq!(store.master_keys().await.unwrap().len(), 1);
}

async fn rows(store: &AnyStore, place: SealedPlace, limit: usize) -> Vec<SealedRow> {
    let (mut all, mut after) = (Vec::new(), RowKey::least());
    loop {
        let page = store.sealed_rows(place, &after, limit).await.unwrap();
        assert!(page.len() <= limit);
        let Some(last) = page.last() else { return all };
        after = last.key.clone();
        all.extend(page);
    }
}

pub(crate) async fn every_sealed_value_is_found_and_replaced(store: &AnyStore) {
    let kept = Change::KeepSession {
        pool: pool_id(),
        name: "kept".to_owned(),
        session: sealed("kept"),
        until: at(100),
    };
    let changes = [
        Change::CreateSigningKey(signing_key("key", KeyUse::Id, at(0))),
        create(&user("ada")),
        create(&full_user("ben")),
        Change::CreateClient(Box::new(client(pool_id(), "client"))),
        Change::PutAccessKey(access_key(&["*"])),
        Change::CreateDevice(Box::new(device("one", "ada"))),
        Change::CreateDevice(Box::new(device("two", "ada"))),
        Change::Enqueue(message("message", at(0))),
        kept,
    ];
    done(store, changes).await;
    for (place, count) in SealedPlace::ALL.into_iter().zip([1, 2, 1, 1, 2, 1, 1]) {
        let found = rows(store, place, 1).await;
        assert_eq!(found.len(), count, "{place:?}");
        for before in found {
            let value = before.value.as_ref().map(|_| sealed("anew"));
            let after = SealedRow { value, ..before.clone() };
            let stale = SealedRow { value: Some(sealed("stale")), ..before.clone() };
            let stale = SealedRow { settings: stale.settings.map(|text| text + " "), ..stale };
            done(store, [Change::Reseal { before: stale, after: after.clone() }]).await;
            assert!(rows(store, place, 10).await.contains(&before), "{place:?}: it was changed");
            done(store, [Change::Reseal { before, after: after.clone() }]).await;
            assert!(rows(store, place, 10).await.contains(&after), "{place:?}");
        }
    }
    // Whoever has read a user before decides anew.
    let user: User = store.user(&pool_id(), &user("ada").sub).await.unwrap().unwrap();
    assert_eq!(user.version, 2);
}
