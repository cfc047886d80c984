//! Rows are parsed, not trusted: whatever no release has written is reported with its table and
//! column, never with its content, which may be a secret.

use crate::changes::removals::{Removal, Removed};
use crate::statement::Value;
use poolkeeper_pool::crypto::resealing::{RowKey, SealedPlace, SealedRow};
use poolkeeper_pool::crypto::seal::Sealed;
use poolkeeper_pool::entity::{
    AccessKey, AppClient, CodePurpose, DeliveryProgress, Device, FollowUp, Grant, Group,
    MasterKeyRecord, Message, Partner, SealedKey, Session, Suspension, Tenant, TrustedDevice, User,
    UserPoolRecord, VerificationCode,
};
use poolkeeper_pool::error::StoreError;
use poolkeeper_pool::ids::{
    AccessKeyId, ClientId, DeviceKey, GroupName, KeyId, MessageId, PartnerId, PoolId, SessionId,
    Sub, TenantId, Username,
};
use poolkeeper_pool::limits::lockout::Lockout;
use poolkeeper_pool::ports::{TokenNames, TokenRecords, UserCursor};
use poolkeeper_pool::time::Timestamp;
use serde::de::value::{Error as NameError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use std::borrow::Cow;

pub(crate) type Parsed<T> = Result<T, StoreError>;

/// What a column of a row holds.
pub(crate) enum Cell<'a> {
    Null,
    Integer(i64),
    Text(Cow<'a, str>),
    Blob(&'a [u8]),
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Integer(value) => Self::Integer(value),
            Cell::Text(text) => Self::Text(text.into_owned()),
            Cell::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}

/// A row as an engine gives it.
pub(crate) trait Columns {
    /// A column by its place; `None` if it is not there or of none of the types we write.
    fn cell(&self, index: usize) -> Option<Cell<'_>>;
}

/// A row whose columns are taken one after the other. The names given are for error messages.
pub struct Row<'a> {
    table: &'static str,
    columns: &'a dyn Columns,
    next: usize,
}

impl<'a> Row<'a> {
    pub(crate) fn new(table: &'static str, columns: &'a dyn Columns) -> Self {
        Self { table, columns, next: 0 }
    }

    fn impossible(&self, column: &str, what: &str) -> StoreError {
        StoreError::Inconsistent { table: self.table, reason: format!("{column} {what}") }
    }

    fn take(&mut self, column: &str) -> Parsed<Cell<'a>> {
        let cell = self.columns.cell(self.next);
        let cell = cell.ok_or_else(|| self.impossible(column, "is missing"))?;
        self.next += 1;
        Ok(cell)
    }

    /// The columns of a record, if there is one: so many, of which the first is never null.
    fn record<T>(
        &mut self,
        table: &'static str,
        columns: usize,
        parse: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<Option<T>> {
        let mut record = Self { table, ..*self };
        self.next += columns;
        match self.columns.cell(record.next) {
            Some(Cell::Null) => Ok(None),
            _ => parse(&mut record).map(Some),
        }
    }

    fn optional_str(&mut self, column: &str) -> Parsed<Option<Cow<'a, str>>> {
        match self.take(column)? {
            Cell::Text(text) => Ok(Some(text)),
            Cell::Null => Ok(None),
            _ => Err(self.impossible(column, "is not text")),
        }
    }

    fn str(&mut self, column: &str) -> Parsed<Cow<'a, str>> {
        self.optional_str(column)?.ok_or_else(|| self.impossible(column, "is null"))
    }

    fn text(&mut self, column: &str) -> Parsed<String> {
        self.str(column).map(Cow::into_owned)
    }

    fn optional_text(&mut self, column: &str) -> Parsed<Option<String>> {
        Ok(self.optional_str(column)?.map(Cow::into_owned))
    }

    fn optional_integer(&mut self, column: &str) -> Parsed<Option<i64>> {
        match self.take(column)? {
            Cell::Integer(integer) => Ok(Some(integer)),
            Cell::Null => Ok(None),
            _ => Err(self.impossible(column, "is not an integer")),
        }
    }

    pub(crate) fn integer(&mut self, column: &str) -> Parsed<i64> {
        self.optional_integer(column)?.ok_or_else(|| self.impossible(column, "is null"))
    }

    fn time(&mut self, column: &str) -> Parsed<Timestamp> {
        self.integer(column).map(Timestamp::from_millis)
    }

    fn optional_time(&mut self, column: &str) -> Parsed<Option<Timestamp>> {
        Ok(self.optional_integer(column)?.map(Timestamp::from_millis))
    }

    fn optional_sealed(&mut self, column: &str) -> Parsed<Option<Sealed>> {
        match self.take(column)? {
            Cell::Blob(bytes) => Ok(Some(Sealed::from_bytes(bytes.to_vec()))),
            Cell::Null => Ok(None),
            _ => Err(self.impossible(column, "is not a blob")),
        }
    }

    pub(crate) fn sealed(&mut self, column: &str) -> Parsed<Sealed> {
        self.optional_sealed(column)?.ok_or_else(|| self.impossible(column, "is null"))
    }

    /// A JSON text. The parser's own message quotes the text, so only the place is told.
    fn json<T: DeserializeOwned>(&mut self, column: &str) -> Parsed<T> {
        let text = self.str(column)?;
        serde_json::from_str(&text).map_err(|error| {
            let (line, at) = (error.line(), error.column());
            self.impossible(column, &format!("cannot be read from line {line} column {at} on"))
        })
    }

    /// A variant of an enum by the name that serde gives it.
    fn name<T: DeserializeOwned>(&mut self, column: &str) -> Parsed<T> {
        self.optional_name(column)?.ok_or_else(|| self.impossible(column, "is null"))
    }

    fn optional_name<T: DeserializeOwned>(&mut self, column: &str) -> Parsed<Option<T>> {
        let Some(name) = self.optional_text(column)? else { return Ok(None) };
        let name: StrDeserializer<'_, NameError> = (&*name).into_deserializer();
        T::deserialize(name).map(Some).map_err(|_| self.impossible(column, "is not a known value"))
    }
}

