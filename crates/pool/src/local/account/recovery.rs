use crate::backend::self_service::Delivery;
use crate::change::Change;
use crate::crypto::secret::Secret;
use crate::entity::{
    CodePurpose, Kind, PasswordSource, User, UserPoolRecord, UserStatus, VerificationCode,
};
use crate::error::{AccountFlaw, Refusal, Result};
use crate::ids::PoolId;
use crate::limits::quota::Quota;
use crate::local::Local;
use crate::local::account::codes::{GivenCode, NewCode, way_back};
use crate::local::account::named::{Named, NamedUser};
use crate::local::account::passwords::HashMemo;
use crate::local::commit::{AttemptMemo, Plan};
use crate::local::operator::lockouts::forget;
use crate::password;
use crate::request::RequestContext;
use crate::time::Timestamp;

impl Local {
    /// Sends a code with which a forgotten password can be replaced (`ForgotPassword`). Through
    /// clients that hide users, names that lead to nobody and users who cannot be sent one are
    /// answered alike.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; [`Refusal::SecretHashMissing`],
    /// [`Refusal::SecretHashWrong`], [`Refusal::ClientSecretWrong`]; [`Refusal::LimitExceeded`]
    /// after five codes an hour; through clients that do not hide users also
    /// [`Refusal::UserNotFound`], [`Refusal::UserDisabled`], [`Refusal::CannotResetPassword`] and
    /// [`Refusal::Invalid`] ([`AccountFlaw`]) if there is no verified address; faults on our side.
    pub async fn forgot_password(
        &self,
        request: &RequestContext,
        named: &Named,
    ) -> Result<Delivery> {
        let (pool, client) = self.client_in(request, &named.via).await?;
        self.decide(request, || async {
            let found = self.find_named(request, &pool, &client, named).await?;
            let basis = found.user.as_ref().map(basis).unwrap_or_default();
            let user = found.user.as_ref().ok_or(Refusal::UserNotFound);
            let code = |user| {
                let code = reset_code(&pool, user, &basis, self.now());
                code.map_err(|refusal| told_to_users(user, refusal))
            };
            let code = match user.and_then(code) {
                Err(refusal) if !client.hides_users => return Err(refusal.into()),
                code => code.ok(),
            };
            let place = (&pool, &client);
            let kind = (CodePurpose::ResetPassword, Quota::ForgotPassword);
            self.counted_code(place, (&named.username, &found), code, kind).await
        })
        .await
    }

    /// Replaces a forgotten password by the code (`ConfirmForgotPassword`). It ends the user's
    /// sign-ins: whoever came in with the old password is out. It signs nobody in, and leaves
    /// second factors as they are.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::ClientNotFound`]; [`Refusal::SecretHashMissing`],
    /// [`Refusal::SecretHashWrong`], [`Refusal::ClientSecretWrong`]; [`Refusal::PasswordPolicy`];
    /// [`Refusal::UserNotFound`] through clients that do not hide users;
    /// [`Refusal::VerificationCodeWrong`], for disabled users, too;
    /// [`Refusal::VerificationCodeExpired`]; [`Refusal::LimitExceeded`] after fifteen attempts an
    /// hour; [`Refusal::PasswordReused`], [`Refusal::Busy`]; faults on our side.
    pub async fn confirm_forgot_password(
        &self,
        request: &RequestContext,
        named: &Named,
        code: &Secret,
        password: &Secret,
    ) -> Result<()> {
        let (pool, client) = self.client_in(request, &named.via).await?;
        password::check(&pool.password_policy, password).map_err(Refusal::PasswordPolicy)?;
        let hashed = AttemptMemo::default();
        self.decide(request, || async {
            let NamedUser { user, subject, .. } =
                self.find_named(request, &pool, &client, named).await?;
            let place = (&pool, &client);
            let names = (named.username.as_str(), subject.as_str());
            let counted = self.count(place, names, Quota::ConfirmForgotPassword).await?;
            let basis = user.as_ref().map(basis).unwrap_or_default();
            let purpose = CodePurpose::ResetPassword;
            let given = GivenCode { purpose, code, basis: &basis };
            let found = self.matching_code((&pool, client.hides_users), &subject, given).await?;
            match (user, counted.judge(found)) {
                (Some(user), Ok(found)) if user.enabled => {
                    let reset = (found, password, &hashed);
                    self.plan_reset(&pool, user, counted.changes, reset).await
                }
                (_, Ok(_)) => {
                    Ok(Plan::refuse_with(Refusal::VerificationCodeWrong, counted.changes))
                }
                (_, Err(refusal)) => Ok(Plan::refuse_with(refusal, counted.changes)),
            }
        })
        .await
    }

