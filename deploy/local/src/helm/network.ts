import type { IIngress, INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import {
  backup,
  type Component,
  components,
  connector,
  fullName,
  labelsOf,
  messageWorker,
  migrate,
  port,
  restApi,
  selectorOf,
  webApp,
  webhookSender,
  wsGateway,
} from "./components.ts";
import { fromValues, release, type Template } from "./template.ts";

type Spec = NonNullable<INetworkPolicy["spec"]>;
type Peers = NonNullable<NonNullable<Spec["ingress"]>[number]["from"]>;

/** Who opens connections to whom. Nothing else is possible between the pods. */
const connections: [from: Component, to: Component][] = [
  [webApp, restApi],
  [webApp, wsGateway],
  [wsGateway, restApi], // the keys that verify tokens
];
const usersOfPostgres = [restApi, messageWorker, webhookSender, connector, migrate, backup];
const usersOfRedis = [restApi, wsGateway, messageWorker, webhookSender, connector, backup];

const podsOf = (component: Component) => ({ podSelector: { matchLabels: selectorOf(component) } });
const http = [{ port, protocol: "TCP" as const }];
const dns = [
  { port: 53, protocol: "UDP" as const },
  { port: 53, protocol: "TCP" as const },
];
const server = (name: "postgres" | "redis") => ({
  to: fromValues<Peers>(`networkPolicy.${name}.peers`),
  ports: [{ port: fromValues<number>(`networkPolicy.${name}.port`), protocol: "TCP" as const }],
});

function policyOf(component: Component): INetworkPolicy {
  const callers = connections.filter(([, to]) => to === component).map(([from]) => podsOf(from));
  const callees = connections.filter(([from]) => from === component).map(([, to]) => podsOf(to));
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: fullName(component), labels: labelsOf(component) },
    spec: {
      podSelector: { matchLabels: selectorOf(component) },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        ...(callers.length === 0 ? [] : [{ from: callers, ports: http }]),
        ...(component === webApp ? [{ from: fromValues<Peers>("networkPolicy.front"), ports: http }] : []),
        ...(component.hasMetrics ? [{ from: fromValues<Peers>("networkPolicy.prometheus"), ports: http }] : []),
      ],
      egress: [
        { ports: dns },
        ...(callees.length === 0 ? [] : [{ to: callees, ports: http }]),
        ...(usersOfPostgres.includes(component) ? [server("postgres")] : []),
        ...(usersOfRedis.includes(component) ? [server("redis")] : []),
        ...(component.reachesInternet ? [{ to: fromValues<Peers>("networkPolicy.internet") }] : []),
      ],
    },
  };
}

const ingress: IIngress = {
  apiVersion: "networking.k8s.io/v1",
  kind: "Ingress",
  metadata: { name: release, labels: labelsOf(webApp), annotations: fromValues("ingress.annotations") },
  spec: {
    ingressClassName: fromValues("ingress.className"),
    tls: [{ hosts: [fromValues("ingress.host")], secretName: fromValues("ingress.tlsSecret") }],
    rules: [
      {
        host: fromValues("ingress.host"),
        http: {
          paths: [
            { path: "/", pathType: "Prefix", backend: { service: { name: fullName(webApp), port: { name: "http" } } } },
          ],
        },
      },
    ],
  },
};

export const networkTemplates: Record<string, Template> = {
  ingress: { when: "ingress.enabled", objects: [ingress] },
  "network-policies": { when: "networkPolicy.enabled", objects: components.map(policyOf) },
};
