import assert from "node:assert/strict";
import { test } from "node:test";
import { PartnerClient } from "../src/client.js";
import { ApiError } from "../src/errors.js";
import { backOff } from "../src/transport.js";
import { Fake, json, refusal } from "./fake.js";

const FORGOT = "POST /auth/forgot_password";

function against(...replies: Array<() => Response>) {
  const fake = new Fake({ [FORGOT]: replies });
  const client = new PartnerClient({ baseUrl: "http://server.test/", world: fake.world });
  return { fake, call: () => client.forgotPassword("ann@example.com") };
}

const done = () => new Response(null, { status: 204 });

test("waits as long as Retry-After says", async () => {
  const { fake, call } = against(refusal(429, "rate_limited", {}, { "Retry-After": "7" }), done);
  await call();
  assert.deepEqual(fake.slept, [7000]);
  assert.deepEqual(fake.calls, [FORGOT, FORGOT]);
});

test("does not keep anybody waiting for long", async () => {
  const { fake, call } = against(refusal(429, "rate_limited", {}, { "Retry-After": "61" }));
  await assert.rejects(call, { key: "error.rate_limited", retryAfter: 61_000 });
  assert.deepEqual(fake.slept, []);
});

test("backs off twice as long each time, and gives up after five attempts", async () => {
  const { fake, call } = against(refusal(503, "upstream_unavailable"));
  await assert.rejects(call, { status: 503, code: "UPSTREAM_UNAVAILABLE" });
  assert.deepEqual(fake.slept, [500, 1000, 2000, 4000]);
  assert.equal(fake.calls.length, 5);
});

test("the back-off is at most 30 s, and 30 % shorter or longer by chance", async () => {
  const waits = [1, 2, 3, 6, 7, 8, 100].map((attempt) => backOff(attempt, 0.5));
  assert.deepEqual(waits, [500, 1000, 2000, 16_000, 30_000, 30_000, 30_000]);
  assert.deepEqual([backOff(1, 0), backOff(1, 1), backOff(100, 1)], [350, 650, 39_000]);
  const { fake, call } = against(refusal(500, "internal"), done);
  fake.random = 0.25;
  await call();
  assert.deepEqual(fake.slept, [425]);
});

test("a Retry-After that is no number is none", async () => {
  const { fake, call } = against(refusal(502, "internal", {}, { "Retry-After": "soon" }), done);
  await call();
  assert.deepEqual(fake.slept, [500]);
});

test("what is wrong stays wrong: no other failure is tried again", async () => {
  for (const status of [400, 401, 403, 404, 409, 422, 501]) {
    const { fake, call } = against(refusal(status, "whatever"));
    await assert.rejects(call, { status });
    assert.deepEqual([fake.calls.length, fake.slept], [1, []]);
  }
});

test("an error has everything that the server said", async () => {
  const validation_errors = [{ code: "missing", field: "username" }];
  const more = { error_subcode: "SUB", validation_errors };
  const { call } = against(refusal(400, "validation", more, { "x-request-id": "id-1" }));
  await assert.rejects(call, (error) => {
    assert.ok(error instanceof ApiError);
    const { name, message, status, key, code, subcode, validationErrors, requestId } = error;
    assert.deepEqual(
      { name, message, status, key, code, subcode, validationErrors, requestId },
      {
        name: "ApiError",
        message: "400 error.validation (VALIDATION, request id-1)",
        status: 400,
        key: "error.validation",
        code: "VALIDATION",
        subcode: "SUB",
        validationErrors: validation_errors,
        requestId: "id-1",
      },
    );
    return true;
  });
});

test("a proxy's failures have no key", async () => {
  for (const reply of [() => new Response("<h1>No</h1>", { status: 403 }), json(403, null)]) {
    const unknown = { status: 403, key: "error.unknown", code: undefined };
    await assert.rejects(against(reply).call, unknown);
  }
});

test("redirects are not followed", async () => {
  const fake = new Fake({ [FORGOT]: [done] });
  const redirects: unknown[] = [];
  const fetch: typeof globalThis.fetch = (url, init) => {
    redirects.push(init?.redirect);
    return fake.world.fetch(url, init);
  };
  const world = { ...fake.world, fetch };
  await new PartnerClient({ baseUrl: "http://server.test", world }).forgotPassword("ann");
  assert.deepEqual(redirects, ["error"]);
});
