// Another program, as webhooks and actions find it: it keeps what it was told, and answers as the story wants.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

/** What a server must be started with so that tenants may call programs on this machine, without TLS. */
export const reachable = {
  EVENT_MANAGER__OUTBOUND__TENANT_HTTPS_ONLY: 'false',
  EVENT_MANAGER__OUTBOUND__TENANT_NETWORKS: '127.0.0.0/8',
};

/**
 * Starts a receiver.
 * @returns {Promise<{url: string, told: {method: string, path: string, headers: object, body: string}[],
 *   answer: (status: number|null, text?: string) => void, wait: (amount: number) => Promise<void>}>} `answer` says what it
 * answers from now on, null that it cuts the connection; `wait` ends when it was told so often
 */
export async function startReceiver() {
  let [status, text] = [200, 'thank you'];
  const told = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, url: path, headers } = request;
    told.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
    if (status === null) request.socket.destroy();
    else response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
    server.emit('told');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It ends with the story.
  server.unref();
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    told,
    answer: (next, words = '') => {
      [status, text] = [next, words];
    },
    wait: async (amount) => {
      const signal = AbortSignal.timeout(15_000);
      while (told.length < amount) await once(server, 'told', { signal });
    },
  };
}

/** Checks a message by the Standard Webhooks specification. */
export function verify({ headers, body }, secret) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const signature = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  assert.ok(headers['webhook-signature'].split(' ').includes(signature), 'no signature is of this secret');
}
