// Many mixed calls over kept connections, by undici (fetch) and axios. Prints what each was answered,
// by client and status, and what was lost.
import { createRequire } from "node:module";
import http from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const { packages, base, calls, rounds } = JSON.parse(await text(process.stdin));
const { default: axios } = createRequire(join(packages, "package.json"))("axios");
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
const clients = {
  fetch: async ({ method, path, body, headers }) => {
    const answer = await fetch(base + path, { method, headers, body });
    await answer.arrayBuffer();
    return answer.status;
  },
  axios: async ({ method, path, body, headers }) => {
    const url = base + path;
    const settings = { httpAgent: agent, validateStatus: () => true, proxy: false };
    return (await axios.request({ method, url, headers, data: body, ...settings })).status;
  },
};

const answered = {};
const lost = [];
for (const [name, call] of Object.entries(clients)) {
  let next = 0;
  const worker = async () => {
    while (next < rounds * calls.length) {
      const { status, size, ...request } = calls[next++ % calls.length];
      if (size) request.body = "x".repeat(size);
      try {
        const told = await call(request);
        if (told !== status) lost.push(`${name} ${request.method} ${request.path}: ${told}`);
        else answered[name] = (answered[name] ?? 0) + 1;
      } catch (error) {
        lost.push(`${name} ${request.method} ${request.path}: ${error.cause ?? error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
console.log(JSON.stringify({ answered, lost: lost.slice(0, 20) }));
process.exit(0);
