// A story is one test: a server of its own, a browser, and steps that follow from one another.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser, openPerson, photograph } from './browser.mjs';
import { startServer } from './server.mjs';

/**
 * Tells a story. The first step that fails ends it, with photographs of all open pages.
 * @param {string} title
 * @param {(stage: {
 *   server: Awaited<ReturnType<typeof startServer>>,
 *   step: (name: string, run: () => Promise<void>) => Promise<void>,
 *   enter: (options?: {phone?: boolean, late?: boolean, expected?: number[]}) => ReturnType<typeof openPerson>,
 * }) => Promise<void>} tell `enter` opens a browser window for one more person
 * @param {{environment?: Record<string, string>}} [options] settings that the server starts with
 */
export function story(title, tell, { environment } = {}) {
  test(title, async () => {
    const server = await startServer(environment);
    const browser = await openBrowser();
    const people = [];
    const enter = async (options) => {
      const person = await openPerson(browser, server.url, options);
      people.push(person);
      return person;
    };
    const step = async (name, run) => {
      const started = Date.now();
      try {
        await run();
        assert.deepEqual(people.flatMap(({ faults }) => faults), [], 'faults of a page');
      } catch (error) {
        await photograph(browser, `failed-${title.replaceAll(/\W+/g, '-')}`);
        throw new Error(`not ok  ${name}`, { cause: error });
      }
      console.log(`ok  ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    };
    try {
      await tell({ server, step, enter });
    } finally {
      await browser.close();
      await server.stop();
    }
  });
}
