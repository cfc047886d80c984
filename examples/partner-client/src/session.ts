import { ApiError, SignedOutError } from "./errors.js";
import type { Refreshed, SignedIn } from "./types.js";

/** Tokens are replaced when less than this is left of them. */
const EARLY_MS = 5 * 60_000;
const DEFAULT_LIFE_S = 3600;
const PARTNER = /^(partner-id-.+|fd[0-9]+)$/;

/** What a session is given by the client. */
export interface Surroundings {
  /** Asks the server for new tokens. */
  refresh(refreshToken: string): Promise<Refreshed>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Called when the session ends, for whatever reason. */
  onEnd(): void;
}

interface Tokens {
  access: string;
  refresh: string;
  expiresAt: number;
  /** From here on they are to be replaced. */
  staleAt: number;
}

/** Somebody who is signed in: the tokens, kept fresh, and the partner that is worked for. */
export class Session {
  // Private to the language, so that no log shows them. Gone when the session is over.
  #tokens: Tokens | undefined;
  #claims: Record<string, unknown> = {};
  #partner: string | undefined;
  #refreshing: Promise<void> | undefined;
  readonly #around: Surroundings;

  constructor(signedIn: SignedIn, around: Surroundings) {
    this.#around = around;
    this.#keep(signedIn, signedIn.RefreshToken);
    // Of several partners, the server would take any: the user is to choose.
    if (this.partners.length === 1) this.#partner = this.partners[0];
  }

  get isOver(): boolean {
    return this.#tokens === undefined;
  }

  /** What the ID token says of the user, as of the last refresh. */
  get claims(): Readonly<Record<string, unknown>> {
    return this.#claims;
  }

  get groups(): string[] {
    const groups = this.#claims["cognito:groups"];
    return Array.isArray(groups) ? groups : [];
  }

  /** The partners that the user may work for. */
  get partners(): string[] {
    return this.groups.filter((group) => PARTNER.test(group));
  }

  /** The partner that calls are for. */
  get partner(): string | undefined {
    return this.#partner;
  }

  /** Works for this partner from now on. */
  usePartner(id: string): void {
    if (!this.partners.includes(id)) throw new RangeError(`not a partner of this user: ${id}`);
    this.#partner = id;
  }

  /** An access token with some life left in it. */
  async accessToken(): Promise<string> {
    if (this.#tokens && this.#around.now() > this.#tokens.staleAt) {
      // Single-flight: whoever comes while a refresh is under way waits for that one.
      this.#refreshing ??= this.#refresh(this.#tokens).finally(() => {
        this.#refreshing = undefined;
      });
      await this.#refreshing;
    }
    // It may have ended while it was being refreshed.
    if (!this.#tokens) throw new SignedOutError();
    return this.#tokens.access;
  }

  /** Forgets the tokens. The server has no part in it: they would live on until they expire. */
  end(): void {
    this.#tokens = undefined;
    this.#around.onEnd();
  }

  async #refresh(old: Tokens): Promise<void> {
    try {
      const fresh = await this.#around.refresh(old.refresh);
      if (this.#tokens) this.#keep(fresh, old.refresh);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.end();
      // A server that is away for a moment does no harm while the old token is good.
      else if (this.#around.now() < old.expiresAt) return;
      throw error;
    }
  }

  #keep(fresh: Refreshed, refresh: string): void {
    const life = (fresh.ExpiresIn ?? DEFAULT_LIFE_S) * 1000;
    const expiresAt = this.#around.now() + life;
    // Tokens that live for a few minutes only are not stale from the start.
    const staleAt = expiresAt - Math.min(EARLY_MS, life / 2);
    this.#tokens = { access: fresh.AccessToken, refresh, expiresAt, staleAt };
    this.#claims = payload(fresh.IdToken);
  }
}

/** The claims in a JWT. Unchecked: it comes from the server, over TLS. */
function payload(jwt: string): Record<string, unknown> {
  const base64 = (jwt.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}
