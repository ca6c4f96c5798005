import { databaseTest } from "@syszap/testing";
import { startBuiltService } from "@syszap/testing/servers";
import fc from "fast-check";
import { defaultLimits } from "../../src/limit-environment.ts";
import { startServer } from "../../src/server.ts";
import { allowedOrigin, openApi } from "../support/api-test.ts";
import { shape, step } from "./arbitraries.ts";
import { RestClient } from "./rest-client.ts";
import { type Environment, Run } from "./run.ts";

/** `REACH_STEPS` sets the least number of random steps, `REACH_SEED` repeats a run. */
const steps = Number(process.env.REACH_STEPS ?? 300);
const seed = Number(process.env.REACH_SEED ?? Math.floor(Math.random() * 2 ** 31));
const [fewestOfRun, mostOfRun] = [20, 60];
const unlimited = 1_000_000;
/** Guards against hanging; a failing run is made smaller until then. */
const timeoutMs = Math.max(1_800_000, steps * 6_000);

databaseTest(
  "nobody receives anything outside the reach, and everybody all within it, through REST and sockets",
  async ({ database, redisUrl, onTestFinished }) => {
    const limits = Object.fromEntries(Object.keys(defaultLimits).map((name) => [name, unlimited]));
    const api = await openApi(database, redisUrl, { limits });
    onTestFinished(() => api.close());
    const server = await startServer(api.app, { host: "127.0.0.1", port: 0 });
    onTestFinished(() => server.close());
    const url = `http://127.0.0.1:${server.port}`;
    const gateways = await Promise.all([0, 1].map(() => startGateway(redisUrl, url)));
    for (const gateway of gateways) onTestFinished(() => gateway.stop());
    const environment: Environment = { api, rest: new RestClient(url), gatewayUrls: gateways.map(({ url }) => url) };
    const totals = { steps: 0, requests: 0, received: 0, resumed: 0, refusedResumes: 0, moves: 0 };
    const startedAt = performance.now();
    const sequence = fc.array(step, { minLength: fewestOfRun, maxLength: mostOfRun, size: "max" });
    await fc.assert(
      fc.asyncProperty(shape, sequence, async (shape, steps) => {
        const run = await Run.start(environment, shape);
        try {
          for (const step of steps) await run.take(step);
          await run.finish();
        } finally {
          await run.close();
        }
        for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += run.totals[name];
      }),
      {
        numRuns: Math.ceil(steps / fewestOfRun),
        seed,
        interruptAfterTimeLimit: 0.8 * timeoutMs,
        markInterruptAsFailure: true,
      },
    );
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    process.stdout.write(`reach: seed ${seed}, ${JSON.stringify(totals)} in ${seconds} s\n`);
  },
  timeoutMs,
);

const startGateway = (redisUrl: string, apiUrl: string) =>
  startBuiltService({
    service: "ws-gateway",
    env: {
      NODE_ENV: "test",
      LOG_LEVEL: "warn",
      REDIS_URL: redisUrl,
      TOKEN_KEY_SET_URL: `${apiUrl}/.well-known/jwks.json`,
      ALLOWED_ORIGINS: allowedOrigin,
      TRUSTED_PROXIES: "127.0.0.1",
    },
  });
