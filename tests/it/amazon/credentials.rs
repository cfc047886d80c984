//! The built program without credentials for Amazon.

use super::{at_amazon, sign_in};
use crate::support::Program;

#[test]
fn the_log_says_where_credentials_were_looked_for_and_calls_go_on() {
    // Nobody listens there, and nobody is asked.
    let folder = at_amazon("http://127.0.0.1:1");
    let nowhere = "for name in $(env | sed -n 's/^\\(AWS_[A-Z_0-9]*\\)=.*/\\1/p'); do unset $name; \
                   done; export HOME=\"$PWD\" AWS_EC2_METADATA_DISABLED=true";
    let program = Program::start(folder.path(), nowhere);
    for _ in 0..3 {
        assert_eq!(
            sign_in(&program, "ann", "Passw0rd!"),
            r#"HTTP/1.1 500 Internal Server Error {"detail":"Login failed: Internal error"}"#
        );
    }
    let log = program.stop();
    assert_eq!(log.matches("no usable AWS credentials: set AWS_ACCESS_KEY_ID").count(), 3, "{log}");
    assert!(log.contains("Environment: "), "{log}");
    assert!(!log.contains("calls to Amazon are paused"), "{log}");
}
