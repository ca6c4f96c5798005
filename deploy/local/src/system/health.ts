import type { ServiceProcess } from "./service-process.ts";

export interface HealthSummary {
  status: "ok" | "unavailable";
  services: Record<string, unknown>;
}

/** Combines the readiness reports of all services. The status is "ok" only if every service is ready. */
export async function summarizeHealth(services: readonly ServiceProcess[]): Promise<HealthSummary> {
  const entries = await Promise.all(
    services.map(async (service) => [service.options.name, await reportOf(service)] as const),
  );
  const isOk = entries.every(([, report]) => report.status === "ok");
  return { status: isOk ? "ok" : "unavailable", services: Object.fromEntries(entries) };
}

async function reportOf(service: ServiceProcess): Promise<{ status: string }> {
  try {
    const answer = await fetch(`${service.url}${service.options.readyPath}`, { signal: AbortSignal.timeout(3_000) });
    if (!answer.headers.get("content-type")?.includes("json")) return { status: answer.ok ? "ok" : "unavailable" };
    return (await answer.json()) as { status: string };
  } catch {
    return { status: "unavailable" };
  }
}
