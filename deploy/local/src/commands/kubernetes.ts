import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse, stringify } from "yaml";
import { readEnvironment } from "../compose-file.ts";
import { exitWithError, print } from "../console.ts";
import { chartFiles } from "../helm/chart.ts";
import { mergeValues, renderChart } from "../helm/render-chart.ts";
import { secretOf } from "../helm/secret.ts";
import { root } from "../paths.ts";

const usage = `npm run kubernetes -- secret --postgres HOST:PORT --redis HOST:PORT [--env FILE] [--name NAME]
  prints the Secret that the chart mounts, from a file that \`syszap init\` wrote (.env)
npm run kubernetes -- manifests --values FILE [--release NAME] [--namespace NAME]
  prints the objects of the chart, for clusters without Helm

Print them with \`npm run --silent\` into a file or into \`kubectl apply -f -\`. docs/operations/install-kubernetes.md explains the steps.`;

/** `npm run kubernetes -- …`. */
export async function run([command, ...args]: string[]): Promise<void> {
  try {
    if (command === "secret") print(printSecret(args));
    else if (command === "manifests") print(printManifests(args));
    else throw new Error(usage);
  } catch (error) {
    exitWithError(error);
  }
}

function printSecret(args: string[]): string {
  const { values } = parseArgs({
    args,
    options: {
      postgres: { type: "string" },
      redis: { type: "string" },
      env: { type: "string", default: join(root, ".env") },
      name: { type: "string", default: "syszap" },
    },
  });
  const { postgres, redis, env, name } = values;
  if (postgres === undefined || redis === undefined) throw new Error(usage);
  return stringify(
    secretOf({ variables: readEnvironment(readFileSync(env, "utf8")), name, postgres, redis }),
    wholeLines,
  );
}

function printManifests(args: string[]): string {
  const { values } = parseArgs({
    args,
    options: {
      values: { type: "string" },
      release: { type: "string", default: "syszap" },
      namespace: { type: "string", default: "syszap" },
    },
  });
  if (values.values === undefined) throw new Error(usage);
  const files = chartFiles();
  const templates = [...files].filter(([path]) => path.startsWith("templates/")).map(([, text]) => text);
  const objects = renderChart(templates, {
    name: values.release,
    namespace: values.namespace,
    values: mergeValues(parse(files.get("values.yaml") ?? ""), parse(readFileSync(values.values, "utf8"))),
  });
  return objects.map((object) => stringify(object, wholeLines)).join("---\n");
}

const wholeLines = { lineWidth: 0 };
