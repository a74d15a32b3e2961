// Chromium, and what must hold on every page: no errors, no policy violations, no accessibility faults, no
// horizontal scrolling, in light and dark, on a phone and on a desk.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

const screenshots = fileURLToPath(new URL('../../../target/screenshots/', import.meta.url));
const phone = { width: 360, height: 740 };
const desk = { width: 1280, height: 860 };

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
 * @param {{phone?: boolean, expected?: number[]}} options answers of these statuses are part of the story and may
 * be logged by the browser as failed loads
 */
export async function openPerson(browser, url, { phone: onPhone = false, expected = [] } = {}) {
  const viewport = onPhone ? phone : desk;
  const context = await browser.newContext({ baseURL: url, viewport, hasTouch: onPhone, reducedMotion: 'reduce' });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const faults = watch(page, url, expected);
  return { page, context, viewport, faults };
}

function watch(page, url, expected) {
  const faults = [];
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.stack}`));
  page.on('console', (message) => {
    const text = message.text();
    const failedLoad = /status of (\d+)/.exec(text);
    // Before anybody is signed in, asking who it is answers 401.
    const known = failedLoad && [401, ...expected].includes(Number(failedLoad[1]));
    if (['error', 'warning'].includes(message.type()) && !known) faults.push(`${message.type()}: ${text}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url)) faults.push(`asked for ${request.url()}`);
  });
  return faults;
}

/** Keeps what every open page shows, for whoever has to find out why the story stopped. */
export async function photograph(browser, name) {
  const pages = browser.contexts().flatMap((context) => context.pages());
  for (const [index, page] of pages.entries()) {
    await page.screenshot({ path: `${screenshots}${name}-${index}.png` });
  }
}

/**
 * Looks at the page as it is now, in both themes and both sizes.
 * @param {{page: import('playwright-core').Page, viewport: object, faults: string[]}} person
 * @param {string} name of the page, for the screenshots
 */
export async function look({ page, viewport, faults }, name) {
  const wrong = [];
  for (const [size, dimensions] of [['desk', desk], ['phone', phone]]) {
    await page.setViewportSize(dimensions);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (overflow > 0) wrong.push(`${name} scrolls sideways by ${overflow} px on ${size}`);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${screenshots}${name}-${size}-${colorScheme}.png`, fullPage: true });
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const { id, impact, help, nodes } of violations) {
        if (!['serious', 'critical'].includes(impact)) continue;
        const where = nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`);
        wrong.push(`${name}, ${size}, ${colorScheme}: ${id} (${help})\n  ${where.join('\n  ')}`);
      }
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(viewport);
  assert.deepEqual([...wrong, ...faults.splice(0)], [], `faults on the page ${name}`);
}
