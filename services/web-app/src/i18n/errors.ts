import type { TFunction } from "i18next";
import { ApiError } from "../api/api-error.ts";

/** Translations by the last part of a problem's `type`. */
const keyOfType = {
  unauthenticated: "errors:signedOut",
  "wrong-credentials": "errors:credentials",
  forbidden: "errors:forbidden",
  "not-found": "errors:notFound",
  conflict: "errors:conflict",
  "number-in-use": "errors:numberInUse",
  "too-large": "errors:tooLarge",
  "edit-too-late": "errors:editTooLate",
  "delete-too-late": "errors:deleteTooLate",
  invalid: "errors:invalid",
  "too-many-requests": "errors:tooMany",
  internal: "errors:server",
  unavailable: "errors:unavailable",
} as const;

/** The translated message for an error. Problems without a translation are shown in the server's own words. */
export function describeError(error: unknown, t: TFunction): string {
  if (!(error instanceof ApiError)) return t("errors:server");
  if (error.status === 0) return t("errors:network");
  const { type, title, detail, errors } = error.problem;
  const name = type?.split("/").at(-1) ?? "";
  if (!Object.hasOwn(keyOfType, name))
    return detail ?? title ?? t(error.status >= 500 ? "errors:unavailable" : "errors:invalid");
  const fields = (errors ?? []).map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return [t(keyOfType[name as keyof typeof keyOfType]), ...fields].join(" ");
}
