import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";

const unfinished = (): Promise<never> => {
  throw new ProblemError("unavailable", "This endpoint is not finished yet.");
};

/** Endpoints whose contract is defined and whose handlers are being written. */
export const unfinishedRoutes = (): HandlersOf<
  | "updateMe"
  | "changePassword"
  | "listLogins"
  | "endLogins"
  | "endLogin"
  | "listUsers"
  | "inviteUser"
  | "updateUser"
  | "getUserPicture"
  | "resetUserPassword"
  | "resendInvitation"
  | "revokeInvitation"
  | "readInvitation"
  | "acceptInvitation"
  | "requestPasswordReset"
  | "confirmPasswordReset"
  | "listAuditLog"
  | "exportAuditLog"
> => ({
  updateMe: unfinished,
  changePassword: unfinished,
  listLogins: unfinished,
  endLogins: unfinished,
  endLogin: unfinished,
  listUsers: unfinished,
  inviteUser: unfinished,
  updateUser: unfinished,
  getUserPicture: unfinished,
  resetUserPassword: unfinished,
  resendInvitation: unfinished,
  revokeInvitation: unfinished,
  readInvitation: unfinished,
  acceptInvitation: unfinished,
  requestPasswordReset: unfinished,
  confirmPasswordReset: unfinished,
  listAuditLog: unfinished,
  exportAuditLog: unfinished,
});
