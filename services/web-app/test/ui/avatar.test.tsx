import { expect, test } from "vitest";
import { Avatar } from "../../src/components/ui/avatar.tsx";
import { preparePage } from "../support/page.tsx";

const { show, answerWith } = preparePage();
const picture = "/v1/media/0a000000-0000-4000-8000-000000000001";

test("shows the original picture if the server can't scale it", async () => {
  answerWith(({ path }) => (path === picture ? { body: {} } : undefined));
  show(<Avatar name="Marta" pictureUrl={picture} />);
  await expect.poll(() => document.querySelector("img")?.getAttribute("src")).toMatch(/^blob:/);
});

test("shows the initials if the picture does not exist any more", async () => {
  const requested: string[] = [];
  answerWith(({ path }) => {
    requested.push(path);
    return undefined;
  });
  show(<Avatar name="Marta Lima" pictureUrl={picture} />);
  await expect.poll(() => requested).toContain(picture);
  expect(document.querySelector("img")).toBeNull();
  expect(document.body.textContent).toContain("ML");
});
