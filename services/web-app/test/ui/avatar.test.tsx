// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { Avatar } from "../../src/components/ui/avatar.tsx";
import { preparePage } from "../support/page.tsx";

const { show, answerWith } = preparePage();
const picture = "/v1/media/0a000000-0000-4000-8000-000000000001";

test("a picture that can't be made small is shown as it is", async () => {
  answerWith(({ path }) => (path === picture ? { body: {} } : undefined));
  show(<Avatar name="Marta" pictureUrl={picture} />);
  await expect.poll(() => document.querySelector("img")?.getAttribute("src")).toMatch(/^blob:/);
});

test("a picture that is not there any more leaves the initials", async () => {
  const asked: string[] = [];
  answerWith(({ path }) => {
    asked.push(path);
    return undefined;
  });
  show(<Avatar name="Marta Lima" pictureUrl={picture} />);
  await expect.poll(() => asked).toContain(picture);
  expect(document.querySelector("img")).toBeNull();
  expect(document.body.textContent).toContain("ML");
});
