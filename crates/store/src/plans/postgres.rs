use super::records::{Wanted, fill, values};
use super::{GROWS, is_among, listed, may_walk, takes_a_portion};
use crate::copy::table::Table;
use crate::schema::TestSchema;
use crate::sql::{self, every_statement};
use crate::sqlite::copying::tables_of_this_release;
use crate::statement::Value;
use insta::assert_snapshot;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use tokio_postgres::{Client, SimpleQueryMessage};

/// Users that are there, and those that PostgreSQL is told of.
const USERS: u32 = 10_000;
const TOLD: u32 = 1_000_000;

/// After so many executions PostgreSQL decides whether it goes on with one plan for all values.
const EXECUTIONS: usize = 7;

/// Fills a schema, has PostgreSQL look at it, and tells it that all of it is a hundred times as much.
/// What it knows of values are shares, and so stays right.
async fn filled() -> (TestSchema, Client) {
    let schema = TestSchema::migrated().await;
    let client = schema.client().await;
    let text = include_str!("../../../../benches/scale/fill.sql");
    let text = fill(text, USERS).replace("AS BLOB", "AS BYTEA");
    client.batch_execute(&text).await.unwrap();
    client.batch_execute("ANALYZE; SET plan_cache_mode = auto").await.unwrap();
    let sql = format!(
        "UPDATE pg_class SET reltuples = reltuples * {} \
         WHERE relnamespace = current_schema()::regnamespace AND reltuples > 0",
        TOLD / USERS
    );
    client.batch_execute(&sql).await.unwrap();
    (schema, client)
}

/// The plans that PostgreSQL makes for a statement that is executed again and again, first for one
/// kind of values, then for the other.
async fn plans(client: &Client, sql: &'static str) -> BTreeSet<Vec<String>> {
    let own = sql::of_postgres().find(|(shared, _)| *shared == sql).map_or(sql, |(_, own)| own);
    let mut plans = BTreeSet::new();
    for order in [[Wanted::Common, Wanted::Rare], [Wanted::Rare, Wanted::Common]] {
        client.batch_execute(&format!("PREPARE planned AS {own}")).await.unwrap();
        for wanted in order {
            let values: Vec<_> = values(sql, wanted).iter().map(literal).collect();
            let values = format!("({})", values.join(", ")).replace("()", "");
            let explain = format!("EXPLAIN (FORMAT JSON) EXECUTE planned{values}");
            for _ in 0..EXECUTIONS {
                plans.insert(plan(client, &explain).await);
            }
        }
        client.batch_execute("DEALLOCATE planned").await.unwrap();
    }
    plans
}

async fn plan(client: &Client, explain: &str) -> Vec<String> {
    let rows = client.simple_query(explain).await;
    let rows = rows.unwrap_or_else(|error| panic!("{explain}: {error:?}"));
    let row = rows.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    let plan: Json = serde_json::from_str(row.unwrap()).unwrap();
    let mut steps = Vec::new();
    collect(&plan[0]["Plan"], &mut steps);
    steps
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(integer) => format!("'{integer}'"),
        Value::Text(text) => format!("'{text}'"),
        Value::Blob(_) => "'\\x00'".to_owned(),
        Value::List(texts) => format!("'{{{}}}'", texts.join(",")),
    }
}

/// The steps of a plan that look for rows or put them in order, from the inside.
fn collect(node: &Json, steps: &mut Vec<String>) {
    for inner in node["Plans"].as_array().into_iter().flatten() {
        collect(inner, steps);
    }
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let index = node["Index Name"].as_str();
    let table = node["Relation Name"].as_str();
    let step = match (kind, index, table) {
        (_, Some(index), _) => {
            let [bound, left] = ["Index Cond", "Filter"].map(|which| columns(&node[which]));
            let left = if left.is_empty() { left } else { format!(" then {left}") };
            format!("{index} ({bound}){left}")
        }
        ("Seq Scan", _, Some(table)) => format!("SCAN {table}"),
        ("Sort" | "Incremental Sort" | "Hash Join" | "Merge Join", ..) => kind.to_uppercase(),
        _ => return,
    };
    // The same index may be looked into several times.
    if !steps.contains(&step) {
        steps.push(step);
    }
}

