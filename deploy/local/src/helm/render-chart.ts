import { parseAllDocuments } from "yaml";
import type { Manifest } from "./template.ts";

export interface Release {
  name: string;
  namespace: string;
  values: object;
}

/**
 * Renders a template of this chart. Its templates use a small part of Helm's language, so that this suffices: a condition around a whole
 * file, and the expressions of `evaluate`. Throws for anything else, and for values that do not exist.
 */
function renderTemplate(text: string, release: Release): string {
  const [, not, path, body] = /^\{\{- if (not )?\.Values\.(\S+) \}\}\n([\s\S]*)\{\{- end \}\}\n$/.exec(text) ?? [];
  if (path !== undefined && Boolean(valueAt(release.values, path)) === (not !== undefined)) return "";
  return (body ?? text).replaceAll(/\{\{(`[^`]*`|.*?)\}\}/g, (_match, expression: string) =>
    evaluate(expression.trim(), release),
  );
}

function evaluate(expression: string, { name, namespace, values }: Release): string {
  if (expression === ".Release.Name") return name;
  if (expression === ".Release.Namespace") return namespace;
  if (expression.startsWith("`")) return expression.slice(1, -1);
  const [, toJson, path, quote] = /^(toJson )?\.Values\.([\w.]+)( \| quote)?$/.exec(expression) ?? [];
  if (path === undefined) throw new Error(`unknown expression in the chart: ${expression}`);
  const value = valueAt(values, path);
  return toJson === undefined && quote === undefined ? String(value) : JSON.stringify(value);
}

function valueAt(values: object, path: string): unknown {
  let value: unknown = values;
  for (const name of path.split(".")) {
    if (typeof value !== "object" || value === null || !(name in value)) throw new Error(`no value for ${path}`);
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** The objects of all templates. */
export const renderChart = (templates: Iterable<string>, release: Release): Manifest[] =>
  [...templates].flatMap((text) =>
    parseAllDocuments(renderTemplate(text, release)).flatMap((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() ?? [];
    }),
  );

/** Values as Helm merges them: maps are merged, everything else is replaced. */
export function mergeValues(base: object, changes: object): object {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(changes ?? {})) {
    const own = merged[name];
    merged[name] = isMap(own) && isMap(value) ? mergeValues(own, value) : value;
  }
  return merged;
}

const isMap = (value: unknown): value is object => typeof value === "object" && value !== null && !Array.isArray(value);
