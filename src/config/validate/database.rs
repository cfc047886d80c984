//! Where the records are kept.

use super::super::PostgresConfig;
use super::super::raw::{RawPostgres, Text};
use super::Check;
use poolkeeper_store::PostgresAddress;
use std::path::Path;
use std::time::Duration;
use toml::Spanned;

impl Check<'_> {
    /// The database if it is not the file in `data`.
    pub(super) fn database(
        &mut self,
        address: Option<Text>,
        raw: Option<Spanned<RawPostgres>>,
        data: &Path,
    ) -> Option<PostgresConfig> {
        let Some(address) = address else {
            if let Some(raw) = raw {
                self.mistake(&raw, "has no meaning without database = \"postgres://…\"");
            }
            if data.as_os_str().is_empty() {
                let message = "needs data, the folder of the database, or database, its address";
                self.mistakes.push((0, message.to_owned()));
            }
            return None;
        };
        let raw = raw.map(Spanned::into_inner).unwrap_or_default();
        let parsed = PostgresAddress::parse(address.get_ref());
        let parsed = parsed.map_err(|message| self.mistake(&address, message)).ok()?;
        if parsed.has_password() {
            let message = "a password does not belong into this file: name a file or variable that \
                           holds it in postgres.password_file or postgres.password_env";
            self.mistake(&address, message);
        }
        if parsed.is_cleartext() && !raw.allow_cleartext {
            let message = "everything would cross the network in clear: leave sslmode=disable out, \
                           or set postgres.allow_cleartext = true if that network is yours";
            self.mistake(&address, message);
        }
        let connections = self.within(raw.connections, &(2..=1000), 16);
        let mut seconds =
            |number, default| Duration::from_secs(self.within(number, &(1..=300), default).into());
        Some(PostgresConfig {
            address: parsed,
            connections: usize::try_from(connections).unwrap_or_default(),
            connect_timeout: seconds(raw.connect_timeout_seconds, 5),
            statement_timeout: seconds(raw.statement_timeout_seconds, 10),
            password: self.secret(raw.password_file, raw.password_env),
        })
    }
}
