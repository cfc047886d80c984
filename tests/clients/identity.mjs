// Drives amazon-cognito-identity-js. Reads one JSON object from standard input and writes what
// happened as a list of [event, detail].
//
//   packages   folder whose node_modules holds amazon-cognito-identity-js
//   endpoint, pool, client
//   username, password
//   then       what to do once signed in: "refresh", "attributes", "globalSignOut", "signIn" again,
//              "rememberDevice", "forgetDevice", "forgetDeviceElsewhere" (the library does not know)
//   codes      answers to SOFTWARE_TOKEN_MFA, in turn
//   password2  answer to NEW_PASSWORD_REQUIRED
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const task = JSON.parse(await text(process.stdin));
const require = createRequire(join(task.packages, "package.json"));
const { AuthenticationDetails, CognitoUser, CognitoUserPool } = require("amazon-cognito-identity-js");

const events = [];
const Pool = new CognitoUserPool({
  UserPoolId: task.pool,
  ClientId: task.client,
  endpoint: task.endpoint,
});
let user = new CognitoUser({ Username: task.username, Pool });

// SRP is what the library does unless told otherwise.
const details = new AuthenticationDetails({ Username: task.username, Password: task.password });

const call = (start) => new Promise((resolve, reject) => {
  start((error, result) => (error ? reject(error) : resolve(result)));
});

function authenticate() {
  return new Promise((resolve, reject) => {
    const callbacks = {
      onSuccess: resolve,
      onFailure: reject,
      newPasswordRequired(attributes, required) {
        events.push(["newPasswordRequired", { attributes, required }]);
        user.completeNewPasswordChallenge(task.password2, {}, callbacks);
      },
      totpRequired(name) {
        events.push(["totpRequired", name]);
        user.sendMFACode(task.codes.shift(), callbacks, name);
      },
    };
    user.authenticateUser(details, callbacks);
  });
}

try {
  let session = await authenticate();
  events.push(["signedIn", session.getIdToken().payload.email]);
  for (const step of task.then ?? []) {
    if (step === "refresh") {
      const fresh = await call((done) => user.refreshSession(session.getRefreshToken(), done));
      events.push(["refreshed", fresh.getAccessToken().payload.token_use]);
    } else if (step === "attributes") {
      const attributes = await call((done) => user.getUserAttributes(done));
      events.push(["attributes", attributes.map((attribute) => attribute.getName()).sort()]);
    } else if (step === "signIn") {
      user = new CognitoUser({ Username: task.username, Pool });
      session = await authenticate();
      events.push(["signedIn", session.getIdToken().payload.email]);
    } else if (step === "rememberDevice") {
      const done = await new Promise((onSuccess, onFailure) => {
        user.setDeviceStatusRemembered({ onSuccess, onFailure });
      });
      events.push(["deviceRemembered", done]);
    } else if (step === "forgetDevice") {
      const done = await new Promise((onSuccess, onFailure) => {
        user.forgetDevice({ onSuccess, onFailure });
      });
      events.push(["deviceForgotten", done]);
    } else if (step === "forgetDeviceElsewhere") {
      const AccessToken = session.getAccessToken().getJwtToken();
      const DeviceKey = session.getAccessToken().payload.device_key;
      await call((done) => Pool.client.request("ForgetDevice", { AccessToken, DeviceKey }, done));
      events.push(["deviceForgotten", null]);
    } else if (step === "globalSignOut") {
      await new Promise((onSuccess, onFailure) => user.globalSignOut({ onSuccess, onFailure }));
      events.push(["signedOut", null]);
    }
  }
} catch (error) {
  events.push(["failed", { code: error.code, message: error.message }]);
}
console.log(JSON.stringify(events));
