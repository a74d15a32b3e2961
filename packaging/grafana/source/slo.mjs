// The objective: 99.5 % of all requests of a month are not answered with a server error.
import { dashboard } from './dashboard.mjs';
import { stat, table, timeseries } from './panels.mjs';
import { promql, promqlNow, selected } from './queries.mjs';

const OBJECTIVE = 0.995;
const ALLOWED = `(1 - ${OBJECTIVE})`;
const HTTP = 'http_server_request_duration_seconds_count';
const ratio = (window) => `instance:http_errors:ratio${window}{${selected()}}`;
const over = (window, ...labels) => `sum(increase(${HTTP}{${selected(...labels)}}[${window}]))`;
const failed = `((${over('30d', 'code=~"5.."')} or vector(0)) / ${over('30d')})`;
const burn = (window) => promql(`${ratio(window)} / ${ALLOWED}`, `{{instance}}: ${window}`);

export default dashboard({
  uid: 'em-slo',
  title: 'Event Manager: objectives',
  description: 'Whether the objective is met, and how fast what it allows is used up.',
  panels: [
    stat('Answered without error, 30 days', [promql(`1 - ${failed}`)], {
      unit: 'percentunit', steps: [[null, 'red'], [OBJECTIVE, 'green']], defaults: { decimals: 3 },
    }),
    stat('Of what is allowed, left', [promql(`1 - ${failed} / ${ALLOWED}`)], {
      unit: 'percentunit', steps: [[null, 'red'], [0, 'orange'], [0.25, 'green']],
    }),
    stat('Boxes that answer', [promql(`sum(up{${selected()}})`)]),
    stat('Alerts', [promql(`count(ALERTS{${selected('alertstate="firing"')}}) or vector(0)`)], {
      steps: [[null, 'green'], [1, 'red']],
    }),
    timeseries('How fast it is used up', [burn('5m'), burn('1h')], {
      description: 'At 1 it lasts a month. Above 14.4 in both, somebody is woken.',
      defaults: { custom: { thresholdsStyle: { mode: 'line' } }, thresholds: { mode: 'absolute', steps: [{ value: null, color: 'transparent' }, { value: 14.4, color: 'red' }] } },
    }),
    timeseries('How fast it is used up in the long run', [burn('30m'), burn('6h')], {
      description: 'Above 6 in both, somebody is told.',
      defaults: { custom: { thresholdsStyle: { mode: 'line' } }, thresholds: { mode: 'absolute', steps: [{ value: null, color: 'transparent' }, { value: 6, color: 'orange' }] } },
    }),
    timeseries('Failed by route', [promql(`max by (route) (route:http_errors:ratio5m{${selected()}} > 0)`, '{{route}}')], {
      unit: 'percentunit',
    }),
    timeseries('p95 by route', [promql(`max by (route) (route:http_latency:p95_5m{${selected()}})`, '{{route}}')], { unit: 's' }),
    timeseries('Requests by route', [promql(`sum by (route) (route:http_requests:rate5m{${selected()}})`, '{{route}}')], {
      unit: 'reqps', stacked: true,
    }),
    table('Alerts that fire', [promqlNow(`ALERTS{${selected('alertstate="firing"')}}`, '', { format: 'table' })], {
      transformations: [
        { id: 'organize', options: { excludeByName: { Time: true, Value: true, __name__: true, alertstate: true, job: true } } },
      ],
    }),
    table('Versions', [promqlNow(`build_info{${selected()}}`, '', { format: 'table' })], {
      transformations: [{ id: 'organize', options: { excludeByName: { Time: true, Value: true, __name__: true, job: true } } }],
    }),
  ],
});
