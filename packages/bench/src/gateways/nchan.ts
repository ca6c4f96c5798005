import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort, type OwnedProcess, startOwnedProcess } from "@syszap/testing/servers";
import type { MeasuredGateway } from "./measured-gateway.ts";
import { findNchan, type Nchan } from "./nchan-binaries.ts";

interface Nginx {
  port: number;
  workerPid: number;
  close(): Promise<void>;
}

const created = [201, 202];
const startDeadlineMs = 5_000;

/** Nchan with one nginx worker and Redis. Events can be published only through nginx, so this is part of its costs. */
export async function startNchan(redisUrl: string): Promise<MeasuredGateway | undefined> {
  const nchan = await findNchan();
  if (!nchan) return undefined;
  const gateway = await startNginx(nchan, redisUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    pid: gateway.workerPid,
    wireProtocol: "plain",
    greetings: 0,
    endpointFor: async ({ companyId, group }) => ({
      port: gateway.port,
      path: `/sub?companyId=${companyId}`,
      headers: {},
      group,
    }),
    publish: (companyId, event) =>
      post(agent, { port: gateway.port, path: `/pub?companyId=${companyId}`, body: JSON.stringify(event) }),
    close: async () => {
      agent.destroy();
      await gateway.close();
    },
  };
}

function post(agent: Agent, { port, path, body }: { port: number; path: string; body: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const req = request({ agent, host: "127.0.0.1", port, path, method: "POST" }, (res) => {
      res.resume();
      if (created.includes(res.statusCode ?? 0)) res.once("end", resolve);
      else reject(new Error(`Nchan answered with status ${res.statusCode}.`));
    });
    req.once("error", reject);
    req.end(body);
  });
}

async function startNginx(nchan: Nchan, redisUrl: string): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), "syszap-nchan-"));
  const port = await freePort();
  await writeFile(join(folder, "nginx.conf"), configuration({ nchan, folder, port, redisUrl }));
  const args = ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")];
  const nginx = await startOwnedProcess({ command: nchan.nginx, args, stopSignal: "QUIT" });
  const close = async () => {
    await nginx.kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { port, workerPid: await workerOf(nginx), close };
  } catch (cause) {
    const log = readFileSync(join(folder, "error.log"), { encoding: "utf8", flag: "a+" });
    await close();
    throw new Error(`nginx did not start: ${log}`, { cause });
  }
}

async function workerOf(nginx: OwnedProcess): Promise<number> {
  for (const startedAt = Date.now(); Date.now() - startedAt < startDeadlineMs; await delay(20)) {
    const worker = readFileSync(`/proc/${nginx.pid}/task/${nginx.pid}/children`, "utf8").trim().split(" ")[0];
    if (worker) return Number(worker);
  }
  throw new Error("nginx has no worker process.");
}

const configuration = (options: { nchan: Nchan; folder: string; port: number; redisUrl: string }): string => `
load_module ${options.nchan.module};
daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${options.folder}/nginx.pid;
error_log ${options.folder}/error.log error;
events { worker_connections 18000; }
http {
  access_log off;
  keepalive_requests 100000000;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((each) => `${each}_temp_path ${options.folder}/${each};`).join("\n  ")}
  nchan_shared_memory_size 512m;
  upstream bus { nchan_redis_server ${options.redisUrl}; }
  server {
    listen 127.0.0.1:${options.port};
    location = /sub {
      nchan_subscriber websocket;
      nchan_channel_id $arg_companyId;
      nchan_subscriber_first_message newest;
      nchan_redis_pass bus;
    }
    location = /pub {
      nchan_publisher http;
      nchan_channel_id $arg_companyId;
      nchan_message_buffer_length 2000;
      nchan_message_timeout 60s;
      nchan_redis_pass bus;
    }
  }
}
`;
