import type { IContainer, IPodSpec, IPodTemplateSpec, IVolume, IVolumeMount } from "kubernetes-models/v1";
import { backup, type Component, connector, labelsOf, port, restApi, selectorOf, webApp } from "./components.ts";
import { composeService, quantityOf } from "./compose-services.ts";
import { environmentOf, secretFolder } from "./environment.ts";
import { fromValues, insideText } from "./template.ts";

/** The longest time in which a process stops: DRAIN_PAUSE_SECONDS and 15 seconds, with a reserve. A connector stops its browsers. */
const gracePeriodSeconds = (component: Component) => (component === connector ? 60 : 40);

/** The pods of a component. All their file systems are read-only, except for the volumes. */
export function podOf(component: Component, options: Partial<IPodSpec> = {}): IPodTemplateSpec {
  return {
    metadata: { labels: labelsOf(component) },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      imagePullSecrets: fromValues("image.pullSecrets"),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: component.user,
        runAsGroup: component.user,
        fsGroup: component.user,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile:
          component === connector ? fromValues("whatsappConnector.seccompProfile") : { type: "RuntimeDefault" },
      },
      containers: [containerOf(component)],
      volumes: volumesOf(component).map(({ volume }) => volume),
      ...(component.replicas !== undefined && {
        terminationGracePeriodSeconds: gracePeriodSeconds(component),
        topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
          topologyKey,
          maxSkew: 1,
          whenUnsatisfiable: "ScheduleAnyway" as const,
          labelSelector: { matchLabels: selectorOf(component) },
        })),
      }),
      ...options,
    },
  };
}

function containerOf(component: Component): IContainer {
  const { image } = composeService(component.name);
  const args = component === backup ? backupArguments : composeService(component.name).command;
  const memory = fromValues<string>(`${component.key}.memory`);
  const isService = component.replicas !== undefined;
  return {
    name: component.name,
    image: `${insideText("image.registry")}/${image}:${insideText("image.tag")}`,
    imagePullPolicy: fromValues("image.pullPolicy"),
    // The commands of compose keep the entry point of the image, too.
    ...(args && { args }),
    env: environmentOf(component).variables,
    ...(isService && { ports: [{ name: "http", containerPort: port }], ...probesOf(component) }),
    // Services wait by themselves until load balancers have noticed that they stop (DRAIN_PAUSE_SECONDS); nginx does not.
    ...(component === webApp && { lifecycle: { preStop: { exec: { command: ["sleep", "5"] } } } }),
    // No limit for the processor: throttled processes miss the heartbeats of sockets, jobs and leases.
    resources: { requests: { cpu: fromValues(`${component.key}.cpu`), memory }, limits: { memory } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [...volumesOf(component).map(({ mount }) => mount), ...(component === connector ? ownDisk : [])],
  };
}

const backupArguments = ["backup", "--to", "/data/backups", "--keep", "7"];

/**
 * "Not ready" takes a pod out of the services. Only a process that does not answer at all is restarted: a restart does not repair a
 * database. The front has no health of its own; its /health is that of the API.
 */
function probesOf(component: Component): Partial<IContainer> {
  const get = (path: string) => ({ httpGet: { path, port: "http" }, timeoutSeconds: 3 });
  const [live, ready] = component.hasMetrics ? ["/health/live", "/health/ready"] : ["/", "/"];
  return {
    startupProbe: { ...get(live), periodSeconds: 2, failureThreshold: 60 },
    livenessProbe: { ...get(live), periodSeconds: 10, failureThreshold: 6 },
    readinessProbe: { ...get(ready), periodSeconds: 3, failureThreshold: 1 },
  };
}

/** Of the claim of each connector: the browser profiles of linked phones, and facts that are not stored yet. */
const ownDisk: IVolumeMount[] = ["profiles", "spool"].map((name) => ({
  name: "data",
  mountPath: `/data/${name}`,
  subPath: name,
}));

interface MountedVolume {
  volume: IVolume;
  mount: IVolumeMount;
}

function volumesOf(component: Component): MountedVolume[] {
  const { tmpfs, shm_size } = composeService(component.name);
  const { files } = environmentOf(component);
  const memory = (name: string, mountPath: string, size: string | undefined): MountedVolume => ({
    volume: { name, emptyDir: { medium: "Memory", sizeLimit: quantityOf(size) } },
    mount: { name, mountPath },
  });
  const secret: MountedVolume = {
    volume: { name: "secret", secret: { secretName: fromValues("secret"), items: files, defaultMode: 0o440 } },
    mount: { name: "secret", mountPath: secretFolder, readOnly: true },
  };
  return [
    memory("tmp", "/tmp", tmpfs?.[0]),
    ...(shm_size === undefined ? [] : [memory("shm", "/dev/shm", shm_size)]),
    ...(files.length === 0 ? [] : [secret]),
    ...([restApi, connector, backup].includes(component) ? [fromVolume("media", "media", "/data/media")] : []),
    ...(component === backup ? [fromVolume("backup.volume", "backups", "/data/backups")] : []),
  ];
}

/** A volume that the values of the chart define, under this name. */
const fromVolume = (path: string, name: string, mountPath: string): MountedVolume => ({
  volume: fromValues(path),
  mount: { name, mountPath },
});
