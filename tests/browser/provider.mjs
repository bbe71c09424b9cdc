// A provider of others' making, certified for OpenID Connect (oidc-provider, MIT), with one client and everybody who says a name: BACK is where it
// sends browsers, SECRET what it knows the client by. It says its address; a request for /turn gives it other keys. It is another site than the
// hub, by its name, so that cookies come along as they do between two hosts.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const { BACK, SECRET } = process.env;
const server = createServer();
await new Promise((listens) => server.listen(0, "127.0.0.1", listens));
const issuer = `http://localhost:${server.address().port}`;
const cookies = { keys: [randomBytes(32).toString("hex")] };

const kinds = [["RS256", () => generateKeyPairSync("rsa", { modulusLength: 2048 })], ["ES256", () => generateKeyPairSync("ec", { namedCurve: "P-256" })]];
let turns = 0;
const provider = () => {
  const [alg, generate] = kinds[turns % kinds.length];
  const key = { ...generate().privateKey.export({ format: "jwk" }), kid: `key-${turns}`, alg, use: "sig" };
  turns += 1;
  return new Provider(issuer, {
    clients: [
      { client_id: "wuwei", client_secret: SECRET, redirect_uris: [BACK], response_types: ["code"], grant_types: ["authorization_code"], id_token_signed_response_alg: alg },
    ],
    claims: { profile: ["preferred_username"] },
    // Names stand in the token; without this they are told by userinfo alone, as they are at every other turn.
    conformIdTokenClaims: turns % 2 === 0,
    pkce: { required: () => true },
    cookies,
    jwks: { keys: [key] },
    findAccount: (_, name) => ({ accountId: name, claims: () => ({ sub: `number of ${name}`, preferred_username: name }) }),
  });
};

let answers = provider().callback();
server.on("request", (request, response) => {
  if (request.url === "/turn") {
    answers = provider().callback();
    response.end();
  } else {
    answers(request, response);
  }
});
console.log(issuer);
