import bigList from "big-list-of-naughty-strings" with { type: "json" };

const ours = [
  "duas\r\nlinhas",
  "só\rretorno",
  "\tantes, depois \n",
  "separadores \u2028 de \u2029 linha",
  "\uFEFFmarca no começo",
  "controle \u0001\u001F\u007F\u0085 fim",
  "não são letras \uFFFE\uFFFF\u{10FFFF}",
  "%00 \\u0000 \\x00 &#0; \\",
  "$& $1 $$ $` {{x}} #{x} :name ?",
  "composto \u00E3, decomposto a\u0303, sinal \u212B",
  "substituto \uFFFD mesmo",
  "ação ".repeat(13_107).slice(0, 65_535),
];

/**
 * Distinct texts that often break programs: the Big List of Naughty Strings (MIT) and our own additions. Each must be stored and
 * returned unchanged, byte for byte. The empty string is excluded because it is not a valid message.
 */
export const naughtyStrings: readonly string[] = [...new Set([...bigList, ...ours])].filter((text) => text !== "");

/** Texts that Postgres cannot store, each with the text that is stored instead. */
export const unstorableStrings: readonly (readonly [text: string, stored: string])[] = [
  ["antes\u0000depois", "antes\uFFFDdepois"],
  ["\u0000\u0000", "\uFFFD\uFFFD"],
  ["meio \uD83D par", "meio \uFFFD par"],
  ["outro meio \uDE00", "outro meio \uFFFD"],
  ["ao contrário \uDE00\uD83D", "ao contrário \uFFFD\uFFFD"],
];
