/** Builds the page into dist/. wouter asks for React by name and gets Preact. */
import { defineConfig } from "vite";

const api = process.env.LANTHORN_WEB_URL ?? "http://127.0.0.1:8420";

export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: {
    alias: { react: "preact/compat", "react-dom": "preact/compat" },
    dedupe: ["preact"],
  },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, sourcemap: false },
  server: { proxy: { "/api": { target: api, ws: true, changeOrigin: true } } },
});
