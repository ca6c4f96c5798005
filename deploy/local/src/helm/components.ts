import { insideText, release } from "./template.ts";

/** A part of the product that runs in containers. `name` is its entry in docker-compose.yml. */
export interface Component {
  name: string;
  /** Its name in the values of the chart. */
  key: string;
  /** Id of the user in its image. */
  user: number;
  /** Processor time that the scheduler reserves for it. */
  cpu: string;
  /** Replicas: the smallest and the largest number. Absent for jobs. */
  replicas?: [number, number];
  /** Serves `/health/live`, `/health/ready` and `/metrics`. The front passes the health of the API on. */
  hasMetrics?: boolean;
  /** Opens connections to the internet: WhatsApp, webhooks, push services, e-mail, the bucket. */
  reachesInternet?: boolean;
}

const camelCase = (name: string) => name.replaceAll(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());
const component = (name: string, options: Omit<Component, "name" | "key">): Component => ({
  name,
  key: camelCase(name),
  ...options,
});

const node = 1000;
const nginx = 101;

export const restApi = component("rest-api", {
  user: node,
  cpu: "250m",
  replicas: [2, 6],
  hasMetrics: true,
  reachesInternet: true,
});
export const wsGateway = component("ws-gateway", { user: node, cpu: "250m", replicas: [2, 10], hasMetrics: true });
export const messageWorker = component("message-worker", {
  user: node,
  cpu: "500m",
  replicas: [2, 8],
  hasMetrics: true,
});
export const webhookSender = component("webhook-sender", {
  user: node,
  cpu: "100m",
  replicas: [2, 4],
  hasMetrics: true,
  reachesInternet: true,
});
export const webApp = component("web-app", { user: nginx, cpu: "100m", replicas: [2, 6] });
export const connector = component("whatsapp-connector", {
  user: node,
  cpu: "1",
  replicas: [1, 1],
  hasMetrics: true,
  reachesInternet: true,
});
export const migrate = component("migrate", { user: node, cpu: "100m" });
export const backup = component("backup", { user: node, cpu: "100m", reachesInternet: true });

/** Stateless components. */
export const deployments = [webApp, restApi, wsGateway, messageWorker, webhookSender];
export const components = [...deployments, connector, migrate, backup];

export const port = 8080;
export const fullName = ({ name }: Component): string => `${release}-${name}`;
/** Labels that select the pods of a component. */
export const selectorOf = ({ name }: Component) => ({
  "app.kubernetes.io/instance": release,
  "app.kubernetes.io/component": name,
});
export const labelsOf = (component: Component) => ({
  "app.kubernetes.io/name": "syszap",
  ...selectorOf(component),
  "app.kubernetes.io/version": insideText("image.tag"),
});
