import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where the API and the gateway answer while the page itself is served by Vite. */
const origin = process.env.SYSZAP_ORIGIN ?? "http://127.0.0.1:3000";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: { outDir: "dist", sourcemap: true, chunkSizeWarningLimit: 700 },
  server: {
    proxy: {
      // Both check the Origin against those that they know.
      "/v1": { target: origin, changeOrigin: true, headers: { origin } },
      "/ws": { target: origin, ws: true, changeOrigin: true, headers: { origin } },
    },
  },
});
