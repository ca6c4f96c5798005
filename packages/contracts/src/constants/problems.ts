/** All problem types of the REST API (RFC 9457). Programs compare `type`; each type has a fixed status and title. */
export const problemTypes = {
  malformed: { type: "/problems/malformed", status: 400, title: "The request is malformed" },
  unauthenticated: { type: "/problems/unauthenticated", status: 401, title: "Sign in to continue" },
  wrong_credentials: { type: "/problems/wrong-credentials", status: 401, title: "E-mail or password is wrong" },
  challenge_expired: {
    type: "/problems/challenge-expired",
    status: 401,
    title: "The sign-in took too long or is no longer valid",
  },
  forbidden: { type: "/problems/forbidden", status: 403, title: "Your role does not allow this" },
  foreign_origin: { type: "/problems/foreign-origin", status: 403, title: "This origin may not use the API" },
  company_suspended: {
    type: "/problems/company-suspended",
    status: 403,
    title: "The company is suspended",
  },
  password_change_required: {
    type: "/problems/password-change-required",
    status: 403,
    title: "Choose a new password",
  },
  not_found: { type: "/problems/not-found", status: 404, title: "Not found" },
  method_not_allowed: {
    type: "/problems/method-not-allowed",
    status: 405,
    title: "This path does not support the method",
  },
  conflict: { type: "/problems/conflict", status: 409, title: "The current state does not allow this" },
  not_supported: {
    type: "/problems/not-supported",
    status: 409,
    title: "The engine of this session cannot send this",
  },
  groups_off: { type: "/problems/groups-off", status: 409, title: "Groups are switched off for this session" },
  not_a_member: { type: "/problems/not-a-member", status: 409, title: "This number is not in the group any more" },
  number_in_use: { type: "/problems/number-in-use", status: 409, title: "This number is connected in another session" },
  idempotency_conflict: {
    type: "/problems/idempotency-conflict",
    status: 409,
    title: "The Idempotency-Key was used for a different request",
  },
  edit_too_late: { type: "/problems/edit-too-late", status: 409, title: "This message can no longer be edited" },
  delete_too_late: {
    type: "/problems/delete-too-late",
    status: 409,
    title: "This message can no longer be deleted for everyone",
  },
  address_unavailable: {
    type: "/problems/address-unavailable",
    status: 409,
    title: "This address cannot be invited",
  },
  last_owner: { type: "/problems/last-owner", status: 409, title: "The company needs an active owner" },
  link_invalid: { type: "/problems/link-invalid", status: 410, title: "This link is not valid any more" },
  events_expired: {
    type: "/problems/events-expired",
    status: 410,
    title: "The next events are no longer kept",
  },
  too_large: { type: "/problems/too-large", status: 413, title: "The request is too large" },
  unsupported_media_type: {
    type: "/problems/unsupported-media-type",
    status: 415,
    title: "The request body must be JSON",
  },
  range_not_satisfiable: {
    type: "/problems/range-not-satisfiable",
    status: 416,
    title: "The requested range is outside of the file",
  },
  invalid: { type: "/problems/invalid", status: 422, title: "The request is not valid" },
  wrong_code: { type: "/problems/wrong-code", status: 422, title: "The code is wrong" },
  wrong_password: { type: "/problems/wrong-password", status: 422, title: "The password is wrong" },
  too_many: { type: "/problems/too-many-requests", status: 429, title: "Too many requests" },
  internal: { type: "/problems/internal", status: 500, title: "Something went wrong on our side" },
  unavailable: { type: "/problems/unavailable", status: 503, title: "Temporarily unavailable" },
} as const;
export type ProblemName = keyof typeof problemTypes;
