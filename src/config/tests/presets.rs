use super::*;

/// A file with all sign-in APIs, each with these further lines in its table.
fn apis(partner: &str, portal: &str, tenant: &str) -> String {
    let pool = "pool = 'us-east-1_a'\n";
    format!(
        "{MINIMAL}[[pool]]\nid = 'us-east-1_a'\n[[pool.client]]\nid = 'app'\n\
         flows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']\n\
         [[pool.client]]\nid = 'web'\nflows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']\n\
         [partner_api]\n{pool}client = 'web'\n{partner}\n\
         [portal_api]\n{pool}client = 'app'\n{portal}\n\
         [tenant_api]\n{tenant}\n"
    )
}

fn partner(text: &str) -> PartnerGroups {
    parse(&apis(text, "", "")).unwrap().partner_api.unwrap().groups
}

fn portal(text: &str) -> PortalTexts {
    parse(&apis("", text, "")).unwrap().portal_api.unwrap().texts
}

fn tenant(text: &str) -> Vec<GroupName> {
    parse(&apis("", "", text)).unwrap().tenant_api.unwrap().grants
}

fn names<const N: usize>(names: [&str; N]) -> Vec<GroupName> {
    names.map(GroupName::from).to_vec()
}

#[test]
fn without_a_preset_nothing_is_a_customers() {
    let neutral = PartnerGroups {
        suspended: "account-disabled".into(),
        external: "external-user".into(),
        administrators: Vec::new(),
        access_prefix: "access-group-".into(),
    };
    assert_eq!(partner(""), neutral);
    let neutral = PortalTexts {
        greeting: "Poolkeeper is running".into(),
        service: "poolkeeper".into(),
        unnamed_user: "User".into(),
    };
    assert_eq!(portal(""), neutral);
    assert_eq!(tenant(""), names([]));
}

#[test]
fn presets_are_what_the_original_documents_say() {
    let groups = partner("preset = 'future-demand'");
    assert_eq!(groups.suspended.as_str(), "account-disabled");
    assert_eq!(groups.external.as_str(), "external-user");
    assert_eq!(groups.administrators, names(["fd-admin", "back-office-admin"]));
    assert_eq!(groups.access_prefix, "webapp-access-group-");
    let texts = portal("preset = 'igad-innovation-hub'");
    assert_eq!(texts.greeting, "IGAD Innovation Hub API is running");
    assert_eq!(texts.service, "igad-innovation-hub");
    assert_eq!(texts.unnamed_user, "IGAD User");
    let grants = ["read-activity-logs", "read-transaction-data", "download-consent-list"];
    assert_eq!(tenant("preset = 'oloid'"), names(grants));
}

#[test]
fn settings_of_their_own_go_before_a_preset() {
    let groups = partner("preset = 'future-demand'\nsuspended_group = 'locked-out'");
    let rest = PartnerGroups { suspended: "locked-out".into(), ..preset::future_demand() };
    assert_eq!(groups, rest);
    let groups = partner(
        "preset = 'future-demand'\nexternal_group = 'guests'\nadministrator_groups = []\n\
         access_group_prefix = 'role'",
    );
    assert_eq!((groups.external.as_str(), groups.administrators), ("guests", Vec::new()));
    assert_eq!(groups.access_prefix, "role");
    let texts = portal("preset = 'igad-innovation-hub'\nunnamed_user = 'Nobody'");
    let rest = PortalTexts { unnamed_user: "Nobody".into(), ..preset::igad_innovation_hub() };
    assert_eq!(texts, rest);
    assert_eq!(portal("greeting = 'Hello'\nservice = 's'").greeting, "Hello");
    assert_eq!(tenant("preset = 'oloid'\ngrants = ['read']"), names(["read"]));
    assert_eq!(tenant("preset = 'oloid'\ngrants = []"), names([]));
}

