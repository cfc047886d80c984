use super::*;

const AMAZON: &str = "
[[pool]]
id = 'eu-west-1_AbCdEf123'
backend = 'aws'
client = [{ id = 'abc', flows = ['ALLOW_USER_PASSWORD_AUTH'] }]
";

/// Those of the pool above, reached there.
fn addresses(endpoint: &str) -> Addresses {
    let issuer = |service| format!("https://{service}.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123");
    Addresses {
        endpoint: endpoint.to_owned(),
        documents: format!("{endpoint}/eu-west-1_AbCdEf123/.well-known"),
        issuers: ["cognito-idp", "issuer-cognito-idp", "cognito-idp-fips"].map(issuer).into(),
    }
}

/// What the file says of the pool above in an environment.
fn amazon_in(table: &str, variables: &[(&str, &str)]) -> Result<AmazonConfig, String> {
    let config = parse_in(&format!("{MINIMAL}{AMAZON}{table}"), variables);
    let config = config.map_err(|mistakes| mistakes.to_string())?;
    match &config.pools.first().unwrap().backend {
        Backend::Amazon(amazon) => Ok(*amazon.clone()),
        Backend::Embedded => panic!("the pool is at Amazon"),
    }
}

fn parse_in(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let variable = |name: &str| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    };
    Config::parse_in(Path::new("poolkeeper.toml"), text, &variable)
}

