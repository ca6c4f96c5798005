import { readFileSync } from "node:fs";
import { join } from "node:path";

interface RetiredTerm {
  pattern: RegExp;
  instead: string;
}

/** Names that were replaced by the field's term, see docs/glossary.md. They are refused in code and in prose. */
const retiredNames: readonly RetiredTerm[] = [
  { pattern: /\b\w*[Dd]oorbell\w*\b/, instead: "outbound signal" },
  { pattern: /\bRingJob\b|\bringJob\w*\b/, instead: "outbound signal" },
  { pattern: /\bManners\b|\bmanners\b/, instead: "human pacing" },
  { pattern: /\bHearing\b|\bhearing\b/, instead: "event translator" },
  { pattern: /\bAuthority\b/, instead: "token refresher" },
  { pattern: /\b\w*[Ss]urroundings\w*\b/, instead: "network status, or context" },
  { pattern: /\bTurns\b|\bSlots\b/, instead: "semaphore (p-limit)" },
  { pattern: /\bCoalesced\b/, instead: "single-flight" },
  { pattern: /\b[Ww]itness(es)?\b/, instead: "survival check" },
  { pattern: /\bIllness\b|\billness\b/, instead: "page fault" },
  { pattern: /\bSiege\b|\bsiege\b/, instead: "fault injector" },
  { pattern: /\bBlows?\b|\bblows?\b/, instead: "planned fault" },
  { pattern: /\b\w*Ground\b/, instead: "test environment" },
  { pattern: /\bSpeaker\b|\bspeaker\b/, instead: "test publisher" },
  { pattern: /\binterface Given\b/, instead: "…Dependencies or …Options" },
];

/** Phrases that hide the subject of a sentence, see CONTRIBUTING.md. They are refused in comments, test titles and documents. */
const unclearPhrases: readonly RetiredTerm[] = [
  { pattern: /\b[Ww]hoever\b|\bwhosoever\b/, instead: 'the role, such as "the caller"' },
  { pattern: /\bthat which\b/, instead: "the noun" },
  { pattern: /\b[Ss]o (many|much) (at|a|of|as)\b/, instead: "the limit's name and unit" },
  { pattern: /\ball the same\b/, instead: '"anyway", or the reason' },
  { pattern: /\b(is|are|was|were|be|been|being) told\b/, instead: '"is notified" or "receives"' },
  { pattern: /\bcomes? to be\b/, instead: "the verb" },
  { pattern: /\bwithout a word\b/, instead: "what is not sent" },
  { pattern: /\bas to (the|how|what|whether|why)\b/, instead: '"about"' },
  { pattern: /\bis worth (nothing|something)\b/, instead: '"is invalid" or "is of no use"' },
];

/** A text literal, a comment or a line of a document. Code outside of these is not prose. */
const proseInCode =
  /\/\*\*?[\s\S]*?\*\/|(?<![:"'`])\/\/[^\n]*|\b(?:test|it|describe)(?:\.\w+)*(?:\([^"`]*?\))?\(\s*["`][^"`]*["`]/g;

/** Returns one line, with file, line number and advice, for each use of a retired name or an unclear phrase. */
export function findRetiredTerms(root: string, files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const source = readFileSync(join(root, file), "utf8");
    const isDocument = file.endsWith(".md");
    const prose = isDocument ? [{ text: source, offset: 0 }] : proseOf(source);
    return [
      ...matchesIn(file, source, { text: source, offset: 0 }, retiredNames),
      ...prose.flatMap((part) => matchesIn(file, source, part, unclearPhrases)),
    ];
  });
}

interface Part {
  text: string;
  offset: number;
}

const proseOf = (source: string): Part[] =>
  [...source.matchAll(proseInCode)].map(({ 0: text, index: offset }) => ({ text, offset }));

function matchesIn(file: string, source: string, part: Part, terms: readonly RetiredTerm[]): string[] {
  return terms.flatMap(({ pattern, instead }) =>
    [...part.text.matchAll(new RegExp(pattern, "g"))].map(({ 0: found, index }) => {
      const line = source.slice(0, part.offset + index).split("\n").length;
      return `${file}:${line} "${found}": use ${instead}`;
    }),
  );
}
