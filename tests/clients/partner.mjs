// Drives the example client of the partner API. Reads one JSON object from standard input and writes
// what happened as a list of [event, detail].
//
//   scenario   one of those below
//   client     folder of the compiled client
//   base, inbox
//   and what the scenario wants
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { mailed, shown } from "./tools.mjs";

const task = JSON.parse(await text(process.stdin));
const { PartnerClient } = await import(join(task.client, "client.js"));

const events = [];
const note = (event, detail = null) => events.push([event, detail]);

let now = Date.now;
const refreshes = [];

/** A client that notes when it is signed out, and whose clock can be put forward. */
function newClient(name = "client") {
  const world = {
    now: () => now(),
    fetch(url, init) {
      if (String(url).endsWith("/refresh_token")) refreshes.push(JSON.parse(init.body).token);
      return fetch(url, init);
    },
  };
  return new PartnerClient({
    baseUrl: task.base,
    world,
    onSignedOut: () => note("signedOut", name),
  });
}

/** What is refused, as far as it is the same each time. */
async function refused(event, call) {
  try {
    note(event, await call());
  } catch (error) {
    const { name, status, key, code, subcode, validationErrors, requestId } = error;
    if (name !== "ApiError") return note(event, `${name}: ${error.message}`);
    const more = { ...(subcode && { subcode }), ...(validationErrors[0] && { validationErrors }) };
    if (!requestId) throw new Error("without x-request-id");
    note(event, [status, key, code, ...(Object.keys(more).length ? [more] : [])]);
  }
}

const wrong = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");
const nobody = () => {
  throw new Error("asked");
};
const strangers = { totp: nobody, emailCode: nobody, newPassword: nobody };

/** Reads codes from the mailbox; gives a wrong one first if told so. */
const reader = (address, firstWrong = false) => ({
  async emailCode(sentTo, why) {
    note("emailCode", [sentTo, why?.code ?? null]);
    const code = await mailed(task.inbox, address);
    return firstWrong && !why ? wrong(code) : code;
  },
});

