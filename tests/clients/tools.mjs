// What the scripts share: a person's mailbox and authenticator app.
import { createHmac } from "node:crypto";

/** The code in the newest message to an address. */
export async function mailed(inbox, to) {
  const answer = await fetch(`${inbox}.json?to=${encodeURIComponent(to)}`);
  return (await answer.json())[0].code;
}

/** The code that an authenticator app shows this many steps from now. */
export function shown(secret, steps = 0) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac("sha1", key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
