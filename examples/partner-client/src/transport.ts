import { ApiError } from "./errors.js";

/** What a client takes from the world around it. Tests bring a world of their own. */
export interface World {
  fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** At least 0, less than 1. */
  random(): number;
}

export const realWorld: World = {
  fetch: (...request) => fetch(...request),
  now: () => Date.now(),
  sleep: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  random: () => Math.random(),
};

const ATTEMPTS = 5;
const BASE_MS = 500;
const CAP_MS = 30_000;
const JITTER = 0.3;
/** Whoever is told to wait for longer than this is better told so than kept waiting. */
const LONGEST_WAIT_MS = 60_000;
const WORTH_ANOTHER_ATTEMPT = [429, 500, 502, 503, 504];

/** Sends requests, again if need be. */
export class Transport {
  constructor(
    private readonly baseUrl: string,
    /** Sent with every request. */
    private readonly headers: Record<string, string>,
    private readonly world: World,
  ) {}

  /** What the server answers; `undefined` for "no content". Throws an `ApiError` if it refuses. */
  async send<T>(method: string, path: string, body?: object, headers?: object): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.once(method, path, body, headers);
      if (response.status === 204) return undefined as T;
      if (response.ok) return (await response.json()) as T;
      const error = await ApiError.of(response);
      const wait = this.waitAfter(error, attempt);
      if (wait === undefined) throw error;
      await this.world.sleep(wait);
    }
  }

  private once(method: string, path: string, body?: object, headers?: object) {
    const json = body && { "Content-Type": "application/json" };
    // This API never redirects; something that does is not to see passwords or tokens.
    return this.world.fetch(this.baseUrl + path, {
      method,
      headers: { ...this.headers, ...json, ...headers },
      redirect: "error",
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  /** How long to wait before the next attempt, or nothing if there is to be none. */
  private waitAfter(error: ApiError, attempt: number): number | undefined {
    if (attempt === ATTEMPTS || !WORTH_ANOTHER_ATTEMPT.includes(error.status)) return undefined;
    if (error.retryAfter !== undefined) {
      return error.retryAfter <= LONGEST_WAIT_MS ? error.retryAfter : undefined;
    }
    return backOff(attempt, this.world.random());
  }
}

/** Twice as long after each attempt, and never the same for two clients that failed together. */
export function backOff(attempt: number, random: number): number {
  return Math.min(BASE_MS * 2 ** (attempt - 1), CAP_MS) * (1 + JITTER * (2 * random - 1));
}
