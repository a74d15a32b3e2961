// Jobs within the box, and deliveries that leave it. Prometheus calls the program's own label `job` `exported_job`,
// as `job` is its name for what it scrapes.
import { dashboard } from './dashboard.mjs';
import { stat, timeseries } from './panels.mjs';
import { promql, quantile, rate, rateBy, selected } from './queries.mjs';

const now = (metric) => `sum by (queue) (${metric}{${selected()}})`;

export default dashboard({
  uid: 'em-jobs',
  title: 'Event Manager: jobs and deliveries',
  description: 'What waits, for how long, how it ends, and what was given up.',
  panels: [
    stat('Waiting', [promql(`sum(job_queue_depth{${selected()}})`)]),
    stat('Oldest', [promql(`max(job_oldest_age_seconds{${selected()}})`)], {
      unit: 's', steps: [[null, 'green'], [300, 'orange'], [900, 'red']],
    }),
    stat('Dead letters', [promql(`sum(job_dead_letters{${selected()}})`)], { steps: [[null, 'green'], [1, 'orange']] }),
    stat('Attempts a minute', [promql(`60 * sum(${rate('delivery_attempts_total')})`)]),
    'Queues',
    timeseries('Waiting by queue', [promql(now('job_queue_depth'), '{{queue}}')]),
    timeseries('Age of the oldest', [promql(`max by (queue) (job_oldest_age_seconds{${selected()}})`, '{{queue}}')], { unit: 's' }),
    timeseries('Came', [promql(rateBy('queue, exported_job', 'jobs_enqueued_total'), '{{queue}}: {{exported_job}}')], { unit: 'ops' }),
    timeseries('Ended', [promql(rateBy('queue, outcome', 'jobs_completed_total'), '{{queue}}: {{outcome}}')], { unit: 'ops' }),
    timeseries('Dead letters by queue', [promql(now('job_dead_letters'), '{{queue}}')]),
    timeseries('Wait before the first piece or attempt, p95', [
      promql(quantile(0.95, 'queue', 'job_queue_wait_seconds'), '{{queue}}'),
    ], { unit: 's' }),
    'Work',
    timeseries('Duration, p95', [
      promql(quantile(0.95, 'queue, exported_job', 'job_duration_seconds'), '{{queue}}: {{exported_job}}'),
    ], { unit: 's' }),
    timeseries('Duration of a piece, p95', [promql(quantile(0.95, 'exported_job', 'job_piece_duration_seconds'), '{{exported_job}}')], {
      unit: 's',
    }),
    'Deliveries',
    timeseries('Attempts by outcome', [promql(rateBy('service, outcome', 'delivery_attempts_total'), '{{service}}: {{outcome}}')], {
      unit: 'ops',
    }),
    timeseries('Attempts that were not the first', [promql(rateBy('service', 'outbound_retries_total'), '{{service}}')], { unit: 'ops' }),
    timeseries('Mails that ended', [promql(rateBy('outcome', 'email_messages_total'), '{{outcome}}')], { unit: 'ops' }),
    timeseries('Webhooks that ended', [promql(rateBy('outcome', 'webhook_deliveries_total'), '{{outcome}}')], { unit: 'ops' }),
    timeseries('Files', [
      promql(rateBy('instance', 'files_uploaded_total'), 'uploaded'),
      promql(rateBy('outcome', 'files_scanned_total'), 'scanned: {{outcome}}'),
      promql(rateBy('instance', 'blobs_removed_total'), 'removed'),
    ], { unit: 'ops' }),
    timeseries('Things deleted and restored', [
      promql(rateBy('entity, action', 'soft_delete_operations_total'), '{{entity}}: {{action}}'),
    ], { unit: 'ops' }),
    timeseries('Things in the trash', [promql(`soft_deleted_rows{${selected()}} > 0`, '{{entity}}')]),
  ],
});
