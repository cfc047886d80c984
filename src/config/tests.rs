use super::*;
use insta::assert_snapshot;
use poolkeeper_pool::entity::{
    Contact, DeviceRules, FirstFactor, Recovery, SecondFactors, Template, Templates,
};
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
        region: "us-east-1".into(),
        account: "000000000000".into(),
        issuer: "https://auth.example.com".into(),
        trusted_proxies: TrustedProxies::default(),
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
    assert_snapshot!(missing, @"/nowhere/poolkeeper.toml: cannot be read: No such file or directory (os error 2)");
}

#[test]
fn syntax_errors() {
    assert_snapshot!(mistakes("public_url = \n"), @"poolkeeper.toml:1:14: string values must be quoted, expected literal string");
    assert_snapshot!(mistakes("data = '/a'\ndata = '/b'\n"), @"poolkeeper.toml:2:1: duplicate key");
    assert_snapshot!(mistakes_after("[[pool]\n"), @"poolkeeper.toml:3:8: unclosed array table, expected `]`");
}

#[test]
fn keys_that_do_not_exist_or_are_missing() {
    assert_snapshot!(mistakes_after("[hashing]\nmemory = 1\n"), @"poolkeeper.toml:4:1: hashing.memory: unknown field `memory`, expected one of `memory_kib`, `iterations`, `threads`, `queue`");
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
    poolkeeper.toml:1:10: listen: passwords would cross the network in clear: listen on 127.0.0.1 or [::1], or put a proxy with TLS in front and set allow_cleartext = true
    poolkeeper.toml:2:14: public_url: not a base URL: expected e.g. https://auth.example.com, without a slash at the end, a query or a fragment
    poolkeeper.toml:4:10: region: no region: one looks like us-east-1
    poolkeeper.toml:5:11: account: not an account: 12 digits are expected
    poolkeeper.toml:6:10: issuer: not a base URL: expected e.g. https://auth.example.com, without a slash at the end, a query or a fragment
    poolkeeper.toml:7:32: trusted_proxies: not an address or network: expected e.g. 10.0.0.1 or 10.0.0.0/8
    poolkeeper.toml:7:47: trusted_proxies: not an address or network: expected e.g. 10.0.0.1 or 10.0.0.0/8
    poolkeeper.toml:9:14: hashing.memory_kib: out of range: 8 to 262144 is allowed
    poolkeeper.toml:10:14: hashing.iterations: out of range: 1 to 32 is allowed
    poolkeeper.toml:11:11: hashing.threads: out of range: 1 to 1024 is allowed
    poolkeeper.toml:12:9: hashing.queue: out of range: 1 to 65536 is allowed
    poolkeeper.toml:14:11: inbox.enabled: codes could be read by anyone: only with a loopback listen
    ");
}

