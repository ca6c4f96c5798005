import { z } from "zod";
import {
  agentReaches,
  auditActions,
  auditActorKinds,
  auditTargetKinds,
  direction,
  engineNames,
  groupRoles,
  languages,
  linkableNumberPattern,
  mailStates,
  messageChanges,
  messageStatuses,
  messageType,
  missingMediaStates,
  pacingCauses,
  pacingStates,
  roles,
  secondFactorPolicies,
  sendFailures,
  sentFileKinds,
  sessionDetails,
  sessionReasons,
  sessionStatuses,
  typingStates,
  userStates,
  webhookDisabledReasons,
} from "./constants/index.ts";

/** Names a request in the logs of all services. UUIDs and the ids of common proxies match. */
export const RequestId = z.string().regex(/^[\w.:=+/-]{1,128}$/);

export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;
export const AgentReach = z.enum(agentReaches);
export type AgentReach = z.infer<typeof AgentReach>;

export const UserState = z.enum(userStates);
export type UserState = z.infer<typeof UserState>;
export const Language = z.enum(languages);
export type Language = z.infer<typeof Language>;
export const MailState = z.enum(mailStates);
export type MailState = z.infer<typeof MailState>;
export const AuditAction = z.enum(auditActions);
export type AuditAction = z.infer<typeof AuditAction>;
export const AuditActorKind = z.enum(auditActorKinds);
export type AuditActorKind = z.infer<typeof AuditActorKind>;
export const AuditTargetKind = z.enum(auditTargetKinds);
export type AuditTargetKind = z.infer<typeof AuditTargetKind>;

/** Who of a company must have a second factor. `managers`: owners and admins. */
export const SecondFactorPolicy = z.enum(secondFactorPolicies);
export type SecondFactorPolicy = z.infer<typeof SecondFactorPolicy>;

export const SessionStatus = z.enum(sessionStatuses);
export type SessionStatus = z.infer<typeof SessionStatus>;
export const SessionDetail = z.enum(sessionDetails);
export type SessionDetail = z.infer<typeof SessionDetail>;

export const SessionReason = z.enum(sessionReasons);
export type SessionReason = z.infer<typeof SessionReason>;

const meanings = (values: Record<string, number>) =>
  Object.entries(values)
    .map(([name, value]) => `${value}: ${name}`)
    .join("; ");
export const MessageType = z
  .union(Object.values(messageType).map((value) => z.literal(value)))
  .describe(meanings(messageType));
export type MessageType = z.infer<typeof MessageType>;
export const Direction = z
  .union([z.literal(direction.in), z.literal(direction.out)])
  .describe(`${direction.in}: in, from the client; ${direction.out}: out, from the company`);
export type Direction = z.infer<typeof Direction>;
export const MessageStatus = z.enum(messageStatuses);
export type MessageStatus = z.infer<typeof MessageStatus>;
export const SendFailure = z.enum(sendFailures);
export type SendFailure = z.infer<typeof SendFailure>;

export const GroupRole = z.enum(groupRoles);
export type GroupRole = z.infer<typeof GroupRole>;

export const EngineName = z.enum(engineNames);
export type EngineName = z.infer<typeof EngineName>;

/** Digits with country code, without "+". */
export const WhatsAppNumber = z.string().regex(/^\d{5,20}$/, "digits with country code, without +");
/** A WhatsApp user name, without @. WhatsApp allows 3 to 35 letters, digits, dots and underscores. */
export const Username = z.string().regex(/^[a-z0-9._]{3,35}$/);
/** The number of a client in events. A client may have none: WhatsApp hides the numbers of people who write by username. */
export const ClientNumber = z
  .string()
  .regex(/^(\d{5,20})?$/)
  .describe("digits with country code, without +; '' if the number is not known");
/** Shown for a client: the name, else `@` and the username, else the number. */
export const ClientName = z
  .string()
  .describe("name, else username with @, else number; '' if none is known: show a text such as 'hidden number'");
/** A phone number that a person typed to link a phone. Stricter than `WhatsAppNumber`, to report typing errors at once. */
export const LinkableNumber = z
  .string()
  .regex(linkableNumberPattern, "must be 8 to 15 digits with the country code, without + or leading zeros");
/** Eight characters, shown in two groups of four. */
export const PairingCode = z.string().regex(/^[0-9A-Z]{8}$/);
export const Timestamp = z.iso.datetime();

export const PacingState = z.enum(pacingStates);
export type PacingState = z.infer<typeof PacingState>;
export const PacingCause = z.enum(pacingCauses);
export type PacingCause = z.infer<typeof PacingCause>;
export const TypingState = z.enum(typingStates);
export type TypingState = z.infer<typeof TypingState>;
export const MissingMediaState = z.enum(missingMediaStates);
export type MissingMediaState = z.infer<typeof MissingMediaState>;
export const SentFileKind = z.enum(sentFileKinds);
export type SentFileKind = z.infer<typeof SentFileKind>;
export const WebhookDisabledReason = z.enum(webhookDisabledReasons);
export type WebhookDisabledReason = z.infer<typeof WebhookDisabledReason>;
export const MessageChange = z.enum(messageChanges);
export type MessageChange = z.infer<typeof MessageChange>;

/** The two sides of a chat: the customer, or the participants of a group; and the company with its phone. */
export const ChatSide = z.enum(["client", "company"]);
export type ChatSide = z.infer<typeof ChatSide>;
