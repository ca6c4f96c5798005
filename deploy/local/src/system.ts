import { join } from "node:path";
import { migrate } from "@syszap/database";
import { freePort, type OwnedProcess } from "@syszap/testing/servers";
import { requireChromium } from "./chromium.ts";
import { demoLogins, demoOperator, demoPassword, seedDemo } from "./demo.ts";
import { type Front, startFront } from "./front.ts";
import { sumHealth } from "./health.ts";
import { asRole, type DataServer, openPostgres, openRedis } from "./infrastructure.ts";
import type { Options } from "./options.ts";
import { deleteData, makePlaces, type Places, placesIn, root } from "./places.ts";
import { startTimeOf } from "./process-identity.ts";
import { clearEarlierRun, type Run, type RunningProcess, removeRun, writeRun } from "./run-file.ts";
import { keptSecrets, type Secrets } from "./secrets.ts";
import { planServices, type ServiceName } from "./service-plan.ts";
import { ServiceProcess } from "./service-process.ts";
import { buildChanged } from "./tools.ts";
import { openStandIn } from "./whatsapp-stand-in.ts";

interface Part {
  stop(): Promise<void>;
  kill(): void;
}

/** Was asked to stop before it had started. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** Everything that `npm start` runs, in the order in which it depends on each other; stopped in the opposite order. */
export class LocalSystem {
  private readonly parts: Part[] = [];
  private readonly services = new Map<ServiceProcess, ServiceName | "web-app">();
  private readonly dataServers: DataServer[] = [];
  private stopping: Promise<void> | undefined;
  private readonly places: Places;
  private run: Run | undefined;

  constructor(
    private readonly options: Options,
    private readonly isDevelopment: boolean,
  ) {
    this.places = placesIn(options.dataDirectory);
  }

  /** Resolves when every service says that it is ready. */
  async start(): Promise<Run> {
    await clearEarlierRun(this.places.runFile);
    if (this.options.reset) await deleteData(this.places);
    makePlaces(this.places);
    if (this.options.engine === "wppconnect" || this.options.standIn) await requireChromium();
    const secrets = keptSecrets(this.places.secretsFile);
    const [redisUrl, databaseUrl] = await this.openData(secrets);
    const urls = {
      appUrl: asRole(databaseUrl, "syszap_app", secrets.appPassword),
      systemUrl: asRole(databaseUrl, "syszap_system", secrets.systemPassword),
    };
    await migrate({ ownerUrl: databaseUrl, appPassword: secrets.appPassword, systemPassword: secrets.systemPassword });
    await seedDemo(urls, this.options.engine);
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

  /** Newest first; each part has its own deadline. */
  stop(): Promise<void> {
    this.stopping ??= (async () => {
      for (const part of this.parts.toReversed()) await part.stop();
      removeRun(this.places.runFile);
    })();
    return this.stopping;
  }

  /** At once, as if the machine had gone. */
  kill(): void {
    for (const part of this.parts) part.kill();
  }

  /** What is built meanwhile needs neither, and neither needs it. */
  private async openData(secrets: Secrets): Promise<[string, string]> {
    const build = this.isDevelopment ? undefined : buildChanged();
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
      keep(openRedis(this.places, record)),
      keep(openPostgres(this.places, secrets, record)),
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
      health: () => sumHealth([...this.services.keys()]),
      webApp,
    });
    this.keep({ stop: () => front.close(), kill: () => undefined });
    return front;
  }

  /** The page reloads itself when its sources change. */
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
        logFile: join(this.places.logs, "web-app.log"),
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
    const standIn = this.options.standIn ? await openStandIn(this.options.standInScanAfterSeconds) : undefined;
    if (standIn !== undefined) this.keep(standIn);
    if (this.run !== undefined && standIn !== undefined) this.run.phonePageUrl = standIn.phonePageUrl;
    const { options, places, isDevelopment } = this;
    const plan = await planServices({ ...input, options, places, isDevelopment, standInAddress: standIn?.address });
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

  private keep(part: Part): void {
    this.parts.push(part);
    this.refuseWhenStopping(part);
  }

  /** A stop that came while something was being opened could not know of it yet. */
  private refuseWhenStopping(part?: Part): void {
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
    writeRun(this.places.runFile, this.run);
  }
}

const entryOf = (
  process: OwnedProcess | undefined,
  rest: Pick<RunningProcess, "port" | "url" | "logFile">,
): RunningProcess | undefined =>
  process && { pid: process.pid, groupId: process.groupId, startTime: startTimeOf(process.pid), ...rest };
