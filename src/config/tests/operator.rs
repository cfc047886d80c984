use super::*;

fn operator(public: &str, listen: &str) -> String {
    format!(
        "{MINIMAL}listen = '{public}'\nallow_cleartext = true\n[operator]\nlisten = '{listen}'\n"
    )
}

#[test]
fn operators_have_an_address_of_their_own() {
    for (public, listen) in [
        ("127.0.0.1:8080", "127.0.0.1:9090"),
        ("127.0.0.1:8080", "127.0.0.2:8080"),
        ("127.0.0.1:8080", "[::1]:8080"),
        ("0.0.0.0:8080", "127.0.0.1:8081"),
        ("127.0.0.1:0", "127.0.0.1:0"),
    ] {
        let config = parse(&operator(public, listen)).unwrap();
        assert_eq!(config.operator.unwrap().listen, listen.parse().unwrap());
        assert!(config.warnings.is_empty(), "{listen}");
    }
    let told = [
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("0.0.0.0:8080", "127.0.0.1:8080"),
        ("10.0.0.1:8080", "[::]:8080"),
        ("127.0.0.1:8080", "localhost:9090"),
    ];
    let told = told.map(|(public, listen)| mistakes(&operator(public, listen)));
    assert_snapshot!(told.join("\n"), @"
    poolkeeper.toml:6:10: operator.listen: is the same as listen, 127.0.0.1:8080: operators need an address of their own
    poolkeeper.toml:6:10: operator.listen: is the same as listen, 0.0.0.0:8080: operators need an address of their own
    poolkeeper.toml:6:10: operator.listen: is the same as listen, 10.0.0.1:8080: operators need an address of their own
    poolkeeper.toml:6:10: operator.listen: not an address: expected IP and port, e.g. 127.0.0.1:8080
    ");
    assert_snapshot!(mistakes_after("[operator]\n"), @"poolkeeper.toml:3:1: operator: missing field `listen`");
}

#[test]
fn what_is_for_operators_is_kept_from_strangers() {
    let config = parse(&operator("127.0.0.1:8080", "10.0.0.1:9090")).unwrap();
    assert_snapshot!(config.warnings.join("\n"), @"poolkeeper.toml:6:10: operator.listen: other machines can reach this address, and its connections are not encrypted: listen on 127.0.0.1 or [::1], or keep strangers out of the network");
}
