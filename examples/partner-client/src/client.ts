import { ApiError, SignedOutError } from "./errors.js";
import { Session } from "./session.js";
import { realWorld, Transport, type World } from "./transport.js";
import type {
  Challenge,
  CreatedUser,
  Credentials,
  DeviceKeys,
  MfaSettings,
  NewUser,
  Page,
  Partner,
  PartnerUser,
  Refreshed,
  SignedIn,
  TotpEnrolment,
} from "./types.js";

/**
 * The answers to what a sign-in may ask. Each is asked again, with the reason, until the answer is
 * right or the server has enough; to give up, throw.
 */
export interface Answers {
  /** The code that the authenticator app of the user shows. */
  totp?(refused?: ApiError): Promise<string>;
  /** The code that was mailed to this (masked) address. */
  emailCode?(sentTo: string, refused?: ApiError): Promise<string>;
  /** A password in place of a temporary one. */
  newPassword?(refused?: ApiError): Promise<string>;
  /** Whether this device needs no second factor for a week. */
  rememberDevice?: boolean;
}

/** Where the keys of remembered devices are kept, by username. */
export interface DeviceStore {
  get(username: string): DeviceKeys | undefined;
  set(username: string, keys: DeviceKeys): void;
  delete(username: string): void;
}

export interface Options {
  /** With the prefix, if there is one: `https://auth.example.com/api/v3`. */
  baseUrl: string;
  /** The name of an application of the operator's own, at which external users are refused. */
  appId?: string;
  /** Default: as long as this client lives. */
  devices?: DeviceStore;
  /** Called when a session ends: the time to show the sign-in form. */
  onSignedOut?: () => void;
  /** Default: the real one. */
  world?: Partial<World>;
}

/** A client of the partner API for one user at a time. */
export class PartnerClient {
  readonly #world: World;
  readonly #transport: Transport;
  readonly #devices: DeviceStore;
  readonly #onSignedOut: () => void;
  #session: Session | undefined;
  #username = "";

  constructor({ baseUrl, appId, devices = new Map(), onSignedOut = () => {}, world }: Options) {
    this.#world = { ...realWorld, ...world };
    const headers = { ...(appId && { "X-App-Id": appId }) };
    this.#transport = new Transport(baseUrl.replace(/\/$/, ""), headers, this.#world);
    this.#devices = devices;
    this.#onSignedOut = onSignedOut;
  }

  /** Who is signed in, if anybody is. */
  get session(): Session | undefined {
    return this.#session;
  }

  // --- signing in and out ------------------------------------------------------------------------

  async signIn(credentials: Credentials, answers: Answers = {}): Promise<Session> {
    const { username } = credentials;
    const body = { ...credentials, ...this.#devices.get(username) };
    let outcome = await this.#transport.send<SignedIn | Challenge>("POST", "/auth", body);
    while (!("AccessToken" in outcome)) {
      outcome = await this.#answer(outcome, username, answers);
    }
    const { DeviceKey: device_key, DeviceGroupKey: device_group_key } = outcome;
    if (device_key && device_group_key) {
      this.#devices.set(username, { device_key, device_group_key });
    }
    return this.#begin(outcome, username);
  }

  /** Forgets the tokens and this device. */
  signOut(): void {
    this.#devices.delete(this.#username);
    this.#session?.end();
  }

  /** What comes after the challenge. */
  async #answer(
    challenge: Challenge,
    username: string,
    answers: Answers,
  ): Promise<SignedIn | Challenge> {
    let session = challenge.Session;
    for (let refused: ApiError | undefined; ; ) {
      const [path, answer] = await ask(challenge, answers, refused);
      try {
        const body = { username, session, ...answer };
        return await this.#transport.send("PUT", `/auth/challenge/${path}`, body);
      } catch (error) {
        if (!(error instanceof ApiError && error.isWrongAnswer)) throw error;
        session = error.session ?? session;
        refused = error;
      }
    }
  }

  #begin(signedIn: SignedIn, username: string): Session {
    const session: Session = new Session(signedIn, {
      refresh: (token) => this.#transport.send<Refreshed>("POST", "/auth/refresh_token", { token }),
      now: () => this.#world.now(),
      onEnd: () => {
        // Not if somebody else has signed in since.
        if (this.#session !== session) return;
        this.#session = undefined;
        this.#onSignedOut();
      },
    });
    this.#username = username;
    this.#session = session;
    return session;
  }

  // --- a lost password ---------------------------------------------------------------------------

