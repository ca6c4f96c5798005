import type { TFunction } from "i18next";
import { ApiError } from "../api/api-error.ts";
import { describeError } from "./errors.ts";

/** True if the server refused this field of the request. */
export const refusesField = (error: unknown, field: string): boolean =>
  error instanceof ApiError && (error.problem.errors?.some(({ path }) => path.split(".").at(-1) === field) ?? false);

/** The message for an error of a form that sets a password. */
export function describePasswordError(error: unknown, t: TFunction): string {
  if (refusesField(error, "current")) return t("account:wrongPassword");
  return refusesField(error, "password") ? t("access:weakPassword") : describeError(error, t);
}
