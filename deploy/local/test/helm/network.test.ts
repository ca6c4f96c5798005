import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { expect, test } from "vitest";
import { compose } from "../../src/compose-file.ts";
import { containerOf, defaultValues, everything, named, objectsWith, podsOf } from "./rendered-chart.ts";

const objects = objectsWith(everything);
const pods = podsOf(objects);
const policyOf = (name: string) => named<INetworkPolicy>(objects, "NetworkPolicy", `demo-${name}`).spec;
const component = (labels: Record<string, string> | undefined) => labels?.["app.kubernetes.io/component"] ?? "";

/** Components to which the pods of a component may open connections. */
const callees = (name: string) =>
  (policyOf(name)?.egress ?? []).flatMap(({ to = [] }) =>
    to.map(({ podSelector }) => component(podSelector?.matchLabels)),
  );
const callers = (name: string) =>
  (policyOf(name)?.ingress ?? []).flatMap(({ from = [] }) =>
    from.map(({ podSelector }) => component(podSelector?.matchLabels)),
  );
const reaches = (name: string, peers: unknown, port?: number) =>
  (policyOf(name)?.egress ?? []).some(
    (rule) => JSON.stringify(rule.to) === JSON.stringify(peers) && rule.ports?.[0]?.port === port,
  );
const { postgres, redis, internet } = defaultValues.networkPolicy;
const inCompose = (from: string, to: string) =>
  (compose.services[from]?.networks ?? []).some((network) => compose.services[to]?.networks?.includes(network));
const hasWayOut = (name: string) =>
  (compose.services[name]?.networks ?? []).some((network) => compose.networks[network]?.internal !== true);

test("each pod has a policy for both directions", () => {
  for (const [name, { owner }] of pods) {
    const labels = (owner.metadata as { labels?: Record<string, string> }).labels;
    expect(component(policyOf(name)?.podSelector.matchLabels)).toBe(component(labels));
    expect(policyOf(name)?.policyTypes).toEqual(["Ingress", "Egress"]);
  }
});

test("no pod reaches a pod, Postgres or Redis that compose's networks keep from it", () => {
  for (const name of pods.keys()) {
    for (const other of callees(name).filter((each) => each !== ""))
      expect([name, other, inCompose(name, other)]).toEqual([name, other, true]);
    expect([name, reaches(name, postgres.peers, postgres.port)]).toEqual([name, inCompose(name, "postgres")]);
    if (reaches(name, redis.peers, redis.port)) expect([name, inCompose(name, "redis")]).toEqual([name, true]);
    if (reaches(name, internet)) expect([name, hasWayOut(name)]).toEqual([name, true]);
  }
});

test("each pod reaches every server that its environment names", () => {
  for (const [name, pod] of pods) {
    const variables = containerOf(pod).env ?? [];
    for (const [, other = ""] of variables.map(
      ({ value }) => /^(?:http:\/\/)?demo-([a-z-]+)[.:]/.exec(value ?? "") ?? [],
    ))
      if (other !== "") expect([name, callees(name)]).toEqual([name, expect.arrayContaining([other])]);
    const sets = (pattern: RegExp) => variables.some((variable) => pattern.test(variable.name));
    expect([name, reaches(name, redis.peers, redis.port)]).toEqual([name, sets(/^REDIS_URL/)]);
    expect([name, reaches(name, postgres.peers, postgres.port)]).toEqual([name, sets(/DATABASE_(URL|PASSWORD)/)]);
  }
});

test("both ends of a connection allow it", () => {
  for (const name of pods.keys()) {
    for (const other of callees(name).filter((each) => each !== "")) expect(callers(other)).toContain(name);
    for (const other of callers(name).filter((each) => each !== "")) expect(callees(other)).toContain(name);
  }
});

test("only the front accepts connections from other namespaces, besides those for metrics", () => {
  for (const name of pods.keys()) {
    const others = (policyOf(name)?.ingress ?? []).filter(({ from }) => from?.some(({ podSelector }) => !podSelector));
    const isService = !["migrate", "backup"].includes(name);
    const { front, prometheus } = defaultValues.networkPolicy;
    expect(others.map(({ from }) => from)).toEqual(isService ? [name === "web-app" ? front : prometheus] : []);
  }
});

test("connectors and senders of webhooks reach the internet, but no private addresses", () => {
  for (const name of ["rest-api", "webhook-sender", "whatsapp-connector", "backup"])
    expect([name, reaches(name, internet)]).toEqual([name, true]);
  for (const name of ["web-app", "ws-gateway", "message-worker", "migrate"])
    expect([name, reaches(name, internet)]).toEqual([name, false]);
  expect(internet[0].ipBlock.except).toEqual(expect.arrayContaining(["10.0.0.0/8", "169.254.0.0/16"]));
});