#[test]
fn everything_wrong_in_a_pool() {
    let text = "[[pool]]
id = 'eu-west-1_a'
name = ' '
username_attributes = ['email', 'preferred_username']
alias_attributes = ['email']
[pool.password_policy]
minimum_length = 5
temporary_password_validity_days = 400
password_history_size = 25
[[pool.client]]
id = 'a b'
flows = ['ALLOW_FOO', 'ALLOW_USER_SRP_AUTH', 'ALLOW_USER_SRP_AUTH']
secret_file = 'a'
secret_env = 'A'
access_token_minutes = 4
id_token_minutes = 1441
refresh_token_days = 3651
auth_session_minutes = 16
[[pool.client]]
id = 'same'
flows = []
[[pool.group]]
name = 'g'
precedence = -1
[[pool.group]]
name = 'g'
[[pool]]
id = 'eu-west-1_a'
[[pool.client]]
id = 'same'
flows = ['ALLOW_USER_AUTH']
";
    assert_snapshot!(mistakes_after(text), @r#"
    poolkeeper.toml:4:6: pool.id: not a pool id: expected us-east-1_ and letters or digits after it
    poolkeeper.toml:5:8: pool.name: not a name: 1 to 128 characters are expected
    poolkeeper.toml:6:33: pool.username_attributes: preferred_username can be an alias only
    poolkeeper.toml:7:21: pool.alias_attributes: a pool has username_attributes or alias_attributes, not both
    poolkeeper.toml:8:1: pool.password_policy: minimum_length is out of range: 6 to 99 is allowed
    poolkeeper.toml:8:1: pool.password_policy: password_history_size is out of range: 0 to 24 is allowed
    poolkeeper.toml:8:1: pool.password_policy: temporary_password_validity_days is out of range: 0 to 365 is allowed
    poolkeeper.toml:13:6: pool.client.id: not a client id: 1 to 128 letters, digits, _ or + are expected
    poolkeeper.toml:14:10: pool.client.flows: unknown flow "ALLOW_FOO"; one of ALLOW_ADMIN_USER_PASSWORD_AUTH, ALLOW_USER_PASSWORD_AUTH, ALLOW_USER_SRP_AUTH, ALLOW_CUSTOM_AUTH, ALLOW_USER_AUTH, ALLOW_REFRESH_TOKEN_AUTH
    poolkeeper.toml:14:46: pool.client.flows: "ALLOW_USER_SRP_AUTH" is there twice
    poolkeeper.toml:16:14: pool.client.secret_env: a file says already where the secret is: keep one
    poolkeeper.toml:17:24: pool.client.access_token_minutes: out of range: 5 to 1440 is allowed
    poolkeeper.toml:18:20: pool.client.id_token_minutes: out of range: 5 to 1440 is allowed
    poolkeeper.toml:19:22: pool.client.refresh_token_days: out of range: 1 to 3650 is allowed
    poolkeeper.toml:20:24: pool.client.auth_session_minutes: out of range: 3 to 15 is allowed
    poolkeeper.toml:23:9: pool.client.flows: a client needs at least one flow
    poolkeeper.toml:26:14: pool.group.precedence: a precedence is between 0 and 2147483647
    poolkeeper.toml:28:8: pool.group.name: "g" is there twice
    poolkeeper.toml:30:6: pool.id: "eu-west-1_a" is there twice
    poolkeeper.toml:30:6: pool.id: not a pool id: expected us-east-1_ and letters or digits after it
    poolkeeper.toml:32:6: pool.client.id: "same" is there twice
    "#);
}

#[test]
fn a_pool_is_closed_to_the_public_unless_the_file_says_otherwise() {
    let rules = |text: &str| {
        let config = parse(&format!("{MINIMAL}[[pool]]\nid = 'us-east-1_a'\n{text}")).unwrap();
        config.pools.first().unwrap().rules.clone()
    };
    assert_eq!(rules(""), PoolRules { admin_create_only: true, ..PoolRules::default() });
    assert_eq!(rules("self_sign_up = true"), PoolRules::default());
}

#[test]
fn what_holds_for_a_pools_users() {
    let text = "[[pool]]
id = 'us-east-1_a'
mfa = 'ON'
auto_verified_attributes = ['phone_number', 'email']
verify_before_update = ['email']
recovery = ['verified_email', 'verified_phone_number']
first_factors = ['EMAIL_OTP', 'SMS_OTP']
[pool.second_factors]
email = false
sms = true
[pool.devices]
challenge_required_on_new_device = true
[pool.templates.sign_in]
sms = 'in: {####}'
";
    let config = parse(&format!("{MINIMAL}{text}")).unwrap();
    assert_eq!(
        config.pools.first().unwrap().rules,
        PoolRules {
            admin_create_only: true,
            auto_verified: vec![Contact::PhoneNumber, Contact::Email],
            verify_before_update: vec![Contact::Email],
            recovery: Some(vec![Recovery::VerifiedEmail, Recovery::VerifiedPhoneNumber]),
            first_factors: vec![FirstFactor::EmailOtp, FirstFactor::SmsOtp],
            second_factors: SecondFactors { software_token: true, email: false, sms: true },
            devices: Some(DeviceRules {
                challenge_required_on_new_device: true,
                device_only_remembered_on_user_prompt: false,
            }),
            templates: Templates {
                sign_in: Template { sms: Some("in: {####}".into()), ..Template::default() },
                ..Templates::default()
            },
        }
    );
}

#[test]
fn everything_wrong_in_a_pools_rules() {
    let text = "[[pool]]
id = 'us-east-1_a'
mfa = 'OPTIONAL'
auto_verified_attributes = ['phone_number', 'phone_number']
verify_before_update = ['email']
recovery = ['admin_only', 'verified_email']
first_factors = ['SMS_OTP', 'SMS_OTP']
[pool.second_factors]
software_token = false
email = false
[pool.templates.verification]
email = 'your code'
[pool.templates.invitation]
sms = 'welcome {username}'
[[pool]]
id = 'us-east-1_b'
recovery = []
";
    assert_snapshot!(mistakes_after(text), @r#"
    poolkeeper.toml:6:45: pool.auto_verified_attributes: "phone_number" is there twice
    poolkeeper.toml:7:25: pool.verify_before_update: nothing would be sent: auto_verified_attributes lacks it
    poolkeeper.toml:8:12: pool.recovery: admin_only stands alone
    poolkeeper.toml:9:29: pool.first_factors: "SMS_OTP" is there twice
    poolkeeper.toml:10:1: pool.second_factors: the pool asks for a second factor: at least one must be on
    poolkeeper.toml:13:1: pool.templates.verification: email lacks {####}
    poolkeeper.toml:15:1: pool.templates.invitation: sms lacks {####}
    poolkeeper.toml:19:12: pool.recovery: no way back in: leave the line out, or write admin_only
    "#);
    let of = |text: &str| mistakes_after(&format!("[[pool]]\nid = 'us-east-1_a'\n{text}\n"));
    assert_snapshot!(of("auto_verified_attributes = ['name']"), @"poolkeeper.toml:5:29: pool.auto_verified_attributes: unknown variant `name`, expected `email` or `phone_number`");
    assert_snapshot!(of("first_factors = ['PASSWORD']"), @"poolkeeper.toml:5:18: pool.first_factors: unknown variant `PASSWORD`, expected `EMAIL_OTP` or `SMS_OTP`");
    assert_snapshot!(of("[pool.devices]\nremember = true"), @"poolkeeper.toml:6:1: pool.devices.remember: unknown field `remember`, expected `challenge_required_on_new_device` or `device_only_remembered_on_user_prompt`");
    assert_snapshot!(of("[pool.second_factors]\ntotp = true"), @"poolkeeper.toml:6:1: pool.second_factors.totp: unknown field `totp`, expected one of `software_token`, `email`, `sms`");
    assert_snapshot!(of("[pool.templates.verification]\ntext = 'x'"), @"poolkeeper.toml:6:1: pool.templates.verification.text: unknown field `text`, expected one of `subject`, `email`, `sms`");
    assert_snapshot!(of("[pool.templates.goodbye]\nemail = 'x'"), @"poolkeeper.toml:5:17: pool.templates.goodbye: unknown field `goodbye`, expected one of `verification`, `invitation`, `sign_in`");
    assert_snapshot!(of("[pool.password_policy]\nhistory = 3"), @"poolkeeper.toml:6:1: pool.password_policy.history: unknown field `history`, expected one of `minimum_length`, `require_uppercase`, `require_lowercase`, `require_numbers`, `require_symbols`, `temporary_password_validity_days`, `password_history_size`");
}

#[test]
fn everything_wrong_around_the_pools() {
    let text = "[[pool]]
id = 'us-east-1_a'
[[pool.client]]
id = 'app'
flows = ['ALLOW_USER_SRP_AUTH']
[[pool.group]]
name = 'audit'
[[partner]]
pool = 'us-east-1_b'
id = 'fd١'
client_id = 1
name = 'P'
domain = 'p.example.com'
currency = 'euro'
vertical = 'v'
pricing_tier = 't'
campaign_pricing_model = 'm'
status = 'gone'
[[tenant]]
name = 'Acme'
id = '1'
pool = 'us-east-1_a'
client = 'server'
group = 'none'
admin_group = 'audit'
[[tenant]]
name = 'ＡＣＭＥ '
id = '1'
pool = 'us-east-1_a'
client = 'app'
[[access_key]]
id = 'short'
operations = ['ListUsers', 'listUsers']
pools = ['*', 'eu-west-1_a']
[partner_api]
pool = 'us-east-1_b'
client = 'app'
prefix = 'api/v3'
[portal_api]
pool = 'us-east-1_a'
client = 'app'
prefix = '/api/../v3'
cors_origins = ['https://a.example.com', 'https://a.example.com/', '*']
[tenant_api]
prefix = '/'
cors_origins = ['tenants.example.com']
attempts_per_address = 2000000
grants = ['audit', 'admin', 'fd42', 'two words']
";
    assert_snapshot!(mistakes_after(text), @r#"
    poolkeeper.toml:11:8: partner.pool: there is no pool "us-east-1_b" in this file
    poolkeeper.toml:12:6: partner.id: not a partner id: expected partner-id-<slug> or fd<digits>
    poolkeeper.toml:16:12: partner.currency: no currency: three capital letters (ISO 4217) are expected
    poolkeeper.toml:20:10: partner.status: no status of a partner: one of active, suspended
    poolkeeper.toml:25:10: tenant.client: pool "us-east-1_a" has no client "server"
    poolkeeper.toml:26:9: tenant.group: pool "us-east-1_a" has no group "none"
    poolkeeper.toml:27:15: tenant.admin_group: tenants could put machines into it: it is in tenant_api.grants
    poolkeeper.toml:29:8: tenant.name: "ＡＣＭＥ " is there twice
    poolkeeper.toml:30:6: tenant.id: "1" is there twice
    poolkeeper.toml:32:10: tenant.client: nobody could sign in: the client's flows lack ALLOW_ADMIN_USER_PASSWORD_AUTH
    poolkeeper.toml:33:1: access_key: needs secret_file or secret_env
    poolkeeper.toml:34:6: access_key.id: not an access key id: 16 to 128 letters, digits or _ are expected
    poolkeeper.toml:35:28: access_key.operations: unknown operation "listUsers"; `poolkeeper operations` lists them, * stands for all
    poolkeeper.toml:36:15: access_key.pools: not a pool id: expected us-east-1_ and letters or digits after it
    poolkeeper.toml:38:8: partner_api.pool: there is no pool "us-east-1_b" in this file
    poolkeeper.toml:40:10: partner_api.prefix: not a path prefix: expected e.g. /api/v3, or nothing
    poolkeeper.toml:43:10: portal_api.client: nobody could sign in: the client's flows lack ALLOW_ADMIN_USER_PASSWORD_AUTH
    poolkeeper.toml:44:10: portal_api.prefix: not a path prefix: expected e.g. /api/v3, or nothing
    poolkeeper.toml:45:42: portal_api.cors_origins: not a web origin: expected scheme, host and port only, e.g. https://www.example.com
    poolkeeper.toml:45:68: portal_api.cors_origins: not a web origin: expected scheme, host and port only, e.g. https://www.example.com
    poolkeeper.toml:47:10: tenant_api.prefix: not a path prefix: expected e.g. /api/v3, or nothing
    poolkeeper.toml:48:17: tenant_api.cors_origins: not a web origin: expected scheme, host and port only, e.g. https://www.example.com
    poolkeeper.toml:49:24: tenant_api.attempts_per_address: out of range: 0 to 1000000 is allowed
    poolkeeper.toml:50:20: tenant_api.grants: no grant: expected the name of a group, and neither "admin" nor a partner's id
    poolkeeper.toml:50:29: tenant_api.grants: no grant: expected the name of a group, and neither "admin" nor a partner's id
    poolkeeper.toml:50:37: tenant_api.grants: no grant: expected the name of a group, and neither "admin" nor a partner's id
    "#);
}

#[test]
fn no_api_is_hidden_by_the_documents() {
    let hidden = prefixes("", "", "/openapi/partner");
    assert!(parse(&hidden).is_ok());
    let served = format!("{hidden}[openapi]\nenabled = true\n");
    assert_snapshot!(mistakes(&served), @"poolkeeper.toml:17:10: partner_api.prefix: /openapi/partner/auth of partner_api would be answered by openapi");
    assert!(parse(&format!("{MINIMAL}[openapi]\nenabled = true\n")).unwrap().openapi);
}

/// A file with the three sign-in APIs under these prefixes.
/// What the partner API adds, and what can be wrong with it.
#[test]
fn partners_permissions_and_limits() {
    let pool = "[[pool]]\nid = 'us-east-1_a'\n[[pool.client]]\nid = 'app'\n\
        flows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']\n[[pool.group]]\nname = 'staff'\n";
    let partner = "[[partner]]\npool = 'us-east-1_a'\nid = 'fd1'\nclient_id = 1\nname = 'P'\n\
        domain = 'd'\ncurrency = 'EUR'\nvertical = 'v'\npricing_tier = 't'\n\
        campaign_pricing_model = 'm'\n";
    let api = "[partner_api]\npool = 'us-east-1_a'\nclient = 'app'\n";
    let fit = format!(
        "{MINIMAL}{pool}{partner}features = {{ alerts = true, 'a.b' = false }}\n\
         [[permission]]\npool = 'us-east-1_a'\ngroup = 'staff'\npermissions = ['a', 'b']\n\
         [[permission]]\npool = 'us-east-1_a'\ngroup = 'fd1'\npartner = 'fd1'\n\
         permissions = ['c']\n{api}reads_per_partner = 0\nretry_after = false\n"
    );
    let config = parse(&fit).unwrap();
    let shown = config.permissions.iter().map(|grant| {
        let partner = grant.partner.as_ref().map_or("*", |partner| partner.as_str());
        format!("{} {partner} {}", grant.group, grant.permission)
    });
    assert_eq!(shown.collect::<Vec<_>>(), ["staff * a", "staff * b", "fd1 fd1 c"]);
    let [PartnerConfig { partner: declared, keeps_status: true }] = &config.partners[..] else {
        panic!("{:?}", config.partners)
    };
    assert_eq!(declared.features.len(), 2);
    let limits = PartnerLimits {
        reads_per_partner: None,
        writes_per_partner: NonZeroU32::new(120),
        attempts_per_address: NonZeroU32::new(10),
        retry_after: false,
    };
    assert_eq!(config.partner_api.unwrap().limits, limits);
    let wrong = format!(
        "{pool}{partner}features = {{ 'no name' = true }}\n[[permission]]\n\
         pool = 'us-east-1_b'\ngroup = 'fd1'\npermissions = ['']\n[[permission]]\n\
         pool = 'us-east-1_a'\ngroup = 'nobody'\npartner = 'fd2'\npermissions = ['a b']\n\
         {api}first_party_apps = ['']\nwrites_per_partner = 1000001\n"
    );
    assert_snapshot!(mistakes_after(&wrong), @r#"
    poolkeeper.toml:20:14: partner.features.no name: not a name: 1 to 128 letters, digits, '.', '_', '-' or ':' are expected
    poolkeeper.toml:22:8: permission.pool: there is no pool "us-east-1_b" in this file
    poolkeeper.toml:24:16: permission.permissions: not a name: 1 to 128 letters, digits, '.', '_', '-' or ':' are expected
    poolkeeper.toml:27:9: permission.group: pool "us-east-1_a" has no group "nobody"
    poolkeeper.toml:28:11: permission.partner: there is no partner "fd2" in this file
    poolkeeper.toml:29:16: permission.permissions: not a name: 1 to 128 letters, digits, '.', '_', '-' or ':' are expected
    poolkeeper.toml:33:21: partner_api.first_party_apps: not a name: 1 to 128 characters are expected
    poolkeeper.toml:34:22: partner_api.writes_per_partner: out of range: 0 to 1000000 is allowed
    "#);
}

fn prefixes(tenant: &str, portal: &str, partner: &str) -> String {
    let client = "pool = 'us-east-1_a'\nclient = 'app'\n";
    format!(
        "{MINIMAL}[[pool]]\nid = 'us-east-1_a'\n[[pool.client]]\nid = 'app'\n\
         flows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']\n\
         [tenant_api]\nprefix = '{tenant}'\n\
         [portal_api]\n{client}prefix = '{portal}'\n\
         [partner_api]\n{client}prefix = '{partner}'\n"
    )
}

#[test]
fn prefixes_keep_the_sign_in_apis_apart() {
    let fit = [["", "", ""], ["", "", "/api/v3"], ["", "/portal", "/api"], ["", "/api", ""]];
    for [tenant, portal, partner] in fit {
        assert!(parse(&prefixes(tenant, portal, partner)).is_ok(), "{tenant} {portal} {partner}");
    }
    let clashes = [
        ["", "", "/api"],
        ["", "", "/health"],
        ["", "", "/api/auth/v3"],
        ["", "/auth", ""],
        ["", "/api", "/api/v3"],
        ["/x", "/x", "/x"],
        ["", "/LOGIN", ""],
    ];
    let told =
        clashes.map(|[tenant, portal, partner]| mistakes(&prefixes(tenant, portal, partner)));
    assert_snapshot!(told.join("\n"), @"
    poolkeeper.toml:17:10: partner_api.prefix: /api/auth of partner_api would be answered by portal_api
    poolkeeper.toml:17:10: partner_api.prefix: /health/auth of partner_api would be answered by portal_api
    poolkeeper.toml:17:10: partner_api.prefix: /api/auth/v3/auth of partner_api would be answered by portal_api
    poolkeeper.toml:17:10: partner_api.prefix: /auth of partner_api would be answered by portal_api
    poolkeeper.toml:17:10: partner_api.prefix: /api/v3/auth of partner_api would be answered by portal_api
    poolkeeper.toml:13:10: portal_api.prefix: /x/api/auth/login of portal_api would be answered by tenant_api
    poolkeeper.toml:17:10: partner_api.prefix: /x/auth of partner_api would be answered by portal_api
    poolkeeper.toml:17:10: partner_api.prefix: /x/auth of partner_api would be answered by tenant_api
    poolkeeper.toml:13:10: portal_api.prefix: /LOGIN/api/auth/login of portal_api would be answered by tenant_api
    ");
}

#[test]
fn the_inbox_is_never_behind_a_public_name() {
    let inbox = "[inbox]\nenabled = true\n";
    let local = |url: &str| parse(&format!("public_url = '{url}'\ndata = '/data'\n{inbox}"));
    for url in ["http://localhost", "http://localhost:9000", "http://127.0.0.1:80", "http://[::1]"]
    {
        assert!(local(url).unwrap().inbox, "{url}");
    }
    assert_snapshot!(mistakes_after(inbox), @"poolkeeper.toml:4:11: inbox.enabled: codes could be read by anyone, through whatever serves public_url: only with a public_url on localhost");
}

#[test]
fn hosts_are_names_without_scheme_and_port() {
    let config = parse(&format!("{MINIMAL}hosts = ['auth.internal', '10.0.0.1', '[::1]']\n"));
    assert_eq!(config.unwrap().hosts, ["auth.internal", "10.0.0.1", "[::1]"]);
    for bad in ["", "http://a", "a:80", "a/b", "a b", "u@a"] {
        let told = mistakes_after(&format!("hosts = ['{bad}']\n"));
        assert!(told.contains("hosts: not a host"), "{bad}: {told}");
    }
}

#[test]
fn unknown_users_are_hidden_on_request() {
    let hidden = |text: &str| {
        let config = parse(&prefixes("", "", "").replace("[partner_api]", text)).unwrap();
        config.portal_api.unwrap().hide_unknown_users
    };
    assert!(!hidden("[partner_api]"));
    assert!(!hidden("hide_unknown_users = false\n[partner_api]"));
    assert!(hidden("hide_unknown_users = true\n[partner_api]"));
}

#[test]
fn users_are_hidden_only_if_the_client_hides_them_too() {
    let text =
        prefixes("", "", "").replace("[partner_api]", "hide_unknown_users = true\n[partner_api]");
    let telling =
        text.replace("id = 'app'\n", "id = 'app'\nprevent_user_existence_errors = false\n");
    assert_snapshot!(mistakes(&telling), @"poolkeeper.toml:15:22: portal_api.hide_unknown_users: the client tells by its work who exists: it needs prevent_user_existence_errors = true");
    assert!(
        parse(&telling.replace("hide_unknown_users = true", "hide_unknown_users = false")).is_ok()
    );
}

#[test]
fn people_sign_up_only_where_they_can() {
    let open = prefixes("", "", "").replace("[partner_api]", "registration = true\n[partner_api]");
    assert_snapshot!(mistakes(&open), @r#"
    poolkeeper.toml:14:16: portal_api.registration: nobody could sign up: the pool needs self_sign_up = true
    poolkeeper.toml:14:16: portal_api.registration: nobody would be sent a code: the pool needs auto_verified_attributes = ["email"]
    "#);
    let pool = "self_sign_up = true\nauto_verified_attributes = ['email']\n[[pool.client]]";
    let config = parse(&open.replace("[[pool.client]]", pool)).unwrap();
    assert!(config.portal_api.unwrap().registration);
    assert!(!parse(&prefixes("", "", "")).unwrap().portal_api.unwrap().registration);
}

#[test]
fn the_portal_limits_attempts_unless_told_otherwise() {
    let attempts = |text: &str| {
        let text = prefixes("", "", "").replace("[partner_api]", &format!("{text}\n[partner_api]"));
        parse(&text).unwrap().portal_api.unwrap().attempts_per_address
    };
    assert_eq!(attempts(""), NonZeroU32::new(5));
    assert_eq!(attempts("attempts_per_address = 90"), NonZeroU32::new(90));
    assert_eq!(attempts("attempts_per_address = 0"), None);
}

#[test]
fn administrators_are_named_by_their_addresses() {
    let text = "admin_addresses = ['admin@example.com', 'admin', '']\n[partner_api]";
    let text = prefixes("", "", "").replace("[partner_api]", text);
    assert_snapshot!(mistakes(&text), @"
    poolkeeper.toml:14:41: portal_api.admin_addresses: not an e-mail address: expected e.g. admin@example.com
    poolkeeper.toml:14:50: portal_api.admin_addresses: not an e-mail address: expected e.g. admin@example.com
    ");
}

#[test]
fn cleartext_beyond_this_machine_has_to_be_asked_for() {
    let text = "listen = '[::]:8080'\nallow_cleartext = true\n";
    assert!(parse(&format!("{MINIMAL}{text}")).is_ok());
    assert!(parse(&format!("{MINIMAL}listen = '[::1]:80'\n")).is_ok());
    assert_snapshot!(mistakes_after("listen = 'localhost:80'\n"), @"poolkeeper.toml:3:10: listen: not an address: expected IP and port, e.g. 127.0.0.1:8080");
}

#[test]
fn columns_count_characters() {
    assert_snapshot!(mistakes("data = 'ä'\n'ключ' = 1\npublic_url = 'ö'"), @"poolkeeper.toml:2:1: ключ: unknown field `ключ`, expected one of `listen`, `public_url`, `hosts`, `data`, `database`, `master_key_file`, `region`, `account`, `issuer`, `allow_cleartext`, `trusted_proxies`, `hashing`, `postgres`, `pool`, `partner`, `permission`, `tenant`, `access_key`, `cognito`, `partner_api`, `portal_api`, `tenant_api`, `inbox`, `openapi`, `mail`, `sms`");
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
    let errors = config.unreadable_secrets();
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    let lines = lines.join("\n").replace(folder.path().to_str().unwrap(), "");
    assert_snapshot!(lines, @"
    /a.toml:12:15: pool.client.secret_file: /empty is empty
    /a.toml:16:15: pool.client.secret_file: /missing cannot be read: No such file or directory (os error 2)
    /a.toml:20:14: pool.client.secret_env: the environment variable POOLKEEPER_NO_SUCH_VARIABLE is not set
    ");
}

#[test]
fn how_messages_are_sent() {
    let text = "[mail]
from = 'Example <no-reply@example.com>'
from_pools = true
[mail.smtp]
host = '127.0.0.1'
tls = 'none'
username = 'user'
password_env = 'SMTP_PASSWORD'
[sms.hook]
url = 'http://localhost:8081/sms?a=1'
secret_file = 'sms.secret'
";
    let config = parse(&format!("{MINIMAL}{text}")).unwrap();
    let Some(MailConfig::Smtp(smtp)) = &config.mail else { panic!("{:?}", config.mail) };
    assert_eq!((smtp.host.as_str(), smtp.port, smtp.tls), ("127.0.0.1", 25, Tls::None));
    assert!(smtp.from_pools && smtp.reply_to.is_none());
    assert_eq!(smtp.credentials.as_ref().unwrap().0, "user");
    assert_eq!(config.sms.unwrap().url, "http://localhost:8081/sms?a=1");
    for (tls, port) in [("starttls", 587), ("implicit", 465)] {
        let text = format!("[mail]\nfrom = 'a@b.co'\nsmtp = {{ host = 'b.co', tls = '{tls}' }}\n");
        let config = parse(&format!("{MINIMAL}{text}")).unwrap();
        let Some(MailConfig::Smtp(smtp)) = &config.mail else { panic!("{:?}", config.mail) };
        assert_eq!((smtp.port, smtp.credentials.is_none()), (port, true));
    }
}

#[test]
fn everything_wrong_about_sending() {
    let text = "[mail]
from = 'Example'
[mail.smtp]
host = 'smtp.example.com:25'
port = 70000
tls = 'none'
username = 'user'
[sms.hook]
url = 'http://sms.example.com/'
";
    assert_snapshot!(mistakes_after(text), @"
    poolkeeper.toml:4:8: mail.from: not a mail address: expected e.g. Example <no-reply@example.com>
    poolkeeper.toml:6:8: mail.smtp.host: not a host: expected a name without scheme and port, e.g. auth.internal
    poolkeeper.toml:7:8: mail.smtp.port: out of range: 1 to 65535 is allowed
    poolkeeper.toml:8:7: mail.smtp.tls: codes would cross the network in clear: set allow_cleartext = true if that network is yours
    poolkeeper.toml:9:12: mail.smtp.username: needs password_file or password_env
    poolkeeper.toml:10:1: sms.hook: needs secret_file or secret_env
    poolkeeper.toml:11:7: sms.hook.url: codes would cross the network in clear: https is expected
    ");
    let text = "[mail]
reply_to = 'a@example.com'
from_pools = true
[mail.hook]
url = 'sms.example.com'
secret_env = 'A'
secret_file = 'b'
";
    assert_snapshot!(mistakes_after(text), @"
    poolkeeper.toml:4:12: mail.reply_to: has no meaning with mail.hook: whoever is called decides
    poolkeeper.toml:5:14: mail.from_pools: has no meaning with mail.hook: whoever is called decides
    poolkeeper.toml:7:7: mail.hook.url: not a URL: expected e.g. https://example.com/send
    poolkeeper.toml:8:14: mail.hook.secret_env: a file says already where the secret is: keep one
    ");
    let text = "[mail]\n[mail.smtp]\nhost = 'a.co'\npassword_env = 'A'\ntls = 'ssl'\n";
    assert_snapshot!(mistakes_after(text), @r#"
    poolkeeper.toml:3:1: mail: needs from: whom mail is from
    poolkeeper.toml:6:16: mail.smtp.password_env: whose password? mail.smtp.username is missing
    poolkeeper.toml:7:7: mail.smtp.tls: one of "starttls", "implicit", "none" is expected
    "#);
    assert_snapshot!(mistakes_after("[mail]\nfrom = 'a@b.co'\n"), @"poolkeeper.toml:3:1: mail: needs mail.smtp or mail.hook");
    let both =
        "[mail]\nsmtp = { host = 'a.co' }\nhook = { url = 'https://a.co', secret_env = 'A' }\n";
    assert_snapshot!(mistakes_after(both), @"poolkeeper.toml:5:8: mail.hook: mail.smtp says already how mail is sent: keep one");
    assert_snapshot!(mistakes_after("[sms]\nhook = { url = 'https://a.co', secret = 'A' }\n"), @"poolkeeper.toml:4:32: sms.hook.secret: unknown field `secret`, expected one of `url`, `secret_file`, `secret_env`");
}

const AMAZON: &str = "
[[pool]]
id = 'eu-west-1_AbCdEf123'
backend = 'aws'
client = [{ id = 'abc', flows = ['ALLOW_USER_PASSWORD_AUTH'] }]
";

#[test]
fn a_pool_may_live_at_amazon() {
    let api = "[portal_api]\npool = 'eu-west-1_AbCdEf123'\nclient = 'abc'\n";
    let config = parse(&format!("{MINIMAL}{AMAZON}{api}")).unwrap();
    let expected = AmazonConfig {
        endpoint: None,
        issuer: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123".into(),
        check_revocation: true,
        service_group: GroupName::from("service-accounts"),
        connect_timeout: Duration::from_secs(2),
        answer_timeout: Duration::from_secs(5),
        attempts: 3,
        failures: 10,
        rest: Duration::from_secs(5),
    };
    assert_eq!(config.pools.first().unwrap().backend, Backend::Amazon(expected));
}

#[test]
fn what_is_wrong_with_a_pool_at_amazon_is_said() {
    let table = "[pool.aws]\nendpoint = 'http://10.0.0.1'\nattempts = 0\nservice_group = ' '\n";
    assert_snapshot!(mistakes_after(&format!("{AMAZON}{table}")), @r"
    poolkeeper.toml:9:12: pool.aws.endpoint: passwords would cross the network in clear: https is needed beyond this machine
    poolkeeper.toml:10:12: pool.aws.attempts: out of range: 1 to 10 is allowed
    poolkeeper.toml:11:17: pool.aws.service_group: not a name: 1 to 128 characters are expected
    ");
    let elsewhere = AMAZON.replace("aws", "azure").replace("eu-west-1", "us-east-1");
    assert_snapshot!(mistakes_after(&elsewhere), @"poolkeeper.toml:6:11: pool.backend: no such backend: one of embedded, aws");
    let embedded = AMAZON.replace("backend = 'aws'", "").replace("eu-west-1", "us-east-1");
    assert_snapshot!(mistakes_after(&format!("{embedded}[pool.aws]\n")), @r#"poolkeeper.toml:8:1: pool.aws: of no use without backend = "aws""#);
    assert_snapshot!(mistakes_after(&AMAZON.replace("eu-west-1_AbCdEf123", "AbCdEf123")), @"poolkeeper.toml:5:6: pool.id: not the id of a pool at Amazon: one looks like us-east-1_AbCdEf123");
}

#[test]
fn the_protocol_is_handed_on_to_where_the_pools_are() {
    let forward = "[cognito]\nforward = true\n";
    let config = parse(&format!("{MINIMAL}{AMAZON}{forward}")).unwrap();
    let seconds = Duration::from_secs;
    let mut expected = ForwardConfig {
        target: "https://cognito-idp.eu-west-1.amazonaws.com".to_owned(),
        connect_timeout: seconds(2),
        answer_timeout: seconds(5),
    };
    assert_eq!(config.cognito.and_then(|protocol| protocol.forward).as_ref(), Some(&expected));
    let other = AMAZON.replace("AbCdEf123", "AbCdEf456").replace("'abc'", "'def'");
    let slow = format!("{other}[pool.aws]\nanswer_timeout_ms = 9000\nconnect_timeout_ms = 500\n");
    let config = parse(&format!("{MINIMAL}{AMAZON}{slow}{forward}")).unwrap();
    expected.answer_timeout = seconds(9);
    assert_eq!(config.cognito.and_then(|protocol| protocol.forward), Some(expected));
    assert_snapshot!(mistakes_after(forward), @r#"poolkeeper.toml:4:11: cognito.forward: needs a pool with backend = "aws", and all of them in one place"#);
}

#[test]
fn ids_may_stand_in_the_environment() {
    // Cargo sets this one for tests.
    let named = AMAZON.replace("'abc'", "'env:CARGO_PKG_NAME'");
    let config = parse(&format!("{MINIMAL}{named}")).unwrap();
    let client = config.pools.first().and_then(|pool| pool.clients.first()).unwrap();
    assert_eq!(client.id.as_str(), "poolkeeper");
    let missing = AMAZON.replace("eu-west-1_AbCdEf123", "env:POOLKEEPER_NO_SUCH_VARIABLE");
    assert_snapshot!(mistakes_after(&missing), @r"
    poolkeeper.toml:5:6: pool.id: not the id of a pool at Amazon: one looks like us-east-1_AbCdEf123
    poolkeeper.toml:5:6: pool.id: the environment variable POOLKEEPER_NO_SUCH_VARIABLE is not set
    ");
}

/// A pool at Amazon may leave out what the environment says as other programs want it said.
#[test]
fn a_pool_at_amazon_may_be_named_by_the_environment_alone() {
    let pool = "[[pool]]\nbackend = 'aws'\nclient = [{ flows = ['ALLOW_USER_PASSWORD_AUTH'] }]\n";
    let told = |text: &str, variables: &[(&str, &str)]| {
        let text = format!("{MINIMAL}{text}");
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        Config::parse_in(Path::new("poolkeeper.toml"), &text, &variable)
    };
    let all = [
        ("COGNITO_USER_POOL_ID", "eu-west-1_AbCdEf123"),
        ("COGNITO_CLIENT_ID", "abc"),
        ("COGNITO_CLIENT_SECRET", "not read yet"),
        ("AWS_REGION", "eu-west-1"),
    ];
    let config = told(pool, &all).unwrap();
    let found = config.pools.first().unwrap();
    let client = found.clients.first().unwrap();
    assert_eq!((found.id.as_str(), client.id.as_str()), ("eu-west-1_AbCdEf123", "abc"));
    let secret = client.secret.as_ref().unwrap().read().unwrap_err().to_string();
    assert!(secret.contains("variable COGNITO_CLIENT_SECRET is not set"), "{secret}");
    assert_eq!(told(pool, &all[..2]).unwrap().pools[0].clients[0].secret, None);
    // The secret is that of the client that the variable names; what the file says comes first.
    let named = pool.replace("{ flows", "{ id = 'other', flows");
    assert_eq!(told(&named, &all).unwrap().pools[0].clients[0].secret, None);
    let named = pool.replace("backend", "id = 'us-east-1_Other0001'\nbackend");
    assert_eq!(told(&named, &all).unwrap().pools[0].id.as_str(), "us-east-1_Other0001");

    let wrong =
        |text: &str, variables: &[(&str, &str)]| told(text, variables).unwrap_err().to_string();
    for (text, variables, told) in [
        (pool, &[][..], "nor the environment variable COGNITO_USER_POOL_ID is set"),
        (pool, &all[..1], "nor the environment variable COGNITO_CLIENT_ID is set"),
        (pool, &[all[0], all[1], ("AWS_REGION", "eu-west-2")], "AWS_REGION is eu-west-2, but"),
        (&pool.replace("'aws'", "'embedded'"), &all, "missing field `id`"),
    ] {
        let mistakes = wrong(text, variables);
        assert!(mistakes.contains(told), "{mistakes}");
    }
}
