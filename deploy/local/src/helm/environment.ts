import type { IEnvVar, IKeyToPath } from "kubernetes-models/v1";
import { type Component, components, fullName, port, restApi, webApp, wsGateway } from "./components.ts";
import { composeService, variablesIn } from "./compose-services.ts";
import { insideText, namespace, release, textFromValues } from "./template.ts";

/** Where the files of the secret are in each container. */
export const secretFolder = "/run/secrets/syszap";

/** The environment of a container: variables, and the keys of the secret that it gets as files. */
export interface Environment {
  variables: IEnvVar[];
  files: IKeyToPath[];
}

/** Variables that pods get from Kubernetes or from the image, not from a setting. */
const ofThePod: Record<string, IEnvVar> = {
  CONNECTOR_ID: { name: "CONNECTOR_ID", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
  SYSZAP_VERSION: { name: "SYSZAP_VERSION", value: textFromValues("image.tag") },
};
/** TLS ends at the ingress controller. */
const unused = new Set(["FRONT_TLS_CERTIFICATE", "FRONT_TLS_KEY"]);

export const setByKubernetes = (name: string): boolean => name in ofThePod;

/** The environment that docker-compose.yml gives to a service, as the chart gives it to the component. */
export function environmentOf(component: Component): Environment {
  const environment: Environment = { variables: [], files: [] };
  for (const [name, value] of entriesOf(component)) {
    const text = String(value);
    const pod = ofThePod[name];
    if (pod !== undefined) environment.variables.push(pod);
    else if (isSecret(text)) addSecret(environment, { component, name, text });
    else if (text !== "") environment.variables.push({ name, value: settingOf(text) ?? withServiceNames(text) });
  }
  if (component === webApp) environment.variables.push(...addressesForTheFront);
  return environment;
}

export const entriesOf = ({ name }: Component): [string, string | number][] =>
  Object.entries(composeService(name).environment ?? {}).filter(([variable]) => !unused.has(variable));

/** nginx does not use the search list of `/etc/resolv.conf`. A headless service has the addresses of all pods. */
const addressesForTheFront: IEnvVar[] = [
  ["FRONT_REST_API", restApi] as const,
  ["FRONT_WS_GATEWAY", wsGateway] as const,
].map(([name, component]) => ({
  name,
  value: `${fullName(component)}.${namespace}.svc.${insideText("clusterDomain")}:${port}`,
}));

/** A setting of the chart, if the text is one variable. */
function settingOf(text: string): string | undefined {
  const [variable] = variablesIn(text);
  if (variable === undefined) return undefined;
  if (!/^\$\{[^}]*\}$/.test(text)) throw new Error(`the chart cannot take over the value ${text}`);
  return textFromValues(`settings.${variable.name}`);
}

const withServiceNames = (text: string) => text.replace(/^(http:\/\/)([a-z-]+):/, `$1${release}-$2:`);

const secretNames = /^(?!LIMIT_|VAPID_PUBLIC_KEY).*(PASSWORD|_KEY|SECRET|CREDENTIALS)|^(SMTP|QUEUE_REDIS)_URL$/;
export const isSecret = (text: string): boolean => variablesIn(text).some(({ name }) => secretNames.test(name));

/** Whether a process does not start without this value. */
export const isRequired = (text: string): boolean =>
  variablesIn(text).some(({ fallback }) => fallback === undefined) || !/^\$\{[^}]*\}$/.test(text);

/** Required secrets are files. A file that does not exist stops a process, so optional secrets are variables. */
function addSecret(
  { variables, files }: Environment,
  { component, name, text }: { component: Component; name: string; text: string },
): void {
  const key = secretKey(component, name);
  if (!isRequired(text)) {
    variables.push({ name, valueFrom: { secretKeyRef: { name: textFromValues("secret"), key, optional: true } } });
    return;
  }
  files.push({ key, path: key });
  variables.push({ name: `${name}_FILE`, value: `${secretFolder}/${key}` });
}

/** Key of the secret: the name of the variable, with the component in front if components have different values. */
export function secretKey(component: Component, name: string): string {
  const texts = components.map((each) => composeService(each.name).environment?.[name]);
  const isShared = new Set(texts.filter((text) => text !== undefined)).size === 1;
  return isShared ? name : `${component.name}.${name}`;
}