  /** Has a code mailed to the user, if there is one of that name. */
  forgotPassword(username: string): Promise<void> {
    return this.#transport.send("POST", "/auth/forgot_password", { username });
  }

  /** Sets the password by that code. Ends the user's sign-ins and forgets the device. */
  async resetPassword(username: string, code: string, password: string): Promise<void> {
    const body = { username, conf_code: code, password };
    await this.#transport.send("POST", "/auth/forgot_password/confirm", body);
    this.#devices.delete(username);
  }

  // --- one's own second factor -------------------------------------------------------------------

  mfaSettings(): Promise<MfaSettings> {
    return this.#call("GET", "/auth/mfa/settings");
  }

  changeMfa(change: Partial<Pick<MfaSettings, "enabled" | "preferred">>): Promise<MfaSettings> {
    return this.#call("PUT", "/auth/mfa/settings", change);
  }

  /** A key for an authenticator app. It counts once a code of it was given to `finishTotp`. */
  beginTotp(): Promise<TotpEnrolment> {
    return this.#call("GET", "/auth/mfa/configure/totp");
  }

  finishTotp(code: string): Promise<MfaSettings> {
    return this.#call("PUT", "/auth/mfa/configure/totp", { mfa_token: code });
  }

  // --- the partner that is worked for ------------------------------------------------------------

  partner(): Promise<Partner> {
    return this.#call("GET", "/partners/");
  }

  /** What the user may do for the partner. */
  permissions(): Promise<string[]> {
    return this.#call("GET", "/permissions");
  }

  /** What is switched on for the partner. */
  features(): Promise<Record<string, boolean>> {
    return this.#call("GET", "/features");
  }

  // --- the users of the partner, for those who may manage them -----------------------------------

  users(page = 1, limit = 50): Promise<Page<PartnerUser>> {
    return this.#call("GET", `/auth/partners/users?page=${page}&limit=${limit}`);
  }

  /** Makes a user and has a code mailed to the address. */
  createUser(user: NewUser): Promise<CreatedUser> {
    return this.#call("POST", "/auth/partners/users", user);
  }

  /** Proves the address of a new user by that code. Nobody needs to be signed in. */
  confirmUser(email: string, code: string): Promise<void> {
    return this.#transport.send("POST", "/auth/partners/users/confirm", { email, conf_code: code });
  }

  disableUser(email: string): Promise<void> {
    return this.#call("PUT", `${userPath(email)}/disable`);
  }

  enableUser(email: string): Promise<void> {
    return this.#call("PUT", `${userPath(email)}/enable`);
  }

  /** Replaces the access groups of a user. */
  setUserGroups(email: string, groups: string[]): Promise<void> {
    return this.#call("PUT", `${userPath(email)}/groups`, { groups });
  }

  // --- calls by somebody who is signed in --------------------------------------------------------

  async #call<T>(method: string, path: string, body?: object): Promise<T> {
    const session = this.#session;
    if (!session) throw new SignedOutError();
    if (session.partners.length > 1 && !session.partner) {
      throw new RangeError(`choose one with usePartner(): ${session.partners.join(", ")}`);
    }
    const headers = {
      Authorization: `Bearer ${await session.accessToken()}`,
      ...(session.partner && { "X-Preferred-Partner-Id": session.partner }),
    };
    try {
      return await this.#transport.send(method, path, body, headers);
    } catch (error) {
      // Never refreshed after the fact: with a token this fresh, a 401 means that it is over.
      if (error instanceof ApiError && error.status === 401) session.end();
      throw error;
    }
  }
}

const userPath = (email: string) => `/auth/partners/users/${encodeURIComponent(email)}`;

/** Where an answer to the challenge goes, and what it is. */
async function ask(
  { Challenge: name, ChallengeParameters: parameters }: Challenge,
  answers: Answers,
  refused?: ApiError,
): Promise<[path: string, body: object]> {
  const code = (mfa_token: string): [string, object] => {
    const remember_device = answers.rememberDevice ?? false;
    return ["mfa-token", { challenge: name, mfa_token, remember_device }];
  };
  if (name === "SOFTWARE_TOKEN_MFA" && answers.totp) {
    return code(await answers.totp(refused));
  }
  if (name === "EMAIL_OTP" && answers.emailCode) {
    return code(await answers.emailCode(parameters.CODE_DELIVERY_DESTINATION ?? "", refused));
  }
  if (name === "NEW_PASSWORD_REQUIRED" && answers.newPassword) {
    return ["new-password", { new_password: await answers.newPassword(refused) }];
  }
  throw new Error(`the sign-in asks for ${name}, and nobody answers`);
}
