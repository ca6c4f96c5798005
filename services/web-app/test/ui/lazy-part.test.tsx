import { render, screen } from "@testing-library/react";
import { Suspense } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { Boundary } from "../../src/components/ui/boundary.tsx";
import { lazyPart } from "../../src/lib/lazy-part.ts";
import { preparePage } from "../support/page.tsx";

preparePage();

// React logs errors that a boundary handles.
beforeEach(() => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  return () => log.mockRestore();
});

const Page = () => <p>a page</p>;
const missing = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));

test("a page whose code a newer release removed says so and offers to reload", async () => {
  const Missing = lazyPart(missing);
  render(
    <Boundary>
      <Suspense>
        <Missing />
      </Suspense>
    </Boundary>,
  );
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("Talvez haja uma versão nova do sysZap");
  expect(screen.getByRole("button", { name: "Recarregar a página" })).toBeTruthy();
});

test("another error on a page is not shown as a new version", async () => {
  const Broken = () => {
    throw new TypeError("broken");
  };
  render(
    <Boundary>
      <Broken />
    </Boundary>,
  );
  expect((await screen.findByRole("alert")).textContent).not.toContain("versão nova");
});

test("a part whose preload failed is loaded when it is shown", async () => {
  const load = vi.fn(missing as () => Promise<typeof Page>);
  const Part = lazyPart(load);
  Part.preload();
  await expect.poll(() => load.mock.settledResults[0]?.type).toBe("rejected");
  load.mockResolvedValue(Page);
  render(
    <Suspense>
      <Part />
    </Suspense>,
  );
  expect(await screen.findByText("a page")).toBeTruthy();
  expect(load).toHaveBeenCalledTimes(2);
});

test("a part is loaded once, also when it was preloaded", async () => {
  const load = vi.fn(async () => Page);
  const Part = lazyPart(load);
  Part.preload();
  Part.preload();
  render(
    <Suspense>
      <Part />
    </Suspense>,
  );
  expect(await screen.findByText("a page")).toBeTruthy();
  expect(load).toHaveBeenCalledTimes(1);
});
