// Requests by route: rate, errors, duration.
import { dashboard } from './dashboard.mjs';
import { heatmap, stat, table, timeseries } from './panels.mjs';
import { promql, promqlNow, quantile, quantiles, rate, rateBy, selected } from './queries.mjs';

const HTTP = 'http_server_request_duration_seconds';
const FAILED = 'code=~"5.."';

export default dashboard({
  uid: 'em-red',
  title: 'Event Manager: requests by route',
  description: 'How many requests come, how many fail, and how long they take.',
  panels: [
    stat('Requests a second', [promql(`sum(${rate(`${HTTP}_count`)})`)], { unit: 'reqps' }),
    stat('Failed', [
      promql(`(sum(${rate(`${HTTP}_count`, FAILED)}) or vector(0)) / sum(${rate(`${HTTP}_count`)})`),
    ], { unit: 'percentunit', steps: [[null, 'green'], [0.005, 'orange'], [0.03, 'red']] }),
    stat('p95', [promql(quantile(0.95, '', HTTP))], { unit: 's', steps: [[null, 'green'], [0.5, 'orange'], [1, 'red']] }),
    stat('Being answered', [promql(`sum(http_server_active_requests{${selected()}})`)]),
    'Rate and errors',
    timeseries('Requests by route', [promql(rateBy('route', `${HTTP}_count`), '{{route}}')], { unit: 'reqps', stacked: true }),
    timeseries('Answers by code', [promql(rateBy('code', `${HTTP}_count`), '{{code}}')], { unit: 'reqps', stacked: true }),
    timeseries('Failed by route', [promql(rateBy('route', `${HTTP}_count`, FAILED), '{{route}}')], { unit: 'reqps' }),
    timeseries('Refused', [
      promql(rateBy('reason', 'http_server_requests_rejected_total'), 'before any route: {{reason}}'),
      promql(rateBy('limit, route', 'http_server_requests_limited_total'), 'limit {{limit}}: {{route}}'),
      promql(rateBy('method, outcome', 'auth_attempts_total', 'outcome!="success"'), '{{method}}: {{outcome}}'),
    ], { unit: 'reqps' }),
    'Duration',
    timeseries('Duration', quantiles(HTTP, { exemplar: true }), { unit: 's', description: 'Dots lead to traces.' }),
    heatmap('How durations are spread', promql(rateBy('le', `${HTTP}_bucket`), '{{le}}')),
    timeseries('p95 by route', [promql(quantile(0.95, 'route', HTTP), '{{route}}')], { unit: 's' }),
    timeseries('Requests being answered', [promql(`http_server_active_requests{${selected()}}`, '{{instance}}')]),
    'Where the time goes',
    table('Routes that take most time', [
      promqlNow(`topk(20, sum by (method, route) (increase(${HTTP}_sum{${selected()}}[$__range])))`, '', { format: 'table' }),
      promqlNow(`sum by (method, route) (increase(${HTTP}_count{${selected()}}[$__range]))`, '', { format: 'table' }),
    ], {
      transformations: [
        { id: 'joinByField', options: { byField: 'route', mode: 'inner' } },
        { id: 'organize', options: {
          excludeByName: { 'Time 1': true, 'Time 2': true, 'method 2': true },
          renameByName: { 'method 1': 'Method', route: 'Route', 'Value #A': 'Seconds', 'Value #B': 'Requests' },
        } },
        { id: 'sortBy', options: { sort: [{ field: 'Seconds', desc: true }] } },
      ],
    }),
    timeseries('Bytes sent by route', [promql(rateBy('route', 'http_server_response_body_bytes_sum'), '{{route}}')], { unit: 'Bps' }),
  ],
});
