import { expect, test } from "vitest";
import { ToastIds } from "../../src/components/notices/toast-ids.ts";

test("a chat keeps its toast while it is in use, and another chat replaces the least recently used toast", () => {
  const toastIds = new ToastIds();
  const [ana, bia] = [toastIds.idFor("ana"), toastIds.idFor("bia")];
  expect(ana).not.toBe(bia);
  expect(toastIds.idFor("ana")).toBe(ana);
  expect(toastIds.idFor("caio")).toBe(bia);
  expect(toastIds.idFor("bia")).toBe(ana);
});
