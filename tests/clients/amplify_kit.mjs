// @aws-amplify/auth, set up for a task, and what its scripts share. The task is one JSON object on
// standard input; what happened is written as a list of [event, detail].
//
//   packages   folder whose node_modules holds the library
//   endpoint, pool, client, inbox
//   username
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";

// What browsers have, and not every version of Node: devices are named after it.
globalThis.navigator ??= { userAgent: "node" };

export const task = JSON.parse(await text(process.stdin));
const require = createRequire(join(task.packages, "package.json"));
const { Amplify } = require("@aws-amplify/core");
export const auth = require("@aws-amplify/auth");

const { cognitoUserPoolsTokenProvider: tokenProvider } = require("@aws-amplify/auth/cognito");

// What the package aws-amplify does, of which the rest is not needed here.
const Cognito = {
  userPoolId: task.pool,
  userPoolClientId: task.client,
  userPoolEndpoint: task.endpoint,
};
tokenProvider.setAuthConfig({ Cognito });
Amplify.configure({ Auth: { Cognito } }, { Auth: { tokenProvider } });

const events = [];
export const note = (event, detail = null) => events.push([event, detail]);

/** The code in the newest message to an address. */
export async function mailed(to) {
  const answer = await fetch(`${task.inbox}.json?to=${encodeURIComponent(to)}`);
  return (await answer.json())[0].code;
}

/** The code that an authenticator app shows this many steps from now. */
export function shown(secret, steps = 0) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

export async function signIn(password) {
  const { nextStep } = await auth.signIn({ username: task.username, password });
  note("signIn", nextStep.signInStep);
}

/** Does what a script is about, and writes what happened. */
export async function report(script) {
  try {
    await script();
  } catch (error) {
    note("failed", { name: error.name, message: error.message });
  }
  // The library waits minutes for a sign-up to be confirmed, even after it was.
  process.stdout.write(JSON.stringify(events), () => process.exit());
}
