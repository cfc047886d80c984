//! `poolkeeper dev`: a server with something in it, for a first look and for people's own tests.

mod data;
mod manifest;

use crate::master_key::MasterKey;
use crate::server::Limits;
use crate::system::{SystemClock, SystemRng};
use crate::wire::{self, Listening};
use anyhow::{Context as _, Result};
use manifest::{AwsEnvironment, Manifest};
use poolkeeper_faces::TrustedProxies;
use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MASTER_KEY: &str = "master.key";
const MANIFEST: &str = "dev.json";

/// What to do if another program has the address.
const ANOTHER_ADDRESS: &str =
    "choose another address, such as --listen 127.0.0.1:0 for any free port";

/// What can be chosen about a demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevOptions {
    /// The folder of the database and the keys.
    pub data: PathBuf,
    /// A loopback address.
    pub listen: SocketAddr,
    /// Whether the portal API asks for second factors.
    pub second_factors: bool,
}

/// Runs the demo until ctrl-c or SIGTERM.
///
/// # Errors
///
/// If the folder or a file in it cannot be used, the address cannot be listened on, or the database
/// cannot be opened or filled.
pub async fn run(options: DevOptions) -> Result<()> {
    wire::make_folder(&options.data)?;
    let key = MasterKey::open_or_create(&options.data.join(MASTER_KEY), &SystemRng)?;
    let mut config = data::config(&options);
    let listener = wire::bind(config.listen, ANOTHER_ADDRESS).await?;
    config.set_address(listener.local_addr()?);
    let _hold = wire::hold(&config, "poolkeeper dev")?;
    // Whoever waits for this file waits for this start, not for the last one. A demo that runs with this
    // folder keeps its file: nobody gets here then.
    let manifest_path = options.data.join(MANIFEST);
    remove_if_there(&manifest_path)?;
    let engine = wire::open(&config, key.sealer()).await?;
    wire::declare(&engine, &config).await?;
    let secrets = data::fill(&engine, &key.sealer()).await?;
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let pools = wire::pools(&engine, &config).await?;
    let router = wire::faces(&engine, &pools, &config, clock, rng)?;
    let manifest = Manifest::of(&engine, &config, secrets).await?;
    write_manifest(&manifest_path, &manifest)?;
    let text = manifest.welcome(&options.data);
    io::stdout().lock().write_all(text.as_bytes())?;
    let public = Listening { listener, router };
    let (limits, proxies) = (Limits::of_this_system(), TrustedProxies::default());
    wire::run(&limits, public, None, &proxies, engine, pools, None).await
}

/// The lines for a shell that point AWS's tools at the demo that runs with this folder.
///
/// # Errors
///
/// If no demo is ready there.
pub fn environment(data: &Path) -> Result<String> {
    let path = data.join(MANIFEST);
    let text = fs::read_to_string(&path).with_context(|| {
        format!("cannot read {}: start `poolkeeper dev` with this folder first", path.display())
    })?;
    // Without the parser's words, which may repeat a secret.
    let environment = serde_json::from_str::<AwsEnvironment>(&text).ok();
    let wrong = || format!("{} is not what `poolkeeper dev` writes", path.display());
    Ok(environment.and_then(AwsEnvironment::checked).with_context(wrong)?.exports(""))
}

fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot replace {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Writes the file that says the server is ready. It appears complete or not at all.
fn write_manifest(path: &Path, manifest: &Manifest) -> Result<()> {
    let draft = path.with_extension("json.new");
    remove_if_there(&draft)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    serde_json::to_writer_pretty(&mut file, manifest)?;
    file.write_all(b"\n")?;
    fs::rename(&draft, path)?;
    Ok(())
}
