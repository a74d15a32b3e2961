// The dashboards can be put into any Grafana, and fit the datasources beside them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashboards, datasources, read, readYaml } from './sources.mjs';

const COLUMNS = 24;
const overlaps = (one, other) =>
  one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h;

test('there are the six, each under a lasting uid of its own', () => {
  const uids = dashboards.map(({ uid }) => uid).sort();
  assert.deepEqual(uids, ['em-jobs', 'em-red', 'em-resilience', 'em-slo', 'em-storage', 'em-tracing']);
  assert.equal(new Set(dashboards.map(({ title }) => title)).size, uids.length);
});

test('there are the three datasources, under the uids that the dashboards choose', () => {
  assert.deepEqual(datasources.map(({ uid, type }) => [uid, type]),
    [['em-prometheus', 'prometheus'], ['em-loki', 'loki'], ['em-jaeger', 'jaeger']]);
});

test('the datasources lead from dots to traces, from lines to traces and to the program, and from spans to lines', () => {
  const [prometheus, loki, jaeger] = datasources.map(({ jsonData }) => jsonData);
  assert.deepEqual(prometheus.exemplarTraceIdDestinations, [{ name: 'trace_id', datasourceUid: 'em-jaeger' }]);
  assert.deepEqual(loki.derivedFields.map(({ matcherType, matcherRegex, datasourceUid }) => [matcherType, matcherRegex, datasourceUid]),
    [['label', 'trace_id', 'em-jaeger'], ['label', 'correlationId', undefined]]);
  assert.equal(jaeger.tracesToLogsV2.datasourceUid, 'em-loki');
  assert.equal(jaeger.tracesToLogsV2.customQuery, true);
});

test('the datasources double each $ that is not for the environment of Grafana', () => {
  const text = read('grafana/provisioning/datasources/event-manager.yml').replaceAll(/^ *#.*$/gm, '');
  assert.deepEqual([...text.matchAll(/(?<!\$)\$(?!\$)\w*/g)].map(([name]) => name), ['$EVENT_MANAGER_TOKEN', '$EVENT_MANAGER_TOKEN']);
});

test('Grafana is told to look where the packages put the dashboards', () => {
  const [{ options }] = readYaml('grafana/provisioning/dashboards/event-manager.yml').providers;
  assert.equal(options.path, '/usr/share/event-manager/grafana/dashboards');
});

for (const { file, ...dashboard } of dashboards) {
  const { panels, templating: { list: variables } } = dashboard;
  const text = JSON.stringify(dashboard);

  test(`${file} can be put in place as a file`, () => {
    assert.equal(dashboard.id, null);
    assert.ok(!('__inputs' in dashboard) && !text.includes('${DS_'));
    assert.ok(dashboard.schemaVersion > 0 && dashboard.title && dashboard.description);
  });

  test(`${file} has panels that do not lie upon each other`, () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const [index, { title, gridPos }] of panels.entries()) {
      assert.ok(gridPos.w > 0 && gridPos.h > 0 && gridPos.x >= 0 && gridPos.x + gridPos.w <= COLUMNS, title);
      const beneath = panels.slice(0, index).find((other) => overlaps(gridPos, other.gridPos));
      assert.equal(beneath?.title, undefined, title);
    }
  });

  test(`${file} takes its datasources from variables, which begin with those beside it`, () => {
    const chosen = variables.filter(({ type }) => type === 'datasource');
    for (const { name, query, current } of chosen) assert.deepEqual([query, current.value], [name, `em-${name}`]);
    const used = panels.flatMap(({ datasource, targets = [] }) => [datasource, ...targets.map((target) => target.datasource)]);
    for (const datasource of used.filter(Boolean)) {
      const variable = chosen.find(({ name }) => datasource.uid === `\${${name}}`);
      assert.equal(variable?.query, datasource.type);
    }
  });

  test(`${file} uses only variables that it or Grafana has`, () => {
    const known = new Set(variables.map(({ name }) => name));
    const named = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name).filter((name) => !name.startsWith('__'));
    assert.deepEqual([...new Set(named)].filter((name) => !known.has(name)), []);
  });

  test(`${file} has panels that ask for something, each of their queries under a name of its own`, () => {
    for (const { type, title, targets = [] } of panels.filter((panel) => panel.type !== 'row')) {
      assert.equal(targets.length > 0, type !== 'text', title);
      assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
    }
  });
}
