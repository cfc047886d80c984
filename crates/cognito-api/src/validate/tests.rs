use serde_json::json;

use super::*;
use crate::{Operation, types};

fn message(operation: Operation, body: &Value) -> String {
    match parse::<Value>(operation.input(), body.to_string().as_bytes()) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

fn serialization(operation: Operation, body: &Value) -> String {
    match parse::<Value>(operation.input(), body.to_string().as_bytes()) {
        Err(InputError::Serialization { message }) => message,
        other => panic!("{other:?}"),
    }
}

/// A request that keeps every constraint.
fn sign_up() -> Value {
    json!({"ClientId": "abc", "Username": "zoe", "Password": "correct horse"})
}

fn with(mut base: Value, member: &str, value: Value) -> Value {
    base[member] = value;
    base
}

#[test]
fn a_good_request() {
    let body = with(sign_up(), "UserAttributes", json!([{"Name": "email", "Value": "z@x.y"}]));
    let body = with(body, "NoSuchMember", json!({"deeply": [1, null]}));
    let request: types::SignUpRequest = parse_input(body.to_string().as_bytes()).unwrap();
    assert_eq!(request.client_id, "abc");
    assert_eq!(request.username.expose(), "zoe");
    assert_eq!(request.password.unwrap().expose(), "correct horse");
    let attributes = request.user_attributes.unwrap();
    assert_eq!(attributes[0].name, "email");
    assert_eq!(attributes[0].value.as_ref().unwrap().expose(), "z@x.y");
    assert_eq!(request.client_metadata, None);
}

#[test]
fn one_violation() {
    assert_eq!(
        message(Operation::SignUp, &json!({"Username": "zoe", "Password": "secret"})),
        "1 validation error detected: Value null at 'clientId' failed to satisfy constraint: \
         Member must not be null"
    );
    assert_eq!(
        message(Operation::ListUsers, &json!({"UserPoolId": "eu_1", "Limit": 61})),
        "1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: \
         Member must have value less than or equal to 60"
    );
}

#[test]
fn several_violations_in_the_order_of_declaration() {
    let body = json!({"Password": "", "Username": "", "ClientId": "a b"});
    assert_eq!(
        message(Operation::SignUp, &body),
        r"4 validation errors detected: Value 'a b' at 'clientId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+]+; Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1; Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+; Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$"
    );
}

#[test]
fn sensitive_values_are_left_out() {
    let long = "x".repeat(300);
    let text = message(Operation::SignUp, &with(sign_up(), "Password", json!(long)));
    assert_eq!(
        text,
        "1 validation error detected: Value at 'password' failed to satisfy constraint: \
         Member must have length less than or equal to 256"
    );
    assert_eq!(
        message(Operation::ChangePassword, &json!({"AccessToken": "a"})),
        "1 validation error detected: Value at 'proposedPassword' failed to satisfy constraint: \
         Member must not be null"
    );
    // What lies within something sensitive is sensitive too.
    let long = "s3cret".repeat(30_000);
    let body = json!({
        "ClientId": "a",
        "AuthFlow": "USER_AUTH",
        "AuthParameters": {"PASSWORD": long},
        "UserContextData": {"EncodedData": long},
    });
    let text = message(Operation::InitiateAuth, &body);
    assert_eq!(
        text,
        "2 validation errors detected: Value at 'authParameters' failed to satisfy constraint: \
         Map value must satisfy constraint: [Member must have length less than or equal to 131072, \
         Member must have length greater than or equal to 0]; Value at \
         'userContextData.encodedData' failed to satisfy constraint: Member must have length less \
         than or equal to 131072"
    );
}

#[test]
fn nested_paths() {
    let body = with(sign_up(), "UserAttributes", json!([{"Name": "a b\u{0}"}, null, {}]));
    assert_eq!(
        message(Operation::SignUp, &body),
        "2 validation errors detected: Value 'a b\u{0}' at 'userAttributes.1.member.name' failed \
         to satisfy constraint: Member must satisfy regular expression pattern: \
         [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\t\\n\\r ]+; Value null at 'userAttributes.3.member.name' \
         failed to satisfy constraint: Member must not be null"
    );
    let body =
        json!({"PoolName": "p", "LambdaConfig": {"CustomMessage": "custom-message-function"}});
    assert!(message(Operation::CreateUserPool, &body).starts_with(
        "1 validation error detected: Value 'custom-message-function' at \
         'lambdaConfig.customMessage' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: arn:"
    ));
    let body = json!({"PoolName": "p", "AcrConfiguration": {"Level1": {}}});
    let text = message(Operation::CreateUserPool, &body);
    assert!(text.contains("at 'acrConfiguration.Level1.member.acrValue'"), "{text}");
}

#[test]
fn lists_and_maps_of_scalars() {
    let body =
        json!({"UserPoolId": "eu_1", "ClientName": "c", "CallbackURLs": ["https://a", "a b"]});
    assert_eq!(
        message(Operation::CreateUserPoolClient, &body),
        r"1 validation error detected: Value '[https://a, a b]' at 'callbackURLs' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+]"
    );
    let body = json!({
        "ResourceArn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu_1",
        "Tags": {"": "x", "k": "v".repeat(257)},
    });
    let text = message(Operation::TagResource, &body);
    assert!(text.starts_with("2 validation errors detected: Value '{=x, k=vvv"), "{text}");
    assert!(text.contains(
        "...' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member \
         must have length less than or equal to 128, Member must have length greater than or \
         equal to 1]"
    ));
    assert!(text.contains("Map value must satisfy constraint: [Member must have length less"));
}

#[test]
fn enumerations() {
    let body = json!({"ClientId": "a", "AuthFlow": "PASSWORD"});
    assert_eq!(
        message(Operation::InitiateAuth, &body),
        "1 validation error detected: Value 'PASSWORD' at 'authFlow' failed to satisfy constraint: \
         Member must satisfy enum value set: [USER_SRP_AUTH, REFRESH_TOKEN_AUTH, \
         REFRESH_TOKEN, CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, USER_PASSWORD_AUTH, \
         ADMIN_USER_PASSWORD_AUTH, USER_AUTH]"
    );
}

#[test]
fn lengths_count_utf_16() {
    let username = |count| with(sign_up(), "Username", json!("😀".repeat(count)));
    assert_eq!(message(Operation::SignUp, &username(64)), "");
    assert!(message(Operation::SignUp, &username(65)).ends_with("less than or equal to 128"));
    // Two bytes each, but one unit.
    assert_eq!(
        message(Operation::SignUp, &with(sign_up(), "Username", json!("é".repeat(128)))),
        ""
    );
}

#[test]
fn null_is_absence() {
    let body = json!({
        "ClientId": "abc",
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "zoe", "SECRET_HASH": null},
        "ClientMetadata": null,
        "AnalyticsMetadata": {"AnalyticsEndpointId": null},
    });
    let request: types::InitiateAuthRequest = parse_input(body.to_string().as_bytes()).unwrap();
    assert_eq!(request.auth_parameters.unwrap().keys().collect::<Vec<_>>(), ["USERNAME"]);
    assert_eq!(request.client_metadata, None);
    assert_eq!(request.analytics_metadata, Some(types::AnalyticsMetadataType::default()));

    let body = json!({"UserPoolId": "eu_1", "ClientName": "c", "CallbackURLs": [null, "a", null]});
    let request: types::CreateUserPoolClientRequest =
        parse_input(body.to_string().as_bytes()).unwrap();
    assert_eq!(request.callback_urls.unwrap(), ["a"]);

    assert!(
        message(Operation::SignUp, &with(sign_up(), "ClientId", Value::Null)).starts_with("1 ")
    );
    for body in ["", " \n", "null", "{}"] {
        let error = parse_input::<types::GetUserRequest>(body.as_bytes()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "1 validation error detected: Value at 'accessToken' failed to satisfy constraint: \
             Member must not be null"
        );
        assert_eq!(error.exception(), "InvalidParameterException");
    }
}

