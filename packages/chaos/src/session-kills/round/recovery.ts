import type { FaultKind } from "../faults/plan.ts";

/** Times from a fault until its session was connected again and until the next message reached browsers. */
export interface Recovery {
  kind: FaultKind;
  /** Undefined if the session was never disconnected, as after a short freeze. */
  connectedMs: number | undefined;
  messageMs: number | undefined;
}

const kinds: readonly FaultKind[] = ["child", "connector", "chromium", "renderer", "freeze"];
const names: Record<FaultKind, string> = {
  child: "engine process killed",
  connector: "connector killed",
  chromium: "Chromium killed",
  renderer: "renderer killed",
  freeze: "renderer frozen",
};

/** Formats a Markdown table. A killed connector counts once for each of its sessions. */
export function recoveryTable(
  hits: Readonly<Partial<Record<FaultKind, number>>>,
  recoveries: readonly Recovery[],
): string {
  const rows = kinds.map((kind) => {
    const own = recoveries.filter((recovery) => recovery.kind === kind);
    const connected = own.flatMap(({ connectedMs }) => connectedMs ?? []);
    const message = own.flatMap(({ messageMs }) => messageMs ?? []);
    return [names[kind], hits[kind] ?? 0, ...figures(connected), ...figures(message)];
  });
  return [
    ["fault", "count", "reconnected: p50", "max", "next message in browsers: p50", "max"],
    ["---", "--:", "--:", "--:", "--:", "--:"],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function figures(samples: readonly number[]): [string, string] {
  const sorted = samples.toSorted((one, other) => one - other);
  const [median, max] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  return [seconds(median), seconds(max)];
}
const seconds = (ms: number | undefined) => (ms === undefined ? "–" : `${(ms / 1_000).toFixed(1)} s`);
