import type { ProblemName } from "@syszap/contracts";
import type { TFunction } from "i18next";
import { ApiError } from "../api/problem.ts";

/** The last part of a problem's `type`. */
const byType: Partial<Record<string, string>> = {
  unauthenticated: "error.signedOut",
  "wrong-credentials": "error.credentials",
  forbidden: "error.forbidden",
  "not-found": "error.notFound",
  conflict: "error.conflict",
  "number-in-use": "error.numberInUse",
  "too-large": "error.tooLarge",
  "edit-too-late": "error.editTooLate",
  "delete-too-late": "error.deleteTooLate",
  invalid: "error.invalid",
  "too-many-requests": "error.tooMany",
  internal: "error.server",
  unavailable: "error.unavailable",
} satisfies Partial<
  Record<
    | ProblemName
    | "wrong-credentials"
    | "not-found"
    | "number-in-use"
    | "too-large"
    | "edit-too-late"
    | "delete-too-late"
    | "too-many-requests",
    string
  >
>;

/** What the server meant in the person's language where it is known, else in the server's own words. */
export function describeError(error: unknown, t: TFunction): string {
  if (!(error instanceof ApiError)) return t("error.server");
  if (error.status === 0) return t("error.network");
  const { type, title, detail, errors } = error.problem;
  const known = byType[type?.split("/").at(-1) ?? ""];
  if (known === undefined) return detail ?? title ?? t(error.status >= 500 ? "error.unavailable" : "error.invalid");
  const fields = (errors ?? []).map(({ path, message }) => (path ? `${path}: ${message}` : message));
  return [t(known), ...fields].join(" ");
}
