import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { onFreePort } from "../processes/free-port.ts";
import { type OwnedProcess, startOwnedProcess } from "../processes/owned-process.ts";
import { untilReady } from "../processes/readiness.ts";
import { endEarlierPostgres } from "./end-earlier-postgres.ts";
import { choosePostgresAccount, type PostgresAccount } from "./postgres-account.ts";
import { postgresFolder } from "./postgres-binaries.ts";

const run = promisify(execFile);
const ownerName = "syszap_owner";

export interface PostgresOptions {
  dataDirectory: string;
  /** Password of the owner, a superuser. Must be the same at every start with the same data. */
  password: string;
  port?: number;
  logFile?: string;
  /** Removes the data directory when the server has ended. For tests. */
  isScratch?: boolean;
  /** False disables fsync: faster, but a crash of the machine may lose all data. For tests. */
  isDurable?: boolean;
  /** False runs a copy of binaries and data as an ordinary user. Has an effect only for root. */
  allowNamespace?: boolean;
}

export interface LocalPostgres {
  readonly port: number;
  readonly pid: number;
  readonly process: OwnedProcess;
  /** URL of a database for the owner role. */
  url(database: string): string;
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Stops the server and deletes its data, including data that was relocated for an ordinary user. */
  destroy(): Promise<void>;
}

/** Starts a private Postgres 15 on a free loopback port. The server ends together with the calling process. */
export async function startPostgres(options: PostgresOptions): Promise<LocalPostgres> {
  const directory = options.dataDirectory;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const account = await choosePostgresAccount(
    { folder: postgresFolder(), dataDirectory: join(directory, "cluster") },
    options.allowNamespace === undefined ? {} : { allowNamespace: options.allowNamespace },
  );
  await endEarlierPostgres(account.dataDirectory);
  const url = (port: number, database: string) =>
    `postgres://${ownerName}:${encodeURIComponent(options.password)}@127.0.0.1:${port}/${database}`;
  const { server, port } = await onFreePort(options.port, async (port) => {
    // Repeated for each attempt: the guard removes a scratch folder when an attempt fails.
    await mkdir(directory, { recursive: true, mode: 0o700 });
    if (!existsSync(join(account.dataDirectory, "PG_VERSION"))) await initialise(account, options.password);
    const logFile = options.logFile ?? join(directory, "postgres.log");
    const server = await launch(account, port, options, logFile);
    await untilReady("Postgres", server, logFile, () => ping(url(port, "postgres")));
    return { server, port };
  });
  return {
    port,
    pid: server.pid,
    process: server,
    url: (database) => url(port, database),
    stop: () => server.stop(),
    kill: () => server.kill(),
    destroy: async () => {
      await server.stop();
      await rm(account.dataDirectory, { recursive: true, force: true });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function launch(
  account: PostgresAccount,
  port: number,
  options: PostgresOptions,
  logFile: string,
): Promise<OwnedProcess> {
  const [command = "", ...args] = [
    ...account.prefix,
    join(account.folder, "bin/postgres"),
    ...settings(account, port, options),
  ];
  const removeAfter = options.isScratch === true ? options.dataDirectory : undefined;
  return startOwnedProcess({ command, args, logFile, stopSignal: "INT", user: account.user, removeAfter });
}

function settings(account: PostgresAccount, port: number, options: PostgresOptions): string[] {
  const always = [
    "-D",
    account.dataDirectory,
    "-h",
    "127.0.0.1",
    "-p",
    String(port),
    "-k",
    "",
    "-c",
    "max_connections=200",
  ];
  const isFast = options.isDurable === false;
  const fast = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_wal_size=4GB"];
  return isFast ? [...always, ...fast.flatMap((setting) => ["-c", setting])] : always;
}

/** Runs initdb. Text sorts by bytes on every platform; case conversion covers all of Unicode. */
async function initialise(account: PostgresAccount, password: string): Promise<void> {
  const secrets = await mkdtemp(join(tmpdir(), "syszap-initdb-"));
  try {
    const passwordFile = join(secrets, "password");
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (account.user !== undefined) {
      await chown(secrets, account.user.uid, account.user.gid);
      await chown(passwordFile, account.user.uid, account.user.gid);
    }
    const characters = process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8";
    const [command = "", ...args] = [
      ...account.prefix,
      ...[join(account.folder, "bin/initdb"), "-D", account.dataDirectory, "-U", ownerName, "--no-sync"],
      ...[
        "--auth=scram-sha-256",
        `--pwfile=${passwordFile}`,
        "--encoding=UTF8",
        "--locale=C",
        `--lc-ctype=${characters}`,
      ],
    ];
    await run(command, args, { cwd: "/", ...account.user });
  } finally {
    await rm(secrets, { recursive: true, force: true });
  }
}

async function ping(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
  } finally {
    await client.end().catch(() => undefined);
  }
}
