mod amazon;
mod delivery;
mod faces;
mod operator;
mod pools;
mod presets;

use super::*;
use insta::assert_snapshot;
use poolkeeper_pool::entity::{
    Contact, DefaultWrite, DeviceRules, FirstFactor, FreshProof, Recovery, SecondFactors, Template,
    Templates,
};
use poolkeeper_pool::limits::quota::MessageLimits;
use std::os::unix::fs::PermissionsExt as _;

const MINIMAL: &str = "public_url = 'https://auth.example.com'\ndata = '/data'\n";

fn parse(text: &str) -> Result<Config, ConfigErrors> {
    Config::parse(Path::new("poolkeeper.toml"), text)
}

fn mistakes(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

/// The mistakes in a file that is right up to `text`.
fn mistakes_after(text: &str) -> String {
    mistakes(&format!("{MINIMAL}{text}"))
}

#[test]
fn the_example_is_a_valid_file_and_its_defaults_are_the_defaults() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("poolkeeper.example.toml");
    let config = Config::load(&path).unwrap();
    assert_eq!(config.pools.len(), 1);
    let pool = config.pools.first().unwrap();
    assert_eq!(pool.password_policy, PasswordPolicy::default());
    let (full, sparse) = (pool.clients.first().unwrap(), pool.clients.last().unwrap());
    assert_eq!(full.validity, TokenValidity::default());
    assert_eq!(full.validity, sparse.validity);
    assert_eq!(full.auth_session_validity, sparse.auth_session_validity);
    assert_eq!((full.hides_users, sparse.hides_users), (true, true));
    assert_eq!(sparse.name, "2example23456789");
    assert_eq!(sparse.secret, None);
    let standard = HashingSettings { threads: 2, ..HashingSettings::default() };
    assert_eq!(config.hashing, standard);
    assert_eq!(config.issuer, config.public_url);
}

#[test]
fn the_example_explains_every_key() {
    let text = include_str!("../../poolkeeper.example.toml");
    let raw = include_str!("raw.rs");
    let keys = raw.lines().filter_map(|line| {
        let field = line.trim().strip_prefix("pub(super) ")?;
        field.split_once(": ").map(|(key, _)| key)
    });
    for key in keys {
        let written = text.lines().any(|line| {
            let line = line.trim_start_matches("# ");
            line.starts_with(&format!("{key} = "))
                || [format!("[{key}]"), format!("[[{key}]]")].contains(&line.to_owned())
                || ["pool", "mail", "sms"]
                    .iter()
                    .any(|table| line.trim_matches(['[', ']']) == format!("{table}.{key}"))
                || line.starts_with(&format!("[pool.{key}."))
                || line == format!("[pool.templates.{key}]")
        });
        assert!(written, "{key}");
    }
}

#[test]
fn little_is_needed() {
    let config = parse(MINIMAL).unwrap();
    let expected = Config {
        listen: "127.0.0.1:8080".parse().unwrap(),
        public_url: "https://auth.example.com".into(),
        hosts: Vec::new(),
        data: "/data".into(),
        database: None,
        master_key_file: None,
        previous_master_key_file: None,
        region: "us-east-1".into(),
        account: "000000000000".into(),
        issuer: "https://auth.example.com".into(),
        trusted_proxies: TrustedProxies::default(),
        operator: None,
        hashing: HashingSettings::default(),
        pools: Vec::new(),
        partners: Vec::new(),
        permissions: Vec::new(),
        tenants: Vec::new(),
        access_keys: Vec::new(),
        cognito: Some(CognitoConfig { attempts_per_address: NonZeroU32::new(600), forward: None }),
        partner_api: None,
        portal_api: None,
        tenant_api: None,
        inbox: false,
        openapi: false,
        mail: None,
        sms: None,
        messages: MessageLimits::default(),
        warnings: Vec::new(),
    };
    assert_eq!(config, expected);
}

#[test]
fn relative_paths_start_at_the_folder_of_the_file() {
    let text = "public_url = 'http://localhost'\ndata = 'data'\nmaster_key_file = 'keys/master'\n";
    let config = Config::parse(Path::new("/etc/poolkeeper/a.toml"), text).unwrap();
    assert_eq!(config.data, Path::new("/etc/poolkeeper/data"));
    assert_eq!(config.master_key_file.unwrap(), Path::new("/etc/poolkeeper/keys/master"));
}

#[test]
fn a_missing_file_is_named() {
    let missing = Config::load(Path::new("/nowhere/poolkeeper.toml")).unwrap_err();
    assert_snapshot!(missing, @"/nowhere/poolkeeper.toml: cannot be read: No such file or directory (os error 2); choose another file with --config");
}

#[test]
fn syntax_errors() {
    assert_snapshot!(mistakes("public_url = \n"), @"poolkeeper.toml:1:14: string values must be quoted, expected literal string");
    assert_snapshot!(mistakes("data = '/a'\ndata = '/b'\n"), @"poolkeeper.toml:2:1: duplicate key");
    assert_snapshot!(mistakes_after("[[pool]\n"), @"poolkeeper.toml:3:8: unclosed array table, expected `]`");
}

#[test]
fn keys_that_do_not_exist_or_are_missing() {
    assert_snapshot!(mistakes_after("[hashing]\nmemory = 1\n"), @"poolkeeper.toml:4:1: hashing.memory: unknown field `memory`, expected one of `memory_kib`, `iterations`, `threads`, `queue`, `allow_weak`");
    assert_snapshot!(mistakes_after("[[pool]]\nid = 'us-east-1_a'\n[[pool.client]]\nid = 'a'\n"), @"poolkeeper.toml:5:1: pool.client: missing field `flows`");
    assert_snapshot!(mistakes("data = '/data'\n"), @"poolkeeper.toml:1:1: missing field `public_url`");
}