#[test]
fn documents_pass_through() {
    let body = json!({"AccessToken": "a", "Credential": {"id": null, "list": [null, {"x": 1.5}]}});
    let request: types::CompleteWebAuthnRegistrationRequest =
        parse_input(body.to_string().as_bytes()).unwrap();
    assert_eq!(request.credential, body["Credential"]);
}

#[test]
fn wrong_types() {
    for (member, value, expected) in [
        ("Username", json!(1), "NUMBER_VALUE can not be converted to a String"),
        ("Username", json!(true), "TRUE_VALUE can not be converted to a String"),
        ("Username", json!({}), "Start of structure or map found where not expected."),
        ("Username", json!([]), "Start of list found where not expected."),
        ("UserAttributes", json!("x"), "Unexpected field type"),
        ("UserAttributes", json!({}), "Start of structure or map found where not expected."),
        ("UserAttributes", json!([1]), "Unexpected field type"),
        ("ClientMetadata", json!([]), "Start of list found where not expected."),
        ("ClientMetadata", json!({"k": 1}), "NUMBER_VALUE can not be converted to a String"),
        ("UserContextData", json!(1), "Unexpected field type"),
    ] {
        // A violation elsewhere does not matter then.
        let body = with(json!({"ClientId": ""}), member, value);
        assert_eq!(serialization(Operation::SignUp, &body), expected);
    }
    for limit in [json!("5"), json!(1.5), json!(1e300), json!(3_000_000_000_u64), json!(false)] {
        let body = json!({"UserPoolId": "eu_1", "Limit": limit});
        let text = serialization(Operation::ListUsers, &body);
        assert!(text.ends_with("_VALUE can not be converted to an Integer"), "{text}");
    }
    for body in ["{", "{}x", "\u{feff}{}", "{\"a\":1,}", "nul", "\"\\ud800\""] {
        let error = parse_input::<types::SignUpRequest>(body.as_bytes()).unwrap_err();
        assert!(error.to_string().starts_with("The request body is not valid JSON at line 1"));
        assert_eq!(error.exception(), "SerializationException");
    }
    assert!(parse_input::<types::SignUpRequest>(b"{\"a\xff\":1}").is_err());
    let deep = format!("{}{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert!(parse_input::<types::SignUpRequest>(deep.as_bytes()).is_err());
    for body in ["[]", "1", "\"x\""] {
        let error = parse_input::<types::SignUpRequest>(body.as_bytes()).unwrap_err();
        assert_eq!(error.exception(), "SerializationException");
    }
}

#[test]
fn lenient_scalars() {
    let body = json!({"UserPoolId": "eu_1", "Limit": 5.0});
    let request: types::ListUsersRequest = parse_input(body.to_string().as_bytes()).unwrap();
    assert_eq!(request.limit, Some(5));
    let body = json!({"UserPoolId": "eu_1", "ClientName": "c", "GenerateSecret": "True"});
    let request: types::CreateUserPoolClientRequest =
        parse_input(body.to_string().as_bytes()).unwrap();
    assert_eq!(request.generate_secret, Some(true));
}

#[test]
fn blobs() {
    let body = |image: &str| json!({"UserPoolId": "eu_1", "ImageFile": image});
    let good: types::SetUICustomizationRequest =
        parse_input(body("AAEC").to_string().as_bytes()).unwrap();
    assert_eq!(good.image_file, Some(Blob(vec![0, 1, 2])));
    assert_eq!(
        message(Operation::SetUICustomization, &body(&"AAAA".repeat(43_691))),
        "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=131073 cap=131073]' \
         at 'imageFile' failed to satisfy constraint: Member must have length less than or equal \
         to 131072"
    );
    assert_eq!(
        serialization(Operation::SetUICustomization, &body("*")),
        "STRING_VALUE can not be converted to a Blob"
    );
}

#[test]
fn messages_are_bounded() {
    let body = json!({"UserPoolId": "é".repeat(100_000), "ClientName": "c"});
    let text = message(Operation::CreateUserPoolClient, &body);
    assert!(text.contains("é...' at 'userPoolId'"));
    assert!(text.len() < 1000, "{}", text.len());

    let entry = json!({"Name": "\u{0}".repeat(1000)});
    let body = with(sign_up(), "UserAttributes", Value::Array(vec![entry; 1000]));
    let text = message(Operation::SignUp, &body);
    assert!(text.starts_with("2000 validation errors detected: "));
    assert!(text.len() < 30_000, "{}", text.len());
}

#[test]
fn every_operation_answers_an_empty_object() {
    for operation in Operation::ALL {
        match parse::<Value>(operation.input(), b"{}") {
            Ok(value) => assert_eq!(value, json!({})),
            Err(InputError::Validation { violations, count }) => {
                assert_eq!(violations.len(), count);
                assert!(violations.iter().all(|one| *one.constraint() == Constraint::NotNull));
                assert!(violations.iter().all(|one| {
                    one.path().starts_with(|first: char| first.is_ascii_lowercase())
                }));
            }
            Err(other) => panic!("{operation}: {other}"),
        }
    }
}

/// Among these every pattern of the model finds one.
const TEXTS: &[&str] = &[
    "abc",
    "eu-west-1_abc",
    "123456",
    "Level1",
    "cognito:default",
    "terms-of-use",
    "import-1",
    "a@b",
    "é{####}😀 {##here##}",
    "tknabcdefghijklmnopqrstuvwxy",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567-89ab-4def-8123-456789abcdef",
    "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_abc",
    "arn:aws:s3:::bucket/key",
    "https://a.example",
];

/// Enough of a generator for tests: the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn any(&mut self) -> Value {
        match self.below(9) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(-1),
            3 => json!(1e40),
            4 => json!("😀\u{0} \\ x"),
            5 => json!(""),
            6 => json!([null, {"Name": 1}, []]),
            7 => json!({"": null, "Name": "x"}),
            _ => json!(u64::MAX),
        }
    }

    /// A value of the shape, wrong now and then.
    fn of(&mut self, shape: &Shape) -> Value {
        if self.below(40) == 0 {
            return self.any();
        }
        match &shape.kind {
            Kind::Structure(members) => {
                let mut object = Map::new();
                for member in *members {
                    if member.required || self.below(3) == 0 {
                        object.insert(member.name.to_owned(), self.of(member.shape));
                    }
                }
                Value::Object(object)
            }
            Kind::List { member, .. } => {
                Value::Array((0..=self.below(3)).map(|_| self.of(member)).collect())
            }
            Kind::Map { key, value, .. } => {
                let name = self.of(key);
                json!({ name.as_str().unwrap_or("x"): self.of(value) })
            }
            Kind::String { values, .. } if !values.is_empty() => {
                json!(values[self.below(values.len())])
            }
            Kind::String { .. } => {
                let start = self.below(TEXTS.len());
                let texts = TEXTS.iter().cycle().skip(start).take(TEXTS.len());
                json!(texts.copied().find(|text| broken_string(shape, text).is_empty()))
            }
            Kind::Integer(range) | Kind::Long(range) => {
                json!(range.min.unwrap_or(0) + i64::from(self.below(20) == 0))
            }
            Kind::Boolean => json!(self.below(2) == 0),
            Kind::Timestamp => json!(1.5),
            Kind::Blob(_) => json!("AAEC"),
            Kind::Document => self.any(),
        }
    }
}

