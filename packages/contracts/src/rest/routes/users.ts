import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import {
  AcceptInvitationRequest,
  AccountLink,
  ConfirmPasswordResetRequest,
  Invitation,
  InvitedUser,
  InviteUserRequest,
  PasswordResetRequested,
  ReadInvitationRequest,
  RequestPasswordResetRequest,
  UpdateUserRequest,
  UserEntry,
} from "../accounts.ts";
import type { RouteDefinition } from "../define-route.ts";
import { PageRequest, pageOf } from "../requests.ts";
import { LoginOutcome } from "../second-factor.ts";

const ById = z.object({ id: z.uuid() });
const tag = "People";
const managing = { tag, caller: "manager" } as const;
const open = { tag, caller: "anyone" } as const;
const onePerson = "The link, or the state of its e-mail.";

export const userRoutes = {
  listUsers: {
    ...endpoints.listUsers,
    tag,
    caller: "member",
    scopes: ["read"],
    summary: "List the company's users by name; owners and admins also see their accounts",
    query: PageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(UserEntry) },
  },
  inviteUser: {
    ...endpoints.inviteUser,
    ...managing,
    summary: "Invite a person; the invitation is valid for seven days",
    body: InviteUserRequest,
    answer: { status: 201, description: "The user, and the invitation.", body: InvitedUser },
    problems: [409, 429],
  },
  updateUser: {
    ...endpoints.updateUser,
    ...managing,
    summary: "Rename, disable or enable a user, or change the role",
    params: ById,
    body: UpdateUserRequest,
    answer: {
      status: 200,
      description:
        "The user. Open pages of a user whose role changed reconnect, those of a disabled user are signed out.",
      body: UserEntry,
    },
    problems: [409],
  },
  getUserPicture: {
    ...endpoints.getUserPicture,
    tag,
    caller: "member",
    scopes: ["read"],
    summary: "Download a small picture of a user",
    params: ById,
    answer: { status: 200, description: "The picture.", mediaType: "image/webp" },
  },
  resetUserPassword: {
    ...endpoints.resetUserPassword,
    ...managing,
    summary: "Create a link with which a user sets a new password within an hour; earlier links end",
    params: ById,
    answer: { status: 200, description: onePerson, body: AccountLink },
    problems: [409, 429],
  },
  resendInvitation: {
    ...endpoints.resendInvitation,
    ...managing,
    summary: "Invite a person again who has not accepted yet; earlier links end",
    params: ById,
    answer: { status: 200, description: onePerson, body: AccountLink },
    problems: [409, 429],
  },
  revokeInvitation: {
    ...endpoints.revokeInvitation,
    ...managing,
    summary: "Take back the invitation of a person who has not accepted yet, and remove the user",
    params: ById,
    answer: { status: 204, description: "The link has ended, and the address can be invited again." },
    problems: [409],
  },
  readInvitation: {
    ...endpoints.readInvitation,
    ...open,
    summary: "Get what the page of an invitation shows",
    body: ReadInvitationRequest,
    answer: { status: 200, description: "The invitation.", body: Invitation },
    problems: [403, 410, 429],
  },
  acceptInvitation: {
    ...endpoints.acceptInvitation,
    ...open,
    summary: "Accept an invitation: set the password and sign in",
    body: AcceptInvitationRequest,
    answer: {
      status: 200,
      description:
        "As for `login`: signed in, or a challenge for owners and admins of a company that requires a second factor.",
      body: LoginOutcome,
    },
    problems: [403, 410, 429],
  },
  requestPasswordReset: {
    ...endpoints.requestPasswordReset,
    ...open,
    summary: "Request an e-mail with a link to set a new password",
    body: RequestPasswordResetRequest,
    answer: {
      status: 202,
      description: "The same for known and unknown addresses.",
      body: PasswordResetRequested,
    },
    problems: [403, 429],
  },
  confirmPasswordReset: {
    ...endpoints.confirmPasswordReset,
    ...open,
    summary: "Set a new password with the link of a password reset; all logins of the user end",
    body: ConfirmPasswordResetRequest,
    answer: { status: 204, description: "The password is set. Sign in with it." },
    problems: [403, 410, 429],
  },
} as const satisfies Record<string, RouteDefinition>;
