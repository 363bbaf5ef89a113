import { defineConfig } from "vite";

// Nothing here is about devproxy. Vite allows every *.localhost name, and its HMR client dials the page's own origin
// as long as server.hmr stays unset. strictPort only keeps Vite from moving to another port than devproxy.toml names.
export default defineConfig({
  clearScreen: false,
  server: { port: Number(process.env.PORT ?? 5173), strictPort: true },
});
