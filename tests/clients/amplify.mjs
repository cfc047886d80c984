// Drives @aws-amplify/auth. Reads one JSON object from standard input and writes what happened as a
// list of [event, detail].
//
//   packages   folder whose node_modules holds the library
//   endpoint, pool, client, inbox
//   username, password, password2, address
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const task = JSON.parse(await text(process.stdin));
const require = createRequire(join(task.packages, "package.json"));
const { Amplify } = require("@aws-amplify/core");
const auth = require("@aws-amplify/auth");

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
const note = (event, detail = null) => events.push([event, detail]);

/** The code in the newest message to an address. */
async function mailed(to) {
  const answer = await fetch(`${task.inbox}.json?to=${encodeURIComponent(to)}`);
  return (await answer.json())[0].code;
}

/** The code that an authenticator app shows this many steps from now. */
function shown(secret, steps = 0) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

async function signIn(password) {
  const { nextStep } = await auth.signIn({ username: task.username, password });
  note("signIn", nextStep.signInStep);
}

try {
  const { nextStep } = await auth.signUp({
    username: task.username,
    password: task.password,
    options: { userAttributes: { email: task.username } },
  });
  note("signUp", [nextStep.signUpStep, nextStep.codeDeliveryDetails?.deliveryMedium]);
  await auth.resendSignUpCode({ username: task.username });
  const confirmed = await auth.confirmSignUp({
    username: task.username,
    confirmationCode: await mailed(task.username),
  });
  note("confirmSignUp", confirmed.nextStep.signUpStep);

  await signIn(task.password);
  const attributes = await auth.fetchUserAttributes();
  note("attributes", Object.keys(attributes).sort());
  const first = await auth.fetchAuthSession();
  const second = await auth.fetchAuthSession({ forceRefresh: true });
  note("refreshed", first.tokens.accessToken.toString() !== second.tokens.accessToken.toString());

  const updated = await auth.updateUserAttributes({ userAttributes: { email: task.address } });
  note("updateUserAttributes", updated.email.nextStep.updateAttributeStep);
  await auth.confirmUserAttribute({
    userAttributeKey: "email",
    confirmationCode: await mailed(task.address),
  });
  note("verified", (await auth.fetchUserAttributes()).email_verified);

  await auth.updatePassword({ oldPassword: task.password, newPassword: task.password2 });
  const totp = await auth.setUpTOTP();
  await auth.verifyTOTPSetup({ code: shown(totp.sharedSecret, -1) });
  await auth.updateMFAPreference({ totp: "PREFERRED" });
  note("mfa", await auth.fetchMFAPreference());
  await auth.signOut({ global: true });
  note("signedOut", (await auth.fetchAuthSession()).tokens ?? null);

  task.username = task.address;
  await signIn(task.password2);
  const answered = await auth.confirmSignIn({ challengeResponse: shown(totp.sharedSecret) });
  note("confirmSignIn", answered.nextStep.signInStep);
  await auth.signOut();

  const reset = await auth.resetPassword({ username: task.address });
  note("resetPassword", reset.nextStep.resetPasswordStep);
  await auth.confirmResetPassword({
    username: task.address,
    confirmationCode: await mailed(task.address),
    newPassword: task.password,
  });
  await signIn(task.password);
  await auth.confirmSignIn({ challengeResponse: shown(totp.sharedSecret, 1) });
  await auth.deleteUser();
  note("deleted");
  await signIn(task.password);
} catch (error) {
  note("failed", { name: error.name, message: error.message });
}
console.log(JSON.stringify(events));
