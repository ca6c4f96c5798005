import type { Me } from "@syszap/contracts";
import { beforeEach, expect, test } from "vitest";
import { ApiError } from "../../src/api/api-error.ts";
import { auth } from "../../src/page/api.ts";
import { drafts, outgoing } from "../../src/page/state.ts";

const signIn = (userId: string) => auth.state.set({ kind: "signed_in", me: { userId } as Me });
const signOut = (wasExpired: boolean) => {
  auth.state.set({ kind: "signed_out", wasExpired });
  outgoing.clear(); // as the page does when it shows the login
};
/** A message that the server refused. */
const failed = {
  key: "k1",
  chatId: "chat",
  body: "recusada",
  createdAt: new Date().toISOString(),
  progress: 0,
  failure: new ApiError(409),
  isInConversation: false,
};

beforeEach(() => {
  signOut(false);
  signIn("ana");
  drafts.setText("chat", "um rascunho");
  outgoing.restore([failed]);
});

const unsent = () => [
  drafts.get("chat").text,
  outgoing.store
    .get()
    .map(({ body }) => body)
    .join(),
];

test("a login that expires hides what was not sent, and the next login of the user finds it", () => {
  signOut(true);
  expect(unsent()).toEqual(["", ""]);
  signIn("ana");
  expect(unsent()).toEqual(["um rascunho", "recusada"]);
});

test("nobody else finds it", () => {
  signOut(true);
  signIn("bia");
  expect(unsent()).toEqual(["", ""]);
});

test("signing out removes it", () => {
  signOut(false);
  signIn("ana");
  expect(unsent()).toEqual(["", ""]);
});
