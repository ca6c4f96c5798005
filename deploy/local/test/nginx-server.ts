import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startOwnedProcess } from "@syszap/testing/servers";
import { expect, onTestFinished, vi } from "vitest";
import { nginxProgram, requireProgram } from "../src/machine/installed-command.ts";
import { root } from "../src/paths.ts";

export interface NginxServer {
  url: string;
  /** Everything that nginx has logged: access log, error log and standard error. */
  logs(): string;
}

/** The image's main configuration has them too. */
const mimeTypes = "types { text/html html; text/css css; application/javascript js; }";

/** Runs the configuration of the web app's image in Debian's nginx. Only its addresses and paths are replaced. */
export async function startNginx(options: { folder: string; restApi: string; gateway: string }): Promise<NginxServer> {
  const scratch = mkdtempSync(join(tmpdir(), "syszap-nginx-"));
  const port = await freePort();
  const logs = join(scratch, "logs");
  mkdirSync(logs);
  const configuration = replaceAll(readFileSync(join(root, "deploy/images/web-app.nginx.conf"), "utf8"), {
    "listen 8080": `listen 127.0.0.1:${port}`,
    "/usr/share/nginx/html": options.folder,
    "http://rest-api:8080": options.restApi,
    "http://ws-gateway:8080": options.gateway,
    "/etc/nginx/page-headers.conf": join(root, "deploy/images/page-headers.conf"),
    "/var/log/nginx": logs,
  });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(scratch, name)};`,
  );
  const httpOptions = [...temporary, mimeTypes];
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const main = `${user} pid ${join(scratch, "pid")}; events {} http { ${httpOptions.join(" ")} ${configuration} }`;
  writeFileSync(join(scratch, "nginx.conf"), main);
  const mainLog = join(logs, "main.log");
  const nginx = await startOwnedProcess({
    command: await requireProgram(nginxProgram),
    args: ["-c", join(scratch, "nginx.conf"), "-p", scratch, "-e", mainLog, "-g", "daemon off;"],
    logFile: join(logs, "output.log"),
  });
  onTestFinished(async () => {
    await nginx.stop();
    rmSync(scratch, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  const read = () =>
    ["access.log", "error.log", "main.log", "output.log"].map((name) => readIfExists(join(logs, name)));
  const ended = nginx.exited.then((code) => {
    throw new Error(`nginx exited with ${code}: ${read().join("\n")}`);
  });
  ended.catch(() => undefined);
  await Promise.race([ended, vi.waitFor(() => fetch(url), { timeout: 60_000 })]);
  return { url, logs: () => read().join("\n") };
}

function replaceAll(text: string, replacements: Record<string, string>): string {
  let result = text;
  for (const [from, to] of Object.entries(replacements)) {
    expect(result, "web-app.nginx.conf").toContain(from);
    result = result.replaceAll(from, to);
  }
  return result;
}

function readIfExists(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
