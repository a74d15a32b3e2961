// A mail relay, as the program under test finds it: it takes every mail and keeps it.
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Starts a relay.
 * @returns {Promise<{port: number, mails: {to: string, text: string}[], wait: (amount: number) => Promise<void>}>} `text` is
 * the whole mail as it came; `wait` ends when so many have come
 */
export async function startRelay() {
  const mails = [];
  const server = createServer((socket) => {
    let [rest, to, data] = ['', '', null];
    const say = (line) => socket.write(`${line}\r\n`);
    const hear = (line) => {
      if (data !== null) {
        if (line !== '.') return data.push(line);
        mails.push({ to, text: data.join('\n') });
        data = null;
        server.emit('mail');
        return say('250 taken');
      }
      const word = line.slice(0, 4).toUpperCase();
      if (word === 'RCPT') [, to] = /<([^>]*)>/.exec(line);
      if (word === 'QUIT') return socket.end('221 bye\r\n');
      if (word !== 'DATA') return say('250 relay.test');
      data = [];
      return say('354 go on');
    };
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const lines = (rest + bytes).split('\r\n');
      rest = lines.pop();
      lines.forEach(hear);
    });
    say('220 relay.test ESMTP');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // It ends with the story.
  server.unref();
  return {
    port: server.address().port,
    mails,
    wait: async (amount) => {
      const signal = AbortSignal.timeout(15_000);
      while (mails.length < amount) await once(server, 'mail', { signal });
    },
  };
}

/** What a server must be started with to send by a relay on this machine. */
export const relayed = ({ port }) => ({
  EVENT_MANAGER__EMAIL__HOST: '127.0.0.1',
  EVENT_MANAGER__EMAIL__PORT: String(port),
  EVENT_MANAGER__EMAIL__SECURITY: 'plain',
  EVENT_MANAGER__EMAIL__FROM: 'box@example.org',
});
