import { z } from "zod";
import {
  maxEmailLength,
  maxPasswordLength,
  maxPersonNameLength,
  maxPushEndpointLength,
  minPasswordLength,
} from "../constants/index.ts";
import { Language, MailState, Role, Timestamp, UserState } from "../vocabulary.ts";
import { storable, visibleText } from "./requests.ts";

/** In lower case. ASCII only, so that no two addresses look the same because of letters of other scripts. */
export const EmailAddress = z
  .email("must be an e-mail address without letters outside ASCII; write international domains in their xn-- form")
  .max(maxEmailLength)
  .transform((address) => address.toLowerCase());
const PersonName = visibleText(maxPersonNameLength);
/** Further rules need the account: the name and the address are not allowed in it. */
const NewPassword = storable(z.string().min(minPasswordLength).max(maxPasswordLength));
/** The secret of a link. Sent in bodies only, because paths are logged. */
const LinkToken = z.string().min(1).max(200);

/** The properties of a user that only managers see. */
export const UserAccount = z.object({
  email: z.string(),
  role: Role,
  state: UserState,
  language: Language,
  hasSecondFactor: z.boolean(),
  lastSeenAt: Timestamp.nullable().describe("accurate to ten minutes"),
  createdAt: Timestamp,
  invitation: z
    .object({ mail: MailState, expiresAt: Timestamp })
    .nullable()
    .describe("the newest invitation of a user who has not accepted it"),
});
export type UserAccount = z.infer<typeof UserAccount>;

/** A user of the company. */
export const UserEntry = z.object({
  id: z.uuid(),
  name: z.string(),
  pictureId: z.uuid().nullable().describe("changes with the picture; see `getUserPicture`"),
  account: UserAccount.optional().describe("only for owners and admins"),
});
export type UserEntry = z.infer<typeof UserEntry>;

export const InviteUserRequest = z.object({
  email: EmailAddress,
  name: PersonName,
  role: Role,
  language: Language.default("pt-BR").describe("of the e-mail and of the person's pages"),
});
/** A link with which one person can set a password, once. */
export const AccountLink = z.object({
  mail: MailState.describe("`queued`: the person receives the link by e-mail"),
  link: z.string().nullable().describe("set only if the platform sends no e-mail; it is shown only now"),
  expiresAt: Timestamp,
});
export type AccountLink = z.infer<typeof AccountLink>;
export const InvitedUser = z.object({ user: UserEntry, invitation: AccountLink });

export const UpdateUserRequest = z
  .object({ name: PersonName.optional(), role: Role.optional(), disabled: z.boolean().optional() })
  .refine((body) => Object.values(body).some((value) => value !== undefined), {
    error: "must change the name, the role or whether the user is disabled",
  });

export const ReadInvitationRequest = z.object({ token: LinkToken });
/** The properties of an invitation that its page shows. */
export const Invitation = z.object({
  companyName: z.string(),
  email: z.string(),
  name: z.string(),
  language: Language,
  expiresAt: Timestamp,
});
export const AcceptInvitationRequest = z.object({
  token: LinkToken,
  password: NewPassword,
  name: PersonName.optional(),
  language: Language.optional(),
});

export const RequestPasswordResetRequest = z.object({ email: EmailAddress });
/** The same for every address. */
export const PasswordResetRequested = z.object({
  mail: z.enum(["on", "off"]).describe("off: the platform sends no e-mail; ask an owner or admin for a link"),
});
export const ConfirmPasswordResetRequest = z.object({ token: LinkToken, password: NewPassword });

export const UpdateMeRequest = z.object({
  name: PersonName.optional(),
  language: Language.optional(),
  pictureId: z.uuid().nullable().optional().describe("an image that the caller uploaded; null removes the picture"),
});
export const ChangePasswordRequest = z.object({ current: z.string().min(1).max(1_000), password: NewPassword });

/** An open login: a browser in which the user is signed in. */
export const OpenLogin = z.object({
  id: z.uuid(),
  isCurrent: z.boolean().describe("the login of this request"),
  browser: z.string().nullable().describe("such as Chrome; null: unknown"),
  system: z.string().nullable().describe("such as Windows; null: unknown"),
  address: z.string().nullable().describe("network address of the last use"),
  startedAt: Timestamp,
  lastSeenAt: Timestamp.describe("accurate to ten minutes"),
});
export type OpenLogin = z.infer<typeof OpenLogin>;

const base64url = (bytes: number) => {
  const length = Math.ceil((bytes * 4) / 3);
  return z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${length}}=?=?$`), `must be ${bytes} bytes in base64url`);
};

export const PushSettings = z.object({
  publicKey: z
    .string()
    .nullable()
    .describe("VAPID key for `pushManager.subscribe`; null: this installation sends no push"),
  isSubscribed: z.boolean().describe("true: this login receives push notices"),
});
export type PushSettings = z.infer<typeof PushSettings>;

/** The fields of the browser's `PushSubscription` that encrypt and deliver notices (RFC 8030, RFC 8291). */
export const SubscribeToPushRequest = z.object({
  endpoint: z.url({ protocol: /^https?$/, error: "must be an https:// URL" }).max(maxPushEndpointLength),
  keys: z.object({ p256dh: base64url(65), auth: base64url(16) }),
});
export type SubscribeToPushRequest = z.infer<typeof SubscribeToPushRequest>;
