use super::{router, send};

#[tokio::test]
async fn messages_are_listed_as_json() {
    let line = "GET /inbox.json?to=b%2B1%40example.com&user=bob";
    let expected = r#"[{"at":"2023-11-14T22:13:20.123Z","channel":"email","to":"b+1@example.com","username":"bob","purpose":"sign_in_code","code":"123456","subject":"<b>Code</b>","body":"It's \"123456\" & <script>"}]"#;
    send(&router(), line, &[], "").await.assert(200, expected);
}

#[tokio::test]
async fn the_page_shows_messages_and_runs_nothing() {
    let reply = send(&router(), "GET /inbox?user=%3Cimg%20src=x%3E", &[], "").await;
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
    assert!(reply.header("content-security-policy").starts_with("default-src 'none'; "));
    assert!(reply.body.contains("<h2>&lt;b&gt;Code&lt;/b&gt;</h2>"), "{}", reply.body);
    assert!(reply.body.contains("<dd>&lt;img src=x&gt;</dd>"), "{}", reply.body);
    let text = "<pre>It&#39;s &quot;123456&quot; &amp; &lt;script&gt;</pre>";
    assert!(reply.body.contains(text), "{}", reply.body);
}

#[tokio::test]
async fn other_methods_are_refused() {
    let reply = send(&router(), "POST /inbox", &[], "").await;
    reply.assert(405, r#"{"message":"Method Not Allowed"}"#);
}
