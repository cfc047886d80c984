// A user at the command line. See README.md.

import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { parseArgs } from "node:util";
import { type Answers, type DeviceStore, PartnerClient } from "./client.js";
import { ApiError } from "./errors.js";
import type { DeviceKeys } from "./types.js";

const USAGE = `Usage: npm start -- [OPTION]... USER [COMMAND]

  show              the partner, permissions and features (default)
  users             the users of the partner
  invite EMAIL      make a user of the partner, and prove the address
  reset             set a new password by a mailed code

  --url URL         where the API is (default: http://127.0.0.1:8080)
  --partner ID      for users with several
  --remember        needs no second factor on this device for a week
  --forget          sign out at the end, which forgets the device
  --devices FILE    where remembered devices are kept (default: devices.json)
`;

// --- asking --------------------------------------------------------------------------------------

let isHidden = false;
const screen = new Writable({
  write(text, _encoding, done) {
    if (!isHidden) process.stdout.write(text);
    done();
  },
});
const isTerminal = process.stdin.isTTY ?? false;
const terminal = createInterface({ input: process.stdin, output: screen, terminal: isTerminal });
const lines = terminal[Symbol.asyncIterator]();

async function ask(question: string, hidden = false): Promise<string> {
  terminal.setPrompt(`${question}: `);
  terminal.prompt();
  isHidden = hidden;
  const line = await lines.next();
  isHidden = false;
  if (hidden || !isTerminal) say("");
  if (line.done) throw new Error("nobody answers");
  return line.value;
}

const askHidden = (question: string) => ask(question, true);

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const complain = (refused?: ApiError) => refused && say(`Not accepted: ${refused.key}`);

const answers: Answers = {
  totp(refused) {
    complain(refused);
    return ask("Code of your authenticator app");
  },
  emailCode(sentTo, refused) {
    complain(refused);
    return ask(`Code mailed to ${sentTo}`);
  },
  newPassword(refused) {
    complain(refused);
    return askHidden("New password");
  },
};

// --- remembered devices --------------------------------------------------------------------------

/** Kept in a file that only its owner can read: with the password, the keys open the account. */
class DeviceFile implements DeviceStore {
  constructor(private readonly path: string) {}

  get(username: string): DeviceKeys | undefined {
    return this.read()[username];
  }

  set(username: string, keys: DeviceKeys): void {
    this.write({ ...this.read(), [username]: keys });
  }

  delete(username: string): void {
    const { [username]: _, ...others } = this.read();
    this.write(others);
  }

  private read(): Record<string, DeviceKeys> {
    try {
      return JSON.parse(readFileSync(this.path, "utf8"));
    } catch {
      return {};
    }
  }

  private write(devices: Record<string, DeviceKeys>): void {
    writeFileSync(this.path, JSON.stringify(devices), { mode: 0o600 });
  }
}

// --- commands ------------------------------------------------------------------------------------

async function show(client: PartnerClient): Promise<void> {
  const [partner, permissions, features] = await Promise.all([
    client.partner(),
    client.permissions(),
    client.features(),
  ]);
  const on = Object.keys(features).filter((name) => features[name]);
  say(`Partner:     ${partner.name} (${partner.id})`);
  say(`Permissions: ${permissions.join(", ") || "none"}`);
  say(`Features:    ${on.join(", ") || "none"}`);
}

async function users(client: PartnerClient): Promise<void> {
  for (let page: number | null = 1; page !== null; ) {
    const { items, nextPage } = await client.users(page);
    for (const user of items) {
      say([user.email, user.status, user.enabled ? "" : "disabled", ...user.groups].join("  "));
    }
    page = nextPage;
  }
}

async function invite(client: PartnerClient, email: string): Promise<void> {
  const password = await askHidden(`Password for ${email}`);
  const { status, partner_id } = await client.createUser({ email, password });
  say(`${email} of ${partner_id} is ${status}`);
  await client.confirmUser(email, await ask(`Code mailed to ${email}`));
  say(`${email} can sign in`);
}

async function reset(client: PartnerClient, username: string): Promise<void> {
  await client.forgotPassword(username);
  const code = await ask(`Code mailed to ${username}, if there is such a user`);
  await client.resetPassword(username, code, await askHidden("New password"));
  say("The password is set");
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: "string", default: "http://127.0.0.1:8080" },
      partner: { type: "string" },
      remember: { type: "boolean", default: false },
      forget: { type: "boolean", default: false },
      devices: { type: "string", default: "devices.json" },
    },
  });
  const [username, command = "show", email] = positionals;
  if (!username) return say(USAGE);
  const devices = new DeviceFile(values.devices);
  const client = new PartnerClient({ baseUrl: values.url, devices });
  if (command === "reset") return reset(client, username);

  const password = await askHidden("Password");
  const session = await client.signIn(
    { username, password },
    { ...answers, rememberDevice: values.remember },
  );
  const partners = session.partners.join(", ");
  session.usePartner(values.partner ?? session.partner ?? (await ask(`Partner (${partners})`)));
  if (command === "show") await show(client);
  else if (command === "users") await users(client);
  else if (command === "invite" && email) await invite(client, email);
  else say(USAGE);
  if (values.forget) client.signOut();
}

try {
  await main();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
} finally {
  terminal.close();
}
