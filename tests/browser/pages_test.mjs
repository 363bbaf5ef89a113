// The pages that devproxy itself shows. Their pictures are left in the build folder for a person to look at.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Stage } from "./stage.mjs";

/** Opens the address in both colour schemes and gives the status and the text, once both are readable. */
async function look(stage, name, url) {
  const looks = [];
  for (const scheme of ["light", "dark"]) {
    const page = await stage.browser.newPage({ colorScheme: scheme, viewport: { width: 1000, height: 700 } });
    const origins = new Set();
    page.on("request", (request) => request.url().startsWith("data:") || origins.add(new URL(request.url()).origin));
    const status = (await page.goto(url, { timeout: 60_000 })).status();
    const folder = process.env.DEVPROXY_SCREENSHOTS;
    if (folder) {
      await mkdir(folder, { recursive: true });
      await page.screenshot({ path: join(folder, `${name}-${scheme}.png`), fullPage: true });
    }
    const colours = await page.evaluate(() => {
      const brightness = (colour) => {
        const context = new OffscreenCanvas(1, 1).getContext("2d");
        context.fillStyle = matchMedia("(prefers-color-scheme: dark)").matches ? "black" : "white";
        context.fillRect(0, 0, 1, 1);
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
        return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
      };
      const of = (element, property) => brightness(getComputedStyle(element)[property]);
      const clear = getComputedStyle(document.body).backgroundColor === "rgba(0, 0, 0, 0)";
      const ground = clear ? document.documentElement : document.body;
      return { ground: of(ground, "backgroundColor"), ink: of(document.body, "color") };
    });
    looks.push({ status, text: await page.locator("body").innerText(), ...colours });
    assert.deepEqual([...origins], [new URL(url).origin], "the page asked elsewhere");
    const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    assert.ok(fits, "the page is wider than the window");
    await page.close();
  }
  const [light, dark] = looks;
  assert.ok(light.ground - light.ink > 0.5, `light: ground ${light.ground}, ink ${light.ink}`);
  assert.ok(dark.ink - dark.ground > 0.5, `dark: ground ${dark.ground}, ink ${dark.ink}`);
  return light;
}

test("an unknown name's page lists the routes, a dead server's page names it", { timeout: 240_000 }, async (t) => {
  const stage = await Stage.open(t);

  const unknown = await look(stage, "no-route", `${stage.proxy.origin("nobody.localhost")}/`);
  assert.equal(unknown.status, 404);
  assert.match(unknown.text, /app\.localhost/);

  stage.hold = "0s";
  await stage.reload();
  await stage.web.end();
  const down = await look(stage, "down", `${stage.origin}/`);
  assert.equal(down.status, 503);
  assert.match(down.text, /\bweb\b/);
  assert.match(down.text, new RegExp(`\\b${stage.ports.web}\\b`));
  await stage.close();
});
