use super::*;

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
    poolkeeper.toml:6:33: pool.username_attributes: preferred_username can only be an alias
    poolkeeper.toml:7:21: pool.alias_attributes: a pool has username_attributes or alias_attributes, not both
    poolkeeper.toml:8:1: pool.password_policy: minimum_length is out of range: 6 to 99 is allowed
    poolkeeper.toml:8:1: pool.password_policy: password_history_size is out of range: 0 to 24 is allowed
    poolkeeper.toml:8:1: pool.password_policy: temporary_password_validity_days is out of range: 0 to 365 is allowed
    poolkeeper.toml:13:6: pool.client.id: not a client id: 1 to 128 letters, digits, _ or + are expected
    poolkeeper.toml:14:10: pool.client.flows: unknown flow "ALLOW_FOO"; one of ALLOW_ADMIN_USER_PASSWORD_AUTH, ALLOW_USER_PASSWORD_AUTH, ALLOW_USER_SRP_AUTH, ALLOW_CUSTOM_AUTH, ALLOW_USER_AUTH, ALLOW_REFRESH_TOKEN_AUTH
    poolkeeper.toml:14:46: pool.client.flows: "ALLOW_USER_SRP_AUTH" occurs twice
    poolkeeper.toml:16:14: pool.client.secret_env: the secret already comes from a file: keep one of the two
    poolkeeper.toml:17:24: pool.client.access_token_minutes: out of range: 5 to 1440 is allowed
    poolkeeper.toml:18:20: pool.client.id_token_minutes: out of range: 5 to 1440 is allowed
    poolkeeper.toml:19:22: pool.client.refresh_token_days: out of range: 1 to 3650 is allowed
    poolkeeper.toml:20:24: pool.client.auth_session_minutes: out of range: 3 to 15 is allowed
    poolkeeper.toml:23:9: pool.client.flows: a client needs at least one flow
    poolkeeper.toml:26:14: pool.group.precedence: a precedence is between 0 and 2147483647
    poolkeeper.toml:28:8: pool.group.name: "g" occurs twice
    poolkeeper.toml:30:6: pool.id: "eu-west-1_a" occurs twice
    poolkeeper.toml:30:6: pool.id: not a pool id: expected us-east-1_ and letters or digits after it
    poolkeeper.toml:32:6: pool.client.id: "same" occurs twice
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
unconfirmed_user_days = 0
notices = false
default_write_attributes = 'standard'
fresh_proof = { cognito_minutes = 10 }
[pool.second_factors]
email = false
sms = true
[pool.devices]
challenge_required_on_new_device = true
[pool.templates.sign_in]
sms = 'in: {####}'
[pool.templates.notice]
sms = 'look: {change}'
[sms.hook]
url = 'http://localhost/sms'
secret_env = 'HOOK'
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
                notice: Template { sms: Some("look: {change}".into()), ..Template::default() },
                ..Templates::default()
            },
            unconfirmed_days: Some(0),
            without_notices: true,
            fresh_proof: FreshProof { sign_in_apis_minutes: 5, cognito_minutes: 10 },
            default_write: DefaultWrite::Standard,
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
fresh_proof = { sign_in_apis_minutes = 1441 }
[pool.second_factors]
software_token = false
email = false
[pool.templates.verification]
email = 'your code'
[pool.templates.invitation]
sms = 'welcome {username}'
[pool.templates.notice]
email = 'look'
[[pool]]
id = 'us-east-1_b'
recovery = []
";
    assert_snapshot!(mistakes_after(text), @r#"
    poolkeeper.toml:6:45: pool.auto_verified_attributes: "phone_number" occurs twice
    poolkeeper.toml:7:25: pool.verify_before_update: no code would be sent: auto_verified_attributes lacks it
    poolkeeper.toml:8:12: pool.recovery: admin_only must be the only entry
    poolkeeper.toml:9:18: pool.first_factors: no code would arrive: [sms.hook], which sends text messages, is missing
    poolkeeper.toml:9:29: pool.first_factors: "SMS_OTP" occurs twice
    poolkeeper.toml:9:29: pool.first_factors: no code would arrive: [sms.hook], which sends text messages, is missing
    poolkeeper.toml:10:15: pool.fresh_proof: sign_in_apis_minutes is out of range: 0 to 1440 is allowed
    poolkeeper.toml:11:1: pool.second_factors: the pool asks for a second factor: at least one must be on
    poolkeeper.toml:14:1: pool.templates.verification: email lacks {####}
    poolkeeper.toml:16:1: pool.templates.invitation: sms lacks {####}
    poolkeeper.toml:18:1: pool.templates.notice: email lacks {change}
    poolkeeper.toml:22:12: pool.recovery: nobody could reset a forgotten password: remove the line, or write admin_only
    "#);
    let of = |text: &str| mistakes_after(&format!("[[pool]]\nid = 'us-east-1_a'\n{text}\n"));
    assert_snapshot!(of("auto_verified_attributes = ['name']"), @"poolkeeper.toml:5:29: pool.auto_verified_attributes: unknown variant `name`, expected `email` or `phone_number`");
    assert_snapshot!(of("first_factors = ['PASSWORD']"), @"poolkeeper.toml:5:18: pool.first_factors: unknown variant `PASSWORD`, expected `EMAIL_OTP` or `SMS_OTP`");
    assert_snapshot!(of("[pool.devices]\nremember = true"), @"poolkeeper.toml:6:1: pool.devices.remember: unknown field `remember`, expected `challenge_required_on_new_device` or `device_only_remembered_on_user_prompt`");
    assert_snapshot!(of("[pool.second_factors]\ntotp = true"), @"poolkeeper.toml:6:1: pool.second_factors.totp: unknown field `totp`, expected one of `software_token`, `email`, `sms`");
    assert_snapshot!(of("[pool.templates.verification]\ntext = 'x'"), @"poolkeeper.toml:6:1: pool.templates.verification.text: unknown field `text`, expected one of `subject`, `email`, `sms`");
    assert_snapshot!(of("[pool.templates.goodbye]\nemail = 'x'"), @"poolkeeper.toml:5:17: pool.templates.goodbye: unknown field `goodbye`, expected one of `verification`, `invitation`, `sign_in`, `notice`");
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
group = 'two words'
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
    poolkeeper.toml:12:6: partner.id: not a partner id: expected partner-id-<slug> or fd<digits>, 128 characters at most, of ASCII letters, digits, '.', '_' and '-'
    poolkeeper.toml:16:12: partner.currency: not a currency: three capital letters (ISO 4217) are expected
    poolkeeper.toml:20:10: partner.status: not a status: expected active or suspended
    poolkeeper.toml:25:10: tenant.client: pool "us-east-1_a" has no client "server"
    poolkeeper.toml:26:9: tenant.group: not a group's name: 1 to 128 characters without spaces are expected
    poolkeeper.toml:26:9: tenant.group: tenants could add machine credentials to this group: it is in tenant_api.grants
    poolkeeper.toml:27:15: tenant.admin_group: tenants could add machine credentials to this group: it is in tenant_api.grants
    poolkeeper.toml:29:8: tenant.name: "ＡＣＭＥ " occurs twice
    poolkeeper.toml:30:6: tenant.id: "1" occurs twice
    poolkeeper.toml:32:10: tenant.client: nobody could sign in: the client's flows lack ALLOW_ADMIN_USER_PASSWORD_AUTH
    poolkeeper.toml:32:10: tenant.client: partner_api already uses the app client "app": each sign-in API needs its own
    poolkeeper.toml:33:1: access_key: needs secret_file or secret_env
    poolkeeper.toml:34:6: access_key.id: not an access key id: 16 to 128 letters, digits or _ are expected
    poolkeeper.toml:35:28: access_key.operations: unknown operation "listUsers"; `poolkeeper operations` lists them, * stands for all
    poolkeeper.toml:36:15: access_key.pools: not a pool id: expected us-east-1_ and letters or digits after it
    poolkeeper.toml:38:8: partner_api.pool: there is no pool "us-east-1_b" in this file
    poolkeeper.toml:40:10: partner_api.prefix: not a path prefix: expected e.g. /api/v3, or nothing
    poolkeeper.toml:43:10: portal_api.client: nobody could sign in: the client's flows lack ALLOW_ADMIN_USER_PASSWORD_AUTH
    poolkeeper.toml:43:10: portal_api.client: partner_api already uses the app client "app": each sign-in API needs its own
    poolkeeper.toml:44:10: portal_api.prefix: not a path prefix: expected e.g. /api/v3, or nothing
    poolkeeper.toml:45:42: portal_api.cors_origins: not a web origin: expected scheme, host and port only, e.g. https://www.example.com
    poolkeeper.toml:45:68: portal_api.cors_origins: not a web origin: expected scheme, host and port only, e.g. https://www.example.com
    poolkeeper.toml:47:10: tenant_api.prefix: not a path prefix: expected e.g. /api/v3, or nothing
    poolkeeper.toml:48:17: tenant_api.cors_origins: not a web origin: expected scheme, host and port only, e.g. https://www.example.com
    poolkeeper.toml:49:24: tenant_api.attempts_per_address: out of range: 0 to 1000000 is allowed
    poolkeeper.toml:50:20: tenant_api.grants: not a grant: expected a group name that is neither "admin" nor a partner's id
    poolkeeper.toml:50:29: tenant_api.grants: not a grant: expected a group name that is neither "admin" nor a partner's id
    poolkeeper.toml:50:37: tenant_api.grants: not a grant: expected a group name that is neither "admin" nor a partner's id
    "#);
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

#[test]
fn hosts_are_names_without_scheme_and_port() {
    let config = parse(&format!("{MINIMAL}hosts = ['auth.internal', '10.0.0.1', '[::1]']\n"));
    assert_eq!(config.unwrap().hosts, ["auth.internal", "10.0.0.1", "[::1]"]);
    for bad in ["", "http://a", "a:80", "a/b", "a b", "u@a"] {
        let told = mistakes_after(&format!("hosts = ['{bad}']\n"));
        assert!(told.contains("hosts: not a host"), "{bad}: {told}");
    }
}
