//! What every engine's store must do. Each check starts with an empty store.

pub(crate) mod commits;
pub(crate) mod counts;
pub(crate) mod devices;
pub(crate) mod groups;
pub(crate) mod listing;
pub(crate) mod master_keys;
pub(crate) mod pools;
pub(crate) mod races;
pub(crate) mod rate_limits;
pub(crate) mod removals;
pub(crate) mod sign_ins;
pub(crate) mod tenants;
pub(crate) mod users;

use crate::records::at;
use poolkeeper_pool::change::Change;
use poolkeeper_pool::error::CommitError;
use poolkeeper_pool::ports::Store;
use std::sync::Arc;
use tokio::task::JoinSet;

/// A store of whichever engine, shareable between tasks.
pub(crate) type AnyStore = Arc<dyn Store>;

/// Makes each check a test with an attribute. `$open` is an expression for a guard and an empty
/// store.
macro_rules! contract {
    ($attribute:tt $open:expr; $($module:ident: $($check:ident),+;)+) => {$(
        mod $module {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                #$attribute
                async fn $check() {
                    let (_guard, store) = $open;
                    crate::contract::$module::$check(&store).await;
                }
            )+
        }
    )+};
}

/// Every check, for the engine that `$open` opens.
macro_rules! contract_of {
    ($attribute:tt $open:expr) => {
        crate::contract::contract! { $attribute $open;
            pools: a_pool_is_created_once_and_updated_on_its_version,
                a_client_is_unique_over_all_pools,
                a_client_is_updated_on_its_version,
                a_client_is_deleted_with_its_sessions,
                pools_and_clients_are_listed_by_id,
                a_pool_is_deleted_with_all_that_is_in_it,
                signing_keys_come_oldest_first,
                a_signing_key_begins_ends_and_is_deleted,
                signing_keys_go_when_they_have_expired,
                a_partner_is_created_once_and_updated_as_it_was_read,
                groups_carry_permissions_until_they_go,
                permissions_of_many_groups_come_at_once,
                access_keys_are_replaced;
            users: a_user_comes_back_as_it_was_written,
                a_sub_and_a_username_are_given_once,
                a_user_is_updated_on_its_version,
                a_user_is_expected_in_a_version,
                names_are_tried_in_their_order,
                a_name_of_nobody_finds_somebody_else,
                an_alias_leads_to_one_user,
                an_alias_is_taken_from_whoever_has_it,
                an_alias_is_removed_from_its_owner_alone,
                a_user_is_deleted_on_its_version,
                what_belongs_to_a_user_goes_with_it,
                names_may_be_long_and_hold_any_letter,
                users_are_counted_per_pool;
            groups: groups_come_by_precedence_then_name,
                groups_of_many_users_come_at_once,
                groups_are_listed_by_name,
                a_group_is_updated_as_it_was_read,
                a_group_takes_its_memberships_along,
                members_come_and_go,
                a_suspension_is_lifted_by_whose_it_is,
                a_follow_up_is_tried_by_one_and_deleted,
                members_are_listed,
                members_are_counted_and_skipped;
            sign_ins: a_session_is_created_once_and_ended_once,
                a_session_is_rotated_on_its_rotation_while_it_lives,
                live_sessions_of_a_user_come_newest_first,
                all_sessions_of_a_user_end,
                all_but_the_latest_sessions_of_a_user_end,
                a_value_is_spent_once_in_each_pool,
                a_code_takes_the_place_of_the_one_before_and_is_spent_once,
                old_codes_and_quotas_are_removed,
                sign_ups_are_found_once_their_time_is_over,
                a_quota_is_used_up_and_comes_back_with_its_next_window,
                a_quota_says_whether_it_is_used_up,
                a_lockout_is_set_on_its_version,
                a_lockout_is_cleared_on_its_version,
                no_lockout_is_expected,
                messages_come_newest_first,
                due_messages_come_in_the_order_of_their_time,
                a_message_advances_from_where_it_was_seen,
                undelivered_messages_are_paged_through,
                what_has_expired_is_removed,
                removal_takes_bounded_bites;
            rate_limits: calls_are_counted_for_all_nodes,
                calls_are_given_back,
                turns_are_forgotten_when_all_have_come_back,
                turns_of_the_future_are_not_believed,
                no_more_turns_are_taken_than_there_are;
            tenants: a_tenant_is_created_once_by_name_and_by_id,
                a_tenant_is_changed_and_deleted_as_it_was_read,
                an_unknown_name_finds_another_tenant,
                tenants_are_listed_by_key,
                credentials_belong_to_one_tenant,
                tenants_are_found_by_their_groups,
                a_tenant_has_only_so_many_credentials;
            master_keys: a_master_key_advances_from_where_it_was_seen,
                an_empty_database_adopts_one_key,
                every_sealed_value_is_found_and_replaced;
            devices: a_device_is_created_once_and_comes_back_as_it_was_written,
                a_device_is_updated_on_its_version,
                a_device_is_noted_as_used_without_another_version,
                a_device_is_forgotten_once,
                devices_unused_for_longest_are_forgotten,
                devices_are_listed_by_key,
                devices_go_with_their_user_and_their_pool,
                a_trusted_device_is_replaced_expires_and_goes_with_the_others,
                a_kept_session_is_replaced_and_expires;
            removals: a_group_is_empty_at_once,
                a_group_that_is_made_again_is_empty,
                a_client_is_gone_at_once_and_its_sign_ins_in_portions,
                a_client_that_is_made_again_has_no_sign_ins,
                a_pool_that_is_made_again_has_nothing_in_it,
                what_is_there_is_not_made_again;
            counts: counts_are_those_of_the_records;
            commits: nothing_to_change_is_no_error,
                a_refused_change_undoes_the_list_and_is_named,
                a_refused_commit_spares_those_beside_it,
                of_many_who_spend_one_value_one_wins,
                of_many_who_update_one_user_one_wins_each_version,
                a_read_sees_what_was_committed_before_it;
            races: no_sign_in_slips_past_a_sign_out,
                nobody_is_left_in_a_group_that_goes,
                a_quota_is_never_overdrawn,
                nobody_waits_for_ever;
            listing: pages_of_all_users,
                the_last_page_may_be_full,
                by_each_searchable_attribute,
                case_is_folded_letter_by_letter,
                by_username_and_sub,
                by_both_kinds_of_status,
                ties_are_split_over_pages,
                a_prefix_is_taken_literally,
                a_search_follows_updates;
        }
    };
}

