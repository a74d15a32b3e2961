// Follow one request, or all that came of it: lines, trace, errors and durations.
import { dashboard, textbox } from './dashboard.mjs';
import { logs, nodeGraph, table, text, timeseries, trace } from './panels.mjs';
import { jaeger, logql, logqlNow, promql, quantile, quantiles } from './queries.mjs';

const LINES = '{app="event-manager"}';
const HTTP = 'http_server_request_duration_seconds';

const HOW_TO = `Paste an ID into one of the fields above.

- **Request ID**: from an error on the screen, or the header \`X-Request-ID\` of an answer. It finds what one request did.
- **Correlation ID**: from a mail, a webhook or the header \`X-Correlation-ID\`. It finds all that came of it, jobs and
  deliveries hours later included.
- **Trace ID**: from \`traceparent\`, or from a dot in "Duration" below. It shows the layers of a request with their times.

In Explore, \`{app="event-manager"} |= "requestId:ID"\` and \`{app="event-manager"} | json | requestId="ID"\` find the same lines.`;

/** A link in a column to this dashboard, with the value of the column in a field. */
const follows = (column, variable) => ({
  matcher: { id: 'byName', options: column },
  properties: [{
    id: 'links',
    value: [{ title: 'Follow', url: `/d/em-tracing?var-${variable}=\${__value.raw}&\${__url_time_range}` }],
  }],
});

const errors = `${LINES} | json | level="error" or status >= 500`;

export default dashboard({
  uid: 'em-tracing',
  title: 'Event Manager: request tracing',
  description: 'Follow a request by its request, correlation or trace ID through lines, layers, jobs and deliveries.',
  datasources: ['prometheus', 'loki', 'jaeger'],
  variables: [
    textbox('requestId', 'Request ID'), textbox('correlationId', 'Correlation ID'), textbox('trace_id', 'Trace ID'),
  ],
  panels: [
    text('How to follow a request', HOW_TO, { height: 7 }),
    'One request',
    logs('Lines of the request ID', logql(`${LINES} | json | requestId="$requestId"`)),
    logs('Lines of the correlation ID', logql(`${LINES} | json | correlationId="$correlationId"`)),
    logs('Lines of the trace ID', logql(`${LINES} | json | trace_id="$trace_id"`)),
    trace('Layers of the trace ID', { datasource: jaeger, query: '$trace_id' }),
    nodeGraph('What calls what', { datasource: jaeger, queryType: 'dependencyGraph' }, { width: 24 }),
    'Errors',
    table('Error rate by correlation ID', [
      logqlNow(`topk(20, sum by (correlationId) (count_over_time(${errors} [$__range])))`),
      logqlNow(`sum by (correlationId) (count_over_time(${LINES} | json [$__range]))`),
    ], {
      height: 10,
      description: 'Lines of level error and requests answered with 5xx, beside all lines, of the twenty IDs with most of them.',
      transformations: [
        { id: 'joinByField', options: { byField: 'correlationId', mode: 'inner' } },
        { id: 'organize', options: {
          excludeByName: { 'Time 1': true, 'Time 2': true, Time: true },
          renameByName: { correlationId: 'Correlation ID', 'Value #A': 'Errors', 'Value #B': 'Lines' },
        } },
        { id: 'calculateField', options: {
          mode: 'binary', alias: 'Rate', binary: { left: 'Errors', operator: '/', right: 'Lines' },
        } },
        { id: 'sortBy', options: { sort: [{ field: 'Errors', desc: true }] } },
      ],
      overrides: [
        follows('Correlation ID', 'correlationId'),
        { matcher: { id: 'byName', options: 'Rate' }, properties: [{ id: 'unit', value: 'percentunit' }] },
      ],
    }),
    timeseries('Lines by level', [logql(`sum by (level) (count_over_time(${LINES} [$__interval]))`, '{{level}}')], {
      height: 10, stacked: true,
    }),
    'Durations',
    timeseries('Duration', quantiles(HTTP, { exemplar: true }), { unit: 's', description: 'Dots lead to traces.' }),
    timeseries('Duration by path, p95', [promql(quantile(0.95, 'route', HTTP), '{{route}}')], { unit: 's' }),
    table('Slow requests', [logql('{app="event-manager", kind="http"} | json | durationUs > 500000')], {
      width: 24,
      height: 10,
      description: 'Requests of more than half a second, newest first.',
      transformations: [
        { id: 'extractFields', options: { source: 'Line', format: 'json' } },
        { id: 'organize', options: {
          excludeByName: { Line: true, labels: true, tsNs: true, id: true, labelTypes: true },
          indexByName: { Time: 0, method: 1, route: 2, status: 3, durationUs: 4, requestId: 5, correlationId: 6 },
        } },
      ],
      overrides: [
        follows('requestId', 'requestId'),
        follows('correlationId', 'correlationId'),
        { matcher: { id: 'byName', options: 'durationUs' }, properties: [{ id: 'unit', value: 'µs' }] },
      ],
    }),
  ],
});
