// examples/vite as its developer uses it: the page, hot updates, the API, servers that are killed and come back.
import assert from "node:assert/strict";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Stage } from "./stage.mjs";
import { until } from "./process.mjs";

/** An edit in one write. (Truncating first races with Vite itself, which may read the empty file and miss the rest.) */
async function greet(stage, text) {
  const file = await open(join(stage.app, "src/greeting.js"), "r+");
  await file.write(`export const greeting = "${text}"; // an edit\n`, 0);
  await file.close();
}

const greeting = (page) => page.locator("#greeting");

/** A tab with the app in it and Vite's client connected, in which `watch` was told of the page before it loaded. */
async function open_app(stage, watch = () => {}) {
  const page = await stage.browser.newPage();
  watch(page);
  const connected = page.waitForEvent("console", { predicate: (message) => message.text() === "[vite] connected." });
  await page.goto(stage.origin);
  await connected;
  await says(greeting(page), "Hello from Vite");
  return page;
}

/** Waits for the element to say `text`; the page may be reloading meanwhile. */
async function says(locator, text) {
  await locator.filter({ hasText: text }).waitFor({ timeout: 60_000 });
}

/** Calls the API again and again from inside the page; gives a function that stops and tells what came of it. */
async function keep_calling(page) {
  await page.evaluate(() => {
    window.calls = { good: 0, bad: [], go: true };
    const call = async () => {
      for (let i = 0; i < 10_000 && window.calls.go; ++i) {
        await fetch("/api/hello").then(
          (response) => (response.ok ? (window.calls.good += 1) : window.calls.bad.push(response.status)),
          (error) => window.calls.bad.push(`${error}`));
        await new Promise((next) => requestAnimationFrame(next));
      }
    };
    window.calls.end = call();
  });
  return () => page.evaluate(async () => {
    window.calls.go = false;
    await window.calls.end;
    return { good: window.calls.good, bad: window.calls.bad };
  });
}

const patience = { timeout: 240_000 };

test("edits arrive by HMR on one WebSocket while the config is reloaded, and no call fails", patience, async (t) => {
  const stage = await Stage.open(t);
  const sockets = [];
  const page = await open_app(stage, (opened) => opened.on("websocket", (socket) => sockets.push(socket)));
  await says(page.locator("#api"), "hello");
  await says(page.locator("#clock"), /^\d{4}-/);
  assert.equal(new URL(sockets[0].url()).host, new URL(stage.origin).host, "the HMR client went around the proxy");

  // What a full reload would lose.
  await page.evaluate(() => (window.marker = "kept"));
  for (let i = 0; i < 3; ++i) await page.locator("#count").click();
  const clock = await page.locator("#clock").textContent();

  let reloads = 0;
  let reloading = true;
  const reloader = (async () => {
    while (reloading && reloads < 500) {
      await (reloads % 5 === 4 ? stage.reload_broken() : stage.reload());
      reloads += 1;
    }
  })();
  const stop_calling = await keep_calling(page);
  for (let round = 1; round <= 10; ++round) {
    const before = reloads;
    await greet(stage, `edit number ${round}`);
    await says(greeting(page), `edit number ${round}`);
    await Promise.race([reloader, until("another reload", () => reloads > before)]);
  }
  reloading = false;
  await reloader;
  const calls = await stop_calling();
  await until("the clock's event stream to go on", async () => (await page.locator("#clock").textContent()) !== clock);

  assert.equal(await page.evaluate(() => window.marker), "kept", "the page was reloaded");
  assert.equal(await page.locator("#count").textContent(), "clicked 3 times");
  assert.equal(sockets.length, 1, `${sockets.length} WebSockets instead of one that lived`);
  assert.equal(sockets[0].isClosed(), false);
  assert.deepEqual(calls.bad, []);
  assert.ok(calls.good > 10, `only ${calls.good} API calls`);
  assert.ok(reloads >= 10, `only ${reloads} reloads`);
  t.diagnostic(`${reloads} reloads, ${calls.good} API calls, 10 edits`);
  await stage.close();
});

test("a killed dev server is waited for, and its pages come back by themselves", patience, async (t) => {
  const stage = await Stage.open(t);
  const first = await open_app(stage);
  await first.evaluate(() => (window.marker = "kept"));

  // Within the hold time: a navigation waits, and the open page reloads itself once Vite is back.
  await stage.web.end();
  const second = await stage.browser.newPage();
  const asked = second.waitForEvent("request");
  const navigation = second.goto(stage.origin, { timeout: 60_000 });
  await asked;
  stage.web = stage.start("web");
  assert.equal((await navigation).status(), 200);
  await says(greeting(second), "Hello from Vite");
  await first.waitForFunction(() => window.marker === undefined, undefined, { timeout: 60_000 });
  await says(greeting(first), "Hello from Vite");
  await second.close();

  // A call to the API, the same.
  await says(first.locator("#api"), "hello");
  await stage.api.end();
  const called = first.waitForEvent("request");
  const answer = first.evaluate(async () => (await fetch("/api/hello")).status);
  await called;
  stage.api = stage.start("api");
  assert.equal(await answer, 200);

  // After the hold time: a page that says what is wrong, and turns into the real one.
  stage.hold = "200ms";
  await stage.reload();
  await stage.web.end();
  const third = await stage.browser.newPage();
  assert.equal((await third.goto(stage.origin)).status(), 503);
  const text = await third.locator("body").innerText();
  assert.match(text, /\bweb\b/);
  assert.match(text, new RegExp(`\\b${stage.ports.web}\\b`));
  stage.web = stage.start("web");
  await says(greeting(third), "Hello from Vite");
  await stage.close();
});
