import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { PartnerClient } from "../src/client.js";
import { SignedOutError } from "../src/errors.js";
import { Fake, json, refreshed, refusal, signedIn } from "./fake.js";

const MINUTE = 60_000;
const [AUTH, REFRESH, FEATURES] = ["POST /auth", "POST /auth/refresh_token", "GET /features"];
const PERSON = { username: "ann@example.com", password: "secret" };

async function signIn(script: ConstructorParameters<typeof Fake>[0]) {
  const fake = new Fake({ [AUTH]: [signedIn("1")], [FEATURES]: [json(200, {})], ...script });
  const ends: string[] = [];
  const client = new PartnerClient({
    baseUrl: "http://server.test",
    world: fake.world,
    onSignedOut: () => ends.push("signed out"),
  });
  const session = await client.signIn(PERSON);
  return { fake, client, session, ends };
}

const bearers = (fake: Fake) => fake.seen.map(({ headers }) => headers.get("Authorization"));

test("a token is used until five minutes before it expires, and then replaced", async () => {
  const { fake, client } = await signIn({ [REFRESH]: [refreshed("2"), refreshed("3")] });
  fake.now += 55 * MINUTE;
  await client.features();
  assert.deepEqual(fake.calls, [AUTH, FEATURES]);
  fake.now += 1;
  await client.features();
  assert.deepEqual(fake.calls.slice(2), [REFRESH, FEATURES]);
  fake.now += 56 * MINUTE;
  await client.features();
  assert.deepEqual(bearers(fake).filter(Boolean), [
    "Bearer access-1",
    "Bearer access-2",
    "Bearer access-3",
  ]);
  // The refresh token stays the first one.
  const sent = fake.seen.filter(({ call }) => call === REFRESH).map(({ body }) => body);
  assert.deepEqual(sent, [{ token: "refresh-1" }, { token: "refresh-1" }]);
});

test("many calls at once share one refresh", async () => {
  let answer = (_: Response) => {};
  const { fake, client } = await signIn({
    [REFRESH]: [() => new Promise((resolve) => (answer = resolve)), refreshed("3")],
  });
  fake.now += 56 * MINUTE;
  const calls = Array.from({ length: 20 }, () => client.features());
  await new Promise(setImmediate);
  assert.deepEqual(fake.calls, [AUTH, REFRESH]);
  answer(refreshed("2")());
  await Promise.all(calls);
  assert.equal(fake.calls.filter((call) => call === REFRESH).length, 1);
  assert.deepEqual(bearers(fake).slice(2), Array(20).fill("Bearer access-2"));
  // The next time it is another one.
  fake.now += 56 * MINUTE;
  await client.features();
  assert.equal(fake.calls.filter((call) => call === REFRESH).length, 2);
});

test("a refreshed token shows the groups of now", async () => {
  const { fake, client, session } = await signIn({ [REFRESH]: [refreshed("2")] });
  assert.deepEqual(session.groups, ["partner-id-acme", "webapp-access-group-2"]);
  fake.now += 56 * MINUTE;
  await client.features();
  assert.deepEqual(session.groups, ["partner-id-acme"]);
  assert.equal(session.claims.email, "zoë@example.com");
});

test("tokens that live for five minutes are not refreshed for each call", async () => {
  const short = { ExpiresIn: 300 };
  const { fake, client } = await signIn({
    [AUTH]: [signedIn("1", short)],
    [REFRESH]: [refreshed("2", short)],
  });
  fake.now += 2 * MINUTE;
  await client.features();
  fake.now += MINUTE;
  await client.features();
  await client.features();
  assert.deepEqual(fake.calls, [AUTH, FEATURES, REFRESH, FEATURES, FEATURES]);
});

test("without ExpiresIn, a token lives for an hour", async () => {
  const { fake, client } = await signIn({ [REFRESH]: [refreshed("2", { ExpiresIn: undefined })] });
  fake.now += 56 * MINUTE;
  await client.features();
  fake.now += 55 * MINUTE;
  await client.features();
  assert.equal(fake.calls.filter((call) => call === REFRESH).length, 1);
});

test("a 401 is never followed by a refresh: it signs out", async () => {
  const { fake, client, session, ends } = await signIn({
    [FEATURES]: [refusal(401, "auth.account_disabled")],
  });
  const both = await Promise.allSettled([client.features(), client.features()]);
  assert.deepEqual(both.map(({ status }) => status), ["rejected", "rejected"]);
  assert.deepEqual(fake.calls, [AUTH, FEATURES, FEATURES]);
  assert.deepEqual([client.session, session.isOver, ends], [undefined, true, ["signed out"]]);
  await assert.rejects(client.features(), SignedOutError);
});

test("a refresh token that is dead signs out", async () => {
  const { fake, client, ends } = await signIn({
    [REFRESH]: [refusal(401, "auth.refresh_token_invalid")],
  });
  fake.now += 56 * MINUTE;
  await assert.rejects(client.features(), { code: "REFRESH_TOKEN_INVALID" });
  assert.deepEqual([fake.calls, ends], [[AUTH, REFRESH], ["signed out"]]);
});

test("while the old token is good, a refresh may fail for other reasons", async () => {
  const { fake, client, session } = await signIn({ [REFRESH]: [refusal(500, "internal")] });
  fake.now += 56 * MINUTE;
  await client.features();
  assert.equal(bearers(fake).at(-1), "Bearer access-1");
  fake.now += 5 * MINUTE;
  await assert.rejects(client.features(), { status: 500 });
  assert.equal(session.isOver, false);
});

test("who signs out while a refresh is under way stays signed out", async () => {
  let answer = (_: Response) => {};
  const { fake, client, session } = await signIn({
    [REFRESH]: [() => new Promise((resolve) => (answer = resolve))],
  });
  fake.now += 56 * MINUTE;
  const call = client.features();
  await new Promise(setImmediate);
  client.signOut();
  answer(refreshed("2")());
  await assert.rejects(call, SignedOutError);
  assert.equal(session.isOver, true);
});

test("a late 401 of an earlier session does not end the one of now", async () => {
  let answer = (_: Response) => {};
  const { client, ends } = await signIn({
    [AUTH]: [signedIn("1"), signedIn("2")],
    [FEATURES]: [() => new Promise((resolve) => (answer = resolve)), json(200, { on: true })],
  });
  const late = client.features();
  await new Promise(setImmediate);
  const second = await client.signIn(PERSON);
  answer(refusal(401, "auth.token_invalid")());
  await assert.rejects(late, { status: 401 });
  assert.deepEqual([client.session === second, second.isOver, ends], [true, false, []]);
  assert.deepEqual(await client.features(), { on: true });
});

test("tokens are in no log", async () => {
  const { client, session } = await signIn({});
  const shown = inspect([client, session], { depth: null, showHidden: true });
  assert.doesNotMatch(shown + JSON.stringify([client, session]), /access-1|refresh-1|secret/);
});
