import { stringify } from "yaml";

/** Name and namespace of the release, inside of texts. */
export const release = "{{ .Release.Name }}";
export const namespace = "{{ .Release.Namespace }}";

const mark = "@@";
const whole = (expression: string) => `${mark}${expression}${mark}`;

/** A value of the chart as a whole node. The type parameter is the type of the node. */
export const fromValues = <T>(path: string): T => whole(`toJson .Values.${path}`) as unknown as T;
/** A value of the chart as a text. */
export const textFromValues = (path: string): string => whole(`.Values.${path} | quote`);
/** A value of the chart inside of a text. */
export const insideText = (path: string): string => `{{ .Values.${path} }}`;

/** A text whose braces are not meant for Helm, such as the template of an alert. */
export const literal = (text: string): string => text.replaceAll(/\{\{.*?\}\}/g, (braces) => `{{\`${braces}\`}}`);

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata?: { name?: string };
}

/** Objects of one file. With `when`, only if this value of the chart is true; with `unless`, only if it is not. */
export interface Template {
  when?: string;
  unless?: string;
  objects: Manifest[];
}

/** The text of a file in `templates/`. */
export function templateText({ when, unless, objects }: Template): string {
  const documents = objects.map(documentText).join("---\n");
  if (when !== undefined) return `{{- if .Values.${when} }}\n${documents}{{- end }}\n`;
  if (unless !== undefined) return `{{- if not .Values.${unless} }}\n${documents}{{- end }}\n`;
  return documents;
}

const documentText = (object: Manifest) =>
  stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }).replaceAll(
    new RegExp(`(["'])${mark}(.+?)${mark}\\1`, "g"),
    "{{ $2 }}",
  );
