import { stringify } from "yaml";
import { asyncApi } from "./asyncapi.ts";
import type { JsonObject } from "./json-schema.ts";
import { openApi } from "./openapi.ts";

/** The text of each document in `docs/`, by file name. The same contracts give the same bytes. */
export function documents(): Record<string, string> {
  return { "asyncapi.yaml": toYaml(asyncApi()), "openapi.yaml": toYaml(openApi()) };
}

const banner = "# Generated from packages/contracts by `npm run generate`: change the schemas there.\n";
/** Without anchors: not every reader of YAML knows them. */
const toYaml = (document: JsonObject) => banner + stringify(document, { aliasDuplicateObjects: false, lineWidth: 120 });
