import type { Menu } from "@syszap/contracts";
import { z } from "zod";
import { listOf, OptionalText, type VendorContent } from "../vendor.ts";
import { filled } from "./text.ts";

const maxOptions = 50;
type Option = Menu["options"][number];

/** Parameters of the buttons of interactive messages. */
const ButtonParameters = z.object({
  display_text: OptionalText,
  url: OptionalText,
  phone_number: OptionalText,
  copy_code: OptionalText,
  sections: listOf(z.object({ rows: listOf(z.object({ title: OptionalText, description: OptionalText })) })),
});

/** The parsed parameters of the buttons of an interactive message. */
export function parametersOf({ interactivePayload, interactiveMessage }: VendorContent): unknown[] {
  const buttons = interactivePayload?.buttons ?? interactiveMessage?.nativeFlowMessage?.buttons ?? [];
  return buttons.slice(0, maxOptions).flatMap(({ buttonParamsJson }) => {
    try {
      return [JSON.parse(buttonParamsJson ?? "")];
    } catch {
      return [];
    }
  });
}

/** Buttons and list rows below a message, of any kind; undefined if there are none. */
export function menuOf(message: VendorContent): Menu | undefined {
  const rows = (message.list?.sections ?? []).flatMap((section) => section.rows ?? []);
  const options = [
    ...rows.map((row) => option(row.title, row.description)),
    ...(message.hydratedButtons ?? []).map(({ quickReplyButton, urlButton, callButton }) =>
      option((quickReplyButton ?? urlButton ?? callButton)?.displayText, callButton?.phoneNumber, urlButton?.url),
    ),
    ...(message.dynamicReplyButtons ?? []).map(({ buttonText }) => option(buttonText?.displayText)),
    ...parametersOf(message).flatMap(optionsOfButton),
  ];
  const texts = new Set<string>();
  const shown = options.flatMap((each) => {
    if (!each || texts.has(each.text)) return [];
    texts.add(each.text);
    return each;
  });
  return shown.length > 0 ? { options: shown.slice(0, maxOptions) } : undefined;
}

function optionsOfButton(parameters: unknown): (Option | undefined)[] {
  const { data } = ButtonParameters.safeParse(parameters);
  if (!data) return [];
  const rows = (data.sections ?? []).flatMap((section) => section.rows ?? []);
  if (rows.length > 0) return rows.map((row) => option(row.title, row.description));
  return [option(data.display_text, data.phone_number ?? data.copy_code, data.url)];
}

function option(text: unknown, description?: unknown, url?: unknown): Option | undefined {
  const shown = filled(text);
  return shown === null ? undefined : { text: shown, description: filled(description), url: filled(url) };
}
