// Each alert says what its reader needs, leads to its section of the runbook, and is tested both ways.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alerts, dashboards, ruleTests } from './sources.mjs';

const runbook = await (await fetch(`${process.env.EVENT_MANAGER_URL}/docs/runbook`)).text();
const here = new URL(process.env.EVENT_MANAGER_URL).host;

/** What the tests expect of an alert: for each time, the alerts that fire. */
const expectations = ({ alert }) => ruleTests
  .flatMap(({ promql_expr_test: tests }) => tests)
  .filter(({ expr }) => expr === `ALERTS{alertname="${alert}", alertstate="firing"}`)
  .map(({ exp_samples: samples }) => samples);

for (const rule of alerts) {
  const { alert, labels, annotations } = rule;

  test(`${alert} (${labels.severity}) says how urgent it is, what is wrong and where to look`, () => {
    assert.ok(['critical', 'warning', 'info'].includes(labels.severity));
    assert.ok(annotations.summary && annotations.description);
    const uid = /^\{\{ \$externalLabels\.grafana \}\}\/d\/([\w-]+)$/.exec(annotations.dashboard_url)?.[1];
    assert.ok(dashboards.some((dashboard) => dashboard.uid === uid), annotations.dashboard_url);
  });

  test(`${alert} (${labels.severity}) leads to its section of the runbook that the program serves`, async () => {
    const url = new URL(annotations.runbook_url.replace('{{ $labels.instance }}', here));
    const page = await fetch(url);
    assert.equal(page.status, 200);
    assert.equal(url.pathname, '/docs/runbook');
    const [, section] = runbook.split(`<h2 id="${url.hash.slice(1)}">${alert}</h2>`);
    assert.ok(section, `the runbook has no section ${url.hash} of the name ${alert}`);
    const [text] = section.split('<h2');
    for (const part of ['It means', 'Look', 'Mend']) assert.ok(text.includes(`<strong>${part}</strong>`), part);
  });

  test(`${alert} (${labels.severity}) has a case in which it fires and one in which it is silent`, () => {
    const expected = expectations(rule);
    const firing = expected.flat().filter((sample) => sample.labels.includes(`severity="${labels.severity}"`));
    assert.ok(firing.length > 0, 'it never fires');
    assert.ok(expected.some((samples) => samples.length === 0), 'it is never silent');
    const named = Object.values(annotations).flatMap((text) => [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label));
    for (const label of new Set(named)) {
      for (const sample of firing) assert.match(sample.labels, new RegExp(`[{ ]${label}="[^"]+"`), `it has no ${label}`);
    }
  });
}
