import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

/** Import edges between the entries (files and subfolders) of one folder that form a cycle, with an example for each edge. */
export interface LayerCycle {
  folder: string;
  entries: string[];
  imports: string[];
}

/** Matches static, dynamic and type imports and re-exports of relative paths. Biome formats the code, so quotes are double. */
const relativeImport = /(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

/**
 * Finds import cycles at every level of the folder tree. Within each folder its files and subfolders must form a directed
 * acyclic graph; a subfolder counts as one node with the imports of everything below it. This refuses file cycles, folders
 * that import each other, and subfolders that import a file of the parent that (indirectly) imports them. Type imports count.
 *
 * @param files paths of TypeScript files, relative to `root`
 */
export function findLayerCycles(root: string, files: readonly string[]): LayerCycle[] {
  const edgesOf = new Map<string, Map<string, Map<string, string>>>();
  for (const from of files) {
    for (const to of relativeImportsOf(root, from)) addEdge(edgesOf, from, to);
  }
  return [...edgesOf].flatMap(([folder, edges]) => cyclesIn(folder, edges)).sort(byFolder);
}

function relativeImportsOf(root: string, file: string): string[] {
  const source = readFileSync(join(root, file), "utf8");
  const folder = dirname(join(root, file));
  return [...source.matchAll(relativeImport)]
    .map(([, specifier = ""]) => resolve(folder, specifier))
    .filter((path) => existsSync(path))
    .map((path) => relative(root, path));
}

/** Adds the import to the deepest folder that contains both files. */
function addEdge(edgesOf: Map<string, Map<string, Map<string, string>>>, from: string, to: string): void {
  const fromParts = from.split(sep);
  const toParts = to.split(sep);
  let depth = 0;
  while (depth < fromParts.length - 1 && depth < toParts.length - 1 && fromParts[depth] === toParts[depth]) depth += 1;
  const [fromEntry, toEntry] = [fromParts[depth], toParts[depth]];
  if (fromEntry === undefined || toEntry === undefined || fromEntry === toEntry) return;
  const folder = fromParts.slice(0, depth).join(sep);
  const edges = edgesOf.get(folder) ?? new Map<string, Map<string, string>>();
  const targets = edges.get(fromEntry) ?? new Map<string, string>();
  if (!targets.has(toEntry)) targets.set(toEntry, `${from} → ${to}`);
  edges.set(fromEntry, targets);
  edgesOf.set(folder, edges);
}

/** Strongly connected components of more than one entry (Tarjan, 1972). */
function cyclesIn(folder: string, edges: Map<string, Map<string, string>>): LayerCycle[] {
  const indexOf = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const components: string[][] = [];

  const visit = (entry: string): number => {
    const index = indexOf.size;
    indexOf.set(entry, index);
    stack.push(entry);
    let low = index;
    for (const target of edges.get(entry)?.keys() ?? []) {
      if (!indexOf.has(target)) low = Math.min(low, visit(target));
      else if (stack.includes(target)) low = Math.min(low, indexOf.get(target) ?? low);
    }
    lowest.set(entry, low);
    if (low === index) components.push(stack.splice(stack.indexOf(entry)));
    return low;
  };

  for (const entry of edges.keys()) if (!indexOf.has(entry)) visit(entry);
  return components
    .filter((entries) => entries.length > 1)
    .map((entries) => ({ folder, entries: entries.sort(), imports: importsAmong(entries, edges) }));
}

function importsAmong(entries: string[], edges: Map<string, Map<string, string>>): string[] {
  return entries.flatMap((entry) =>
    [...(edges.get(entry) ?? [])].filter(([target]) => entries.includes(target)).map(([, example]) => example),
  );
}

const byFolder = (a: LayerCycle, b: LayerCycle) => a.folder.localeCompare(b.folder);
