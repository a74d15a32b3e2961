// What browsers call themselves, and what people call them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserName } from '../../../static/app/lib/user-agent.js';

test('a browser is named with the system it runs on', () => {
  const gecko = 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0';
  assert.equal(browserName(gecko), 'Firefox on Android');
  const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
  assert.equal(browserName(`Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/140.0 Safari/537.36`), 'Chrome on Linux');
  assert.equal(browserName(`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/140.0 Safari/537.36 Edg/140.0`), 'Edge on Windows');
  const apple = 'AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0';
  assert.equal(browserName(`Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) ${apple} Safari/604.1`), 'Safari on iPad');
  assert.equal(browserName(`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) ${apple} Safari/605.1.15`), 'Safari on Mac');
});

test('a program is named as it names itself, and one that does not is unknown', () => {
  assert.equal(browserName('curl/8.14'), 'curl');
  assert.equal(browserName(null), 'Unknown program');
});
