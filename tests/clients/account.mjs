// Drives amazon-cognito-identity-js through the life of an account. Reads one JSON object from
// standard input and writes what happened as a list of [event, detail].
//
//   packages   folder whose node_modules holds amazon-cognito-identity-js
//   endpoint, pool, client, inbox
//   username, address, password, password2
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { mailed } from "./tools.mjs";

const task = JSON.parse(await text(process.stdin));
const require = createRequire(join(task.packages, "package.json"));
const {
  AuthenticationDetails,
  CognitoUser,
  CognitoUserAttribute,
  CognitoUserPool,
} = require("amazon-cognito-identity-js");

const events = [];
const Pool = new CognitoUserPool({
  UserPoolId: task.pool,
  ClientId: task.client,
  endpoint: task.endpoint,
});
const user = new CognitoUser({ Username: task.username, Pool });

const call = (start) => new Promise((resolve, reject) => {
  start((error, result) => (error ? reject(error) : resolve(result)));
});
const settle = (start) => new Promise((onSuccess, onFailure) => {
  start({ onSuccess, onFailure });
});

async function signIn(Password) {
  const details = new AuthenticationDetails({ Username: task.username, Password });
  const session = await settle((callbacks) => user.authenticateUser(details, callbacks));
  events.push(["signedIn", session.getIdToken().payload["cognito:username"]]);
}

try {
  const email = new CognitoUserAttribute({ Name: "email", Value: task.address });
  const made = await call((done) => Pool.signUp(task.username, task.password, [email], null, done));
  events.push(["signedUp", [made.userConfirmed, made.codeDeliveryDetails.DeliveryMedium]]);
  await call((done) => user.resendConfirmationCode(done));
  const code = await mailed(task.inbox, task.address);
  events.push(["confirmed", await call((done) => user.confirmRegistration(code, false, done))]);
  await signIn(task.password);
  const changed = await call((done) => user.changePassword(task.password, task.password2, done));
  events.push(["changed", changed]);
  await new Promise((resolve, onFailure) => {
    user.forgotPassword({ inputVerificationCode: resolve, onSuccess() {}, onFailure });
  });
  const reset = await mailed(task.inbox, task.address);
  events.push(["reset", await settle((callbacks) => {
    user.confirmPassword(reset, task.password, callbacks);
  })]);
  await signIn(task.password);
  await new Promise((resolve, onFailure) => {
    user.getAttributeVerificationCode("email", { onSuccess: resolve, onFailure });
  });
  const proof = await mailed(task.inbox, task.address);
  await settle((callbacks) => user.verifyAttribute("email", proof, callbacks));
  const attributes = await call((done) => user.getUserAttributes(done));
  const verified = attributes.find((attribute) => attribute.getName() === "email_verified");
  events.push(["verified", verified.getValue()]);
  events.push(["deleted", await call((done) => user.deleteUser(done))]);
  await signIn(task.password);
} catch (error) {
  events.push(["failed", { code: error.code, message: error.message }]);
}
console.log(JSON.stringify(events));