pub(crate) fn pool(id: &PoolId, row: &mut Row<'_>) -> Parsed<UserPoolRecord> {
    let record: UserPoolRecord = row.json("settings")?;
    if record.id != *id {
        return Err(row.impossible("settings", "belong to another pool"));
    }
    Ok(UserPoolRecord { version: row.integer("version")?, ..record })
}

/// A pool, and then how many users it has.
pub(crate) fn counted_pool(id: &PoolId, row: &mut Row<'_>) -> Parsed<(UserPoolRecord, i64)> {
    Ok((pool(id, row)?, row.integer("the number of users")?))
}

/// A pool of a listing, whose id comes first.
pub(crate) fn listed_pool(row: &mut Row<'_>) -> Parsed<UserPoolRecord> {
    let id = PoolId::new(row.text("pool_id")?);
    pool(&id, row)
}

pub(crate) fn client(id: &ClientId, row: &mut Row<'_>) -> Parsed<AppClient> {
    let client: AppClient = row.json("settings")?;
    if client.id != *id {
        return Err(row.impossible("settings", "belong to another client"));
    }
    Ok(AppClient { version: row.integer("version")?, ..client })
}

/// A client of a listing, whose id comes first.
pub(crate) fn listed_client(row: &mut Row<'_>) -> Parsed<AppClient> {
    let id = ClientId::new(row.text("client_id")?);
    client(&id, row)
}

/// What an access token of a pool leads to.
pub(crate) fn token_records(
    id: &PoolId,
    names: &TokenNames,
    row: &mut Row<'_>,
) -> Parsed<TokenRecords> {
    Ok(TokenRecords {
        pool: pool(id, row)?,
        client: row.record("app_clients", 2, |row| client(&names.client, row))?,
        session: row.record("sessions", 12, |row| session(id, row))?,
        user: row.record("users", 14, |row| user(id, row))?,
    })
}

/// Where so many members of a group are ahead.
pub(crate) struct GroupPlace {
    pub(crate) pool: UserPoolRecord,
    /// Whether there is such a group.
    pub(crate) exists: bool,
    /// How many members it has.
    pub(crate) total: u64,
    /// From which `sub` on to skip how many, unless all members are ahead.
    pub(crate) start: Option<(String, i64)>,
}

