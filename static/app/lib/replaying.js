/** Sending dead letters once more, however many: the server takes some hundreds at a time. */
import { post } from './api.js';

/**
 * Sends them a part at a time, until none is left. What dies again at once would be sent for ever: where a part holds
 * one that is newer than all there were, it ends.
 * @param {{service?: string, hook?: string}} filter
 * @param {string} newest id of the newest of them; ids grow with time
 * @param {{send?: (body: object) => Promise<object>, onProgress?: (sent: number) => void}} options
 * @returns {Promise<{sent: number, again: boolean}>} `again`: some have died again already, and some may be left
 */
export async function sendAll(filter, newest, {
  send = (body) => post('/deliveries/replay', body), onProgress = () => {},
} = {}) {
  let sent = 0;
  for (;;) {
    const { count, deliveries, more } = await send({ ...filter, state: 'dead', dryRun: false });
    sent += count;
    onProgress(sent);
    if (!more || count === 0) return { sent, again: false };
    if (deliveries[0] > newest) return { sent, again: true };
  }
}