const scenarios = {
  async partners({ member, both, foreign }) {
    const client = newClient();
    const session = await client.signIn(member, strangers);
    note("signedIn", [session.partners, session.partner, session.claims.email]);
    note("partner", (await client.partner()).id);
    note("permissions", await client.permissions());
    note("features", await client.features());
    await refused("not mine", async () => session.usePartner(foreign));
    client.signOut();
    await refused("after", () => client.partner());

    const second = await client.signIn(both, strangers);
    await refused("none chosen", () => client.partner());
    for (const id of [...second.partners].sort()) {
      second.usePartner(id);
      note("partner", [(await client.partner()).id, await client.features()]);
    }
    // As if the client did not check: the server does.
    Object.defineProperty(second, "partner", { value: foreign });
    await refused("foreign", () => client.partner());
    note("still in", !second.isOver);
  },

  async totp({ user }) {
    const client = newClient();
    await client.signIn(user, strangers);
    const { qr_uri, qr_secret } = await client.beginTotp();
    note("uri", qr_uri.startsWith("otpauth://totp/") && qr_uri.includes(`secret=${qr_secret}`));
    const code = shown(qr_secret);
    await refused("wrong", () => client.finishTotp(wrong(code)));
    note("enrolled", await client.finishTotp(code));
    await refused("prefer", () => client.changeMfa({ preferred: "totp" }));
    note("settings", await client.mfaSettings());
    client.signOut();

    const later = shown(qr_secret, 1);
    await client.signIn(user, {
      totp: async (why) => (note("totp", why?.code ?? null), why ? later : wrong(later)),
      rememberDevice: true,
    });
    await client.signIn(user, strangers);
    note("remembered");
    client.signOut();
    await refused("forgotten", () => client.signIn(user, strangers));
  },

  async emailCode({ user }) {
    const client = newClient();
    const answers = { ...reader(user.username, true), rememberDevice: true };
    const { claims } = await client.signIn(user, answers);
    note("signedIn", claims.email);
    await client.signIn(user, strangers);
    note("remembered");

    // Somebody else's client: the one device is this one now, the other is asked again.
    await newClient("other").signIn(user, { ...reader(user.username), rememberDevice: true });
    await refused("superseded", () => client.signIn(user, strangers));
  },

  async newPassword({ user, password }) {
    const client = newClient();
    await client.signIn(user, {
      ...reader(user.username),
      async newPassword(why) {
        note("newPassword", why ? [why.code, why.subcode] : null);
        return why ? password : "weak";
      },
    });
    note("signedIn", client.session.claims.email);
    await refused("old", () => client.signIn(user, reader(user.username)));
  },

  async refresh({ user, admin }) {
    const client = newClient();
    const session = await client.signIn(user, strangers);
    const first = await session.accessToken();
    now = () => Date.now() + 56 * 60_000;
    const all = await Promise.all(Array.from({ length: 10 }, () => client.permissions()));
    note("calls", all.length);
    const second = await session.accessToken();
    note("refreshed", [refreshes.length, first !== second]);
    now = () => Date.now() + 112 * 60_000;
    await client.permissions();
    note("refreshed", [refreshes.length, new Set(refreshes).size]);

    const boss = newClient("boss");
    await boss.signIn(admin, strangers);
    await boss.disableUser(user.username);
    await refused("suspended", () => client.permissions());
    note("refreshed", refreshes.length);
    await refused("signed out", () => client.permissions());
    await refused("sign-in", () => client.signIn(user, strangers));
  },

  async onboarding({ admin, member, email, password, groups }) {
    const boss = newClient("boss");
    await boss.signIn(admin, strangers);
    await refused("invalid", () => boss.createUser({ email: "", password, groups: ["fd-admin"] }));
    await refused("weak", () => boss.createUser({ email, password: "weak" }));
    const named = { first_name: "Nina", last_name: "New" };
    note("created", await boss.createUser({ email, password, ...named, groups: [groups[0]] }));
    await refused("again", () => boss.createUser({ email, password }));

    const client = newClient();
    await refused("too early", () => client.signIn({ username: email, password }, strangers));
    const code = await mailed(task.inbox, email);
    await refused("wrong", () => client.confirmUser(email, wrong(code)));
    await client.confirmUser(email, code);
    // The administrator knows the first password, so the user replaces it at once.
    const own = `${password}-of-my-own`;
    const replacing = { ...strangers, newPassword: async () => own };
    const { claims } = await client.signIn({ username: email, password }, replacing);
    note("signedIn", [claims.email, claims.given_name]);
    note("permissions", await client.permissions());
    await boss.setUserGroups(email, [groups[1]]);
    note("permissions", await client.permissions());
    note("listed", await listed(boss, email));

    await boss.disableUser(email);
    note("listed", await listed(boss, email));
    await refused("suspended", () => client.permissions());
    await boss.enableUser(email);
    await client.signIn({ username: email, password: own }, strangers);
    await refused("oneself", () => boss.disableUser(admin.username));
    await refused("unknown", () => boss.disableUser("nobody@example.com"));

    await client.signIn(member, strangers);
    await refused("no admin", () => client.users());
    await refused("no admin", () => client.createUser({ email: `x${email}`, password }));
  },

  async forgotPassword({ user, password }) {
    const client = newClient();
    await client.signIn(user, strangers);
    await client.forgotPassword("nobody@example.com");
    await client.forgotPassword(user.username);
    const code = await mailed(task.inbox, user.username);
    await refused("wrong", () => client.resetPassword(user.username, wrong(code), password));
    await refused("weak", () => client.resetPassword(user.username, code, "weak"));
    await client.resetPassword(user.username, code, password);
    now = () => Date.now() + 56 * 60_000;
    await refused("refresh", () => client.permissions());
    await refused("old", () => client.signIn(user, strangers));
    await client.signIn({ ...user, password }, strangers);
    note("signedIn", client.session.claims.email);
  },
};

/** The entry of a user, wherever in the list it is. */
async function listed(client, email) {
  for (let page = 1; page !== null; ) {
    const { items, nextPage } = await client.users(page, 2);
    const found = items.find((item) => item.email === email);
    if (found) return { ...found, created_at: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(found.created_at) };
    page = nextPage;
  }
  return null;
}

await scenarios[task.scenario](task);
console.log(JSON.stringify(events));
