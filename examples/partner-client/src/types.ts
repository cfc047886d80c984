// What goes over the wire, spelled as it is there: what Amazon Cognito returned is in Pascal case,
// everything else in snake case.

/** A member of a partner signs in with these. */
export interface Credentials {
  username: string;
  password: string;
}

/** How a user's second factor is set up. */
export interface MfaSettings {
  /** Whether this user must have one. Service accounts need none. */
  required: boolean;
  enabled: boolean;
  preferred: "totp" | "email" | null;
  methods: { totp: boolean; email: boolean };
}

/** A sign-in that is complete. */
export interface SignedIn {
  AccessToken: string;
  IdToken: string;
  RefreshToken: string;
  /** Seconds. */
  ExpiresIn: number;
  TokenType: string;
  /** The keys of this device, if it is now remembered. Absent if the sign-in used keys: those stay valid. */
  DeviceKey?: string | null;
  DeviceGroupKey?: string | null;
  mfa_settings: MfaSettings;
}

/** A sign-in that wants an answer first. */
export interface Challenge {
  Challenge: "SOFTWARE_TOKEN_MFA" | "EMAIL_OTP" | "NEW_PASSWORD_REQUIRED";
  /** To be sent back with the answer. */
  Session: string;
  /** For an e-mail code, the masked address it went to is `CODE_DELIVERY_DESTINATION`. */
  ChallengeParameters: Record<string, string>;
  mfa_settings: MfaSettings;
}

/** New tokens. The refresh token stays the one of the sign-in. */
export interface Refreshed {
  AccessToken: string;
  IdToken: string;
  ExpiresIn?: number;
  TokenType: string;
}

/** What makes a remembered device known. */
export interface DeviceKeys {
  device_key: string;
  device_group_key: string;
}

/** What an authenticator app is fed with: a URI to show as a QR code, or the bare key in base32. */
export interface TotpEnrolment {
  qr_uri: string;
  qr_secret: string;
}

export interface Partner {
  id: string;
  client_id: number;
  name: string;
  domain: string;
  currency: string;
  vertical: string;
  demand_prediction: boolean;
  campaign_recommendations: boolean;
  status: string;
  pricing_tier: string;
  campaign_pricing_model: string;
  ner_active: boolean;
}

/** A page of a list. Pages are counted from one. */
export interface Page<T> {
  total: number;
  limit: number;
  page: number;
  pages: number;
  nextPage: number | null;
  prevPage: number | null;
  items: T[];
}

/** A user of a partner. */
export interface PartnerUser {
  email: string;
  status: string;
  enabled: boolean;
  groups: string[];
  created_at: string;
}

/** A user to be made. `groups` can be access groups only, such as `access-group-2`. */
export interface NewUser {
  email: string;
  password: string;
  first_name?: string;
  last_name?: string;
  groups?: string[];
}

export interface CreatedUser {
  email: string;
  status: string;
  partner_id: string;
}

/** Every failure has this shape. */
export interface ErrorBody {
  /** A key for translations, such as `error.auth.invalid_credentials`. */
  message: string;
  /** The same for machines: `INVALID_CREDENTIALS`. */
  error_code?: string;
  error_subcode?: string | null;
  validation_errors?: ValidationError[];
  /** After a wrong answer to a challenge: the session to try again in. */
  Session?: string;
}

/** Something in a request that is wrong. */
export interface ValidationError {
  code: string;
  field?: string;
}
