import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import { ChangePasswordRequest, OpenLogin, UpdateMeRequest } from "../accounts.ts";
import type { RouteDefinition } from "../define-route.ts";
import { Me } from "../resources.ts";

const shared = { tag: "Own account", caller: "member" } as const;

export const ownAccountRoutes = {
  updateMe: {
    ...endpoints.updateMe,
    ...shared,
    summary: "Change the own name, language or picture",
    body: UpdateMeRequest,
    answer: { status: 200, description: "The signed-in user.", body: Me },
  },
  changePassword: {
    ...endpoints.changePassword,
    ...shared,
    summary: "Change the own password; all other logins end",
    body: ChangePasswordRequest,
    answer: { status: 204, description: "The password is changed." },
    problems: [429],
  },
  listLogins: {
    ...endpoints.listLogins,
    ...shared,
    summary: "List the browsers in which the user is signed in, last used first",
    answer: { status: 200, description: "The open logins.", body: z.object({ items: z.array(OpenLogin) }) },
  },
  endLogins: {
    ...endpoints.endLogins,
    ...shared,
    summary: "Sign out everywhere",
    query: z.object({ keep: z.literal("current").optional().describe("`current`: this login continues") }),
    answer: { status: 204, description: "The logins have ended, and their WebSockets are closed." },
  },
  endLogin: {
    ...endpoints.endLogin,
    ...shared,
    summary: "Sign out one login",
    params: z.object({ id: z.uuid() }),
    answer: { status: 204, description: "The login has ended, and its WebSockets are closed." },
  },
} as const satisfies Record<string, RouteDefinition>;
