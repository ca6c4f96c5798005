import type { TFunction } from "i18next";
import { ApiError } from "../api/api-error.ts";
import { describeError } from "./errors.ts";

/** The message for an error of an action on a person. The server forbids admins to change owners. */
export const describePersonError = (error: unknown, t: TFunction): string =>
  error instanceof ApiError && error.status === 403 ? t("people:ownersOnly") : describeError(error, t);
