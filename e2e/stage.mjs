// The stage of the browser tests: a real node, real browsers, and people who watch in them.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer as createHTTP } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const require = createRequire(new URL('../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axeSource = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Waits of one step. Machines that are busy with other things can be ten times slower than a quiet one. */
export const patience = 30_000;

/** Settings under which a show is quick, but each of its beats can still be seen. */
export const brisk = { arm_seconds: 1, vote_seconds: 6, tail_seconds: 2, pace: 0 };

/** A node with a data folder of its own, which survives kill() and start(). */
export class Node {
  #child;
  #args;

  /** @param {string[]} args more flags of serve */
  static async start(args = []) {
    const node = new Node();
    node.data = await mkdtemp(join(tmpdir(), 'kino-e2e-'));
    node.port = await freePort();
    node.url = `http://127.0.0.1:${node.port}`;
    node.#args = ['serve', '--addr', `127.0.0.1:${node.port}`, '--data', node.data, '--llm', 'off', '--log', 'error', ...args];
    await node.start();
    return node;
  }

  /** Starts the process, on the same port and folder as before. */
  async start() {
    this.#child = spawn(process.env.KINO_TEST_BINARY, this.#args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: this.#child.stdout })) {
      if (line.startsWith('listening on ')) {
        this.#child.stdout.resume();
        return;
      }
    }
    throw new Error('the node did not start');
  }

  /** Ends the process with a signal and waits for its end. */
  async kill(signal = 'SIGKILL') {
    const gone = new Promise((resolve) => this.#child.once('exit', (code) => resolve(code)));
    this.#child.kill(signal);
    return gone;
  }

  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill('SIGTERM');
    await rm(this.data, { recursive: true, force: true });
  }

  async call(method, path, { token, body } = {}) {
    const response = await fetch(this.url + path, {
      method,
      headers: token ? { authorization: `Bearer ${token}` } : {},
      body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.headers.get('content-type').includes('jsonl') ? response.text() : response.json();
  }

  room(story, settings = brisk, more = {}) {
    return this.call('POST', '/api/v1/rooms', { body: { story, settings, ...more } });
  }

  /** The room's journal as a list of events. */
  async journal(room) {
    const lines = await this.call('GET', `/api/v1/rooms/${room.id}/journal`, { token: room.host_token });
    return lines.trim().split('\n').map((line) => JSON.parse(line));
  }
}

/**
 * A model server that tells a text, a word every few milliseconds, and answers at once with a plan where one is asked for. Its `setting` is for
 * --llm; `stop` ends it.
 */
export async function openModel(text, every = 40, plan = null) {
  const server = createHTTP(async (request, response) => {
    if (request.method === 'GET') return response.end(JSON.stringify({ data: [{ id: 'test', max_model_len: 8192 }] }));
    let asked = '';
    for await (const piece of request) asked += piece;
    const planned = plan !== null && asked.includes('candidates');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (choice) => response.write(`data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`);
    for (const word of planned ? [JSON.stringify(plan)] : text.split(/(?<= )/)) {
      send({ delta: { content: word } });
      await new Promise((resolve) => setTimeout(resolve, planned ? 0 : every));
    }
    send({ delta: {}, finish_reason: 'stop' });
    response.end('data: [DONE]\n\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    setting: `openai+http://127.0.0.1:${server.address().port}/v1?model=test`,
    stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

/** A folder with one story, for --stories: an author's scene, one for the narrator, two endings. Its id is `door`. */
export async function storyForNarrator() {
  const folder = await mkdtemp(join(tmpdir(), 'kino-stories-'));
  await writeFile(join(folder, 'door.twee'), doorStory);
  return folder;
}

const doorStory = `:: StoryTitle
The Door

:: StoryData
{"ifid":"0C2F6A0E-9C53-4B0E-8E5C-2B6C1B0C9F11","format":"SugarCube","format-version":"2.37.3","start":"Door","kino":{"language":"en"}}

:: Door
A door in the rain. It is not locked.

[[Knock->Hall]]
[[Walk in->Hall]]

:: Hall {"kino":{"llm":{"direction":"Somebody answers.","reserve":["Hall reserve"]}}}
A voice, short.

[[Go up->Roof]]
[[Go down->Cellar]]

:: Hall reserve [reserve]
The reserve voice says hello.

:: Cellar {"kino":{"end":"dark"}}
It is dark.

:: Roof {"kino":{"end":"light"}}
Light.
`;

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function openBrowser() {
  return chromium.launch({
    executablePath: process.env.KINO_TEST_BROWSER,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
export const smallPhone = { ...phone, viewport: { width: 360, height: 640 } };
export const desktop = { viewport: { width: 1280, height: 800 } };

/**
 * A page of somebody with a browser of their own. What the page complains about (errors, broken content policy) is kept in
 * page.complaints; a test that expects none asserts that it is empty.
 */
export async function openPage(browser, url, options = desktop) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (entry) => {
    // A node that is killed on purpose makes the browser say so; that is not the page's fault.
    if (entry.type() === 'error' && !/WebSocket|ERR_CONNECTION|Failed to load resource/.test(entry.text())) page.complaints.push(entry.text());
  });
  await page.goto(url);
  return page;
}

/** What axe finds wrong on the page, a line each. */
export async function accessibilityFaults(page) {
  // By the protocol's own way in: a script tag would be against the content policy.
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations } = await globalThis.axe.run(document, { runOnly: tags });
    return violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
  });
}

/** What a finger could not do on the page: controls that lie over each other or are too small, and text that runs out sideways. */
export function layoutFaults(page) {
  return page.evaluate(() => {
    const faults = [];
    const page = document.documentElement;
    if (page.scrollWidth > innerWidth) faults.push(`page is ${page.scrollWidth} px wide`);
    // Where a show is on, its parts scroll, and the page does not.
    const fixed = document.querySelector('[data-kino="console"], [data-kino="show"], [data-kino="screen"]');
    if (fixed && page.scrollHeight > innerHeight) faults.push(`page is ${page.scrollHeight} px tall`);
    const shown = [...document.querySelectorAll('button, input, a[href], select, textarea')]
      .filter((e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !e.closest('[inert]'))
      .map((e) => ({ e, box: (e.closest('label') ?? e).getBoundingClientRect(), name: e.getAttribute('aria-label') || e.textContent.trim().slice(0, 30) || e.outerHTML.slice(0, 60) }))
      .filter(({ box }) => box.width > 0 && box.bottom > 0 && box.top < innerHeight);
    // The target of a field is its label too.
    for (const { box, name, e } of shown) {
      const inText = e.matches('a') && getComputedStyle(e).display === 'inline';
      if (!inText && Math.min(box.width, box.height) < 24) faults.push(`${name} is ${Math.round(box.width)}×${Math.round(box.height)} px`);
    }
    const scrollsAcross = (e) => e && (/auto|scroll/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth + 1 || scrollsAcross(e.parentElement));
    for (const { box, name, e } of shown) {
      if ((box.left < -1 || box.right > innerWidth + 1) && !scrollsAcross(e)) faults.push(`${name} is cut off by the edge: ${Math.round(box.left)} to ${Math.round(box.right)} px`);
    }
    for (const a of shown) {
      for (const b of shown) {
        if (a.e === b.e || a.e.contains(b.e) || b.e.contains(a.e)) continue;
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
        const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        if (across > 2 && down > 2 && a.name < b.name) {
          // Only what can be reached: of two in one place, the upper one must not cover the other's middle.
          const x = (b.box.left + b.box.right) / 2, y = (b.box.top + b.box.bottom) / 2;
          const hit = document.elementFromPoint(x, y);
          if (hit && a.e.contains(hit)) faults.push(`${a.name} covers ${b.name}`);
        }
      }
    }
    return faults;
  });
}
