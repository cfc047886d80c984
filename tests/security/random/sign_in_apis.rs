//! Bodies, paths, queries and headers of the three sign-in APIs, made after their documents.

use super::*;

/// How often there is a new administrator: the one before may be signed out, or deleted.
const EVERY: usize = 32;

struct Endpoint {
    face: Face,
    method: String,
    path: String,
    query: Vec<String>,
    headers: Vec<String>,
    members: Vec<(String, Value)>,
}

async fn endpoints(server: &TestServer) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for (face, name) in
        [(Face::Partner, "partner"), (Face::Portal, "portal"), (Face::Tenant, "tenant")]
    {
        let document = server.bare("GET", &format!("/openapi/{name}.json"), &[]).await.json();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                endpoints.push(endpoint(face, method, path, operation));
            }
        }
    }
    endpoints
}

fn endpoint(face: Face, method: &str, path: &str, operation: &Value) -> Endpoint {
    let parameters = |place: &str| {
        let all = operation["parameters"].as_array().into_iter().flatten();
        let all = all.filter(|parameter| parameter["in"] == place);
        all.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
    };
    let body = "/requestBody/content/application~1json/schema/properties";
    let members = operation.pointer(body).and_then(Value::as_object).into_iter().flatten();
    Endpoint {
        face,
        method: method.to_uppercase(),
        path: path.to_owned(),
        query: parameters("query"),
        headers: parameters("header"),
        members: members.map(|(name, schema)| (name.clone(), schema.clone())).collect(),
    }
}

#[derive(Debug, TypeGenerator)]
struct Call {
    endpoint: u8,
    signed_in: bool,
    texts: [(u8, Vec<u8>); 3],
    members: [Seed; 8],
}

/// A text that means something to the server.
fn known(administrator: &Administrator, by: u8) -> String {
    let texts = [
        &administrator.name,
        PASSWORD,
        "Other-Passw0rd!",
        TENANT,
        TENANT_GROUP,
        "external-user",
        "partner-id-acme",
        "123456",
        "EMAIL_OTP",
        "SOFTWARE_TOKEN_MFA",
        "totp",
        "new@example.com",
        "7",
        &administrator.partner,
    ];
    (*chosen(&texts, by)).to_owned()
}

/// A value that a schema allows, or nearly.
fn fitting(schema: &Value, (kind, by, json): &Seed, administrator: &Administrator) -> Value {
    if let Some(choices) = schema["enum"].as_array() {
        return chosen(choices, *by).clone();
    }
    let kind_of = schema["type"].as_str().or(schema["type"][0].as_str());
    let text = |by: u8| json!(known(administrator, by));
    match (kind_of, json) {
        (Some("boolean"), _) => json!(by % 2 == 0),
        (Some("integer"), _) => json!(i16::from(*by) - 2),
        (Some("array"), _) => (0..kind / 8 % 4).map(|more| text(by.wrapping_add(more))).collect(),
        (Some("object"), _) => {
            let names = ["name", "email", "custom:role", "phone_number", "sub"];
            let members = (0..kind / 8 % 4).map(|more| {
                ((*chosen(&names, by.wrapping_add(more))).to_owned(), text(by.wrapping_mul(more)))
            });
            members.collect::<serde_json::Map<_, _>>().into()
        }
        (_, Json::Odd(_) | Json::Text(_)) => json.value(),
        _ => text(*by),
    }
}

fn body(endpoint: &Endpoint, call: &Call, administrator: &Administrator) -> String {
    let members = endpoint.members.iter().zip(&call.members);
    let members = members.filter_map(|((name, schema), seed)| match seed.0 % 8 {
        0 => None,
        1 => Some((name.clone(), seed.2.value())),
        _ => Some((name.clone(), fitting(schema, seed, administrator))),
    });
    Value::Object(members.collect()).to_string()
}

async fn send(
    server: &TestServer,
    endpoint: &Endpoint,
    call: &Call,
    administrator: &Administrator,
) -> Option<Answer> {
    let text = |at: usize| {
        let (by, bytes) = &call.texts[at];
        if by % 2 == 0 { odd(bytes) } else { known(administrator, *by) }
    };
    let mut path = endpoint.path.clone();
    while let Some((before, (_, after))) =
        path.split_once('{').map(|(before, rest)| (before, rest.split_once('}').unwrap()))
    {
        path = [before, &escaped(&text(0)), after].concat();
    }
    let query = endpoint.query.iter().enumerate();
    let query = query.map(|(at, name)| format!("{name}={}", escaped(&text(at + 1))));
    let query = query.collect::<Vec<_>>().join("&");
    if !query.is_empty() {
        path = format!("{path}?{query}");
    }
    let header = text(2);
    let mut headers = vec![("content-type", "application/json")];
    let bearer = administrator.bearer(endpoint.face);
    if call.signed_in {
        headers.push(("authorization", &bearer));
    }
    if header.bytes().all(|byte| (0x20..0x7f).contains(&byte)) && call.texts[2].0.is_multiple_of(3)
    {
        headers.extend(endpoint.headers.iter().map(|name| (name.as_str(), header.as_str())));
    }
    let line = format!("{} {path}", endpoint.method);
    // Longer than any URI of HTTP's.
    (path.len() < 60_000).then_some(())?;
    Some(server.call(&line, &headers, body(endpoint, call, administrator)).await)
}

#[test]
fn sign_in_apis_answer_or_refuse_in_their_own_words() {
    let site = Site::new();
    let endpoints = site.wait(endpoints(&site.server));
    let mut turns = 0;
    let mut administrator = site.wait(Administrator::new(&site.server, turns));
    let mut turn = AssertUnwindSafe(move |call: &Call| {
        turns += 1;
        if turns % EVERY == 0 {
            administrator = site.wait(Administrator::new(&site.server, turns));
        }
        let endpoint = chosen(&endpoints, call.endpoint);
        if let Some(answer) = site.wait(send(&site.server, endpoint, call, &administrator)) {
            endpoint.face.check(&answer, &endpoint.path);
        }
    });
    bolero::check!().with_type::<Call>().for_each(move |call| (*turn)(call));
}

/// Bytes that are hardly ever JSON, to whatever reads a body.
#[test]
fn bodies_of_any_bytes_are_refused() {
    let site = Site::new();
    let endpoints = site.wait(endpoints(&site.server));
    let endpoints: Vec<_> =
        endpoints.into_iter().filter(|endpoint| !endpoint.members.is_empty()).collect();
    bolero::check!().with_type::<(u8, Vec<u8>, bool)>().for_each(|(which, bytes, is_text)| {
        let endpoint = chosen(&endpoints, *which);
        let line = format!("{} {}", endpoint.method, endpoint.path.replace(['{', '}'], ""));
        let body = if *is_text { odd(bytes).into_bytes() } else { bytes.clone() };
        let json = ("content-type", "application/json");
        let answer = site.wait(site.server.call(&line, &[json], body));
        endpoint.face.check(&answer, &line);
    });
}