pub(crate) fn group_place(id: &PoolId, offset: i64, row: &mut Row<'_>) -> Parsed<GroupPlace> {
    let pool = pool(id, row)?;
    let exists = row.optional_text("group_name")?.is_some();
    let total = u64::try_from(row.integer("the number of members")?).unwrap_or_default();
    let part = row.optional_text("part")?;
    let ahead = row.optional_integer("the number ahead")?;
    let start = part.zip(ahead).map(|(part, ahead)| (part, offset.saturating_sub(ahead)));
    Ok(GroupPlace { pool, exists, total, start })
}

pub(crate) fn last_session(row: &mut Row<'_>) -> Parsed<Option<String>> {
    row.optional_text("session_id")
}

pub(crate) fn removal(row: &mut Row<'_>) -> Parsed<Removal> {
    let pool = PoolId::new(row.text("pool_id")?);
    let kind = row.str("kind")?;
    let known = Removed::ALL.into_iter().find(|known| known.as_str() == kind);
    let kind = known.ok_or_else(|| row.impossible("kind", "is unknown"))?;
    Ok(Removal { pool, kind, name: row.text("name")?, progress: row.text("progress")? })
}

pub(crate) fn partner(pool: &PoolId, id: &PartnerId, row: &mut Row<'_>) -> Parsed<Partner> {
    let partner: Partner = row.json("settings")?;
    if partner.pool != *pool || partner.id != *id {
        return Err(row.impossible("settings", "belong to another partner"));
    }
    Ok(partner)
}

/// A partner of a listing, whose id comes first.
pub(crate) fn listed_partner(pool: &PoolId, row: &mut Row<'_>) -> Parsed<Partner> {
    let id = PartnerId::new(row.text("partner_id")?);
    partner(pool, &id, row)
}

pub(crate) fn grant(pool: &PoolId, row: &mut Row<'_>) -> Parsed<Grant> {
    let group = GroupName::new(row.text("group_name")?);
    let partner = row.text("partner_id")?;
    Ok(Grant {
        pool: pool.clone(),
        group,
        partner: (!partner.is_empty()).then(|| PartnerId::new(partner)),
        permission: row.text("permission")?,
    })
}

pub(crate) fn user(pool: &PoolId, row: &mut Row<'_>) -> Parsed<User> {
    Ok(User {
        pool: pool.clone(),
        sub: Sub::new(row.text("sub")?),
        username: Username::new(row.text("username")?),
        status: row.name("user_status")?,
        enabled: enabled(row)?,
        kind: row.name("kind")?,
        password: row.optional_sealed("password")?,
        password_set_at: row.time("password_set_at")?,
        attributes: row.json("attributes")?,
        mfa: row.json("mfa")?,
        provenance: row.json("provenance")?,
        signed_out_at: row.optional_time("signed_out_at")?,
        created_at: row.time("created_at")?,
        modified_at: row.time("modified_at")?,
        version: row.integer("version")?,
    })
}

/// A user of whatever pool, which comes last.
pub(crate) fn user_of_any(row: &mut Row<'_>) -> Parsed<User> {
    let user = user(&PoolId::new(""), row)?;
    Ok(User { pool: PoolId::new(row.text("pool_id")?), ..user })
}

fn sub(row: &mut Row<'_>) -> Parsed<Sub> {
    row.text("sub").map(Sub::new)
}

/// A user by a name, after the place that this name has among those tried.
pub(crate) fn sub_by_name(row: &mut Row<'_>) -> Parsed<(i64, Sub)> {
    Ok((row.integer("the place of the name")?, sub(row)?))
}

fn enabled(row: &mut Row<'_>) -> Parsed<bool> {
    match &*row.str("status")? {
        "Enabled" => Ok(true),
        "Disabled" => Ok(false),
        _ => Err(row.impossible("status", "is not a known value")),
    }
}

/// A user of a listing, and the cursor that names this row.
pub(crate) fn listed_user(pool: &PoolId, row: &mut Row<'_>) -> Parsed<(User, UserCursor)> {
    let user = user(pool, row)?;
    let cursor = UserCursor { value: row.text("the value listed by")?, sub: user.sub.clone() };
    Ok((user, cursor))
}

pub(crate) fn group(pool: &PoolId, row: &mut Row<'_>) -> Parsed<Group> {
    let name = row.text("group_name")?;
    group_named(pool, name, row)
}

