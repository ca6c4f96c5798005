import type { ContactCard } from "@syszap/contracts";

/** Returns a contact card as phones write it (vCard 3.0, RFC 2426). `waid` names the WhatsApp account of a number. */
export const toVcard = ({ name, organisation, numbers }: ContactCard): string =>
  [
    "BEGIN:VCARD",
    "VERSION:3.0",
    `N:;${escaped(name)};;;`,
    `FN:${escaped(name)}`,
    ...(organisation === null ? [] : [`ORG:${escaped(organisation)}`]),
    ...numbers.map(({ text, whatsAppNumber }) =>
      whatsAppNumber === null
        ? `TEL;type=CELL:${escaped(text)}`
        : `TEL;type=CELL;waid=${whatsAppNumber}:${escaped(text)}`,
    ),
    "END:VCARD",
  ].join("\n");

const escaped = (text: string) => text.replaceAll(/[\\;,]/g, "\\$&").replaceAll(/\r?\n|\r/g, "\\n");
