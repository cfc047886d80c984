// @aws-amplify/auth, set up for a task, and what its scripts share. The task is one JSON object on
// standard input; what happened is written as a list of [event, detail].
//
//   packages   folder whose node_modules holds the library
//   endpoint, pool, client, inbox
//   username
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as tools from "./tools.mjs";

export { shown } from "./tools.mjs";

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
export const mailed = (to) => tools.mailed(task.inbox, to);

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