#[test]
fn secrets_cannot_be_written_into_the_file() {
    let text = "[[pool]]\nid = 'us-east-1_a'\n[[pool.client]]\nid = 'a'\nsecret = 's3cret'\n";
    let message = mistakes_after(text);
    assert_snapshot!(message, @"poolkeeper.toml:7:1: pool.client.secret: unknown field `secret`, expected one of `id`, `name`, `secret_file`, `secret_env`, `flows`, `access_token_minutes`, `id_token_minutes`, `refresh_token_days`, `auth_session_minutes`, `prevent_user_existence_errors`");
    assert!(!message.contains("s3cret"));
}

#[test]
fn wrong_types() {
    assert_snapshot!(mistakes_after("allow_cleartext = 'no'\n"), @r#"poolkeeper.toml:3:19: allow_cleartext: invalid type: string "no", expected a boolean"#);
    assert_snapshot!(mistakes_after("[hashing]\nmemory_kib = -1\n"), @"poolkeeper.toml:4:14: hashing.memory_kib: invalid value: integer `-1`, expected u32");
    assert_snapshot!(mistakes_after("[[pool]]\nid = 'us-east-1_a'\nmfa = 'on'\n"), @"poolkeeper.toml:5:7: pool.mfa: unknown variant `on`, expected one of `OFF`, `OPTIONAL`, `ON`");
    assert_snapshot!(mistakes_after("trusted_proxies = ['10.0.0.1', 5]\n"), @"poolkeeper.toml:3:32: trusted_proxies: invalid type: integer `5`, expected a string");
}

#[test]
fn everything_wrong_at_the_top() {
    let text = "listen = '0.0.0.0:8080'
public_url = 'https://auth.example.com/'
data = '/data'
region = 'US'
account = '12'
issuer = 'auth.example.com'
trusted_proxies = ['10.0.0.1', '10.0.0.0/33', 'proxy']
[hashing]
memory_kib = 7
iterations = 0
threads = 0
queue = 100000
[inbox]
enabled = true
";
    assert_snapshot!(mistakes(text), @"
    poolkeeper.toml:1:10: listen: passwords would cross the network unencrypted: listen on 127.0.0.1 or [::1], or put a proxy with TLS in front and set allow_cleartext = true
    poolkeeper.toml:2:14: public_url: not a base URL: expected e.g. https://auth.example.com, without a slash at the end, a query or a fragment
    poolkeeper.toml:4:10: region: not a region: expected e.g. us-east-1
    poolkeeper.toml:5:11: account: not an account: 12 digits are expected
    poolkeeper.toml:6:10: issuer: not a base URL: expected e.g. https://auth.example.com, without a slash at the end, a query or a fragment
    poolkeeper.toml:7:32: trusted_proxies: not an address or network: expected e.g. 10.0.0.1 or 10.0.0.0/8
    poolkeeper.toml:7:47: trusted_proxies: not an address or network: expected e.g. 10.0.0.1 or 10.0.0.0/8
    poolkeeper.toml:9:14: hashing.memory_kib: out of range: 8 to 262144 is allowed
    poolkeeper.toml:10:14: hashing.iterations: out of range: 1 to 32 is allowed
    poolkeeper.toml:11:11: hashing.threads: out of range: 1 to 1024 is allowed
    poolkeeper.toml:12:9: hashing.queue: out of range: 1 to 65536 is allowed
    poolkeeper.toml:14:11: inbox.enabled: anyone could read codes: listen must be a loopback address
    ");
}

#[test]
fn columns_count_characters() {
    assert_snapshot!(mistakes("data = 'ä'\n'ключ' = 1\npublic_url = 'ö'"), @"poolkeeper.toml:2:1: ключ: unknown field `ключ`, expected one of `listen`, `public_url`, `hosts`, `data`, `database`, `master_key_file`, `previous_master_key_file`, `region`, `account`, `issuer`, `allow_cleartext`, `trusted_proxies`, `operator`, `hashing`, `postgres`, `pool`, `partner`, `permission`, `tenant`, `access_key`, `cognito`, `partner_api`, `portal_api`, `tenant_api`, `inbox`, `openapi`, `mail`, `sms`, `messages`");
}

#[test]
fn secrets_are_read_where_the_file_says() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("good", " s3cret \n");
    write("empty", "\n");
    fs::set_permissions(folder.path().join("good"), fs::Permissions::from_mode(0o600)).unwrap();
    let client = |id: &str, source: &str| {
        format!("[[pool.client]]\nid = '{id}'\nflows = ['ALLOW_USER_AUTH']\n{source}\n")
    };
    let text = [
        MINIMAL.to_owned() + "[[pool]]\nid = 'us-east-1_a'\n",
        client("good", "secret_file = 'good'"),
        client("empty", "secret_file = 'empty'"),
        client("missing", "secret_file = 'missing'"),
        client("unset", "secret_env = 'POOLKEEPER_NO_SUCH_VARIABLE'"),
        client("public", ""),
    ];
    let config = Config::parse(&folder.path().join("a.toml"), &text.concat()).unwrap();
    let first = config.pools.first().and_then(|pool| pool.clients.first()).unwrap();
    assert_eq!(first.secret.as_ref().unwrap().read().unwrap().expose(), "s3cret");
    let errors = config.unusable_secrets();
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    let lines = lines.join("\n").replace(folder.path().to_str().unwrap(), "");
    assert_snapshot!(lines, @"
    /a.toml:12:15: pool.client.secret_file: /empty is empty
    /a.toml:16:15: pool.client.secret_file: /missing cannot be read: No such file or directory (os error 2)
    /a.toml:20:14: pool.client.secret_env: the environment variable POOLKEEPER_NO_SUCH_VARIABLE is not set
    ");
}
