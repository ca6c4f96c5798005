import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { promtoolProgram, requireProgram } from "../src/machine/installed-command.ts";
import { root } from "../src/paths.ts";

const run = promisify(execFile);
const read = (file: string) => readFileSync(join(root, "deploy/monitoring", file), "utf8");

test("every alert has a unique name, an expression, a severity and a summary", () => {
  const { groups } = parse(read("alerts.yml"));
  const rules = groups.flatMap((group: { rules: object[] }) => group.rules);
  for (const rule of rules)
    expect(rule).toMatchObject({
      alert: expect.stringMatching(/^Syszap[A-Z]\w+$/),
      expr: expect.stringMatching(/syszap_|process_start_time_seconds/),
      labels: { severity: expect.stringMatching(/^(warning|critical)$/) },
      annotations: { summary: expect.stringMatching(/\S/) },
    });
  expect(new Set(rules.map(({ alert }: { alert: string }) => alert)).size).toBe(rules.length);
});

test("the alerts fire in the cases of alerts.test.yml", async () => {
  const command = await requireProgram(promtoolProgram);
  const { stdout } = await run(command, ["test", "rules", "alerts.test.yml"], {
    cwd: join(root, "deploy/monitoring"),
  });
  expect(stdout).toContain("SUCCESS");
});

const dashboards = readdirSync(join(root, "deploy/monitoring/dashboards"));
const withMetrics = readdirSync(join(root, "services")).filter((name) => name !== "web-app");

test("there is a dashboard of the message pipeline and of each service, each with its own id", () => {
  const expected = ["message-pipeline", ...withMetrics].map((name) => `${name}.json`);
  expect(dashboards.toSorted()).toEqual(expected.toSorted());
  const uids = dashboards.map((file) => JSON.parse(read(`dashboards/${file}`)).uid);
  expect(new Set(uids).size).toBe(dashboards.length);
});

test.for(dashboards)("every panel of %s has a query, and no query groups by company or session", (file) => {
  const { panels } = JSON.parse(read(`dashboards/${file}`));
  const drawn = panels.filter(({ type }: { type: string }) => type !== "row");
  for (const panel of drawn)
    for (const { expr } of panel.targets) {
      expect(expr, panel.title).toMatch(/syszap_|service="/);
      expect(expr, panel.title).not.toMatch(/company|session_?id/i);
    }
  expect(drawn.length).toBeGreaterThan(0);
});
