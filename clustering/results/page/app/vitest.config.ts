// Component tests run in jsdom: no browser is needed.
import { defineConfig } from "vitest/config";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: { environment: "jsdom", include: ["tests/**/*.test.{ts,tsx}"] },
});
