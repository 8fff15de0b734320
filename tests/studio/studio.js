// The built program and a real browser, for the tests of the studio's page.
import {spawn} from 'node:child_process';
import {createRequire} from 'node:module';
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {chromium} from 'playwright-core';

const require = createRequire(import.meta.url);
export const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
export const program = resolve(process.env.MUSICVAE_PROGRAM ?? join(root, 'build/release/musicvae'));
const browserProgram = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** Runs the program to its end. */
export function run(args, {cwd = root} = {}) {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {cwd, stdio: ['ignore', 'pipe', 'pipe']});
    let out = '', err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('close', (code) => (code === 0 ? done(out) : fail(new Error(`musicvae ${args.join(' ')}: ${err}`))));
  });
}

/** A folder that is removed at the end. */
export function workspace() {
  const folder = mkdtempSync(join(tmpdir(), 'musicvae-studio-'));
  return {path: (name) => join(folder, name), folder, remove: () => rmSync(folder, {recursive: true, force: true})};
}

/** Starts the studio. `stop()` ends it by Ctrl-C and gives its exit code. */
export async function startStudio(args = [], options = {}) {
  const child = spawn(program, ['studio', ...args], {cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options});
  const ended = new Promise((done) => child.on('close', (code) => done(code)));
  let err = '';
  child.stderr.on('data', (data) => (err += data));
  const address = await new Promise((done, fail) => {
    let out = '';
    child.stdout.on('data', (data) => {
      out += data;
      const match = /http:\S+/.exec(out);
      if (match) done(match[0]);
    });
    child.on('close', () => fail(new Error(`musicvae studio ended: ${err}`)));
  });
  return {address, stop: () => (child.kill('SIGINT'), ended)};
}

export function openBrowser() {
  return chromium.launch({executablePath: browserProgram, args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required']});
}

/** A page whose complaints make the test fail at `close()`. */
export async function openPage(browser, address, options = {}, expected = null) {
  const context = await browser.newContext({viewport: {width: 1280, height: 860}, acceptDownloads: true,
    permissions: ['clipboard-read', 'clipboard-write'], ...options});
  context.setDefaultTimeout(120_000);  // However busy the machine.
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && !expected?.test(message.text()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  // The page's files from the source tree, so that a change needs no build.
  if (process.env.STUDIO_PAGE) {
    await page.route((url) => /\.(js|css|svg|html)$|\/$/.test(url.pathname), (route) => {
      const name = new URL(route.request().url()).pathname.split('/').pop() || 'index.html';
      return route.fulfill({path: join(resolve(root, process.env.STUDIO_PAGE), name)});
    });
  }
  await page.goto(address);
  return {page, complaints, close: async () => {
    await context.close();
    if (complaints.length > 0) throw new Error(`The browser complains: ${complaints.join('\n')}`);
  }};
}

/** Rules of accessibility that the page breaks, but for those of little weight. */
export async function axe(page) {
  // What fades in has not its colours yet.
  await page.evaluate(() => Promise.all(document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
    .map((one) => one.finished.catch(() => {}))));
  // Given to the page by the browser, which the page's own policy does not bind.
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, {resultTypes: ['violations']}));
  return found.violations.filter((one) => ['serious', 'critical'].includes(one.impact))
    .map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
}

/** Drops files on the page, as from a file manager. */
export async function dropFiles(page, paths, selector = 'main') {
  const files = paths.map((path) => ({name: path.split('/').pop(), bytes: [...readFileSync(path)]}));
  await page.evaluate(([list, place]) => {
    const transfer = new DataTransfer();
    for (const {name, bytes} of list) transfer.items.add(new File([new Uint8Array(bytes)], name));
    const box = document.querySelector(place).getBoundingClientRect();
    for (const type of ['dragenter', 'dragover', 'drop']) {
      document.querySelector(place).dispatchEvent(new DragEvent(type, {bubbles: true, cancelable: true, dataTransfer: transfer,
        clientX: box.x + box.width / 2, clientY: box.y + Math.min(60, box.height / 2)}));
    }
  }, [files, selector]);
}

/** The bytes that a click saves. */
export async function download(page, click) {
  const [file] = await Promise.all([page.waitForEvent('download'), click()]);
  return {name: file.suggestedFilename(), bytes: readFileSync(await file.path())};
}
