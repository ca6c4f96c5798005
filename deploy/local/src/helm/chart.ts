import { monitoringTemplates } from "./monitoring.ts";
import { networkTemplates } from "./network.ts";
import { scalingTemplates } from "./scaling.ts";
import { templateText } from "./template.ts";
import { valuesSchema, valuesText, version } from "./values.ts";
import { workloadTemplates } from "./workloads.ts";

const description = `apiVersion: v2
name: syszap
description: Multi-tenant, real-time WhatsApp inbox
type: application
version: ${version}
appVersion: "${version}"
kubeVersion: ">=1.27.0-0"
`;

/** All files of the chart by their path in `deploy/helm/syszap`. */
export function chartFiles(): Map<string, string> {
  const templates = { ...workloadTemplates, ...scalingTemplates, ...networkTemplates, ...monitoringTemplates };
  return new Map([
    ["Chart.yaml", description],
    ["values.yaml", valuesText()],
    ["values.schema.json", valuesSchema()],
    ...Object.entries(templates).map(
      ([name, template]) => [`templates/${name}.yaml`, templateText(template)] as [string, string],
    ),
  ]);
}
