//! Commands about a pool that lives at "Amazon": another process of the built program.

use super::{at_amazon, sign_in};
use crate::support::Program;
use insta::assert_snapshot;
use std::fs;
use std::path::Path;
use std::process::Command;

const KEY: &str = "AKIACOMMANDS00000001";
const SECRET: &str = "a-secret-of-an-access-key-long-enough";

/// What "Amazon" has besides its pool.
const AMAZONS_OWN: &str = r#"
[[pool.group]]
name = "service-accounts"

[[pool.group]]
name = "admin"

[[access_key]]
id = "AKIACOMMANDS00000001"
secret_env = "AMAZONS_SECRET"
operations = ["*"]
pools = ["*"]
"#;

/// "Amazon", and the program in front of it.
struct Both {
    amazon: Program,
    front: Program,
    folders: [tempfile::TempDir; 2],
}

impl Both {
    fn start() -> Self {
        let theirs = Program::folder();
        let file = theirs.path().join("poolkeeper.toml");
        let config = fs::read_to_string(&file).unwrap();
        let names = "username_attributes = [\"email\"]\n";
        fs::write(&file, format!("{}{AMAZONS_OWN}", config.replace(names, ""))).unwrap();
        let amazon = Program::start(theirs.path(), &format!("export AMAZONS_SECRET={SECRET}"));
        let ours = at_amazon(&format!("http://{}", amazon.address));
        let key = format!("export AWS_ACCESS_KEY_ID={KEY} AWS_SECRET_ACCESS_KEY={SECRET}");
        let front = Program::start(ours.path(), &key);
        Self { amazon, front, folders: [theirs, ours] }
    }

    /// Runs `poolkeeper` in front of "Amazon": exit code and what it writes.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        run(self.folders[1].path(), arguments)
    }

    fn stop(self) {
        self.front.stop();
        self.amazon.stop();
    }
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_poolkeeper"))
        .args(arguments)
        .args(["--pool", "us-east-1_Program12"])
        .current_dir(folder)
        .env("AWS_ACCESS_KEY_ID", KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

/// What stands behind a name in a command's output.
fn value<'a>(text: &'a str, name: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("{name}: {text}")).trim()
}

#[test]
fn users_are_listed_created_shown_and_changed_at_amazon() {
    let both = Both::start();
    assert_eq!(both.run(&["user", "list"]), (0, "0 users\n".to_owned()));
    let (code, created) =
        both.run(&["user", "create", "--service", "--username", "bot", "--group", "admin"]);
    assert_eq!(code, 0, "{created}");
    let (sub, secret) = (value(&created, "sub"), value(&created, "secret"));
    assert_eq!(
        created,
        format!(
            "username  bot\nsub       {sub}\nsecret    {secret}\n\
             The secret is stored hashed: it cannot be shown again.\n"
        )
    );
    let signed_in = sign_in(&both.front, "bot", secret);
    assert!(signed_in.starts_with("HTTP/1.1 200 OK "), "{signed_in}");
    let (code, created) =
        both.run(&["user", "create", "--username", "ann", "--attribute", "email=ann@example.com"]);
    assert_eq!(code, 0, "{created}");
    let ann = value(&created, "sub");
    assert_eq!(
        created,
        format!("username  ann\nsub       {ann}\nstatus    FORCE_CHANGE_PASSWORD\n")
    );
    let show = |text: String| text.replace(sub, "(bot)").replace(ann, "(ann)");
    let sorted = |text: String| {
        let mut lines: Vec<_> = text.lines().collect();
        lines.sort_unstable();
        lines.join("\n")
    };
    assert_snapshot!(sorted(both.run(&["user", "list"]).1), @r#"
    2 users
    ann  FORCE_CHANGE_PASSWORD  enabled  person  ann@example.com
    bot  CONFIRMED  enabled  service  -
    "#);
    assert_snapshot!(both.run(&["user", "list", "--services"]).1, @r#"
    bot  CONFIRMED  enabled  service  -
    1 service accounts
    "#);
    assert_snapshot!(show(both.run(&["user", "show", "bot"]).1), @r"
    username        bot
    sub             (bot)
    status          CONFIRMED
    enabled         yes
    kind            service
    groups          admin service-accounts
    second factors  -
    failures        unknown: only Amazon counts them
    ");
    assert_eq!(both.run(&["user", "unlock", "bot"]).0, 2);
    assert_snapshot!(both.run(&["user", "unlock", "bot"]).1, @r#"pool us-east-1_Program12 is at Amazon, which counts failed attempts itself and ends a lock by itself, after 15 minutes at most"#);
    assert_snapshot!(both.run(&["user", "disable", "ann"]).1, @r#"ann is disabled, and signed out everywhere"#);
    assert_snapshot!(both.run(&["user", "enable", "ann"]).1, @r#"ann is enabled"#);
    assert_snapshot!(both.run(&["user", "delete", "ann"]).1, @r#"ann was deleted"#);
    assert_eq!(both.run(&["user", "show", "ann"]), (2, "there is no such user\n".to_owned()));
    both.stop();
}

#[test]
fn a_new_partner_gets_its_group_at_amazon() {
    let both = Both::start();
    let create = ["partner", "create", "partner-id-initech", "--name", "Initech"];
    let (code, created) = both.run(&create);
    assert_eq!(code, 0, "{created}");
    // The group is there: else the user would not be made.
    let group = ["--group", "partner-id-initech"];
    let bot = [&["user", "create", "--service", "--username", "bot"][..], &group].concat();
    let (code, made) = both.run(&bot);
    assert_eq!(code, 0, "{made}");
    both.stop();
}
