import type { World } from "../src/transport.js";

/** What a test sees of a request. */
export interface Seen {
  call: string;
  headers: Headers;
  body: unknown;
}

type Reply = Response | Promise<Response>;

/** A server and a clock that do what the test says. */
export class Fake {
  now = Date.UTC(2030, 0);
  random = 0.5;
  readonly slept: number[] = [];
  readonly seen: Seen[] = [];

  /** Answers by method and path. Of several they are given in turn, the last one for ever. */
  constructor(private readonly script: Record<string, Array<() => Reply>>) {}

  /** The calls so far. */
  get calls(): string[] {
    return this.seen.map(({ call }) => call);
  }

  readonly world: World = {
    fetch: async (url, init) => {
      const call = `${init?.method} ${new URL(String(url)).pathname}`;
      const body = init?.body === undefined ? undefined : JSON.parse(String(init.body));
      this.seen.push({ call, headers: new Headers(init?.headers), body });
      const replies = this.script[call] ?? [];
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      if (!reply) throw new Error(`not expected: ${call}`);
      return reply();
    },
    now: () => this.now,
    sleep: async (milliseconds) => {
      this.slept.push(milliseconds);
      this.now += milliseconds;
    },
    random: () => this.random,
  };
}

export const json = (status: number, body: unknown, headers?: HeadersInit) => () =>
  new Response(JSON.stringify(body), { status, ...(headers && { headers }) });

export const refusal = (status: number, key: string, more: object = {}, headers?: HeadersInit) => {
  const error_code = key.split(".").at(-1)?.toUpperCase();
  return json(status, { message: `error.${key}`, error_code, ...more }, headers);
};

const SETTINGS = {
  required: true,
  enabled: true,
  preferred: "totp",
  methods: { totp: true, email: false },
};

/** A JWT as far as this client looks at one. */
export function idToken(...groups: string[]): string {
  const claims = JSON.stringify({ email: "zoë@example.com", "cognito:groups": groups });
  return `e30.${Buffer.from(claims).toString("base64url")}.`;
}

export const signedIn = (name: string, more: object = {}) =>
  json(200, {
    AccessToken: `access-${name}`,
    IdToken: idToken("partner-id-acme", "webapp-access-group-2"),
    RefreshToken: `refresh-${name}`,
    ExpiresIn: 3600,
    TokenType: "Bearer",
    DeviceKey: null,
    DeviceGroupKey: null,
    mfa_settings: SETTINGS,
    ...more,
  });

export const refreshed = (name: string, more: object = {}) =>
  json(200, {
    AccessToken: `access-${name}`,
    IdToken: idToken("partner-id-acme"),
    ExpiresIn: 3600,
    TokenType: "Bearer",
    ...more,
  });

export const challenge = (name: string, session: string, parameters: object = {}) =>
  json(200, {
    Challenge: name,
    Session: session,
    ChallengeParameters: parameters,
    mfa_settings: SETTINGS,
  });
