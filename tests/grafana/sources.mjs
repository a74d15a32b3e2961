// What packaging/ holds, read: rules, their tests, dashboards, datasources, and each expression with the place it stands at.
import { readFileSync, readdirSync } from 'node:fs';
import { parse } from 'yaml';

const packaging = new URL('../../packaging/', import.meta.url);

export const read = (path) => readFileSync(new URL(path, packaging), 'utf8');
export const readYaml = (path) => parse(read(path));
const filesOf = (folder) => readdirSync(new URL(folder, packaging)).map((name) => `${folder}${name}`);

const rules = filesOf('prometheus/rules/').flatMap((file) => readYaml(file).groups.flatMap(({ rules }) => rules));
export const alerts = rules.filter((rule) => rule.alert);
export const recordings = rules.filter((rule) => rule.record);
export const ruleTests = filesOf('prometheus/tests/').flatMap((file) => readYaml(file).tests);

export const dashboards = filesOf('grafana/dashboards/').map((file) => ({ file, ...JSON.parse(read(file)) }));
export const datasources = readYaml('grafana/provisioning/datasources/event-manager.yml').datasources;

/** What Grafana puts in the place of its variables, as far as the grammars care. */
const VARIABLES = [
  [/\$__(rate_)?interval|\$__range/g, '5m'],
  [/\$\{?\w+\}?/g, 'x'],
];
const filledIn = (expr) => VARIABLES.reduce((text, [variable, value]) => text.replaceAll(variable, value), expr);

const targets = dashboards.flatMap(({ file, panels }) =>
  panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ place: `${file}: ${title}`, target }))));
const ofType = (type) => targets
  .filter(({ target }) => target.datasource.type === type)
  .map(({ place, target }) => ({ place, expr: filledIn(target.expr) }));

export const promqlExpressions = [
  ...rules.map((rule) => ({ place: rule.alert ?? rule.record, expr: rule.expr })),
  ...ofType('prometheus'),
];
export const logqlExpressions = [
  ...ofType('loki'),
  ...datasources.flatMap(({ name, jsonData }) =>
    jsonData.tracesToLogsV2 ? [{ place: name, expr: filledIn(jsonData.tracesToLogsV2.query.replace('$$', '$')) }] : []),
];