/// A user's group, after the user. Whoever is in none has one row without.
pub(crate) fn group_of(pool: &PoolId, row: &mut Row<'_>) -> Parsed<(Sub, Option<Group>)> {
    let sub = sub(row)?;
    let name = row.optional_text("group_name")?;
    Ok((sub, name.map(|name| group_named(pool, name, row)).transpose()?))
}

fn group_named(pool: &PoolId, name: String, row: &mut Row<'_>) -> Parsed<Group> {
    Ok(Group {
        pool: pool.clone(),
        name: GroupName::new(name),
        description: row.optional_text("description")?,
        role_arn: row.optional_text("role_arn")?,
        precedence: row.optional_integer("precedence")?,
        created_at: row.time("created_at")?,
        modified_at: row.time("modified_at")?,
    })
}

pub(crate) fn session(pool: &PoolId, row: &mut Row<'_>) -> Parsed<Session> {
    Ok(Session {
        pool: pool.clone(),
        id: SessionId::new(row.text("session_id")?),
        sub: Sub::new(row.text("sub")?),
        client: ClientId::new(row.text("client_id")?),
        auth_time: row.time("auth_time")?,
        expires_at: row.time("expires_at")?,
        rotation: row.integer("rotation")?,
        rotated_at: row.optional_time("rotated_at")?,
        revoked_at: row.optional_time("revoked_at")?,
        address: row.optional_text("address")?,
        device_key: row.optional_text("device_key")?.map(DeviceKey::new),
        tenant: row.optional_text("tenant_id")?.map(TenantId::new),
        face: row.optional_name("door")?,
    })
}

pub(crate) fn device(pool: &PoolId, row: &mut Row<'_>) -> Parsed<Device> {
    Ok(Device {
        pool: pool.clone(),
        sub: Sub::new(row.text("sub")?),
        key: DeviceKey::new(row.text("device_key")?),
        group_key: row.text("group_key")?,
        name: row.optional_text("name")?,
        verifier: row.sealed("verifier")?,
        remembered: remembered(row)?,
        created_at: row.time("created_at")?,
        modified_at: row.time("modified_at")?,
        last_authenticated_at: row.time("last_authenticated_at")?,
        last_address: row.optional_text("last_address")?,
        version: row.integer("version")?,
    })
}

pub(crate) fn trusted_device(
    (pool, sub): (&PoolId, &Sub),
    row: &mut Row<'_>,
) -> Parsed<TrustedDevice> {
    Ok(TrustedDevice {
        pool: pool.clone(),
        sub: sub.clone(),
        digest: row.text("digest")?,
        expires_at: row.time("expires_at")?,
    })
}

fn remembered(row: &mut Row<'_>) -> Parsed<bool> {
    match row.integer("remembered")? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(row.impossible("remembered", "is neither 0 nor 1")),
    }
}

pub(crate) fn code(
    (pool, subject, purpose): (&PoolId, &str, CodePurpose),
    row: &mut Row<'_>,
) -> Parsed<VerificationCode> {
    Ok(VerificationCode {
        pool: pool.clone(),
        subject: subject.to_owned(),
        purpose,
        digest: row.text("digest")?,
        contact: row.name("contact")?,
        address: row.text("address")?,
        expires_at: row.time("expires_at")?,
    })
}

pub(crate) fn lockout(pool: &PoolId, subject: &str, row: &mut Row<'_>) -> Parsed<Lockout> {
    let failures = u32::try_from(row.integer("failures")?);
    Ok(Lockout {
        pool: pool.clone(),
        subject: subject.to_owned(),
        failures: failures.map_err(|_| row.impossible("failures", "is not a count"))?,
        last_failure_at: row.time("last_failure_at")?,
        version: row.integer("version")?,
    })
}

/// Releases before rotation noted no beginning: their keys signed as soon as they were made.
pub(crate) fn signing_key(pool: &PoolId, row: &mut Row<'_>) -> Parsed<SealedKey> {
    let id = KeyId::new(row.text("key_id")?);
    let usage = row.name("key_use")?;
    let private = row.sealed("private_key")?;
    let created_at = row.time("created_at")?;
    let signs_from = row.optional_time("signs_from")?.unwrap_or(created_at);
    let expires_at = row.optional_time("expires_at")?;
    Ok(SealedKey { pool: pool.clone(), id, usage, private, created_at, signs_from, expires_at })
}

