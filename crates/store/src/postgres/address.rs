//! Where a database is, and how the way to it is protected.

use super::PostgresSettings;
use poolkeeper_pool::error::StoreError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::{Config, Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A database that has gone silent is noticed within this time, even if nothing is asked of it.
const SILENCE: Duration = Duration::from_secs(30);

const FORM: &str = "not the address of a database: expected postgres://user@host:port/database?sslmode=verify-full";

/// The address of a PostgreSQL database. `Debug` shows no password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostgresAddress {
    config: Config,
    protected: bool,
    root_certificate: Option<PathBuf>,
}

impl PostgresAddress {
    /// Parses an address in libpq's form. Of libpq's `sslmode`s there are `disable`, `require` and
    /// `verify-full`; the two that protect do the same: they check the server's certificate and
    /// name, against the roots of the system or those of the file that `sslrootcert` names. Without
    /// one, only a server on this machine is spoken to in clear. What is wrong is told without
    /// quoting the address, which may hold a password.
    ///
    /// # Errors
    ///
    /// If it does not have the form of an address, names no host, or has an `sslmode` other than
    /// these.
    pub fn parse(address: &str) -> Result<Self, String> {
        if !["postgres://", "postgresql://"].iter().any(|scheme| address.starts_with(scheme)) {
            return Err(FORM.to_owned());
        }
        let (place, options) = address.split_once('?').unwrap_or((address, ""));
        let (ours, others): (Vec<_>, Vec<_>) =
            options.split('&').filter(|option| !option.is_empty()).partition(|option| {
                option.starts_with("sslmode=") || option.starts_with("sslrootcert=")
            });
        let option = |name: &str| ours.iter().find_map(|option| option.strip_prefix(name));
        let config: Config =
            format!("{place}?{}", others.join("&")).parse().map_err(|_| FORM.to_owned())?;
        let protected = match option("sslmode=") {
            Some("disable") => false,
            Some("require" | "verify-full") => true,
            None => !is_local(&config),
            Some(_) => return Err("sslmode must be disable, require or verify-full".to_owned()),
        };
        let root_certificate = option("sslrootcert=").map(PathBuf::from);
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(FORM.to_owned());
        }
        Ok(Self { config, protected, root_certificate })
    }

    /// Whether the address itself holds a password.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// Whether what is sent to the database crosses a network in clear.
    pub fn is_cleartext(&self) -> bool {
        !self.protected && !is_local(&self.config)
    }

    /// What connections are made with.
    pub(super) fn prepare(
        &self,
        settings: &PostgresSettings,
    ) -> Result<(Config, MakeRustlsConnect), StoreError> {
        let mut config = self.config.clone();
        if let Some(password) = &settings.password {
            config.password(password.expose());
        }
        if config.get_application_name().is_none() {
            config.application_name("poolkeeper");
        }
        // Of several servers it is the one that takes writes. One alone has to as well: a name or a
        // proxy that leads to a standby would have reads show what was true some time ago.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        // The time is for all of them: one that has gone silent must leave some for the next.
        let servers = config.get_hosts().len().max(config.get_hostaddrs().len()).max(1);
        let each = u32::try_from(servers).unwrap_or(u32::MAX);
        config.connect_timeout(settings.connect_timeout / each);
        config.keepalives_idle(SILENCE).tcp_user_timeout(SILENCE);
        config.ssl_mode(if self.protected { SslMode::Require } else { SslMode::Disable });
        let tls = self.tls().map_err(StoreError::Unavailable)?;
        Ok((config, MakeRustlsConnect::new(tls)))
    }

    fn tls(&self) -> Result<ClientConfig, String> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = match &self.root_certificate {
            _ if !self.protected => builder.with_root_certificates(RootCertStore::empty()),
            Some(file) => builder.with_root_certificates(roots(file)?),
            None => builder.with_platform_verifier().map_err(|error| error.to_string())?,
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(config)
    }
}

fn roots(file: &Path) -> Result<RootCertStore, String> {
    let unreadable = |error: String| format!("sslrootcert {}: {error}", file.display());
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|error| unreadable(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unreadable(error.to_string()))?;
    }
    if roots.is_empty() {
        Err(unreadable("it contains no certificate".to_owned()))
    } else {
        Ok(roots)
    }
}

fn is_local(config: &Config) -> bool {
    let local_host = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    };
    if config.get_hostaddrs().is_empty() {
        return config.get_hosts().iter().all(local_host);
    }
    config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(address: &str) -> PostgresAddress {
        PostgresAddress::parse(address).unwrap()
    }

    #[test]
    fn the_way_to_another_machine_is_protected() {
        for local in ["127.0.0.1", "localhost", "[::1]", "%2Frun%2Fpostgresql"] {
            let address = parse(&format!("postgres://pk@{local}/pk"));
            assert!(!address.protected && !address.is_cleartext(), "{local}");
        }
        for far in ["db.example.com", "10.0.0.1:5433", "127.0.0.1,10.0.0.1", "localhost.evil.com"] {
            assert!(parse(&format!("postgresql://pk@{far}/pk")).protected, "{far}");
            assert!(
                parse(&format!("postgres://pk@{far}/pk?sslmode=disable")).is_cleartext(),
                "{far}"
            );
        }
        let address = parse("postgres://pk@127.0.0.1/pk?sslmode=require&connect_timeout=3");
        assert!(address.protected);
        let named = parse("postgres://pk@db/pk?sslrootcert=/ca.pem&sslmode=verify-full");
        assert_eq!(named.root_certificate, Some("/ca.pem".into()));
    }

    #[test]
    fn what_is_wrong_is_told_without_the_address() {
        let wrong = [
            "hush",
            "mysql://hush@host/db",
            "postgres://user@host:hush/db",
            "postgres://user@host/db?hush=1",
            "postgres://user@host/db?sslmode=hush",
            "postgres:///hush",
        ];
        for address in wrong {
            let problem = PostgresAddress::parse(address).unwrap_err();
            assert!(!problem.contains("hu"), "{problem}");
        }
    }

    #[test]
    fn a_password_is_noticed_and_not_shown() {
        for with in ["postgres://pk:hush@host/pk", "postgres://pk@host/pk?password=hush"] {
            let address = parse(with);
            assert!(address.has_password());
            assert!(!format!("{address:?}").contains("hush"));
        }
        assert!(!parse("postgres://pk@host/pk").has_password());
    }
}
