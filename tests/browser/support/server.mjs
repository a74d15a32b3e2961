// The program under test: started on a free port with an empty data directory, stopped at the end.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const binary = process.env.EVENT_MANAGER_BINARY;
const connects = new URL('../../connects', import.meta.url).pathname;
const run = promisify(execFile);

/**
 * Has every connect() of the program recorded in a directory.
 * @param {string} directory
 * @returns {Promise<Record<string, string>>} the variables to start it with
 */
async function recorded(directory) {
  await mkdir(directory);
  const { stdout } = await run(connects, ['begin', directory]);
  return Object.fromEntries(Array.from(stdout.matchAll(/^(\w+)=(.*)$/gm), ([, name, value]) => [name, value]));
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/**
 * Starts the program on a data directory and waits until it prints a line that fits.
 * @param {string} data its directory
 * @param {number} port
 * @param {RegExp} sign what it prints when it is ready
 * @param {Record<string, string>} [environment] further settings
 */
async function serve(data, port, sign, environment = {}) {
  const child = spawn(binary, ['serve', '--data', data, '--port', String(port)], {
    cwd: data, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment },
  });
  const lines = [];
  const exited = once(child, 'exit');
  const ready = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const found = sign.exec(line);
        if (found) resolve(found);
      });
    }
    exited.then(([status]) => reject(new Error(`the program ended with ${status}:\n${lines.join('\n')}`)));
  });
  const limit = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`not ready within 30 s:\n${lines.join('\n')}`)), 30_000).unref();
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  try {
    return { found: await Promise.race([ready, limit]), stop };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/**
 * Starts the program for the first time.
 * @param {Record<string, string>} [environment] settings beyond the usual, for the first start
 * @returns {Promise<{
 *   url: string, code: string, data: string, stop: () => Promise<void>, end: () => Promise<void>,
 *   start: (environment?: Record<string, string>) => Promise<void>,
 *   command: (...words: string[]) => Promise<string>, file: (name: string, text: string) => Promise<string>,
 * }>} `code` is that of the set-up, `data` its directory; `end` and `start` end the program and start it again on its data; `command` runs
 * a verb of the command line on the same data and gives what it prints; `file` writes a file for it and gives the path
 */
export async function startServer(environment) {
  const data = await mkdtemp(join(tmpdir(), 'event-manager-browser-'));
  const port = await freePort();
  const record = join(data, 'connects');
  const recording = await recorded(record);
  let running = await serve(data, port, /#\/setup\?code=([A-Z0-9-]+)/, { ...environment, ...recording });
  const end = async () => {
    await running?.stop();
    running = null;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    code: running.found[1],
    data,
    end,
    start: async (changed) => {
      running = await serve(data, port, /serves at http/, { ...changed, ...recording });
    },
    stop: async () => {
      await end();
      await run(connects, ['check', record, data]);
      await rm(data, { recursive: true, force: true });
    },
    command: async (...words) => {
      const { stdout } = await run(binary, [...words, '--data', data], { cwd: data });
      return stdout;
    },
    file: async (name, text) => {
      const path = join(data, name);
      await writeFile(path, text);
      return path;
    },
  };
}
