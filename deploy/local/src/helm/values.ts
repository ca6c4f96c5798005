import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument, Scalar, type YAMLMap } from "yaml";
import { root } from "../paths.ts";
import { type Component, components, connector } from "./components.ts";
import { composeService, quantityOf } from "./compose-services.ts";
import { type Setting, settings } from "./settings.ts";

/** Version of the product, which its images have as their tag. */
export const version: string = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;

/** `values.yaml`: the part that people write (`base-values.yaml`), with sizes and settings of docker-compose.yml. */
export function valuesText(): string {
  const document = parseDocument(readFileSync(join(import.meta.dirname, "base-values.yaml"), "utf8"));
  const set = (path: string[], value: unknown) => document.setIn(path, value);
  set(["image", "tag"], text(version));
  for (const component of components) {
    for (const [name, value] of Object.entries(sizesOf(component))) set([component.key, name], value);
  }
  const map = document.get("settings") as YAMLMap;
  for (const { name, fallback, comments } of settings()) {
    const key = new Scalar(name);
    if (comments.length > 0) key.commentBefore = comments.map((line) => ` ${line}`).join("\n");
    map.add(document.createPair(key, text(fallback ?? "")));
  }
  map.flow = false;
  return document.toString({ lineWidth: 0 });
}

function text(value: string): Scalar {
  const scalar = new Scalar(value);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

function sizesOf(component: Component): Record<string, unknown> {
  const [smallest, largest] = component.replicas ?? [];
  return {
    ...(component === connector
      ? { replicas: smallest }
      : smallest !== undefined && { minReplicas: smallest, maxReplicas: largest }),
    cpu: text(component.cpu),
    memory: text(quantityOf(composeService(component.name).mem_limit)),
  };
}

/** `values.schema.json`, with which Helm checks the values. Settings are texts: Helm writes large numbers as 2.56e+08. */
export function valuesSchema(): string {
  const nonEmpty = { type: "string", minLength: 1 };
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    required: ["image", "secret", "settings"],
    properties: {
      image: { type: "object", required: ["registry", "tag"], properties: { registry: nonEmpty, tag: nonEmpty } },
      secret: nonEmpty,
      settings: {
        type: "object",
        additionalProperties: false,
        properties: Object.fromEntries(settings().map((setting) => [setting.name, schemaOf(setting)])),
      },
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

const schemaOf = ({ name, fallback }: Setting) => {
  if (name === "PUBLIC_ORIGIN") return { type: "string", pattern: "^https://[^/]+$" };
  return fallback === undefined ? { type: "string", minLength: 1 } : { type: "string" };
};
