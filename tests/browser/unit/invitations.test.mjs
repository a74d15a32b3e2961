// What is said of the links by which judges sign in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceName, isLocal, isWorking, lastUse } from '../../../static/app/lib/invitations.js';

const agents = {
  'iPad, Safari': 'Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 '
    + 'Mobile/15E148 Safari/604.1',
  'Android, Chrome': 'Mozilla/5.0 (Linux; Android 14; SM-X210) AppleWebKit/537.36 (KHTML, like Gecko) '
    + 'Chrome/126.0.0.0 Safari/537.36',
  'Windows, Edge': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) '
    + 'Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0',
  'Mac, Safari': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) '
    + 'Version/17.4 Safari/605.1.15',
};

test('a device is known by its system and its browser', () => {
  for (const [name, agent] of Object.entries(agents)) assert.equal(deviceName(agent), name);
  assert.equal(deviceName('curl/8.0'), 'Unknown device');
  assert.equal(deviceName(null), 'Unknown device');
});

test('the last use is told with the device only while that is signed in', () => {
  const lastUsedAt = new Date().toISOString();
  const device = { userAgent: agents['iPad, Safari'], since: lastUsedAt };
  assert.equal(lastUse({ lastUsedAt: null, device: null }), 'Not used yet');
  assert.equal(lastUse({ lastUsedAt, device }), 'iPad, Safari, just now');
  assert.equal(lastUse({ lastUsedAt, device: null }), 'Just now');
});

test('an address of the computer itself is no address for tablets', () => {
  for (const url of ['http://localhost:8080/judge#link=x', 'http://127.0.0.1/judge', 'http://[::1]:1/judge']) {
    assert.ok(isLocal(url), url);
  }
  for (const url of ['http://10.0.0.5:8080/judge#link=x', 'https://scores.example.org/judge']) {
    assert.ok(!isLocal(url), url);
  }
});

test('a link that has ended can neither be released nor get a PIN', () => {
  const working = ['free', 'inUse', 'blocked', 'expired', 'revoked'].filter((state) => isWorking({ state }));
  assert.deepEqual(working, ['free', 'inUse', 'blocked']);
});
