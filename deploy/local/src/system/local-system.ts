import { join } from "node:path";
import { migrate } from "@syszap/database";
import { freePort, type OwnedProcess } from "@syszap/testing/servers";
import { requireChromium } from "../machine/chromium.ts";
import { startTimeOf } from "../machine/process-identity.ts";
import type { Options } from "../options.ts";
import { createDataFolders, type DataPaths, dataPathsIn, deleteData, root } from "../paths.ts";
import { buildChangedPackages } from "../tools.ts";
import { asRole, type DataServer, openPostgres, openRedis } from "./data-servers.ts";
import { demoLogins, demoOperator, demoPassword, seedDemo } from "./demo.ts";
import { type Front, startFront } from "./front.ts";
import { summarizeHealth } from "./health.ts";
import { cleanUpPreviousRun, type Run, type RunningProcess, removeRun, writeRun } from "./run-file.ts";
import { loadOrCreateSecrets, type Secrets } from "./secrets.ts";
import { planServices, type ServiceName } from "./service-plan.ts";
import { ServiceProcess } from "./service-process.ts";
import { startLocalStandIn } from "./whatsapp-stand-in.ts";

interface Component {
  stop(): Promise<void>;
  kill(): void;
}

/** `stop()` was called before `start()` had finished. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** Everything that `npm start` runs. Components start in dependency order and stop in reverse order. */
export class LocalSystem {
  private readonly components: Component[] = [];
  private readonly services = new Map<ServiceProcess, ServiceName | "web-app">();
  private readonly dataServers: DataServer[] = [];
  private stopping: Promise<void> | undefined;
  private readonly paths: DataPaths;
  private run: Run | undefined;

  constructor(
    private readonly options: Options,
    private readonly isDevelopment: boolean,
  ) {
    this.paths = dataPathsIn(options.dataDirectory);
  }

  /** Resolves when every service is ready. */
  async start(): Promise<Run> {
    await cleanUpPreviousRun(this.paths.runFile);
    if (this.options.reset) await deleteData(this.paths);
    createDataFolders(this.paths);
    if (this.options.engine === "wppconnect" || this.options.standIn) await requireChromium();
    const secrets = loadOrCreateSecrets(this.paths.secretsFile);
    const [redisUrl, databaseUrl] = await this.openData(secrets);
    const urls = {
      appUrl: asRole(databaseUrl, "syszap_app", secrets.appPassword),
      systemUrl: asRole(databaseUrl, "syszap_system", secrets.systemPassword),
    };
    const { appPassword, systemPassword, backupPassword } = secrets;
    await migrate({ ownerUrl: databaseUrl, appPassword, systemPassword, backupPassword });
    await seedDemo(urls, this.options);
    const front = await this.openFront();
    const run: Run = {
      pid: process.pid,
      startTime: startTimeOf(process.pid),
      url: `http://localhost:${front.port}`,
      isReady: false,
      redisUrl,
      databaseUrl,
      appDatabaseUrl: urls.appUrl,
      systemDatabaseUrl: urls.systemUrl,
      logins: demoLogins.map(({ email, role }) => ({ email, role, password: demoPassword })),
      operator: { email: demoOperator.email, password: demoPassword },
      processes: {},
    };
    this.run = run;
    await this.openServices({ secrets, redisUrl, databaseUrl, frontPort: front.port });
    await Promise.all([...this.services.keys()].map((service) => service.ready()));
    this.refuseWhenStopping();
    run.isReady = true;
    this.record();
    return run;
  }

  /** Stops the components, the last started first. Each component has its own deadline. Idempotent. */
  stop(): Promise<void> {
    this.stopping ??= (async () => {
      for (const part of this.components.toReversed()) await part.stop();
      removeRun(this.paths.runFile);
    })();
    return this.stopping;
  }

  /** Kills every process with SIGKILL. */
  kill(): void {
    for (const part of this.components) part.kill();
  }

