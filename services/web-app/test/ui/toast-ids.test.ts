import { expect, test } from "vitest";
import { NoticeSlots } from "../../src/components/notices/toast-ids.ts";

test("a chat keeps its place while it is shown, and a third chat takes the oldest", () => {
  const slots = new NoticeSlots();
  const [ana, bia] = [slots.take("ana"), slots.take("bia")];
  expect(ana).not.toBe(bia);
  expect(slots.take("ana")).toBe(ana);
  expect(slots.take("caio")).toBe(bia);
  expect(slots.take("bia")).toBe(ana);
});