#[test]
fn presets_that_do_not_exist() {
    let text = apis("preset = 'oloid'", "preset = ''", "preset = 'OLOID'");
    assert_snapshot!(mistakes(&text), @r#"
    poolkeeper.toml:14:10: partner_api.preset: unknown preset "oloid"; one of future-demand
    poolkeeper.toml:18:10: portal_api.preset: unknown preset ""; one of igad-innovation-hub
    poolkeeper.toml:20:10: tenant_api.preset: unknown preset "OLOID"; one of oloid
    "#);
}

#[test]
fn texts_and_groups_that_cannot_be() {
    let partner = "suspended_group = 'admin'\nexternal_group = 'fd1'\n\
                   administrator_groups = ['two words', 'twice', 'twice']\n\
                   access_group_prefix = 'partner-id-'";
    let text = apis(partner, "greeting = ''\nservice = ' '\nunnamed_user = ''", "");
    assert_snapshot!(mistakes(&text), @r#"
    poolkeeper.toml:14:19: partner_api.suspended_group: already has a meaning: "admin" and partner ids are not allowed
    poolkeeper.toml:15:18: partner_api.external_group: already has a meaning: "admin" and partner ids are not allowed
    poolkeeper.toml:16:25: partner_api.administrator_groups: not a group's name: 1 to 128 characters without spaces are expected
    poolkeeper.toml:16:38: partner_api.administrator_groups: "twice" has two meanings
    poolkeeper.toml:16:47: partner_api.administrator_groups: "twice" has two meanings
    poolkeeper.toml:17:23: partner_api.access_group_prefix: not the beginning of a group's name: expected 1 to 100 characters, no spaces, and not the beginning of a partner's id
    poolkeeper.toml:21:12: portal_api.greeting: not a name: 1 to 128 characters are expected
    poolkeeper.toml:22:11: portal_api.service: not a name: 1 to 128 characters are expected
    poolkeeper.toml:23:16: portal_api.unnamed_user: not a name: 1 to 128 characters are expected
    "#);
    let clash = |text: &str| mistakes(&apis(text, "", ""));
    assert_snapshot!(clash("suspended_group = 'external-user'"), @r#"poolkeeper.toml:14:19: partner_api.suspended_group: "external-user" has two meanings"#);
    assert_snapshot!(clash("external_group = 'team1'\naccess_group_prefix = 'team'"), @r#"poolkeeper.toml:14:18: partner_api.external_group: delegated administrators could assign "team1": it is an access group"#);
    assert_snapshot!(clash("access_group_prefix = ''"), @"poolkeeper.toml:14:23: partner_api.access_group_prefix: not the beginning of a group's name: expected 1 to 100 characters, no spaces, and not the beginning of a partner's id");
}

/// Tenants could put machines into it.
#[test]
fn granted_groups_of_a_preset_are_no_tenants() {
    let tenant = "preset = 'oloid'\n[[pool.client]]\nid = 'tenant'\n\
                  flows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']\n\
                  [[pool.group]]\nname = 'read-activity-logs'\n\
                  [[tenant]]\nname = 'Acme'\nid = '1'\npool = 'us-east-1_a'\nclient = 'tenant'\n\
                  group = 'read-activity-logs'";
    assert_snapshot!(mistakes(&apis("", "", tenant)), @"poolkeeper.toml:31:9: tenant.group: tenants could add machine credentials to this group: it is in tenant_api.grants");
}

/// Administrators of partners could add members to it.
#[test]
fn groups_of_the_partner_api_are_no_tenants() {
    let tenant = "[[pool.client]]\nid = 'tenant'\nflows = ['ALLOW_ADMIN_USER_PASSWORD_AUTH']\n\
                  [[pool.group]]\nname = 'team-1'\n\
                  [[tenant]]\nname = 'Acme'\nid = '1'\npool = 'us-east-1_a'\nclient = 'tenant'\n\
                  admin_group = 'team-1'";
    let apis = |partner: &str| apis(partner, "", tenant);
    assert_snapshot!(mistakes(&apis("access_group_prefix = 'team-'")), @"poolkeeper.toml:30:15: tenant.admin_group: the partner API of the same pool uses this group");
    assert_snapshot!(mistakes(&apis("administrator_groups = ['team-1']")), @"poolkeeper.toml:30:15: tenant.admin_group: the partner API of the same pool uses this group");
    assert!(parse(&apis("")).is_ok());
}

/// An update must not take a meaning from groups without a word.
#[test]
fn groups_of_a_preset_that_is_not_named() {
    let tenant = "[[pool.group]]\nname = 'fd-admin'\n[[pool.group]]\nname = 'staff'";
    let warnings = |partner: &str| parse(&apis(partner, "", tenant)).unwrap().warnings.join("\n");
    assert_snapshot!(warnings(""), @r#"poolkeeper.toml:12:8: partner_api.pool: its group "fd-admin" has no meaning in the partner API without preset = "future-demand""#);
    assert_eq!(warnings("preset = 'future-demand'"), "");
    assert_eq!(warnings("administrator_groups = ['fd-admin']"), "");
}