    async fn plan_reset(
        &self,
        pool: &UserPoolRecord,
        mut user: User,
        attempt: Vec<Change>,
        (code, password, hashed): (VerificationCode, &Secret, &HashMemo),
    ) -> Result<Plan<()>> {
        // A code that went to an address the user no longer has proves nothing.
        if user.attributes.get(code.contact.attribute()) != Some(code.address.as_str()) {
            return Ok(Plan::refuse_with(Refusal::VerificationCodeExpired, attempt));
        }
        let mut changes = attempt;
        if self.is_remembered(pool, &user, password).await? {
            changes.push(user.unchanged());
            return Ok(Plan::refuse_with(Refusal::PasswordReused, changes));
        }
        let lockout = self.lockout_of(pool, "", Some(&user)).await?;
        user.password = Some(self.hashed_once(pool, &user, password, hashed).await?);
        user.password_set_at = self.now();
        user.modified_at = self.now();
        user.status = UserStatus::Confirmed;
        user.note_owner(code.contact);
        user.doubt_newer_than(code.contact, self.now());
        changes.push(Change::SpendCode(code));
        changes.extend(user.sign_out(self.now()));
        changes.push(forget_devices(&user));
        changes.extend(forget(lockout));
        Ok(Plan::accept((), changes))
    }

    /// Makes a user's password worthless and sends a code to replace it (`AdminResetUserPassword`).
    /// It ends the user's sign-ins.
    ///
    /// # Errors
    ///
    /// [`Refusal::PoolNotFound`], [`Refusal::UserNotFound`], [`Refusal::UserDisabled`];
    /// [`Refusal::CannotResetPassword`] for machines, unconfirmed users and temporary passwords;
    /// [`Refusal::Invalid`] ([`AccountFlaw`]) if there is no verified address; faults on our side.
    pub async fn reset_password(
        &self,
        request: &RequestContext,
        pool: &PoolId,
        username: &str,
    ) -> Result<()> {
        let pool = self.pool(request, pool).await?;
        self.decide(request, || async {
            let mut user = self.get_user_in(request, &pool, username).await?;
            let (mut changes, _) =
                self.new_code(&pool, &user, reset_code(&pool, &user, &basis(&user), self.now())?);
            user.status = UserStatus::ResetRequired;
            user.modified_at = self.now();
            changes.extend(user.sign_out(self.now()));
            changes.push(forget_devices(&user));
            Ok(Plan::accept((), changes))
        })
        .await
    }
}

/// Amazon tells users who are not confirmed what it tells those without an address.
fn told_to_users(user: &User, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::CannotResetPassword if user.status == UserStatus::Unconfirmed => {
            Refusal::invalid(AccountFlaw::NoVerifiedAddress)
        }
        refusal => refusal,
    }
}

/// A code to the user's way back in. It does not outlive the password it is to replace.
fn reset_code<'a>(
    pool: &UserPoolRecord,
    user: &'a User,
    basis: &'a str,
    now: Timestamp,
) -> Result<NewCode<'a>, Refusal> {
    if !user.enabled {
        return Err(Refusal::UserDisabled);
    }
    // A machine's secret is its tenant's, or the operator's, to replace.
    if user.kind == Kind::Service {
        return Err(Refusal::CannotResetPassword);
    }
    // A temporary password is an administrator's to replace, unless its user has proven the
    // address to us; who signed up has yet to show to be the one who did.
    let is_temporary = user.status == UserStatus::ForceChangePassword
        && user.provenance.password != PasswordSource::Administrator;
    if is_temporary || user.status == UserStatus::Unconfirmed {
        return Err(Refusal::CannotResetPassword);
    }
    let contact = way_back(pool, user, now);
    let way_back =
        contact.and_then(|contact| Some((contact, user.attributes.get(contact.attribute())?)));
    let (contact, address) =
        way_back.ok_or_else(|| Refusal::invalid(AccountFlaw::NoVerifiedAddress))?;
    Ok(NewCode { purpose: CodePurpose::ResetPassword, contact, address, basis })
}

/// Who had the password may have remembered a device by it.
fn forget_devices(user: &User) -> Change {
    Change::DeleteDevicesOf { pool: user.pool.clone(), sub: user.sub.clone() }
}

fn basis(user: &User) -> String {
    user.password_set_at.millis().to_string()
}
