import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import { startS3TestServer } from "@syszap/testing/servers";
import { expect } from "vitest";
import { newKey } from "../support/profiles.ts";
import { type RunningConnector, test } from "../support/test-environment.ts";
import { LinkedBrowser } from "../support/wppconnect/linked-browser.ts";

/** Ten times the measured size for a phone of the stand-in (55 kB of 2.8 MB). A larger archive would contain caches. */
const maxArchiveBytes = 550_000;
const captureLog = () => {
  const lines: { msg: string; size?: number; tookMs?: number }[] = [];
  const log = createLogger({
    service: "test",
    level: "info",
    destination: { write: (line) => lines.push(JSON.parse(line)) },
  });
  return { log, find: (msg: string) => lines.find((line) => line.msg === msg) };
};

/** Environment variables of the store of archives. With S3 the machines share nothing else. */
const stores = {
  "a shared directory": async () => ({}),
  S3: async (onTestFinished: (close: () => Promise<void>) => void) => {
    const { settings, stop } = await startS3TestServer();
    onTestFinished(stop);
    const { accessKeyId, secretAccessKey } = settings.credentials;
    return {
      MEDIA_S3_BUCKET: settings.bucket,
      MEDIA_S3_ENDPOINT: settings.endpoint,
      MEDIA_S3_PATH_STYLE: "true",
      MEDIA_S3_CREDENTIALS: `${accessKeyId}:${secretAccessKey}`,
    };
  },
};

test.for(["a shared directory", "S3"] as const)(
  "restores the profile of a real browser on another machine through %s, linked and without a code",
  {
    timeout: 300_000,
  },
  async (kind, { environment, onTestFinished }) => {
    const PROFILE_ENCRYPTION_KEY = newKey();
    const store = await stores[kind](onTestFinished);
    const machine = (name: string) => ({
      ...store,
      PROFILE_DIRECTORY: join(environment.directory, name),
      ...("MEDIA_S3_BUCKET" in store && { MEDIA_DIRECTORY: join(environment.directory, `spool-of-${name}`) }),
      PROFILE_ENCRYPTION_KEY,
    });
    const { log, find } = captureLog();
    let first: RunningConnector | undefined;
    const linked = await LinkedBrowser.link(environment, async (env) => {
      first = await environment.connector("a", { env: { ...env, ...machine("a") }, log });
    });
    onTestFinished(() => linked.close());
    await first?.stop();
    expect(find("profile archived")?.size).toBeLessThan(maxArchiveBytes);
    await rm(join(environment.directory, "a"), { recursive: true });

    const codes = linked.codesShown;
    const next = captureLog();
    const env = { WHATSAPP_WEB_STAND_IN: linked.standIn.address, ...machine("b") };
    await environment.connector("b", { env, log: next.log });
    await linked.status("connected");
    expect(next.find("profile restored from its archive")).toBeDefined();
    expect(linked.codesShown).toBe(codes);
  },
);
