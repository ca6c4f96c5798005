import { type NginxOptions, type NginxServer, startNginx as start } from "@syszap/testing/servers";
import { onTestFinished } from "vitest";
import { nginxProgram, requireProgram } from "../src/machine/installed-command.ts";

export type { NginxServer };

/** Runs the shipped front, `deploy/front`, in Debian's nginx until the test ends. */
export async function startNginx(options: NginxOptions): Promise<NginxServer> {
  const nginx = await start({ ...options, command: await requireProgram(nginxProgram) });
  onTestFinished(() => nginx.stop());
  return nginx;
}
