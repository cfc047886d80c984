import assert from "node:assert/strict";
import { test } from "node:test";
import { PartnerClient } from "../src/client.js";
import { challenge, Fake, idToken, json, refusal, signedIn } from "./fake.js";

const AUTH = "POST /auth";
const [CODE, PASSWORD] = ["PUT /auth/challenge/mfa-token", "PUT /auth/challenge/new-password"];
const PERSON = { username: "ann@example.com", password: "secret" };
const KEYS = { DeviceKey: "key", DeviceGroupKey: "group" };

function clientOf(script: ConstructorParameters<typeof Fake>[0]) {
  const fake = new Fake(script);
  const client = new PartnerClient({ baseUrl: "http://server.test", world: fake.world });
  return { fake, client };
}

test("answers what it is asked, one after the other", async () => {
  const { fake, client } = clientOf({
    [AUTH]: [challenge("NEW_PASSWORD_REQUIRED", "s1")],
    [PASSWORD]: [challenge("EMAIL_OTP", "s2", { CODE_DELIVERY_DESTINATION: "a***@e***" })],
    [CODE]: [signedIn("1")],
  });
  const asked: string[] = [];
  await client.signIn(PERSON, {
    newPassword: async () => "new",
    emailCode: async (sentTo) => (asked.push(sentTo), "123456"),
  });
  assert.deepEqual(asked, ["a***@e***"]);
  assert.deepEqual(
    fake.seen.map(({ body }) => body),
    [
      PERSON,
      { username: "ann@example.com", session: "s1", new_password: "new" },
      {
        username: "ann@example.com",
        session: "s2",
        challenge: "EMAIL_OTP",
        mfa_token: "123456",
        remember_device: false,
      },
    ],
  );
});

test("asks again after a wrong answer, in the session that the refusal gives", async () => {
  const { fake, client } = clientOf({
    [AUTH]: [challenge("SOFTWARE_TOKEN_MFA", "s1")],
    [CODE]: [
      refusal(400, "auth.mfa_token_invalid", { Session: "s2" }),
      refusal(400, "auth.mfa_token_expired"),
      signedIn("1"),
    ],
  });
  const refusals: unknown[] = [];
  await client.signIn(PERSON, { totp: async (refused) => (refusals.push(refused?.code), "1") });
  assert.deepEqual(refusals, [undefined, "MFA_TOKEN_INVALID", "MFA_TOKEN_EXPIRED"]);
  const sessions = fake.seen.slice(1).map(({ body }) => (body as { session: string }).session);
  assert.deepEqual(sessions, ["s1", "s2", "s2"]);
});

test("asks again for a password that is too weak", async () => {
  const { fake, client } = clientOf({
    [AUTH]: [challenge("NEW_PASSWORD_REQUIRED", "s1")],
    [PASSWORD]: [
      refusal(400, "auth.password_policy", { error_subcode: "TOO_SHORT" }),
      signedIn("1"),
    ],
  });
  await client.signIn(PERSON, { newPassword: async (refused) => refused?.subcode ?? "weak" });
  const given = fake.seen.slice(1).map(({ body }) => body);
  assert.deepEqual(given, [
    { username: "ann@example.com", session: "s1", new_password: "weak" },
    { username: "ann@example.com", session: "s1", new_password: "TOO_SHORT" },
  ]);
});

test("stops when the server has enough, or the user has", async () => {
  const script = () => ({
    [AUTH]: [challenge("SOFTWARE_TOKEN_MFA", "s1")],
    [CODE]: [
      refusal(400, "auth.mfa_token_invalid", { Session: "s2" }),
      refusal(401, "auth.session_invalid"),
    ],
  });
  const first = clientOf(script()).client;
  const guesses = first.signIn(PERSON, { totp: async () => "1" });
  await assert.rejects(guesses, { code: "SESSION_INVALID" });
  assert.equal(first.session, undefined);
  const giveUp = async (refused?: Error) => {
    if (refused) throw new Error("enough");
    return "1";
  };
  await assert.rejects(clientOf(script()).client.signIn(PERSON, { totp: giveUp }), /enough/);
});

