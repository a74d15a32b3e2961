import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barsOf, partsOf, stacked, totalsOf, volumeSpan } from '../../../static/app/lib/log-volume.js';

const at = (text) => Date.parse(`2027-05-08T${text}Z`);
const item = (from, counts) => ({ from: `2027-05-08T${from}.000Z`, error: 0, warn: 0, info: 0, debug: 0, trace: 0, ...counts });

test('bars are as long as it takes for them to be few, and begin where whole ones begin', () => {
  const hour = volumeSpan({ from: at('20:14:30'), until: null }, at('21:14:30'), 62);
  assert.deepEqual(hour, { from: at('20:14:00'), until: at('21:15:00'), minutes: 1 });
  assert.equal(volumeSpan({ from: at('20:14:30'), until: null }, at('21:14:30'), 24).minutes, 5);
  const all = volumeSpan({ from: null, until: null }, at('21:00:00'), 62);
  assert.equal(all.minutes, 7 * 1_440);
  assert.ok(all.until >= at('21:00:00'));
  const none = volumeSpan({ from: at('21:00:00'), until: at('20:00:00') }, at('21:00:00'), 62);
  assert.deepEqual(none, { from: at('21:00:00'), until: at('21:01:00'), minutes: 1 });
});

test('times without lines have bars, too, and each line stands in its own', () => {
  const span = { from: at('20:00:00'), until: at('20:03:00'), minutes: 1 };
  const bars = barsOf(span, [item('20:00:00', { info: 2 }), item('20:02:00', { error: 1, info: 3 })]);
  assert.deepEqual(bars.map(({ total }) => total), [2, 0, 4]);
  assert.deepEqual(totalsOf(bars), stacked.map((level) => ({ error: 1, info: 5 })[level] ?? 0));
  assert.equal(bars[2].from, at('20:02:00'));
});

test('one error among thousands of lines is seen, and no bar is too high', () => {
  const parts = partsOf({ counts: [1, 0, 5_000, 0, 0] }, 5_001);
  assert.deepEqual(parts.map(({ level }) => level), ['error', 'info']);
  assert.ok(parts[0].height > 0.02);
  assert.ok(Math.abs(parts[0].height + parts[1].height - 1) < 1e-9);
  assert.equal(parts[1].from, parts[0].height);
});
