// Builds ../bundle: page.js, page.css (with the font), outline.txt, and the mark of the sources.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, mkdirSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import { build } from "esbuild";
import { mesh } from "topojson-client";

const here = dirname(fileURLToPath(import.meta.url));
const bundle = join(here, "..", "bundle");
const FONT = "node_modules/@fontsource-variable/source-sans-3";

/** SHA-256 over everything the bundle is made of; the Python tests make the same mark. */
function mark() {
  const files = readdirSync(join(here, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(here.length + 1).replaceAll("\\", "/"));
  const hash = createHash("sha256");
  for (const name of [...files, "build.mjs", "package-lock.json"].sort()) {
    hash.update(`${name}\n`);
    hash.update(readFileSync(join(here, name)));
  }
  return hash.digest("hex");
}

/** Coasts and borders of Natural Earth (public domain), 1:110 million, a hundredth of a degree. */
function outline() {
  const world = JSON.parse(
    readFileSync(join(here, "node_modules/world-atlas/countries-110m.json"), "utf8"),
  );
  const lines = mesh(world, world.objects.countries).coordinates.map((line) =>
    line.flat().map((degrees) => Math.round(degrees * 100) / 100),
  );
  return deflateRawSync(JSON.stringify(lines), { level: 9 }).toString("base64");
}

async function built() {
  const options = {
    absWorkingDir: here,
    bundle: true,
    minify: true,
    write: false,
    legalComments: "none",
    target: ["chrome111", "firefox113", "safari16.4"],
  };
  const [script, style] = await Promise.all([
    build({
      ...options,
      entryPoints: ["src/main.tsx"],
      format: "iife",
      jsx: "automatic",
      jsxImportSource: "preact",
    }),
    build({
      ...options,
      entryPoints: ["src/style/page.css"],
      loader: { ".woff2": "dataurl" },
      outdir: "out",
    }),
  ]);
  return {
    "page.js": script.outputFiles[0].text.replaceAll("</script", "<\\/script"),
    "page.css": style.outputFiles[0].text,
    "outline.txt": outline(),
    "font-licence.txt": readFileSync(join(here, FONT, "LICENSE"), "utf8"),
    "sources.sha256": `${mark()}\n`,
  };
}

const files = await built();
if (process.argv.includes("--check")) {
  const stale = Object.keys(files).filter(
    (name) => !existsSync(join(bundle, name)) || readFileSync(join(bundle, name), "utf8") !== files[name],
  );
  if (stale.length) {
    console.error(`stale: ${stale.join(", ")}; run: npm run build`);
    process.exit(1);
  }
} else {
  mkdirSync(bundle, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(bundle, name), text);
}
