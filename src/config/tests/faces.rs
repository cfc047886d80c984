use super::*;

#[test]
fn no_api_is_hidden_by_the_documents() {
    let hidden = prefixes("", "", "/openapi/partner");
    assert!(parse(&hidden).is_ok());
    let served = format!("{hidden}[openapi]\nenabled = true\n");
    assert_snapshot!(mistakes(&served), @"poolkeeper.toml:20:10: partner_api.prefix: partner_api and openapi would both serve /openapi/partner/auth: give one of them another prefix");
    assert!(parse(&format!("{MINIMAL}[openapi]\nenabled = true\n")).unwrap().openapi);
}

fn prefixes(tenant: &str, portal: &str, partner: &str) -> String {
    let pool = "pool = 'us-east-1_a'\n";
    format!(
        "{MINIMAL}[[pool]]\nid = 'us-east-1_a'\n[[pool.client]]\nid = 'app'\n\
         flows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']\n\
         [[pool.client]]\nid = 'web'\nflows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']\n\
         [tenant_api]\nprefix = '{tenant}'\n\
         [portal_api]\n{pool}client = 'app'\nprefix = '{portal}'\n\
         [partner_api]\n{pool}client = 'web'\nprefix = '{partner}'\n"
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
    poolkeeper.toml:20:10: partner_api.prefix: partner_api and portal_api would both serve /api/auth: give one of them another prefix
    poolkeeper.toml:20:10: partner_api.prefix: partner_api and portal_api would both serve /health/auth: give one of them another prefix
    poolkeeper.toml:20:10: partner_api.prefix: partner_api and portal_api would both serve /api/auth/v3/auth: give one of them another prefix
    poolkeeper.toml:20:10: partner_api.prefix: partner_api and portal_api would both serve /auth: give one of them another prefix
    poolkeeper.toml:20:10: partner_api.prefix: partner_api and portal_api would both serve /api/v3/auth: give one of them another prefix
    poolkeeper.toml:16:10: portal_api.prefix: portal_api and tenant_api would both serve /x/api/auth/login: give one of them another prefix
    poolkeeper.toml:20:10: partner_api.prefix: partner_api and portal_api would both serve /x/auth: give one of them another prefix
    poolkeeper.toml:20:10: partner_api.prefix: partner_api and tenant_api would both serve /x/auth: give one of them another prefix
    poolkeeper.toml:16:10: portal_api.prefix: portal_api and tenant_api would both serve /LOGIN/api/auth/login: give one of them another prefix
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
    assert_snapshot!(mistakes_after(inbox), @"poolkeeper.toml:4:11: inbox.enabled: anyone who can reach public_url could read codes: public_url must be on localhost");
}

/// With one app client for two of them, a token of the one would be a token of the other (S7).
#[test]
fn each_sign_in_api_has_an_app_client_of_its_own() {
    let apart = prefixes("", "", "");
    let tenant = |client: &str| {
        format!(
            "{apart}[[tenant]]\nname = 'Acme'\nid = '1'\npool = 'us-east-1_a'\nclient = '{client}'\n"
        )
    };
    let own = "[tenant_api]\n";
    let third =
        "[[pool.client]]\nid = 'third'\nflows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']\n[tenant_api]\n";
    assert!(parse(&tenant("third").replace(own, third)).is_ok());
    let shared =
        [apart.replace("'web'", "'app'").replacen("id = 'app'", "id = 'web'", 1), tenant("app")];
    let told = shared.map(|text| mistakes(&text));
    assert_snapshot!(told.join("\n"), @r#"
    poolkeeper.toml:15:10: portal_api.client: partner_api already uses the app client "app": each sign-in API needs its own
    poolkeeper.toml:25:10: tenant.client: portal_api already uses the app client "app": each sign-in API needs its own
    "#);
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
    assert_snapshot!(mistakes(&telling), @"poolkeeper.toml:18:22: portal_api.hide_unknown_users: the client would still reveal which users exist: it needs prevent_user_existence_errors = true");
    assert!(
        parse(&telling.replace("hide_unknown_users = true", "hide_unknown_users = false")).is_ok()
    );
}

#[test]
fn people_sign_up_only_where_they_can() {
    let open = prefixes("", "", "").replace("[partner_api]", "registration = true\n[partner_api]");
    assert_snapshot!(mistakes(&open), @r#"
    poolkeeper.toml:17:16: portal_api.registration: nobody could sign up: the pool needs self_sign_up = true
    poolkeeper.toml:17:16: portal_api.registration: nobody would get a code: the pool needs auto_verified_attributes = ["email"]
    "#);
    let pool = "self_sign_up = true\nauto_verified_attributes = ['email']\n[[pool.client]]";
    let config = parse(&open.replacen("[[pool.client]]", pool, 1)).unwrap();
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
    poolkeeper.toml:17:41: portal_api.admin_addresses: not an e-mail address: expected e.g. admin@example.com
    poolkeeper.toml:17:50: portal_api.admin_addresses: not an e-mail address: expected e.g. admin@example.com
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
fn what_cannot_work_or_protects_nothing() {
    let text = "[hashing]
memory_kib = 64
[[pool]]
id = 'us-east-1_a'
mfa = 'ON'
first_factors = ['SMS_OTP']
auto_verified_attributes = ['email', 'phone_number']
[pool.second_factors]
email = false
sms = true
[[pool.client]]
id = 'app'
flows = ['ALLOW_CUSTOM_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH']
secret_env = ' '
[[partner]]
pool = 'us-east-1_a'
id = 'partner-id-ä'
client_id = 1
name = ''
domain = ' '
currency = 'EUR'
vertical = 'v'
pricing_tier = 't'
campaign_pricing_model = 'm'
[[partner]]
pool = 'us-east-1_a'
id = 'partner-id-two words'
client_id = 1
name = 'P'
domain = 'p.example.com'
currency = 'EUR'
vertical = 'v'
pricing_tier = 't'
campaign_pricing_model = 'm'
[partner_api]
pool = 'us-east-1_a'
client = 'app'
prefix = '/partner'
[portal_api]
pool = 'us-east-1_a'
client = 'app'
";
    assert_snapshot!(mistakes_after(text), @r#"
    poolkeeper.toml:4:14: hashing.memory_kib: weaker than OWASP recommends, so stolen hashes are easier to crack: 2 iterations need memory_kib = 19456 (or allow_weak = true)
    poolkeeper.toml:8:18: pool.first_factors: no code would arrive: [sms.hook], which sends text messages, is missing
    poolkeeper.toml:10:1: pool.second_factors: sms: no code would arrive: [sms.hook], which sends text messages, is missing
    poolkeeper.toml:15:10: pool.client.flows: nobody could sign in with it: custom challenges need Lambda triggers, and Poolkeeper calls none
    poolkeeper.toml:16:14: pool.client.secret_env: is empty: name the file or the variable that holds the secret
    poolkeeper.toml:19:6: partner.id: not a partner id: expected partner-id-<slug> or fd<digits>, 128 characters at most, of ASCII letters, digits, '.', '_' and '-'
    poolkeeper.toml:21:8: partner.name: not a name: 1 to 128 characters are expected
    poolkeeper.toml:22:10: partner.domain: not a name: 1 to 128 characters are expected
    poolkeeper.toml:29:6: partner.id: not a partner id: expected partner-id-<slug> or fd<digits>, 128 characters at most, of ASCII letters, digits, '.', '_' and '-'
    poolkeeper.toml:30:13: partner.client_id: another partner has the number 1: clients would confuse the two
    poolkeeper.toml:38:8: partner_api.pool: the pool has mfa = "ON", but every second factor must be set up elsewhere first: until then, users cannot sign in. Set mfa = "OPTIONAL", or set second_factors.email = true and do not list verified_email first in recovery
    poolkeeper.toml:42:8: portal_api.pool: nobody could sign in: the pool has mfa = "ON", and the portal API asks for no second factor: set second_factors = true
    poolkeeper.toml:43:10: portal_api.client: partner_api already uses the app client "app": each sign-in API needs its own
    "#);
}

/// Headers carry ids of partners, paths hold them, lists separate them by commas.
#[test]
fn ids_of_partners_are_plain() {
    let partner = |id: &str| {
        format!(
            "[[pool]]\nid = 'us-east-1_a'\n[[partner]]\npool = 'us-east-1_a'\nid = '{id}'\n\
             client_id = 1\nname = 'P'\ndomain = 'p.example.com'\ncurrency = 'EUR'\n\
             vertical = 'v'\npricing_tier = 't'\ncampaign_pricing_model = 'm'\n"
        )
    };
    let plain = ["partner-id-acme", "partner-id-Acme_2.x-y", "fd42"];
    for id in plain {
        assert!(parse(&format!("{MINIMAL}{}", partner(id))).is_ok(), "{id}");
    }
    for id in [
        "*",
        "a/b",
        "partner-id-*",
        "partner-id-a/b",
        "partner-id-a,b",
        "partner-id-a%2fb",
        "fd4,2",
    ] {
        let told = mistakes_after(&partner(id));
        assert!(told.starts_with("poolkeeper.toml:7:6: partner.id: not a partner id: "), "{told}");
    }
    let machines = "[tenant_api]\ngrants = ['partner-id-*', 'partner-id-\u{e4}']\n";
    assert_eq!(mistakes_after(machines).matches("not a grant: ").count(), 2);
}

#[test]
fn what_has_a_consequence() {
    let text = "[hashing]
iterations = 1
allow_weak = true
[[pool]]
id = 'us-east-1_a'
mfa = 'ON'
first_factors = ['EMAIL_OTP']
auto_verified_attributes = ['email', 'phone_number']
[pool.second_factors]
email = true
[[access_key]]
id = 'PK000000000000000000'
secret_env = 'KEY'
operations = ['*']
pools = ['us-east-1_a', 'us-east-1_b']
";
    let warnings = |text: &str| parse(&format!("{MINIMAL}{text}")).unwrap().warnings.join("\n");
    assert_snapshot!(warnings(text), @r#"
    poolkeeper.toml:4:14: hashing.iterations: weaker than OWASP recommends, so stolen hashes are easier to crack: 1 iterations need memory_kib = 47104
    poolkeeper.toml:9:18: pool.first_factors: no code would arrive: [mail.smtp] or [mail.hook] is missing
    poolkeeper.toml:10:29: pool.auto_verified_attributes: no code would arrive: [mail.smtp] or [mail.hook] is missing
    poolkeeper.toml:10:38: pool.auto_verified_attributes: no code would arrive: [sms.hook], which sends text messages, is missing
    poolkeeper.toml:11:1: pool.second_factors: email: no code would arrive: [mail.smtp] or [mail.hook] is missing
    poolkeeper.toml:17:25: access_key.pools: there is no pool "us-east-1_b" in this file: the key has no effect unless a call has created that pool
    "#);
    // An address that people sign up under is proven though its kind is not listed.
    let names = |listed: &str, sender: &str| {
        let pool = "[[pool]]\nid = 'us-east-1_a'\nself_sign_up = true\n";
        let names = "username_attributes = ['email', 'phone_number']\n";
        warnings(&format!("{pool}{names}auto_verified_attributes = [{listed}]\n{sender}"))
    };
    let mail = "[mail]\nfrom = 'a@example.com'\n[mail.smtp]\nhost = 'localhost'\n";
    assert_snapshot!(names("'email'", mail), @"poolkeeper.toml:6:33: pool.username_attributes: users who sign up with one must verify it, and no code would arrive: [sms.hook], which sends text messages, is missing");
    assert_snapshot!(names("'phone_number'", mail), @"poolkeeper.toml:7:29: pool.auto_verified_attributes: no code would arrive: [sms.hook], which sends text messages, is missing");
    assert_snapshot!(names("'phone_number'", ""), @r"
    poolkeeper.toml:6:24: pool.username_attributes: users who sign up with one must verify it, and no code would arrive: [mail.smtp] or [mail.hook] is missing
    poolkeeper.toml:7:29: pool.auto_verified_attributes: no code would arrive: [sms.hook], which sends text messages, is missing
    ");
    assert_eq!(names("", mail), "");
    // Nobody can have the factors that the portal asks for.
    let portal = |mfa: &str, asking: &str| {
        warnings(&format!(
            "[[pool]]\nid = 'us-east-1_a'\n{mfa}[[pool.client]]\nid = 'app'\n\
             flows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']\n[portal_api]\npool = 'us-east-1_a'\n\
             client = 'app'\n{asking}{mail}"
        ))
    };
    let asking = "second_factors = true\n";
    assert_snapshot!(portal("", asking), @r#"poolkeeper.toml:11:18: portal_api.second_factors: the pool has mfa = "OFF", which is the default: no user can have a second factor. Set mfa = "OPTIONAL""#);
    assert_eq!(portal("", asking), portal("mfa = 'OFF'\n", asking).replace(":12:", ":11:"));
    for (mfa, asking) in
        [("mfa = 'OPTIONAL'\n", asking), ("", "second_factors = false\n"), ("", "")]
    {
        assert_eq!(portal(mfa, asking), "", "{mfa}{asking}");
    }
    // To write the default backend out makes no difference.
    let written = text.replace("mfa = 'ON'\n", "mfa = 'ON'\nbackend = 'embedded'\n");
    assert_eq!(warnings(&written).lines().count(), warnings(text).lines().count());
    // Mail without set-up lets everybody in.
    let open = "[[pool]]
id = 'us-east-1_a'
mfa = 'ON'
[pool.second_factors]
email = true
[[pool.client]]
id = 'app'
flows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']
[partner_api]
pool = 'us-east-1_a'
client = 'app'
[mail]
from = 'a@example.com'
[mail.smtp]
host = 'localhost'
";
    assert_eq!(warnings(open), "");
    for (iterations, memory) in [(1, 47_104), (2, 19_456), (3, 12_288), (4, 9_216), (5, 7_168)] {
        let of = |memory: u32| {
            let text = format!("[hashing]\niterations = {iterations}\nmemory_kib = {memory}\n");
            parse(&format!("{MINIMAL}{text}"))
        };
        assert!(of(memory).is_ok(), "{iterations}");
        assert!(of(memory - 1).is_err(), "{iterations}");
    }
}
