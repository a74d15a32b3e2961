import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendAll } from '../../../static/app/lib/replaying.js';

/** A server that takes two at a time out of a list of ids, newest first. */
function server(ids, after = () => {}) {
  const asked = [];
  const send = async (body) => {
    asked.push(body);
    const deliveries = ids.splice(0, 2);
    after(ids);
    return { count: deliveries.length, deliveries, more: ids.length > 0 };
  };
  return { send, asked };
}

test('all are sent, a part at a time', async () => {
  const seen = [];
  const { send, asked } = server(['e', 'd', 'c', 'b', 'a']);
  const done = await sendAll({ hook: 'h' }, 'e', { send, onProgress: (sent) => seen.push(sent) });
  assert.deepEqual([done, seen], [{ sent: 5, again: false }, [2, 4, 5]]);
  assert.deepEqual(asked[0], { hook: 'h', state: 'dead', dryRun: false });
});

test('what dies again at once is not sent for ever', async () => {
  let next = 'f'.charCodeAt(0);
  const { send, asked } = server(['e', 'd', 'c'], (ids) => ids.unshift(String.fromCharCode(next++)));
  assert.deepEqual(await sendAll({}, 'e', { send }), { sent: 4, again: true });
  assert.equal(asked.length, 2);
});

test('where nothing is left nothing is sent', async () => {
  assert.deepEqual(await sendAll({}, 'e', server([])), { sent: 0, again: false });
});
