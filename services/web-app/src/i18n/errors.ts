import { type ProblemName, problemTypes } from "@syszap/contracts/constants";
import type { TFunction } from "i18next";
import { ApiError } from "../api/api-error.ts";

const translations = {
  unauthenticated: "errors:signedOut",
  wrong_credentials: "errors:credentials",
  wrong_code: "errors:code",
  wrong_password: "errors:password",
  challenge_expired: "errors:challengeExpired",
  forbidden: "errors:forbidden",
  company_suspended: "errors:companySuspended",
  not_found: "errors:notFound",
  conflict: "errors:conflict",
  address_unavailable: "errors:addressUnavailable",
  last_owner: "errors:lastOwner",
  link_invalid: "errors:linkInvalid",
  groups_off: "errors:groupsOff",
  not_a_member: "errors:notAMember",
  number_in_use: "errors:numberInUse",
  too_large: "errors:tooLarge",
  edit_too_late: "errors:editTooLate",
  delete_too_late: "errors:deleteTooLate",
  invalid: "errors:invalid",
  too_many: "errors:tooMany",
  internal: "errors:server",
  unavailable: "errors:unavailable",
} as const satisfies Partial<Record<ProblemName, string>>;

const names = Object.keys(translations) as (keyof typeof translations)[];
const nameOfType = new Map<string | undefined, keyof typeof translations>(
  names.map((name) => [problemTypes[name].type, name]),
);

/** The translated message for an error. Problems without a translation are shown in the server's own words. */
export function describeError(error: unknown, t: TFunction): string {
  if (!(error instanceof ApiError)) return t("errors:server");
  if (error.status === 0) return t("errors:network");
  const { type, title, detail, errors } = error.problem;
  const name = nameOfType.get(type);
  if (!name) return detail ?? title ?? t(error.status >= 500 ? "errors:unavailable" : "errors:invalid");
  const fields = (errors ?? []).map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return [t(translations[name]), ...fields].join(" ");
}
