import { createHash } from "node:crypto";
import type { Plugin, Rolldown } from "vite";

const workerFile = "service-worker.js";
const placeholder = "__SHELL__";
/** The login, the inbox with its chats and notices, and their texts. */
const shellModules = [
  "/index.html",
  "/src/signed-in.tsx",
  "/src/components/inbox/conversation.tsx",
  "/src/components/notices/notices.tsx",
  "/src/i18n/locales/pt-br.ts",
  "/src/i18n/locales/start-en.ts",
  "/src/i18n/locales/en.ts",
];

/**
 * Gives the service worker a fixed name, and writes the files of the shell into it. Each release changes them, so browsers install the
 * new service worker.
 */
export function serviceWorker(): Plugin {
  return {
    name: "service-worker",
    apply: "build",
    config: () => ({
      build: {
        rolldownOptions: {
          input: { index: "index.html", "service-worker": "src/service-worker/service-worker.ts" },
          output: {
            entryFileNames: ({ name }: { name: string }) =>
              name === "service-worker" ? workerFile : "assets/[name]-[hash].js",
          },
        },
      },
    }),
    generateBundle(_options, bundle) {
      const worker = bundle[workerFile];
      if (worker?.type !== "chunk") throw new Error("The build has no service worker");
      // A worker script that is no module cannot import.
      if (worker.imports.length > 0) throw new Error(`The service worker shares code with the page: ${worker.imports}`);
      const files = shellFiles(bundle);
      const release = createHash("sha256").update(files.join()).digest("hex").slice(0, 12);
      if (!worker.code.includes(placeholder)) throw new Error(`The service worker does not use ${placeholder}`);
      worker.code = worker.code.replaceAll(placeholder, JSON.stringify({ release, files }));
    },
  };
}

function shellFiles(bundle: Rolldown.OutputBundle): string[] {
  const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
  const isShell = ({ facadeModuleId }: Rolldown.OutputChunk) =>
    shellModules.some((name) => facadeModuleId?.endsWith(name));
  const found = new Set<string>();
  const add = (fileName: string): void => {
    if (found.has(fileName)) return;
    found.add(fileName);
    const chunk = chunks.find((each) => each.fileName === fileName);
    for (const imported of chunk?.imports ?? []) add(imported);
  };
  for (const chunk of chunks.filter(isShell)) add(chunk.fileName);
  for (const fileName of Object.keys(bundle)) if (fileName.endsWith(".css")) found.add(fileName);
  return [...found].sort().map((fileName) => `/${fileName}`);
}
