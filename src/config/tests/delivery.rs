use super::*;

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
    poolkeeper.toml:8:7: mail.smtp.tls: codes would cross the network unencrypted: set allow_cleartext = true if that network is yours
    poolkeeper.toml:9:12: mail.smtp.username: needs password_file or password_env
    poolkeeper.toml:10:1: sms.hook: needs secret_file or secret_env
    poolkeeper.toml:11:7: sms.hook.url: codes would cross the network unencrypted: use https
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
    poolkeeper.toml:4:12: mail.reply_to: has no effect with mail.hook: the hook chooses the sender
    poolkeeper.toml:5:14: mail.from_pools: has no effect with mail.hook: the hook chooses the sender
    poolkeeper.toml:7:7: mail.hook.url: not a URL: expected e.g. https://example.com/send
    poolkeeper.toml:8:14: mail.hook.secret_env: the secret already comes from a file: keep one of the two
    ");
    let text = "[mail]\n[mail.smtp]\nhost = 'a.co'\npassword_env = 'A'\ntls = 'ssl'\n";
    assert_snapshot!(mistakes_after(text), @r#"
    poolkeeper.toml:3:1: mail: needs from, the sender's address
    poolkeeper.toml:6:16: mail.smtp.password_env: has no effect without mail.smtp.username
    poolkeeper.toml:7:7: mail.smtp.tls: one of "starttls", "implicit", "none" is expected
    "#);
    assert_snapshot!(mistakes_after("[mail]\nfrom = 'a@b.co'\n"), @"poolkeeper.toml:3:1: mail: needs mail.smtp or mail.hook");
    let both =
        "[mail]\nsmtp = { host = 'a.co' }\nhook = { url = 'https://a.co', secret_env = 'A' }\n";
    assert_snapshot!(mistakes_after(both), @"poolkeeper.toml:5:8: mail.hook: mail.smtp already says how mail is sent: keep one of the two");
    assert_snapshot!(mistakes_after("[sms]\nhook = { url = 'https://a.co', secret = 'A' }\n"), @"poolkeeper.toml:4:32: sms.hook.secret: unknown field `secret`, expected one of `url`, `secret_file`, `secret_env`");
}
