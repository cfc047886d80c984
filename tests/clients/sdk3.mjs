// Drives the AWS SDK for JavaScript v3, with cognito-srp-helper for the proofs of passwords. Reads
// one JSON object from standard input and writes what happened as a list of [event, detail].
//
//   packages   folder whose node_modules holds the libraries
//   endpoint, region, pool, client, secret, key
//   username, password, inbox
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const task = JSON.parse(await text(process.stdin));
const require = createRequire(join(task.packages, "package.json"));
const sdk = require("@aws-sdk/client-cognito-identity-provider");
const srp = require("cognito-srp-helper");

const client = new sdk.CognitoIdentityProviderClient({
  endpoint: task.endpoint,
  region: task.region,
  credentials: { accessKeyId: task.key.id, secretAccessKey: task.key.secret },
});
const call = (name, input) => client.send(new sdk[`${name}Command`](input));
const events = [];

async function signIn(username, password) {
  const passwordHash = srp.createPasswordHash(username, password, task.pool);
  const session = srp.createSrpSession(username, passwordHash, task.pool);
  const secretHash = srp.createSecretHash(username, task.client, task.secret);
  const asked = await call("InitiateAuth", srp.wrapInitiateAuth(session, {
    ClientId: task.client,
    AuthFlow: "USER_SRP_AUTH",
    AuthParameters: { USERNAME: username, SECRET_HASH: secretHash },
  }));
  const signed = srp.signSrpSession(session, asked);
  return call("RespondToAuthChallenge", srp.wrapAuthChallenge(signed, {
    ClientId: task.client,
    ChallengeName: asked.ChallengeName,
    ChallengeResponses: { USERNAME: username, SECRET_HASH: secretHash },
  }));
}

try {
  const pool = { UserPoolId: task.pool };
  const user = { ...pool, Username: task.username };
  await call("AdminCreateUser", {
    ...user,
    MessageAction: "SUPPRESS",
    UserAttributes: [{ Name: "name", Value: "Sdk" }],
  });
  await call("AdminSetUserPassword", { ...user, Password: task.password, Permanent: true });
  const found = await call("AdminGetUser", user);
  events.push(["created", [found.UserStatus, found.UserCreateDate instanceof Date]]);
  const { AuthenticationResult: tokens } = await signIn(task.username, task.password);
  events.push(["signedIn", tokens.TokenType]);
  const self = await call("GetUser", { AccessToken: tokens.AccessToken });
  events.push(["self", self.Username]);
  const pages = sdk.paginateListUsers({ client, pageSize: 1 }, pool);
  let users = 0;
  for await (const page of pages) users += page.Users.length;
  events.push(["listed", users]);
  await call("AdminDeleteUser", user);
  try {
    await call("AdminGetUser", user);
  } catch (error) {
    const known = error instanceof sdk.UserNotFoundException;
    events.push(["gone", [known, error.message, error.$metadata.httpStatusCode]]);
  }
  await signIn(task.username, task.password);
} catch (error) {
  events.push(["failed", { name: error.name, message: error.message }]);
}
console.log(JSON.stringify(events));