/// The columns of a condition and how they are compared, without the values.
fn columns(condition: &Json) -> String {
    let operators = [" = ", " > ", " >= ", " < ", " <= ", " <> ", " IS DISTINCT FROM ", " IS NULL"];
    let terms = condition.as_str().into_iter().flat_map(|text| text.split(" AND ")).map(|term| {
        let term = term.trim_start_matches("NOT ").trim_start_matches('(');
        let places =
            operators.iter().filter_map(|operator| Some((term.find(operator)?, *operator)));
        let (at, operator) = places.min().unwrap_or((term.len(), ""));
        let column = term[..at].trim_start_matches("ROW(").trim_end_matches(')');
        let column = column.split("::").next().unwrap_or_default();
        let operator = operator.trim().replace(" DISTINCT FROM", "");
        let space = if operator.starts_with("IS") { " " } else { "" };
        format!("{column}{space}{operator}")
    });
    terms.collect::<Vec<_>>().join(", ")
}

fn is_walk(step: &str) -> bool {
    let is_upper = step.starts_with(|c: char| c.is_ascii_uppercase());
    let is_short = step.starts_with("user_pools_pkey");
    !is_short && (is_upper || step.ends_with("()") || step.ends_with("(pool_id=)"))
}

#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
#[expect(clippy::too_many_lines, reason = "the list of plans")]
async fn every_statement_finds_its_rows_by_the_index_made_for_it() {
    let (_schema, client) = filled().await;
    let (mut all, mut walks) = (Vec::new(), Vec::new());
    let anyhow = BTreeSet::from([vec!["through all of them".to_owned()]]);
    for (name, sql) in every_statement() {
        let plans = plans(&client, sql).await;
        if !may_walk(&name) {
            let walking = plans.iter().flatten().filter(|step| is_walk(step));
            walks.extend(walking.map(|step| format!("{name}: {step}")));
        }
        // Of much of a table, PostgreSQL guesses whether an index helps.
        let guesses = is_among(GROWS, &name) || takes_a_portion(&name);
        all.push((name, if guesses { anyhow.clone() } else { plans }));
    }
    assert_eq!(walks, [""; 0]);
    assert_snapshot!(listed(all.iter().map(|(name, plans)| (name.as_str(), plans.clone()))), @r"
    POOL
        user_pools_pkey (pool_id=)
    COUNTED_POOL
        SCAN user_counts; user_pools_pkey (pool_id=)
    CREATE_POOL
        -
    UPDATE_POOL
        user_pools_pkey (pool_id=) then version=
    LIST_POOLS
        user_pools_pkey (pool_id>)
    DELETE_POOL
        user_pools_pkey (pool_id=) then version=
    CLIENT
        app_clients_client_id_key (client_id=)
    CREATE_CLIENT
        -
    UPDATE_CLIENT
        app_clients_client_id_key (client_id=) then pool_id=, version=
    LIST_CLIENTS
        app_clients_client_id_key (client_id>) then pool_id=
    DELETE_CLIENT
        app_clients_client_id_key (client_id=) then pool_id=
    SIGNING_KEYS
        through all of them
    CREATE_SIGNING_KEY
        -
    UPDATE_SIGNING_KEY
        signing_keys_pkey (pool_id=, key_id=)
    DELETE_SIGNING_KEY
        signing_keys_pkey (pool_id=, key_id=)
    PARTNER
        partners_pkey (pool_id=, partner_id=)
    PARTNERS
        through all of them
    PARTNERS_NAMED
        partners_pkey (pool_id=, partner_id=)
    CREATE_PARTNER
        -
    UPDATE_PARTNER
        partners_pkey (pool_id=, partner_id=) then settings=
    GRANTS_OF
        permissions_pkey (pool_id=, group_name=); SORT
    GRANTS
        through all of them
    GRANT
        -
    REVOKE_GRANT
        permissions_pkey (pool_id=, group_name=, partner_id=, permission=)
    DELETE_GRANTS_OF
        permissions_pkey (pool_id=, group_name=)
    TENANT
        tenants_by_id (tenant_id=)
    TENANT_OR_OTHER
        tenants_pkey (tenant_key IS NOT NULL, tenant_key>=); tenants_pkey (tenant_key IS NOT NULL); tenants_pkey (tenant_key=)
        or tenants_pkey (tenant_key>=); tenants_pkey (tenant_key IS NOT NULL); tenants_pkey (tenant_key=)
    LIST_TENANTS
        tenants_pkey (tenant_key>)
    TENANTS_OF_GROUPS
        tenants_by_group (pool_id=, group_name=); tenants_by_admin_group (pool_id=, admin_group=)
    CREATE_TENANT
        -
    UPDATE_TENANT
        tenants_pkey (tenant_key=) then tenant_id<>; tenants_by_id (tenant_id=) then NOT (group_name IS, NOT (admin_group IS, name=, client_id=
    DELETE_TENANT
        tenants_by_id (tenant_id=) then NOT (group_name IS, NOT (admin_group IS, name=, client_id=; machine_credentials_by_tenant (pool_id=, tenant_id=)
    CREDENTIAL
        users_pool_id_username_key_key (pool_id=, username_key=); machine_credentials_by_tenant (pool_id=, tenant_id=)
    CREDENTIALS
        machine_credentials_by_tenant (pool_id=, tenant_id=, sub>); users_pkey (pool_id=, sub=)
    CREDENTIAL_SUBS
        machine_credentials_by_tenant (pool_id=, tenant_id=)
    TENANT_OF_MACHINE
        machine_credentials_pkey (pool_id=, sub=)
    ADD_CREDENTIAL
        tenants_by_id (tenant_id=); machine_credentials_by_tenant (pool_id=, tenant_id=)
    DELETE_CREDENTIAL_OF
        machine_credentials_pkey (pool_id=, sub=)
    ACCESS_KEY
        access_keys_pkey (access_key_id=)
    PUT_ACCESS_KEY
        -
    MASTER_KEYS
        through all of them
    CREATE_MASTER_KEY
        -
    ADVANCE_MASTER_KEY
        master_keys_pkey (generation=) then state=, missed=
    MISS_MASTER_KEY
        master_keys_pkey (generation=) then state=
    DELETE_MASTER_KEY
        master_keys_pkey (generation=) then state=
    SEALED_SIGNING_KEYS
        signing_keys_pkey (pool_id, key_id>)
    SEALED_USERS
        users_pkey (pool_id, sub>)
    SEALED_CLIENTS
        app_clients_pkey (pool_id, client_id>)
    SEALED_ACCESS_KEYS
        access_keys_pkey (access_key_id>)
    SEALED_DEVICES
        devices_pkey (pool_id, sub, device_key>)
    SEALED_MESSAGES
        outbox_pkey (pool_id, message_id>)
    SEALED_KEPT_SESSIONS
        kept_sessions_pkey (pool_id, session_name>)
    RESEAL_SIGNING_KEY
        signing_keys_pkey (pool_id=, key_id=) then private_key=
    RESEAL_USER
        users_pkey (pool_id=, sub=) then NOT (password IS, mfa=
    RESEAL_CLIENT
        app_clients_client_id_key (client_id=) then pool_id=, settings=
    RESEAL_ACCESS_KEY
        access_keys_pkey (access_key_id=) then secret=
    RESEAL_DEVICE
        devices_pkey (pool_id=, sub=, device_key=) then verifier=
    RESEAL_MESSAGE
        outbox_pkey (pool_id=, message_id=) then content=
    RESEAL_KEPT_SESSION
        kept_sessions_pkey (pool_id=, session_name=) then session=
    USER
        users_pkey (pool_id=, sub=)
    SUBS_BY_NAME
        users_pool_id_username_key_key (pool_id=, username_key=); users_pkey (pool_id=, sub=); user_aliases_pkey (pool_id=, alias_key=)
    USER_OR_OTHER
        users_pkey (pool_id=, sub=); users_by_user_status (pool_id=, user_status<=, user_status, sub>=); users_by_user_status (pool_id=, user_status<=, user_status>=); users_pkey ()
    LIST_USERS
        users_pkey (pool_id=, sub>)
    EXPECT_USER
        users_pkey (pool_id=, sub=) then version=
    CREATE_USER
        -
    UPDATE_USER
        users_pkey (pool_id=, sub=) then version=
    DELETE_USER
        users_pkey (pool_id=, sub=) then version=
    DELETE_ALIASES_OF
        user_aliases_by_user (pool_id=, sub=)
    DELETE_SEARCH_OF
        user_search_by_user (pool_id=, sub=)
    DELETE_MEMBERSHIPS_OF
        memberships_pkey (pool_id=, sub=)
    SUSPENSION
        suspensions_pkey (pool_id=, sub=)
    PUT_SUSPENSION
        -
    LIFT_SUSPENSION
        suspensions_pkey (pool_id=, sub=) then partner_id=
    DELETE_SUSPENSION_OF
        suspensions_pkey (pool_id=, sub=)
    DUE_FOLLOW_UPS
        follow_ups_by_due (pool_id=, due<=)
    PUT_FOLLOW_UP
        -
    TRY_FOLLOW_UP
        follow_ups_pkey (id=) then attempts=
    DELETE_FOLLOW_UP
        follow_ups_pkey (id=)
    DELETE_SESSIONS_OF
        sessions_by_user (pool_id=, sub=); sessions_pkey (pool_id=, session_id=)
    DELETE_CODES_OF
        verification_codes_pkey (pool_id=, subject=)
    DELETE_QUOTAS_OF
        quotas_pkey (pool_id=, subject=)
    DELETE_SIGN_UP_OF
        sign_ups_pkey (pool_id=, sub=)
    DELETE_LOCKOUT_OF
        lockouts_pkey (pool_id=, subject=)
    REMOVE_STALE_SEARCH
        user_search_by_user (pool_id=, sub=) then NOT (hashed SubPlan 1
    ADD_MISSING_SEARCH
        -
    ADD_ALIAS
        -
    TAKE_ALIAS
        -
    REMOVE_ALIAS
        user_aliases_by_user (pool_id=, sub=) then alias_key=
    GROUP
        groups_pkey (pool_id=, group_name=)
    GROUPS_OF
        memberships_pkey (pool_id=, sub=); groups_pkey (pool_id=, group_name=); SORT
    GROUPS_OF_EACH
        users_pkey (pool_id=, sub=); memberships_pkey (pool_id=, pool_id=, sub=); groups_pkey (pool_id=, pool_id=, group_name=); SORT
    CREATE_GROUP
        -
    LIST_GROUPS
        groups_pkey (pool_id=, group_name>)
    EXPECT_GROUP
        groups_pkey (pool_id=, group_name=)
    UPDATE_GROUP
        groups_pkey (pool_id=, group_name=) then NOT (description IS, NOT (role_arn IS, NOT (precedence IS, created_at=, modified_at=
    DELETE_GROUP
        groups_pkey (pool_id=, group_name=)
    LIST_USERS_IN_GROUP
        groups_pkey (pool_id=, group_name=); memberships_by_group (pool_id=, group_name=, sub>); users_pkey (pool_id=, sub=, sub>)
        or groups_pkey (pool_id=, group_name=); memberships_by_group (pool_id=, group_name=, sub>); users_pkey (pool_id=, sub>); MERGE JOIN
    GROUP_PLACE
        member_counts_pkey (pool_id=, group_name=); user_pools_pkey (pool_id=); groups_pkey (pool_id=, group_name=)
        or member_counts_pkey (pool_id=, group_name=); user_pools_pkey (pool_id=); groups_pkey (pool_id=, group_name=); SORT
    MEMBERS_FROM
        memberships_by_group (pool_id=, group_name=, sub>=); users_pkey (pool_id=, sub=)
    REMOVE_FROM_GROUP
        memberships_by_group (pool_id=, group_name=, sub=)
    ADD_TO_GROUP
        -
    TOKEN_RECORDS
        user_pools_pkey (pool_id=); app_clients_client_id_key (client_id=); sessions_pkey (pool_id=, session_id=); users_pkey (pool_id=, sub=)
    SESSION
        sessions_pkey (pool_id=, session_id=)
    SESSIONS_OF
        sessions_by_user (pool_id=, sub=, revoked_at IS NULL); sessions_pkey (pool_id=, session_id=) then expires_at>; app_clients_client_id_key (client_id=); SORT
    CREATE_SESSION
        -
    ROTATE_SESSION
        sessions_pkey (pool_id=, session_id=) then revoked_at IS NULL, rotation=
    REVOKE_SESSION
        sessions_pkey (pool_id=, session_id=) then revoked_at IS NULL
    REVOKE_SESSIONS_OF
        sessions_by_user (pool_id=, sub=, revoked_at IS NULL); sessions_pkey (pool_id=, session_id=)
    REVOKE_STALE_SESSIONS
        sessions_by_user (pool_id=, sub=, revoked_at IS NULL); sessions_pkey (pool_id=, session_id=) then expires_at>; SORT; sessions_pkey (pool_id=, session_id=) then NOT (hashed SubPlan 1
    KEPT_SESSION
        kept_sessions_pkey (pool_id=, session_name=)
    KEEP_SESSION
        -
    PUT_SIGN_UP
        -
    EXPIRED_SIGN_UPS
        sign_ups_by_expiry (expires_at<)
    SPEND
        -
    DEVICE
        devices_pkey (pool_id=, sub=, device_key=)
    DEVICES_OF
        devices_pkey (pool_id=, sub=, device_key>)
    CREATE_DEVICE
        -
    UPDATE_DEVICE
        devices_pkey (pool_id=, sub=, device_key=) then version=
    EXPECT_DEVICE
        devices_pkey (pool_id=, sub=, device_key=) then version=
    TOUCH_DEVICE
        devices_pkey (pool_id=, sub=, device_key=)
    DELETE_DEVICE
        devices_pkey (pool_id=, sub=, device_key=)
    DELETE_STALE_DEVICES
        devices_pkey (pool_id=, sub=); SORT; devices_pkey (pool_id=, sub=) then NOT (hashed SubPlan 1
    DELETE_DEVICES_OF
        devices_pkey (pool_id=, sub=)
    TRUSTED_DEVICE
        trusted_devices_pkey (pool_id=, sub=)
    PUT_TRUSTED_DEVICE
        -
    DELETE_TRUSTED_DEVICE
        trusted_devices_pkey (pool_id=, sub=)
    CODE
        verification_codes_pkey (pool_id=, subject=, purpose=)
    PUT_CODE
        -
    SPEND_CODE
        verification_codes_pkey (pool_id=, subject=, purpose=) then digest=
    USE_QUOTA
        -
    USED_UP
        quotas_pkey (pool_id=, subject=, quota=) then used>=, + since>, + since<=
    COUNT_CALL
        -
    GIVE_BACK_CALL
        turns_pkey (turn_key=) then set_config('synchronous_commit'=
    ARRIVAL
        turns_pkey (turn_key=)
    LOCKOUT
        lockouts_pkey (pool_id=, subject=)
    CREATE_LOCKOUT
        -
    UPDATE_LOCKOUT
        lockouts_pkey (pool_id=, subject=) then version=
    TOUCH_LOCKOUT
        lockouts_pkey (pool_id=, subject=)
    CLEAR_LOCKOUT
        lockouts_pkey (pool_id=, subject=) then version=
    CLAIM_NO_LOCKOUT
        -
    MESSAGES
        outbox_by_age () then sub<>
    DUE_MESSAGES
        outbox_by_channel (channel=, next_attempt_at<=)
    UNDELIVERED_MESSAGES
        outbox_by_age (created_at, message_id>) then delivered_at IS NULL
    ENQUEUE
        -
    ADVANCE_MESSAGE
        outbox_pkey (pool_id=, message_id=) then attempts=
    RESCHEDULE_MESSAGES
        through all of them
    REMOVE_MESSAGE
        outbox_pkey (pool_id=, message_id=)
    REMOVE_SPENT
        spent_by_expiry (expires_at<); spent_pkey (pool_id=, spent_id=) then + expires_at<
    REMOVE_SESSIONS
        sessions_by_expiry (expires_at<); sessions_pkey (pool_id=, session_id=) then + expires_at<
    REMOVE_KEPT_SESSIONS
        kept_sessions_by_expiry (expires_at<); kept_sessions_pkey (pool_id=, session_name=) then + expires_at<
    REMOVE_TRUSTED_DEVICES
        trusted_devices_by_expiry (expires_at<); trusted_devices_pkey (pool_id=, sub=) then + expires_at<
    REMOVE_CODES
        verification_codes_by_expiry (expires_at<); verification_codes_pkey (pool_id=, subject=, purpose=) then + expires_at<
    REMOVE_QUOTAS
        quotas_by_age (since<=); quotas_pkey (pool_id=, subject=, quota=) then + since<=
    REMOVE_LOCKOUTS
        lockouts_by_age (last_failure_at<=); lockouts_pkey (pool_id=, subject=) then + last_failure_at<=
    REMOVE_MESSAGES
        outbox_by_age (created_at<); outbox_pkey (pool_id=, message_id=) then + created_at<
    REMOVE_SIGNING_KEYS
        signing_keys_by_expiry (expires_at<); signing_keys_pkey (pool_id=, key_id=) then + expires_at<
    REMOVE_ARRIVALS
        turns_by_expiry (expires_at<); turns_pkey (turn_key=) then + expires_at<
    NOTE_REMOVAL
        -
    EXPECT_NO_REMOVAL
        removals_pkey (pool_id=, kind=, name=)
    REMOVAL
        removals_pkey (pool_id=, kind=, name=)
    NEXT_REMOVAL
        removals_pkey ()
    EXPECT_REMOVAL
        removals_pkey (pool_id=, kind=, name=) then progress=
    ADVANCE_REMOVAL
        removals_pkey (pool_id=, kind=, name=) then progress=
    DELETE_REMOVAL
        removals_pkey (pool_id=, kind=, name=)
    REMOVE_MEMBERS
        through all of them
    REMOVE_MEMBER_COUNTS
        member_counts_pkey (pool_id=, group_name=)
        or member_counts_pkey (pool_id=, group_name=) then members=
    SESSIONS_UP_TO
        sessions_pkey (pool_id=, session_id>)
    REMOVE_SESSIONS_THROUGH
        sessions_pkey (pool_id=, session_id>, session_id<=) then client_id=
    CLOSE_POOL app_clients
        through all of them
    CLOSE_POOL signing_keys
        through all of them
    CLOSE_POOL tenants
        through all of them
    EMPTY_POOL outbox
        through all of them
    EMPTY_POOL users
        through all of them
    EMPTY_POOL user_counts
        through all of them
    EMPTY_POOL app_clients
        through all of them
    EMPTY_POOL signing_keys
        through all of them
    EMPTY_POOL tenants
        through all of them
    EMPTY_POOL user_aliases
        through all of them
    EMPTY_POOL user_search
        through all of them
    EMPTY_POOL groups
        through all of them
    EMPTY_POOL memberships
        through all of them
    EMPTY_POOL member_counts
        through all of them
    EMPTY_POOL sessions
        through all of them
    EMPTY_POOL devices
        through all of them
    EMPTY_POOL trusted_devices
        through all of them
    EMPTY_POOL kept_sessions
        through all of them
    EMPTY_POOL spent
        through all of them
    EMPTY_POOL sign_ups
        through all of them
    EMPTY_POOL verification_codes
        through all of them
    EMPTY_POOL quotas
        through all of them
    EMPTY_POOL lockouts
        through all of them
    EMPTY_POOL partners
        through all of them
    EMPTY_POOL permissions
        through all of them
    EMPTY_POOL machine_credentials
        through all of them
    EMPTY_POOL suspensions
        through all of them
    EMPTY_POOL follow_ups
        through all of them
    LIST_USERS by username, equal
        users_by_username (pool_id=, username<=, username, sub>)
    LIST_USERS by username, below
        users_by_username (pool_id=, username<, username, sub>)
    LIST_USERS by username, endless
        users_by_username (pool_id=, username, sub>)
    LIST_USERS by sub, equal
        users_pkey (pool_id=, sub<=, sub, sub>)
    LIST_USERS by sub, below
        users_pkey (pool_id=, sub<, sub, sub>)
    LIST_USERS by sub, endless
        users_pkey (pool_id=, sub, sub>)
    LIST_USERS by user_status, equal
        users_by_user_status (pool_id=, user_status<=, user_status, sub>)
    LIST_USERS by user_status, below
        users_by_user_status (pool_id=, user_status<, user_status, sub>)
    LIST_USERS by user_status, endless
        users_by_user_status (pool_id=, user_status, sub>)
    LIST_USERS by status, equal
        users_by_status (pool_id=, status<=, status, sub>)
    LIST_USERS by status, below
        users_by_status (pool_id=, status<, status, sub>)
    LIST_USERS by status, endless
        users_by_status (pool_id=, status, sub>)
    LIST_USERS by attribute, equal
        user_search_pkey (pool_id=, field=, value<=, value, sub>); users_pkey (pool_id=, sub=)
    LIST_USERS by attribute, below
        user_search_pkey (pool_id=, field=, value<, value, sub>); users_pkey (pool_id=, sub=)
    LIST_USERS by attribute, endless
        user_search_pkey (pool_id=, field=, value, sub>); users_pkey (pool_id=, sub=)
    ");
}

/// Nothing was forgotten to be filled: a table without rows is planned for as if it were small.
#[tokio::test]
#[ignore = "needs POOLKEEPER_TEST_DATABASE"]
async fn every_table_is_full() {
    let (_schema, client) = filled().await;
    for Table { name, .. } in tables_of_this_release().unwrap() {
        let sql = "SELECT reltuples FROM pg_class WHERE oid = to_regclass($1)::oid";
        let rows: f32 = client.query_one(sql, &[&name]).await.unwrap().get(0);
        assert!(rows >= 1000.0, "{name}: {rows}");
    }
}
