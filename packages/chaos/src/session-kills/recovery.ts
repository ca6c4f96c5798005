import type { FaultKind } from "./faults/plan.ts";

/** How long after a fault a session was connected again, and how long until a message that came after it had reached browsers. */
export interface Recovery {
  kind: FaultKind;
  /** Undefined where it was never disconnected: a short freeze. */
  connectedMs: number | undefined;
  messageMs: number | undefined;
}

const kinds: readonly FaultKind[] = ["child", "connector", "chromium", "renderer", "freeze"];
const names: Record<FaultKind, string> = {
  child: "the engine's process, killed",
  connector: "a connector, killed",
  chromium: "Chromium, killed",
  renderer: "its renderer, killed",
  freeze: "its renderer, frozen",
};

/** In Markdown. A killed connector gives a time for each session that it ran. */
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
    ["what", "times", "connected again: p50", "most", "next message in browsers: p50", "most"],
    ["---", "--:", "--:", "--:", "--:", "--:"],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function figures(samples: readonly number[]): [string, string] {
  const sorted = samples.toSorted((one, other) => one - other);
  const [middle, most] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  return [seconds(middle), seconds(most)];
}
const seconds = (ms: number | undefined) => (ms === undefined ? "–" : `${(ms / 1_000).toFixed(1)} s`);
