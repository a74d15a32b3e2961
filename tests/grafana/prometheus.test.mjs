// A Prometheus that was started with the example configuration scrapes the program and evaluates the rules.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { alerts, recordings } from './sources.mjs';

const PATIENCE_MS = 30_000;

/** What Prometheus answers, asked again until it is what is wanted, or for as long as patience lasts. */
async function eventually(path, isWanted) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await fetch(`${process.env.PROMETHEUS_URL}/api/v1/${path}`).then((response) => response.json(), () => null);
    if (answer?.data && isWanted(answer.data)) return answer.data;
    if (Date.now() > end) assert.fail(`${path}: ${JSON.stringify(answer)}`);
    await pause(100);
  }
}

test('it scrapes the program', async () => {
  const { activeTargets } = await eventually('targets', (data) => data.activeTargets.some(({ health }) => health === 'up'));
  assert.deepEqual(activeTargets.map(({ labels, lastError }) => [labels.job, lastError]), [['event-manager', '']]);
});

test('it evaluates every rule without a fault', async () => {
  const { groups } = await eventually('rules', (data) =>
    data.groups.length > 0 && data.groups.every(({ rules }) => rules.every(({ health }) => health !== 'unknown')));
  const rules = groups.flatMap((group) => group.rules);
  assert.equal(rules.length, alerts.length + recordings.length);
  assert.deepEqual(rules.filter(({ health }) => health !== 'ok').map(({ name, lastError }) => [name, lastError]), []);
});

test('it knows the program\'s metrics, and nothing is wrong with a box that has just begun', async () => {
  const query = encodeURIComponent('circuit_breaker_state{job="event-manager"}');
  const { result } = await eventually(`query?query=${query}`, (data) => data.result.length > 0);
  assert.ok(result.every(({ value }) => value[1] === '0'));
  const { alerts: firing } = await eventually('alerts', () => true);
  assert.deepEqual(firing.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname), []);
});
