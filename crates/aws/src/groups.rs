//! Groups and who is in them.

use crate::amazon::Amazon;
use crate::connection::call::Repeat;
use crate::connection::trouble::Purpose;
use crate::convert::{self, missing};
use crate::users::listed_user;
use poolkeeper_pool::backend::administration::{Listing, NewGroup, Page, Slice, UserDetails};
use poolkeeper_pool::entity::Group;
use poolkeeper_pool::error::Result;
use poolkeeper_pool::ids::GroupName;

/// The largest page that Cognito gives.
const LARGEST_PAGE: i32 = 60;

impl Amazon {
    pub(crate) async fn put_into_group(&self, username: &str, group: &GroupName) -> Result<()> {
        let call = self.sdk.admin_add_user_to_group().user_pool_id(self.settings.pool.as_str());
        let call = call.username(username).group_name(group.as_str());
        let changed =
            self.call(Repeat::Safely, Purpose::Group(group), || call.clone().send()).await;
        // What became of a call that failed is not known.
        self.recent.forget_groups();
        changed.map(drop)
    }

    pub(crate) async fn take_out_of_group(&self, username: &str, group: &GroupName) -> Result<()> {
        let call =
            self.sdk.admin_remove_user_from_group().user_pool_id(self.settings.pool.as_str());
        let call = call.username(username).group_name(group.as_str());
        let changed =
            self.call(Repeat::Safely, Purpose::Group(group), || call.clone().send()).await;
        // What became of a call that failed is not known.
        self.recent.forget_groups();
        changed.map(drop)
    }

    pub(crate) async fn members(
        &self,
        group: &GroupName,
        page: Page<'_>,
    ) -> Result<Listing<UserDetails>> {
        let call = self.sdk.list_users_in_group().user_pool_id(self.settings.pool.as_str());
        let call = call
            .group_name(group.as_str())
            .limit(limit(page.limit))
            .set_next_token(page.cursor.map(str::to_owned));
        let listed =
            self.call(Repeat::Safely, Purpose::Group(group), || call.clone().send()).await?;
        let users = listed.users.unwrap_or_default().into_iter();
        let entries = users.map(listed_user).collect::<Result<_>>()?;
        Ok(Listing { entries, next: listed.next_token })
    }

    /// Amazon neither counts nor begins in the middle: every page is fetched. By `sub`, so that a
    /// part is the same however Amazon orders them.
    pub(crate) async fn members_at(
        &self,
        group: &GroupName,
        offset: u64,
        limit: u64,
    ) -> Result<Slice<UserDetails>> {
        let (mut all, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = Page { cursor: cursor.as_deref(), limit: 60 };
            let Listing { entries, next } = self.members(group, page).await?;
            all.extend(entries);
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        all.sort_by(|left, right| left.sub.cmp(&right.sub));
        let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let entries = all.into_iter().skip(count(offset)).take(count(limit)).collect();
        Ok(Slice { total, entries })
    }

    pub(crate) async fn list_groups(&self, page: Page<'_>) -> Result<Listing<Group>> {
        let call = self.sdk.list_groups().user_pool_id(self.settings.pool.as_str());
        let call = call.limit(limit(page.limit)).set_next_token(page.cursor.map(str::to_owned));
        let asked = Purpose::Administration;
        let listed = self.call(Repeat::Safely, asked, || call.clone().send()).await?;
        let groups = listed.groups.unwrap_or_default().into_iter();
        let groups = groups.map(|group| Ok(convert::group(&self.settings.pool, group)?));
        Ok(Listing { entries: groups.collect::<Result<_>>()?, next: listed.next_token })
    }

    pub(crate) async fn make_group(&self, new: NewGroup) -> Result<Group> {
        let call = self.sdk.create_group().user_pool_id(self.pool(&new.pool)?);
        let precedence = new.precedence.and_then(|number| i32::try_from(number).ok());
        let call = call
            .group_name(new.name.as_str())
            .set_description(new.description)
            .set_role_arn(new.role_arn)
            .set_precedence(precedence);
        let made =
            self.call(Repeat::Never, Purpose::Group(&new.name), || call.clone().send()).await?;
        let group = made.group.ok_or_else(|| missing("the new group"))?;
        Ok(convert::group(&self.settings.pool, group)?)
    }

    pub(crate) async fn remove_group(&self, group: &GroupName) -> Result<()> {
        let call = self.sdk.delete_group().user_pool_id(self.settings.pool.as_str());
        let call = call.group_name(group.as_str());
        let deleted = self.call(Repeat::Never, Purpose::Group(group), || call.clone().send()).await;
        self.recent.forget_groups();
        deleted.map(drop)
    }
}

pub(crate) fn limit(wanted: usize) -> i32 {
    i32::try_from(wanted).unwrap_or(LARGEST_PAGE).clamp(1, LARGEST_PAGE)
}
