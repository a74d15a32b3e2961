// The program under test: started on a free port with an empty data directory, stopped at the end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/**
 * Starts the program and waits for the setup link that it prints.
 * @returns {Promise<{url: string, code: string, stop: () => Promise<void>}>}
 */
export async function startServer() {
  const data = await mkdtemp(join(tmpdir(), 'event-manager-browser-'));
  const port = await freePort();
  const child = spawn(process.env.EVENT_MANAGER_BINARY, ['serve', '--data', data, '--port', String(port)], {
    cwd: data, stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = [];
  const exited = once(child, 'exit');
  const code = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const found = /#\/setup\?code=([A-Z0-9-]+)/.exec(line);
        if (found) resolve(found[1]);
      });
    }
    exited.then(([status]) => reject(new Error(`the program ended with ${status}:\n${lines.join('\n')}`)));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(data, { recursive: true, force: true });
  };
  const limit = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no setup link within 30 s:\n${lines.join('\n')}`)), 30_000).unref();
  });
  try {
    return { url: `http://127.0.0.1:${port}`, code: await Promise.race([code, limit]), stop };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
