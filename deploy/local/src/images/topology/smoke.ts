import { print } from "../../console.ts";
import type { Container } from "./container.ts";
import { Topology } from "./topology.ts";

/** Entries whose images are built here and keep running. */
const own = [
  "rest-api",
  "ws-gateway",
  "message-worker",
  "webhook-sender",
  "whatsapp-connector",
  "web-app",
  "pgbouncer",
];

/**
 * Runs docker-compose.yml from the file systems of its images, with new secrets, its networks and limits, and checks what needs no
 * browser. Rejects at the first thing that is wrong.
 */
export async function smokeTest(): Promise<void> {
  const topology = await Topology.open({
    settings: {
      BACKUP_DATABASE_PASSWORD: "smoke-test-of-the-images",
      // Open files are limited by this machine.
      FRONT_CONNECTIONS: "1000",
    },
  });
  let isWhole = false;
  try {
    for (const service of own) {
      const container = await topology.start(service);
      await checkConfinement(service, container);
      print(`✓ ${service} runs read-only, without root and capabilities, and is healthy`);
    }
    await checkFront(topology.container("web-app"));
    await checkInside(topology);
    isWhole = true;
  } finally {
    const codes = await topology.close();
    if (isWhole) checkEnds(codes);
  }
}

async function checkConfinement(service: string, container: Container): Promise<void> {
  const status = await container.run("cat", "/proc/1/status");
  const fields = new Map(status.split("\n").map((line) => line.split(":\t") as [string, string]));
  if (/\b0\b/.test(fields.get("Uid") ?? "0")) throw new Error(`${service} runs as root.`);
  if (Number.parseInt(fields.get("CapBnd") ?? "1", 16) !== 0) throw new Error(`${service} has capabilities.`);
  if (fields.get("NoNewPrivs") !== "1") throw new Error(`${service} may get new privileges.`);
  const couldWrite = await container.run("sh", "-c", ": > /written || : > /app/written").then(
    () => true,
    () => false,
  );
  if (couldWrite) throw new Error(`${service} could write to its file system.`);
}

async function checkFront(front: Container): Promise<void> {
  const get = (path: string) => front.run("wget", "-q", "-O", "-", `http://127.0.0.1:8080${path}`);
  if (!(await get("/")).includes('<div id="root"')) throw new Error("The front does not serve the page.");
  await get("/health/ready");
  const keys = JSON.parse(await get("/.well-known/jwks.json")) as { keys: unknown[] };
  if (keys.keys.length === 0) throw new Error("The API has published no key.");
  print("✓ the front serves the page, and the API behind it");
}

async function checkInside(topology: Topology): Promise<void> {
  print(await topology.container("rest-api").run("node", "dist/cli/syszap.js", "status"));
  const namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"];
  const page = ["chromium", "--headless=new", "--disable-gpu", "--user-data-dir=/tmp/smoke", "--dump-dom"];
  const connector = topology.container("whatsapp-connector");
  const seen = await connector.run(...namespace, ...page, "data:text/html,<p>seen</p>");
  if (!seen.includes("<p>seen</p>")) throw new Error("Chromium shows no page in the connector's container.");
  if (!(await connector.run("cat", "/proc/self/status")).includes("Seccomp:\t2"))
    throw new Error("The connector's filter of system calls is not in force.");
  print("✓ Chromium shows a page in the connector's container, in its sandbox");
  const backup = await topology.start("backup", ["backup", "--to", "/data/backups"]);
  if ((await backup.ended) !== 0) throw new Error(`The backup failed:\n${backup.log}`);
  print("✓ the image of backups makes a backup");
}

function checkEnds(codes: Record<string, number>): void {
  const wrong = Object.entries(codes).filter(([, code]) => code !== 0);
  if (wrong.length > 0) throw new Error(`Not stopped in order: ${wrong.map((each) => each.join(" ")).join(", ")}.`);
  print("✓ all containers end by themselves when they are told to stop");
}