/// What passes the checks has the operation's type, whatever the body: the descriptors and the
/// types cannot disagree.
#[test]
fn random_bodies() {
    let mut numbers = Numbers(0x2545_F491_4F6C_DD1D);
    for operation in Operation::ALL {
        let (mut passed, mut failed) = (0, 0);
        for _ in 0..60 {
            let body = numbers.of(operation.input()).to_string();
            match operation.reads(body.as_bytes()) {
                Ok(()) => passed += 1,
                Err(error) => {
                    failed += 1;
                    assert_ne!(error.to_string(), DISAGREEMENT, "{operation} {body}");
                }
            }
        }
        assert!(passed > 5, "{operation}: {passed} passed, {failed} failed");
    }
}

#[test]
fn answers_round_trip() {
    fn same<T: DeserializeOwned + serde::Serialize>(answer: &Value) {
        let read: T = serde_json::from_value(answer.clone()).unwrap();
        assert_eq!(&serde_json::to_value(&read).unwrap(), answer);
    }

    same::<types::InitiateAuthResponse>(&json!({
        "AuthenticationResult": {
            "AccessToken": "a.b.c",
            "ExpiresIn": 3600,
            "TokenType": "Bearer",
            "NewDeviceMetadata": {"DeviceKey": "k", "DeviceGroupKey": "g"},
        },
        "ChallengeParameters": {},
    }));
    same::<types::GetUserResponse>(&json!({
        "Username": "zoe",
        "UserAttributes": [{"Name": "sub", "Value": "1"}],
        "MFAOptions": [{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}],
        "UserMFASettingList": ["SOFTWARE_TOKEN_MFA"],
    }));
    same::<types::DescribeUserPoolClientResponse>(&json!({"UserPoolClient": {
        "CallbackURLs": ["https://a"],
        "DefaultRedirectURI": "https://a",
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthFlowsUserPoolClient": true,
        "LastModifiedDate": 1_470_957_431.965,
        "CreationDate": 1_470_957_431,
        "TokenValidityUnits": {"AccessToken": "minutes"},
    }}));
    same::<types::StartWebAuthnRegistrationResponse>(
        &json!({"CredentialCreationOptions": {"rp": {"id": null}}}),
    );
    same::<types::SetUserMFAPreferenceRequest>(
        &json!({"AccessToken": "a", "SMSMfaSettings": {"Enabled": true}}),
    );
    assert_eq!(
        serde_json::to_string(&types::AddCustomAttributesResponse::default()).unwrap(),
        "{}"
    );
}

#[test]
fn debug_shows_no_secret() {
    let body = json!({
        "ClientId": "abc",
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"PASSWORD": "hunter2"},
        "UserContextData": {"IpAddress": "hunter2"},
    });
    let request: types::InitiateAuthRequest = parse_input(body.to_string().as_bytes()).unwrap();
    assert!(!format!("{request:?}").contains("hunter2"));
    assert_eq!(request.auth_flow, types::AuthFlowType::UserPasswordAuth);
    assert_eq!(request.auth_flow.to_string(), "USER_PASSWORD_AUTH");
}