test("says so if nobody answers", async () => {
  const { client } = clientOf({ [AUTH]: [challenge("EMAIL_OTP", "s1")] });
  await assert.rejects(client.signIn(PERSON, { totp: async () => "1" }), /EMAIL_OTP/);
});

test("remembers a device for its user until the user signs out", async () => {
  const { fake, client } = clientOf({
    [AUTH]: [challenge("SOFTWARE_TOKEN_MFA", "s1"), signedIn("2")],
    [CODE]: [signedIn("1", KEYS)],
  });
  await client.signIn(PERSON, { totp: async () => "1", rememberDevice: true });
  const sent = fake.seen[1]?.body as { remember_device: boolean };
  assert.equal(sent.remember_device, true);

  const lastBody = () => fake.seen.at(-1)?.body;
  await client.signIn({ ...PERSON, username: "bob@example.com" });
  assert.deepEqual(lastBody(), { username: "bob@example.com", password: "secret" });
  const known = { ...PERSON, device_key: "key", device_group_key: "group" };
  await client.signIn(PERSON);
  assert.deepEqual(lastBody(), known);
  await client.signIn(PERSON);
  assert.deepEqual(lastBody(), known);
  client.signOut();
  await client.signIn(PERSON);
  assert.deepEqual(lastBody(), PERSON);
});

test("a reset password forgets the device", async () => {
  const { fake, client } = clientOf({
    [AUTH]: [signedIn("1", KEYS)],
    "POST /auth/forgot_password/confirm": [() => new Response(null, { status: 204 })],
  });
  await client.signIn(PERSON);
  await client.resetPassword(PERSON.username, "123456", "new");
  await client.signIn(PERSON);
  assert.deepEqual(fake.seen.at(-1)?.body, PERSON);
});

test("sends the partner with every call", async () => {
  const features = "GET /features";
  const script = (...groups: string[]) => ({
    [AUTH]: [signedIn("1", { IdToken: idToken(...groups) })],
    [features]: [json(200, {})],
  });
  const header = (fake: Fake) => fake.seen.at(-1)?.headers.get("X-Preferred-Partner-Id");

  const one = clientOf(script("fd-admin", "fd12", "account-x"));
  await one.client.signIn(PERSON);
  await one.client.features();
  assert.equal(header(one.fake), "fd12");

  const two = clientOf(script("partner-id-b", "partner-id-a"));
  const session = await two.client.signIn(PERSON);
  await assert.rejects(two.client.features(), /usePartner\(\): partner-id-b, partner-id-a/);
  session.usePartner("partner-id-a");
  await two.client.features();
  assert.equal(header(two.fake), "partner-id-a");
  assert.throws(() => session.usePartner("partner-id-c"), RangeError);
  assert.equal(session.partner, "partner-id-a");

  const none = clientOf(script("webapp-access-group-1"));
  await none.client.signIn(PERSON);
  await none.client.features();
  assert.equal(header(none.fake), null);
});

test("the base may have a prefix, and addresses in paths are encoded", async () => {
  const disable = "PUT /api/v3/auth/partners/users/a%2Fb%2B%23%40example.com/disable";
  const fake = new Fake({
    "POST /api/v3/auth": [signedIn("1")],
    [disable]: [() => new Response(null, { status: 204 })],
  });
  const client = new PartnerClient({ baseUrl: "http://server.test/api/v3/", world: fake.world });
  await client.signIn(PERSON);
  await client.disableUser("a/b+#@example.com");
  assert.deepEqual(fake.calls, ["POST /api/v3/auth", disable]);
});

test("an application of the operator's own says so with every request", async () => {
  const fake = new Fake({ [AUTH]: [signedIn("1")], "GET /features": [json(200, {})] });
  const options = { baseUrl: "http://server.test", appId: "webapp", world: fake.world };
  const client = new PartnerClient(options);
  await client.signIn(PERSON);
  await client.features();
  const names = fake.seen.map(({ headers }) => headers.get("X-App-Id"));
  assert.deepEqual(names, ["webapp", "webapp"]);
});
