import { fireEvent, screen } from "@testing-library/react";
import { Toaster } from "sonner";
import { afterEach, expect, test, vi } from "vitest";
import { useReleaseNotice } from "../../src/components/notices/use-release-notice.ts";
import { useUnreadMark } from "../../src/components/notices/use-unread-mark.ts";
import { installServiceWorker, newRelease } from "../../src/page/release.ts";
import { preparePage } from "../support/page.tsx";

const { show } = preparePage();

/** A browser with a service worker of this release (or none), and one that waits (or none). */
function stubContainer({ controller, waiting }: { controller: object | null; waiting: object | null }) {
  const registration = Object.assign(new EventTarget(), { waiting, installing: null, update: async () => undefined });
  const container = Object.assign(new EventTarget(), { controller, register: async () => registration });
  Object.defineProperty(navigator, "serviceWorker", { configurable: true, value: container });
  return container;
}
afterEach(() => {
  Reflect.deleteProperty(navigator, "serviceWorker");
  newRelease.set(undefined);
  vi.restoreAllMocks();
});

function Notice() {
  useReleaseNotice();
  return <Toaster />;
}

test("a newer release is offered, and reloads the page when the user accepts it", async () => {
  const worker = { postMessage: vi.fn() };
  const container = stubContainer({ controller: {}, waiting: worker });
  const reload = vi.spyOn(location, "reload").mockImplementation(() => undefined);
  show(<Notice />);
  await installServiceWorker();
  fireEvent.click(await screen.findByRole("button", { name: "Recarregar a página" }));
  expect(worker.postMessage).toHaveBeenCalledWith("activate");
  expect(reload).not.toHaveBeenCalled();
  container.dispatchEvent(new Event("controllerchange"));
  expect(reload).toHaveBeenCalledTimes(1);
});

test("the first installation is not announced as a newer release", async () => {
  stubContainer({ controller: null, waiting: { postMessage: vi.fn() } });
  await installServiceWorker();
  expect(newRelease.get()).toBeUndefined();
});

test("unread messages are shown in the title, in the icon of the tab and at the icon of the app", () => {
  const badge = { setAppBadge: vi.fn(async () => undefined), clearAppBadge: vi.fn(async () => undefined) };
  Object.assign(navigator, badge);
  document.head.innerHTML = '<link rel="icon" href="/icon.svg">';
  const icon = () => document.querySelector("link[rel=icon]")?.getAttribute("href");
  const Mark = ({ unread }: { unread: number }) => {
    useUnreadMark(unread);
    return null;
  };
  const update = show(<Mark unread={7} />);
  expect([document.title, icon()]).toEqual(["(7) sysZap", "/icon-unread.svg"]);
  expect(badge.setAppBadge).toHaveBeenLastCalledWith(7);
  update(<Mark unread={0} />);
  expect([document.title, icon()]).toEqual(["sysZap", "/icon.svg"]);
  expect(badge.clearAppBadge).toHaveBeenCalled();
});
