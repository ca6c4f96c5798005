import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The origin of the API and the gateway in development, when Vite serves the page. */
const origin = process.env.SYSZAP_ORIGIN ?? "http://127.0.0.1:3000";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: { outDir: "dist", sourcemap: true, chunkSizeWarningLimit: 700 },
  server: {
    proxy: {
      // Both servers accept only known values of the Origin header.
      "/v1": { target: origin, changeOrigin: true, headers: { origin } },
      "/ws": { target: origin, ws: true, changeOrigin: true, headers: { origin } },
    },
  },
});