pub(crate) use {contract, contract_of};

/// Commits what must not be refused.
pub(crate) async fn done(store: &AnyStore, changes: impl IntoIterator<Item = Change>) {
    let result = store.commit(changes.into_iter().collect()).await;
    assert!(result.is_ok(), "{result:?}");
}

/// Has all removed that deleted pools, app clients and groups have left.
pub(crate) async fn swept(store: &AnyStore) {
    while store.sweep(at(0)).await.unwrap() {}
}

/// Commits what must be refused, and says at which change it was.
pub(crate) async fn refused(store: &AnyStore, changes: impl IntoIterator<Item = Change>) -> usize {
    match store.commit(changes.into_iter().collect()).await {
        Err(CommitError::Refused(index)) => index,
        other => panic!("not refused: {other:?}"),
    }
}

/// Commits all lists at once, and says how many were made; the others must have been refused.
pub(crate) async fn made(store: &AnyStore, lists: impl IntoIterator<Item = Vec<Change>>) -> usize {
    let mut commits = JoinSet::new();
    for changes in lists {
        let store = Arc::clone(store);
        commits.spawn(async move { store.commit(changes).await });
    }
    let answers = commits.join_all().await;
    let failed = answers.iter().find(|answer| matches!(answer, Err(CommitError::Store(_))));
    assert!(failed.is_none(), "{failed:?}");
    answers.iter().filter(|answer| answer.is_ok()).count()
}
