// Queries as panels hold them. Datasources are variables, so that a dashboard works wherever it is put.

export const prometheus = { type: 'prometheus', uid: '${prometheus}' };
export const loki = { type: 'loki', uid: '${loki}' };
export const jaeger = { type: 'jaeger', uid: '${jaeger}' };

/** The labels by which every metric is selected, with more behind them, such as `kind="write"`. */
export const selected = (...more) => ['job="event-manager"', 'instance=~"$instance"', ...more].join(', ');

/** The increase a second of a counter. */
export const rate = (metric, ...labels) => `rate(${metric}{${selected(...labels)}}[$__rate_interval])`;

/** That increase, summed by labels such as `service`. */
export const rateBy = (by, metric, ...labels) => `sum by (${by}) (${rate(metric, ...labels)})`;

/** A quantile of a histogram, by labels or, with `by` empty, of all of it. */
export function quantile(q, by, metric, ...labels) {
  const buckets = by === '' ? 'le' : `${by}, le`;
  return `histogram_quantile(${q}, sum by (${buckets}) (${rate(`${metric}_bucket`, ...labels)}))`;
}

/** A query of Prometheus over the time of the dashboard. */
export const promql = (expr, legendFormat = '', more = {}) => ({
  datasource: prometheus, expr, legendFormat: legendFormat || '__auto', range: true, instant: false, ...more,
});

/** A query of Prometheus at its end. */
export const promqlNow = (expr, legendFormat = '', more = {}) =>
  promql(expr, legendFormat, { range: false, instant: true, ...more });

/** Lines, or numbers made of them over the time of the dashboard. */
export const logql = (expr, legendFormat = '') => ({
  datasource: loki, expr, queryType: 'range', ...(legendFormat && { legendFormat }),
});

/** Numbers made of lines, at its end. */
export const logqlNow = (expr) => ({ datasource: loki, expr, queryType: 'instant' });

/** The usual three quantiles of a histogram. */
export const quantiles = (metric, more, ...labels) =>
  [0.5, 0.95, 0.99].map((q) => promql(quantile(q, '', metric, ...labels), `p${q * 100}`, more));
