import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { compressFiles } from "./build/compress-files.ts";
import { serviceWorker } from "./build/service-worker.ts";

/** The origin of the API and the gateway in development, when Vite serves the page. */
const origin = process.env.SYSZAP_ORIGIN ?? "http://127.0.0.1:3000";

/**
 * Removes the code of sonner that inserts a `<style>` element, which the Content-Security-Policy forbids. `main.tsx` imports the
 * same styles as a file.
 */
function sonnerWithoutInlineStyles(): Plugin {
  const insertion = /^__insertCSS\(.*\);$/m;
  return {
    name: "sonner-without-inline-styles",
    apply: "build",
    enforce: "pre",
    transform: {
      filter: { id: /node_modules\/sonner\/dist\/index\.mjs/ },
      handler(code) {
        if (!insertion.test(code)) this.error("sonner inserts its styles in another way than this plugin removes.");
        return { code: code.replace(insertion, ""), map: null };
      },
    },
  };
}

export default defineConfig({
  plugins: [sonnerWithoutInlineStyles(), react(), tailwindcss(), serviceWorker(), compressFiles()],
  // No source maps: the folder is public.
  build: { outDir: "dist", manifest: true, sourcemap: false, chunkSizeWarningLimit: 700 },
  server: {
    proxy: {
      // Both servers accept only known values of the Origin header.
      "/v1": { target: origin, changeOrigin: true, headers: { origin } },
      "/ws": { target: origin, ws: true, changeOrigin: true, headers: { origin } },
    },
  },
});
