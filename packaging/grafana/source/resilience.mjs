// Services outside and the circuit breakers before them.
import { dashboard } from './dashboard.mjs';
import { stat, states, timeseries } from './panels.mjs';
import { promql, quantile, rateBy, selected } from './queries.mjs';

const worst = (metric) => `max by (service) (${metric}{${selected()}})`;
const within = (by, metric, ...labels) => `sum by (${by}) (increase(${metric}{${selected(...labels)}}[$__rate_interval]))`;

export default dashboard({
  uid: 'em-resilience',
  title: 'Event Manager: resilience',
  description: 'How the services outside fare, and what takes their place.',
  panels: [
    stat('Circuits not closed', [promql(`count(circuit_breaker_state{${selected()}} > 0) or vector(0)`)], {
      steps: [[null, 'green'], [1, 'red']],
    }),
    stat('Opened within an hour', [promql(`sum(increase(circuit_breaker_opened_total{${selected()}}[1h]))`)], {
      steps: [[null, 'green'], [1, 'orange'], [2.5, 'red']], defaults: { decimals: 0 },
    }),
    stat('Calls rejected within an hour', [
      promql(`sum(increase(circuit_breaker_calls_total{${selected('outcome="rejected"')}}[1h]))`),
    ], { steps: [[null, 'green'], [1, 'orange']], defaults: { decimals: 0 } }),
    stat('Given up within an hour', [
      promql(`sum(increase(circuit_breaker_fallbacks_total{${selected('outcome="dead_letter"')}}[1h]))`),
    ], { steps: [[null, 'green'], [0.5, 'red']], defaults: { decimals: 0 } }),
    'Circuits',
    states('State', [promql(worst('circuit_breaker_state'), '{{service}}')],
      [['closed', 'green'], ['half open', 'orange'], ['open', 'red']]),
    states('Mode', [promql(worst('circuit_breaker_mode'), '{{service}}')],
      [['disabled', 'text'], ['monitor', 'blue'], ['enforce', 'green'], ['forced open', 'purple']]),
    timeseries('Changes', [promql(within('service, from, to', 'circuit_breaker_transitions_total'), '{{service}}: {{from}} → {{to}}')]),
    timeseries('Openings', [promql(within('service', 'circuit_breaker_opened_total'), '{{service}}')]),
    timeseries('Share of time open', [promql(rateBy('service', 'circuit_breaker_open_seconds_total'), '{{service}}')], {
      unit: 'percentunit',
    }),
    timeseries('Share of calls rejected', [
      promql(`max by (service) (service:breaker_reject:ratio5m{${selected()}})`, '{{service}}'),
    ], { unit: 'percentunit' }),
    'Calls',
    timeseries('Calls by outcome', [promql(rateBy('service, outcome', 'circuit_breaker_calls_total'), '{{service}}: {{outcome}}')], {
      unit: 'ops',
    }),
    timeseries('Failures', [promql(rateBy('service', 'circuit_breaker_failures_total'), '{{service}}')], { unit: 'ops' }),
    timeseries('What took their place', [
      promql(within('service, outcome', 'circuit_breaker_fallbacks_total'), '{{service}}: {{outcome}}'),
    ]),
    timeseries('Events that Redis was never told', [promql(within('instance', 'redis_events_dropped_total'), '{{instance}}')]),
    timeseries('Latency by service, p95', [promql(quantile(0.95, 'service', 'outbound_request_duration_seconds'), '{{service}}')], {
      unit: 's',
    }),
    timeseries('Latency by what was asked, p95', [
      promql(quantile(0.95, 'service, operation', 'outbound_request_duration_seconds'), '{{service}}: {{operation}}'),
    ], { unit: 's' }),
  ],
});
