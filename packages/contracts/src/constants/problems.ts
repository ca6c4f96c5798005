/** Every way in which a request can fail. `type` is what programs compare; title and status never differ for a type. */
export const problemTypes = {
  malformed: { type: "/problems/malformed", status: 400, title: "The request could not be read" },
  unauthenticated: { type: "/problems/unauthenticated", status: 401, title: "Sign in first" },
  wrong_credentials: { type: "/problems/wrong-credentials", status: 401, title: "E-mail or password is wrong" },
  forbidden: { type: "/problems/forbidden", status: 403, title: "Your role does not allow this" },
  foreign_origin: { type: "/problems/foreign-origin", status: 403, title: "This origin may not use the API" },
  not_found: { type: "/problems/not-found", status: 404, title: "There is no such thing here" },
  method_not_allowed: { type: "/problems/method-not-allowed", status: 405, title: "The method does not fit the path" },
  conflict: { type: "/problems/conflict", status: 409, title: "The current state does not allow this" },
  number_in_use: { type: "/problems/number-in-use", status: 409, title: "This number is connected in another session" },
  idempotency_conflict: {
    type: "/problems/idempotency-conflict",
    status: 409,
    title: "The Idempotency-Key belongs to another request",
  },
  edit_too_late: { type: "/problems/edit-too-late", status: 409, title: "WhatsApp no longer lets this be edited" },
  delete_too_late: {
    type: "/problems/delete-too-late",
    status: 409,
    title: "WhatsApp no longer lets this be deleted for everyone",
  },
  too_large: { type: "/problems/too-large", status: 413, title: "The request is too large" },
  unsupported_media_type: { type: "/problems/unsupported-media-type", status: 415, title: "Send JSON" },
  range_not_satisfiable: {
    type: "/problems/range-not-satisfiable",
    status: 416,
    title: "The file has no such part",
  },
  invalid: { type: "/problems/invalid", status: 422, title: "The request is not valid" },
  too_many: { type: "/problems/too-many-requests", status: 429, title: "Too many requests" },
  internal: { type: "/problems/internal", status: 500, title: "Something went wrong on our side" },
  unavailable: { type: "/problems/unavailable", status: 503, title: "Not available at the moment" },
} as const;
export type ProblemName = keyof typeof problemTypes;
