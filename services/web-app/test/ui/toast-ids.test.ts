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

test("a released toast is used for the next chat and no longer shows the earlier one", () => {
  const toastIds = new ToastIds();
  const id = toastIds.idFor("ana");
  expect(toastIds.release("ana")).toBe(id);
  expect(toastIds.release("ana")).toBeUndefined();
});
