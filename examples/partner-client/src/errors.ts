import type { ErrorBody, ValidationError } from "./types.js";

/** The server said no. */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    /** The HTTP status. */
    readonly status: number,
    /** The `message` of the answer: a key for translations, such as `error.rate_limited`. */
    readonly key: string,
    /** The `error_code`, such as `RATE_LIMITED`. */
    readonly code: string | undefined,
    readonly subcode: string | undefined,
    readonly validationErrors: readonly ValidationError[],
    /** The `x-request-id`: what support asks for, together with the code. */
    readonly requestId: string | undefined,
    /** Milliseconds that the server asks to wait before another attempt. */
    readonly retryAfter: number | undefined,
    /** The session in which a challenge may be answered again. */
    readonly session: string | undefined,
  ) {
    super(`${status} ${key} (${code ?? "no code"}, request ${requestId ?? "without id"})`);
  }

  static async of(response: Response): Promise<ApiError> {
    const body = await readBody(response);
    return new ApiError(
      response.status,
      body.message,
      body.error_code,
      body.error_subcode ?? undefined,
      body.validation_errors ?? [],
      response.headers.get("x-request-id") ?? undefined,
      seconds(response.headers.get("retry-after")),
      body.Session,
    );
  }

  /** Whether only the answer to a challenge was wrong, so that another one may be given. */
  get isWrongAnswer(): boolean {
    return ["MFA_TOKEN_INVALID", "MFA_TOKEN_EXPIRED", "PASSWORD_POLICY"].includes(this.code ?? "");
  }
}

/** Nobody is signed in, or no longer. */
export class SignedOutError extends Error {
  override name = "SignedOutError";

  constructor() {
    super("signed out");
  }
}

/** The body of a failure. What a proxy in between says may be anything. */
async function readBody(response: Response): Promise<ErrorBody> {
  try {
    const body: unknown = await response.json();
    if (typeof body === "object" && body !== null && "message" in body) return body as ErrorBody;
  } catch {
    // Not JSON.
  }
  return { message: "error.unknown" };
}

/** The milliseconds in a `Retry-After`. Dates are not used by this API. */
function seconds(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) * 1000 : undefined;
}