  /** Opens Redis and Postgres and builds the services at the same time. Resolves with the URLs of Redis and Postgres. */
  private async openData(secrets: Secrets): Promise<[string, string]> {
    const build = this.isDevelopment ? undefined : buildChangedPackages();
    const keep = async (opening: ReturnType<typeof openRedis>) => {
      const { url, server } = await opening;
      if (server !== undefined) {
        this.dataServers.push(server);
        this.keep(server);
      }
      return url;
    };
    const record = () => this.record();
    const [redis, postgres, built] = await Promise.allSettled([
      keep(openRedis(this.paths, secrets, record)),
      keep(openPostgres(this.paths, secrets, record)),
      build,
    ]);
    for (const outcome of [redis, postgres, built]) if (outcome.status === "rejected") throw outcome.reason;
    this.refuseWhenStopping();
    return [redis, postgres].map((outcome) => (outcome.status === "fulfilled" ? outcome.value : "")) as [
      string,
      string,
    ];
  }

  private async openFront(): Promise<Front> {
    const webApp = this.isDevelopment ? await this.planVite() : { folder: join(root, "services/web-app/dist") };
    const front = await startFront({
      port: this.options.port,
      restApis: () => this.urlsOf("rest-api"),
      gateways: () => this.urlsOf("ws-gateway"),
      health: () => summarizeHealth([...this.services.keys()]),
      webApp,
    });
    this.keep({ stop: () => front.close(), kill: () => undefined });
    return front;
  }

  /** Starts Vite's development server, which reloads the page when its sources change. */
  private async planVite(): Promise<{ url: string }> {
    const port = await freePort();
    const service = new ServiceProcess(
      {
        name: "web-app",
        command: join(root, "services/web-app/node_modules/.bin/vite"),
        args: ["--host", "127.0.0.1", "--port", String(port), "--strictPort"],
        cwd: join(root, "services/web-app"),
        env: process.env,
        port,
        logFile: join(this.paths.logs, "web-app.log"),
        readyPath: "/",
      },
      () => this.record(),
    );
    this.services.set(service, "web-app");
    this.keep(service);
    await service.start();
    return { url: service.url };
  }

  private async openServices(input: {
    secrets: Secrets;
    redisUrl: string;
    databaseUrl: string;
    frontPort: number;
  }): Promise<void> {
    const standIn = this.options.standIn ? await startLocalStandIn(this.options.standInScanAfterSeconds) : undefined;
    if (standIn !== undefined) this.keep(standIn);
    if (this.run !== undefined && standIn !== undefined) this.run.phonePageUrl = standIn.phonePageUrl;
    const { options, paths, isDevelopment } = this;
    const plan = await planServices({ ...input, options, paths, isDevelopment, standInAddress: standIn?.address });
    for (const planned of plan) {
      const service = new ServiceProcess(planned.options, () => this.record());
      this.services.set(service, planned.service);
      this.keep(service);
      await service.start();
    }
  }

  private urlsOf(name: ServiceName): string[] {
    return [...this.services].filter(([, service]) => service === name).map(([process]) => process.url);
  }

  private keep(part: Component): void {
    this.components.push(part);
    this.refuseWhenStopping(part);
  }

  /** Throws if `stop()` was called in the meantime, since it could not know a component that was still starting. */
  private refuseWhenStopping(part?: Component): void {
    if (this.stopping === undefined) return;
    part?.kill();
    throw new StoppedError("stopped before everything had started");
  }

  private record(): void {
    if (this.run === undefined) return;
    const processes = [
      ...this.dataServers.map(({ name, process, logFile }) => [name, entryOf(process, { logFile })] as const),
      ...[...this.services.keys()].map(
        ({ options: { name, port, logFile }, process, url }) =>
          [name, entryOf(process, { port, url, logFile })] as const,
      ),
    ];
    this.run.processes = Object.fromEntries(
      processes.filter((each): each is [string, RunningProcess] => each[1] !== undefined),
    );
    writeRun(this.paths.runFile, this.run);
  }
}

const entryOf = (
  process: OwnedProcess | undefined,
  rest: Pick<RunningProcess, "port" | "url" | "logFile">,
): RunningProcess | undefined =>
  process && { pid: process.pid, groupId: process.groupId, startTime: startTimeOf(process.pid), ...rest };