pub(crate) fn master_key(row: &mut Row<'_>) -> Parsed<MasterKeyRecord> {
    Ok(MasterKeyRecord {
        generation: row.integer("generation")?,
        state: row.name("state")?,
        digest_key: row.sealed("digest_key")?,
        since: row.time("since")?,
        is_missed: row.integer("missed")? != 0,
    })
}

pub(crate) fn sealed_row(place: SealedPlace, row: &mut Row<'_>) -> Parsed<SealedRow> {
    let pool = match place {
        SealedPlace::AccessKeys => String::new(),
        _ => row.text("pool_id")?,
    };
    let id = row.text("the id")?;
    let device = match place {
        SealedPlace::Devices => row.text("device_key")?,
        _ => String::new(),
    };
    let value = match place {
        SealedPlace::Clients => None,
        _ => row.optional_sealed("the sealed value")?,
    };
    let settings = match place {
        SealedPlace::Users | SealedPlace::Clients => Some(row.text("the settings")?),
        _ => None,
    };
    let key = RowKey { pool: PoolId::new(pool), id, device };
    Ok(SealedRow { place, key, value, settings })
}

pub(crate) fn tenant(row: &mut Row<'_>) -> Parsed<Tenant> {
    Ok(Tenant {
        name: row.text("name")?,
        id: TenantId::new(row.text("tenant_id")?),
        pool: PoolId::new(row.text("pool_id")?),
        client: ClientId::new(row.text("client_id")?),
        group: row.optional_text("group_name")?.map(GroupName::new),
        admin_group: row.optional_text("admin_group")?.map(GroupName::new),
    })
}

pub(crate) fn sign_up(row: &mut Row<'_>) -> Parsed<(PoolId, Sub)> {
    Ok((PoolId::new(row.text("pool_id")?), Sub::new(row.text("sub")?)))
}

pub(crate) fn credential_sub(row: &mut Row<'_>) -> Parsed<Sub> {
    Ok(Sub::new(row.text("sub")?))
}

pub(crate) fn tenant_id(row: &mut Row<'_>) -> Parsed<TenantId> {
    Ok(TenantId::new(row.text("tenant_id")?))
}

pub(crate) fn suspension(pool: &PoolId, sub: &Sub, row: &mut Row<'_>) -> Parsed<Suspension> {
    Ok(Suspension {
        pool: pool.clone(),
        sub: sub.clone(),
        partner: PartnerId::new(row.text("partner_id")?),
        administrator: Sub::new(row.text("administrator")?),
        suspended_at: row.time("suspended_at")?,
    })
}

pub(crate) fn follow_up(row: &mut Row<'_>) -> Parsed<FollowUp> {
    Ok(FollowUp {
        id: row.text("id")?,
        pool: PoolId::new(row.text("pool_id")?),
        username: row.text("username")?,
        work: row.json("work")?,
        due: row.time("due")?,
        attempts: u32::try_from(row.integer("attempts")?)
            .map_err(|_| row.impossible("attempts", "is not a count"))?,
    })
}

pub(crate) fn access_key(id: &AccessKeyId, row: &mut Row<'_>) -> Parsed<AccessKey> {
    Ok(AccessKey {
        id: id.clone(),
        secret: row.sealed("secret")?,
        operations: row.json("operations")?,
        pools: row.json("pools")?,
    })
}

pub(crate) fn message(row: &mut Row<'_>) -> Parsed<Message> {
    Ok(Message {
        pool: PoolId::new(row.text("pool_id")?),
        id: MessageId::new(row.text("message_id")?),
        sub: Sub::new(row.text("sub")?),
        channel: row.name("channel")?,
        purpose: row.name("purpose")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        content: row.sealed("content")?,
        progress: progress(row)?,
    })
}

fn progress(row: &mut Row<'_>) -> Parsed<DeliveryProgress> {
    let attempts = u32::try_from(row.integer("attempts")?);
    Ok(DeliveryProgress {
        attempts: attempts.map_err(|_| row.impossible("attempts", "is not a count"))?,
        next_attempt_at: row.time("next_attempt_at")?,
        give_up_at: row.time("give_up_at")?,
        last_error: row.optional_text("last_error")?,
        given_up_at: row.optional_time("given_up_at")?,
        delivered_at: row.optional_time("delivered_at")?,
    })
}
