// Verifies tokens with aws-jwt-verify. Reads one JSON object from standard input and writes a list:
// for each token its claims, or the name of the error.
//
//   packages   folder whose node_modules holds aws-jwt-verify
//   verifier   "rsa" or "cognito"
//   options    for the verifier
//   jwksUri    where the keys are served
//   tokens     what to verify
import { createRequire } from "node:module";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const { packages, verifier, options, jwksUri, tokens } = JSON.parse(await text(process.stdin));
const require = createRequire(join(packages, "package.json"));
const { CognitoJwtVerifier, JwtRsaVerifier } = require("aws-jwt-verify");
const { SimpleJwksCache } = require("aws-jwt-verify/jwk");

// The library's own fetcher speaks https alone.
const fetcher = { fetch: async (uri) => (await fetch(uri)).arrayBuffer() };

async function create() {
  if (verifier === "rsa") {
    const jwksCache = new SimpleJwksCache({ fetcher });
    return JwtRsaVerifier.create({ ...options, jwksUri }, { jwksCache });
  }
  const cognito = CognitoJwtVerifier.create(options);
  cognito.cacheJwks(await (await fetch(jwksUri)).json());
  return cognito;
}

const ready = await create();
const results = tokens.map((token) => ready.verify(token).catch((error) => error.constructor.name));
console.log(JSON.stringify(await Promise.all(results)));
