// Chromium, and what must hold on every page: no errors, no policy violations, no accessibility faults, no
// horizontal scrolling, controls that fingers can hit, in light and dark, on phones and on a desk.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { measure } from './measure.mjs';

const screenshots = fileURLToPath(new URL('../../../target/screenshots/', import.meta.url));
const desk = { width: 1280, height: 860 };
const phone = { width: 390, height: 844 };
/** The narrowest screen that has to do (WCAG 2.2, 1.4.10), and one on its side. */
const extremes = [{ width: 320, height: 568 }, { width: 740, height: 360 }];

/** Starts the browser; it must reach nothing but the program under test. */
export async function openBrowser() {
  await mkdir(screenshots, { recursive: true });
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
}

/**
 * A person with a browser of their own.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url of the program
 * @param {{phone?: boolean, late?: boolean, expected?: (number|string)[]}} options `late`: it is refused the event stream,
 * and learns of changes when it asks; answers of these statuses, and network errors of
 * these names, are part of the story and may be logged by the browser as failed loads
 */
export async function openPerson(browser, url, { phone: onPhone = false, late = false, expected = [] } = {}) {
  const viewport = onPhone ? phone : desk;
  const context = await browser.newContext({ baseURL: url, viewport, hasTouch: onPhone, reducedMotion: 'reduce' });
  context.setDefaultTimeout(10_000);
  const faults = [];
  // Before anybody is signed in, asking who it is answers 401.
  const known = ['401', ...(late ? ['503'] : []), ...expected.map(String)];
  context.on('page', (page) => watch(page, url, known, faults));
  if (late) await context.route('**/api/v1/stream*', (route) => route.fulfill({ status: 503 }));
  const page = await context.newPage();
  return { page, context, viewport, faults };
}

function watch(page, url, known, faults) {
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.stack}`));
  page.on('console', (message) => {
    const text = message.text();
    const failedLoad = /Failed to load resource: (?:.*status of (\d+)|net::(\w+))/.exec(text);
    const isKnown = failedLoad && known.includes(failedLoad[1] ?? failedLoad[2]);
    if (!['error', 'warning'].includes(message.type()) || isKnown) return;
    faults.push(`${message.type()}: ${text} (${message.location().url})`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) faults.push(`asked for ${request.url()}`);
  });
}

/** Keeps what every open page shows, for whoever has to find out why the story stopped. */
export async function photograph(browser, name) {
  const pages = browser.contexts().flatMap((context) => context.pages());
  for (const [index, page] of pages.entries()) {
    await page.screenshot({ path: `${screenshots}${name}-${index}.png` });
  }
}

/**
 * Looks at the page as it is now, in both themes and all sizes.
 * @param {{page: import('playwright-core').Page, viewport: object, faults: string[]}} person
 * @param {string} name of the page, for the screenshots
 */
export async function look({ page, viewport, faults }, name) {
  const wrong = [];
  const sizes = [['desk', desk], ['phone', phone]];
  for (const dimensions of extremes) {
    await page.setViewportSize(dimensions);
    wrong.push(...await measure(page));
  }
  for (const [size, dimensions] of sizes) {
    await page.setViewportSize(dimensions);
    wrong.push(...await measure(page));
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${screenshots}${name}-${size}-${colorScheme}.png`, fullPage: true });
      // Colours, all that dark can spoil, do not depend on the size.
      if (colorScheme === 'dark' && size === 'desk') continue;
      wrong.push(...(await barriers(page, colorScheme)).map((barrier) => `${size}, ${colorScheme}: ${barrier}`));
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(viewport);
  assert.deepEqual([...wrong, ...faults.splice(0)], [], `faults on the page ${name}`);
}

/**
 * Only measures the page, in all sizes: for pages that differ from others in the length of their texts.
 * @param {{page: import('playwright-core').Page, viewport: object, faults: string[]}} person
 * @param {string} name of the page, for the screenshot
 * @returns {Promise<string[]>} what does not fit
 */
export async function fit({ page, viewport }, name) {
  const wrong = [];
  for (const dimensions of [...extremes, desk, phone]) {
    await page.setViewportSize(dimensions);
    wrong.push(...(await measure(page)).map((fault) => `${name}: ${fault}`));
  }
  await page.screenshot({ path: `${screenshots}${name}-phone-light.png`, fullPage: true });
  await page.setViewportSize(viewport);
  return wrong;
}

/** What axe finds. Themes differ in colours alone, so the second one is only asked for contrast. */
async function barriers(page, colorScheme) {
  // The legacy mode runs without a page of its own; it would only miss frames, and there are none.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations } = await (colorScheme === 'dark' ? axe.withRules(['color-contrast']) : axe).analyze();
  return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id, help, nodes }) => {
    const where = nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`);
    return `${id} (${help})\n  ${where.join('\n  ')}`;
  });
}
