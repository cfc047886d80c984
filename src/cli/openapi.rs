//! `poolkeeper openapi`: the documents of the sign-in APIs.

use super::Failure;
use clap::{Args, ValueEnum};
use poolkeeper_faces::{PartnerMount, PortalMount, TenantMount};
use std::io::Write;

/// Prints the OpenAPI document of a sign-in API.
#[derive(Debug, Args)]
pub(super) struct OpenApi {
    /// The API.
    #[arg(value_enum)]
    api: Api,
    /// Prefix of its paths, as in the configuration.
    #[arg(long, default_value = "", hide_default_value = true)]
    prefix: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Api {
    Partner,
    Portal,
    Tenant,
}

impl OpenApi {
    pub(super) fn run(self, out: &mut impl Write) -> Result<(), Failure> {
        let document = match self.api {
            Api::Partner => PartnerMount::document(&self.prefix),
            Api::Portal => PortalMount::document(&self.prefix),
            Api::Tenant => TenantMount::document(&self.prefix),
        };
        writeln!(out, "{document:#}")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(api: Api, prefix: &str) -> String {
        let mut out = Vec::new();
        OpenApi { api, prefix: prefix.to_owned() }.run(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_documents_in_docs_are_what_the_command_prints() {
        for api in Api::value_variants() {
            let name = api.to_possible_value().unwrap().get_name().to_owned();
            let path = format!("{}/docs/openapi/{name}.json", env!("CARGO_MANIFEST_DIR"));
            let committed = std::fs::read_to_string(path).unwrap_or_default();
            assert!(
                committed == print(*api, ""),
                "docs/openapi/{name}.json is out of date: run \
                 `cargo run -- openapi {name} > docs/openapi/{name}.json`"
            );
        }
    }

    #[test]
    fn paths_begin_with_the_prefix() {
        assert!(print(Api::Tenant, "/t").contains("\"/t/Login\": {"));
    }
}
