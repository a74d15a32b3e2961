// Each expression is of its language, and names only what the running program exports.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parser as logql } from '@grafana/lezer-logql';
import { parser as promql } from '@prometheus-io/lezer-promql';
import { logqlExpressions, promqlExpressions, recordings } from './sources.mjs';

/** What an expression has of some kinds of nodes, as text. */
function nodes(parser, expr, ...kinds) {
  const found = [];
  parser.parse(expr).iterate({
    enter(node) {
      if (kinds.some((kind) => (kind === 'error' ? node.type.isError : node.name === kind))) {
        found.push(expr.slice(node.from, node.to));
      }
    },
  });
  return found;
}

const faulty = (parser, expressions) => expressions.filter(({ expr }) => nodes(parser, expr, 'error').length > 0);

/** The exported series: to each name the labels that it has somewhere, as Prometheus stores them. */
function exported(exposition) {
  const names = new Map();
  for (const line of exposition.split('\n')) {
    const [, name, labels = ''] = /^([a-z_:]+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (!name) continue;
    const known = names.get(name) ?? new Set(['job', 'instance']);
    names.set(name, known);
    // The names of what is scraped stand; a label of the program by one of them gets another.
    for (const [, label] of labels.matchAll(/([a-z_]+)="/g)) known.add(['job', 'instance'].includes(label) ? `exported_${label}` : label);
  }
  return names;
}

const series = exported(readFileSync(process.env.EXPOSITION, 'utf8'));
const recorded = recordings.map(({ record }) => record);
// What Prometheus makes itself.
const own = ['up', 'ALERTS'];
const selectors = promqlExpressions.flatMap(({ place, expr }) =>
  nodes(promql, expr, 'VectorSelector').map((selector) => ({
    place,
    name: nodes(promql, selector, 'Identifier')[0],
    labels: nodes(promql, selector, 'LabelName'),
    selector,
  })));

test('every PromQL expression is of the grammar', () => {
  assert.ok(promqlExpressions.length > 100);
  assert.deepEqual(faulty(promql, promqlExpressions), []);
});

test('every LogQL expression is of the grammar', () => {
  assert.ok(logqlExpressions.length > 5);
  assert.deepEqual(faulty(logql, logqlExpressions), []);
});

test('what the program understands of LogQL, and refuses by name, is of the grammar, and what it calls broken is not', () => {
  const file = new URL('../cases/logql/queries.json', import.meta.url);
  const { understood, beyond, broken } = JSON.parse(readFileSync(file, 'utf8'));
  const isOf = (expr) => nodes(logql, expr, 'error').length === 0;
  assert.deepEqual([...understood, ...Object.keys(beyond)].filter((expr) => !isOf(expr)), []);
  assert.deepEqual(broken.filter((expr) => expr !== '' && isOf(expr)), []);
});

test('every LogQL expression is answered by the program', async () => {
  for (const { place, expr } of logqlExpressions) {
    const answer = await fetch(`${process.env.EVENT_MANAGER_URL}/loki/api/v1/query_range?${new URLSearchParams({ query: expr, step: '15000ms' })}`);
    assert.equal(answer.status, 200, `${place}: ${await answer.text()}`);
  }
});

test('every metric that is named is exported or recorded', () => {
  const unknown = selectors.filter(({ name }) => !series.has(name) && !recorded.includes(name) && !own.includes(name));
  assert.deepEqual(unknown, []);
});

test('every label by which something is selected or grouped is one of its expression\'s metrics', () => {
  const wrong = promqlExpressions.flatMap(({ place, expr }) => {
    const made = nodes(promql, expr, 'FunctionCall').filter((call) => call.startsWith('label_replace')).map((call) => /, "(\w+)"/.exec(call)[1]);
    const known = new Set([...made, 'job', 'instance', 'alertstate']);
    for (const name of nodes(promql, expr, 'Identifier')) for (const label of series.get(name) ?? []) known.add(label);
    if (nodes(promql, expr, 'Identifier').some((name) => recorded.includes(name))) ['route', 'service'].forEach((label) => known.add(label));
    return nodes(promql, expr, 'LabelName').filter((label) => !known.has(label)).map((label) => ({ place, label }));
  });
  assert.deepEqual(wrong, []);
});

test('every selector is of this program alone, as other programs use the same names', () => {
  assert.deepEqual(selectors.filter(({ selector, name }) => !recorded.includes(name) && !selector.includes('job="event-manager"')), []);
});

test('every recorded series is used', () => {
  assert.deepEqual(recorded.filter((name) => !selectors.some((selector) => selector.name === name)), []);
});