/// What AWS's own tools obey holds for all that is asked of Amazon, and the file comes first.
#[test]
fn amazon_is_where_file_and_environment_say() {
    let all = ("AWS_ENDPOINT_URL", "http://localhost:4566/");
    let own = ("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "https://vpce-1.example.com");
    let ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    let fips = ("AWS_USE_FIPS_ENDPOINT", "true");
    let file = "[pool.aws]\nendpoint = 'https://vpce-2.example.com'\n";
    for (table, variables, expected) in [
        ("", &[all][..], "http://localhost:4566"),
        ("", &[all, own], "https://vpce-1.example.com"),
        ("", &[all, own, ignored], "https://cognito-idp.eu-west-1.amazonaws.com"),
        ("", &[fips], "https://cognito-idp-fips.eu-west-1.amazonaws.com"),
        (file, &[all, own], "https://vpce-2.example.com"),
    ] {
        let amazon = amazon_in(table, variables).unwrap();
        assert_eq!(amazon.addresses, addresses(expected), "{table} {variables:?}");
        let sts = (!table.is_empty()).then(|| expected.to_owned());
        assert_eq!(amazon.named_endpoint, sts, "{table} {variables:?}");
    }
    let documents = "documents_endpoint = 'https://issuer-cognito-idp.eu-west-1.amazonaws.com'\n";
    let amazon = amazon_in(&format!("{file}{documents}"), &[]).unwrap();
    let issuer = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123";
    assert_eq!(amazon.addresses.documents, format!("{issuer}/.well-known"));
    assert_eq!(amazon.addresses.endpoint, "https://vpce-2.example.com");
    let wrong = amazon_in("", &[("AWS_ENDPOINT_URL", "http://10.0.0.1:4566")]).unwrap_err();
    assert_snapshot!(wrong, @"poolkeeper.toml:6:11: pool.backend: the environment variable AWS_ENDPOINT_URL: passwords would cross the network unencrypted: use https, except on this machine");
}

/// A replica has the id of its primary, and another region.
#[test]
fn a_replica_is_used_in_its_own_region() {
    let table = "[pool.aws]\nregion = 'eu-central-1'\n";
    let amazon = amazon_in(table, &[]).unwrap();
    assert_eq!(amazon.region, "eu-central-1");
    assert_eq!(amazon.addresses.endpoint, "https://cognito-idp.eu-central-1.amazonaws.com");
    let id = "eu-west-1_AbCdEf123";
    assert_eq!(
        amazon.addresses.documents,
        format!("{}/{id}/.well-known", amazon.addresses.endpoint)
    );
    let primary = format!("https://issuer-cognito-idp.eu-west-1.amazonaws.com/{id}");
    let replica = format!("https://cognito-idp.eu-central-1.amazonaws.com/{id}");
    assert!(amazon.addresses.issuers.contains(&primary), "{:?}", amazon.addresses.issuers);
    assert!(amazon.addresses.issuers.contains(&replica), "{:?}", amazon.addresses.issuers);
    let named = format!("{MINIMAL}{}{table}", AMAZON.replace("id = 'eu-west-1_AbCdEf123'\n", ""));
    let variables = [("COGNITO_USER_POOL_ID", id), ("AWS_REGION", "eu-central-1")];
    parse_in(&named, &variables).unwrap();
    assert_snapshot!(amazon_in("[pool.aws]\nregion = 'Europe'\n", &[]).unwrap_err(), @"poolkeeper.toml:9:10: pool.aws.region: not a region: expected e.g. us-east-1");
}

#[test]
fn a_pool_may_live_at_amazon() {
    let api = "[portal_api]\npool = 'eu-west-1_AbCdEf123'\nclient = 'abc'\n";
    let config = parse(&format!("{MINIMAL}{AMAZON}{api}")).unwrap();
    let expected = AmazonConfig {
        region: "eu-west-1".into(),
        addresses: addresses("https://cognito-idp.eu-west-1.amazonaws.com"),
        named_endpoint: None,
        token_issuer: None,
        check_revocation: true,
        group_life: Duration::from_secs(10),
        service_group: GroupName::from("service-accounts"),
        connect_timeout: Duration::from_secs(2),
        answer_timeout: Duration::from_secs(5),
        attempts: 3,
        failures: 10,
        rest: Duration::from_secs(5),
    };
    assert_eq!(config.pools.first().unwrap().backend, Backend::Amazon(Box::new(expected)));
}

/// Whether anybody could be sent a message from here.
#[test]
fn users_of_pools_at_amazon_are_not_ours() {
    let may_hold = |text: &str| parse(&format!("{MINIMAL}{text}")).unwrap().may_hold_users();
    let embedded = "[[pool]]\nid = 'us-east-1_a'\n";
    assert!(!may_hold(AMAZON));
    // A call may create a pool.
    for text in ["", embedded, &format!("{AMAZON}{embedded}")] {
        assert!(may_hold(text), "{text}");
    }
}

#[test]
fn what_is_wrong_with_a_pool_at_amazon_is_said() {
    let table = "[pool.aws]\nendpoint = 'http://10.0.0.1'\nattempts = 0\nservice_group = ' '\n";
    assert_snapshot!(mistakes_after(&format!("{AMAZON}{table}")), @r"
    poolkeeper.toml:9:12: pool.aws.endpoint: passwords would cross the network unencrypted: use https, except on this machine
    poolkeeper.toml:10:12: pool.aws.attempts: out of range: 1 to 10 is allowed
    poolkeeper.toml:11:17: pool.aws.service_group: not a name: 1 to 128 characters are expected
    ");
    let elsewhere = AMAZON.replace("aws", "azure").replace("eu-west-1", "us-east-1");
    assert_snapshot!(mistakes_after(&elsewhere), @"poolkeeper.toml:6:11: pool.backend: not a backend: expected embedded or aws");
    let embedded = AMAZON.replace("backend = 'aws'", "").replace("eu-west-1", "us-east-1");
    assert_snapshot!(mistakes_after(&format!("{embedded}[pool.aws]\n")), @r#"poolkeeper.toml:8:1: pool.aws: has no effect without backend = "aws""#);
    assert_snapshot!(mistakes_after(&AMAZON.replace("eu-west-1_AbCdEf123", "AbCdEf123")), @"poolkeeper.toml:5:6: pool.id: not the id of a pool at Amazon: expected e.g. us-east-1_AbCdEf123");
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
    assert_snapshot!(mistakes_after(forward), @r#"poolkeeper.toml:4:11: cognito.forward: needs a pool with backend = "aws"; all such pools must have the same endpoint or region"#);
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
    poolkeeper.toml:5:6: pool.id: not the id of a pool at Amazon: expected e.g. us-east-1_AbCdEf123
    poolkeeper.toml:5:6: pool.id: the environment variable POOLKEEPER_NO_SUCH_VARIABLE is not set
    ");
}

/// A pool at Amazon may leave out what the environment says as other programs want it said.
#[test]
fn a_pool_at_amazon_may_be_named_by_the_environment_alone() {
    let pool = "[[pool]]\nbackend = 'aws'\nclient = [{ flows = ['ALLOW_USER_PASSWORD_AUTH'] }]\n";
    let told =
        |text: &str, variables: &[(&str, &str)]| parse_in(&format!("{MINIMAL}{text}"), variables);
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
        (pool, &[][..], "the environment variable COGNITO_USER_POOL_ID is not set"),
        (pool, &all[..1], "the environment variable COGNITO_CLIENT_ID is not set"),
        (pool, &[all[0], all[1], ("AWS_REGION", "eu-west-2")], "AWS_REGION is eu-west-2, but"),
        (&pool.replace("'aws'", "'embedded'"), &all, "missing field `id`"),
    ] {
        let mistakes = wrong(text, variables);
        assert!(mistakes.contains(told), "{mistakes}");
    }
}
