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
                self.mistake(&raw, "has no effect without database = \"postgres://…\"");
            }
            if data.as_os_str().is_empty() {
                let message = "set data (the folder for the database file) or database (the \
                               address of a PostgreSQL database)";
                self.mistakes.push((0, message.to_owned()));
            }
            return None;
        };
        let raw = raw.map(Spanned::into_inner).unwrap_or_default();
        let parsed = PostgresAddress::parse(address.get_ref());
        let parsed = parsed.map_err(|message| self.mistake(&address, message)).ok()?;
        if parsed.has_password() {
            let message = "do not write the password here: name the file or the variable that \
                           holds it in postgres.password_file or postgres.password_env";
            self.mistake(&address, message);
        }
        if parsed.is_cleartext() && !raw.allow_cleartext {
            let message = "everything would cross the network unencrypted: remove sslmode=disable, \
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

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigErrors};
    use insta::assert_snapshot;
    use std::path::Path;

    fn parse(text: &str) -> Result<Config, ConfigErrors> {
        Config::parse(Path::new("poolkeeper.toml"), text)
    }

    fn mistakes(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_database_of_many_servers() {
        let start =
            "public_url = 'http://localhost'\ndatabase = 'postgres://pk@db.example.com/pk'\n";
        let config = parse(start).unwrap();
        let database = config.database.as_ref().unwrap();
        assert_eq!(database.password, None);
        assert_eq!(database.connections, 16);
        let timeouts = (database.connect_timeout.as_secs(), database.statement_timeout.as_secs());
        assert_eq!(timeouts, (5, 10));
        let full = "[postgres]
        password_env = 'POOLKEEPER_NO_SUCH_PASSWORD'
        connections = 2
        connect_timeout_seconds = 1
        statement_timeout_seconds = 2\n";
        let config = parse(&format!("{start}{full}")).unwrap();
        assert_eq!(config.database.as_ref().unwrap().connections, 2);
        let unreadable = config.unusable_secrets().into_iter().map(|error| error.to_string());
        assert_snapshot!(unreadable.collect::<String>(), @"poolkeeper.toml:4:24: postgres.password_env: the environment variable POOLKEEPER_NO_SUCH_PASSWORD is not set");
    }

    #[test]
    fn mistakes_about_the_database() {
        let url = "public_url = 'http://localhost'\n";
        assert_snapshot!(mistakes(url), @"poolkeeper.toml:1:1: public_url: set data (the folder for the database file) or database (the address of a PostgreSQL database)");
        let with =
            |address: &str, more: &str| mistakes(&format!("{url}database = '{address}'\n{more}"));
        assert_snapshot!(with("mysql://pk:hush@db/pk", ""), @"poolkeeper.toml:2:12: database: not the address of a database: expected postgres://user@host:port/database?sslmode=verify-full");
        assert_snapshot!(with("postgres://pk:hush@db/pk", ""), @"poolkeeper.toml:2:12: database: do not write the password here: name the file or the variable that holds it in postgres.password_file or postgres.password_env");
        assert_snapshot!(with("postgres://pk@db/pk?sslmode=prefer", ""), @"poolkeeper.toml:2:12: database: sslmode must be disable, require or verify-full");
        assert_snapshot!(with("postgres://pk@db/pk?sslmode=disable", "[postgres]\nconnections = 1\n"), @"
    poolkeeper.toml:2:12: database: everything would cross the network unencrypted: remove sslmode=disable, or set postgres.allow_cleartext = true if that network is yours
    poolkeeper.toml:4:15: postgres.connections: out of range: 2 to 1000 is allowed
    ");
        assert_snapshot!(mistakes(&format!("{url}data = '/data'\n[postgres]\nconnections = 9\n")), @r#"poolkeeper.toml:3:1: postgres: has no effect without database = "postgres://…""#);
        let allowed = format!(
            "{url}database = 'postgres://pk@db/pk?sslmode=disable'\n[postgres]\nallow_cleartext = true\n"
        );
        assert!(parse(&allowed).is_ok());
    }
}
