// The log, the store, the backups and the process: how much each is used, whether it is saturated, and its errors.
import { dashboard } from './dashboard.mjs';
import { heatmap, stat, timeseries } from './panels.mjs';
import { promql, quantiles, rateBy, selected } from './queries.mjs';

const each = (metric, ...labels) => `${metric}{${selected(...labels)}}`;
const INSTANCE = '{{instance}}';

export default dashboard({
  uid: 'em-storage',
  title: 'Event Manager: logging and storage',
  description: 'The log, the store, the backups and the process.',
  panels: [
    stat('Lines lost within an hour', [promql(`sum(increase(${each('log_events_dropped_total')}[1h]))`)], {
      steps: [[null, 'green'], [0.5, 'red']], defaults: { decimals: 0 },
    }),
    stat('Read-only', [promql(`sum(${each('store_read_only')})`)], { steps: [[null, 'green'], [1, 'red']] }),
    stat('Age of the newest backup', [promql(`time() - min(${each('backup_last_success_timestamp_seconds')} > 0)`)], {
      unit: 's', steps: [[null, 'green'], [93600, 'red']], defaults: { noValue: 'none' },
    }),
    stat('Found in the log', [promql(`min(${each('traceability_ratio')})`)], {
      unit: 'percentunit', steps: [[null, 'red'], [1, 'green']],
    }),
    stat('Free for the log', [promql(`min(${each('log_disk_free_bytes')})`)], {
      unit: 'bytes', steps: [[null, 'red'], [536870912, 'orange'], [10737418240, 'green']],
    }),
    'Log',
    timeseries('Lines by level', [promql(rateBy('level', 'log_events_total'), '{{level}}')], { unit: 'ops', stacked: true }),
    timeseries('Lines written', [promql(rateBy('instance', 'log_events_persisted_total'), INSTANCE)], { unit: 'ops' }),
    timeseries('Bytes written', [promql(rateBy('instance', 'log_bytes_written_total'), INSTANCE)], { unit: 'Bps' }),
    timeseries('Lines lost, and errors', [
      promql(rateBy('reason', 'log_events_dropped_total'), 'lost: {{reason}}'),
      promql(rateBy('instance', 'log_write_errors_total'), 'errors'),
      promql(rateBy('module', 'log_events_without_context_total'), 'without ids: {{module}}'),
    ], { unit: 'ops' }),
    timeseries('Lines that wait for the disk', [promql(each('log_queue_depth'), INSTANCE)]),
    timeseries('Until a line is found', [promql(each('traceability_canary_duration_seconds'), INSTANCE)], { unit: 's' }),
    timeseries('Size', [promql(each('log_store_bytes'), 'files'), promql(each('log_index_bytes'), 'indexes')], { unit: 'bytes' }),
    timeseries('Files', [promql(each('log_segments'), INSTANCE)]),
    timeseries('How far back it goes', [promql(`time() - (${each('log_oldest_event_timestamp_seconds')} > 0)`, INSTANCE)], { unit: 's' }),
    timeseries('Kept out', [
      promql(rateBy('rule', 'log_redactions_total'), 'secrets: {{rule}}'),
      promql(rateBy('header', 'request_id_rejected_total'), 'malformed: {{header}}'),
    ], { unit: 'ops' }),
    'Store',
    timeseries('Commits', quantiles('db_transaction_duration_seconds', {}, 'kind="write"'), { unit: 's' }),
    timeseries('The disk makes them durable', quantiles('db_fsync_duration_seconds', {}), { unit: 's' }),
    timeseries('Wait for the writer', quantiles('db_write_lock_wait_seconds', {}), { unit: 's' }),
    heatmap('Operations that share a commit', promql(rateBy('le', 'db_batch_operations_bucket'), '{{le}}'), { unit: 'short' }),
    timeseries('Size of the data file', [
      promql(each('db_file_bytes'), 'all'), promql(each('db_free_pages_bytes'), 'free within'),
    ], { unit: 'bytes' }),
    timeseries('Free on its disk', [promql(each('store_free_bytes'), INSTANCE)], { unit: 'bytes' }),
    timeseries('Damage met', [promql(`increase(${each('store_damage_total')}[$__rate_interval])`, INSTANCE)]),
    timeseries('Read-only', [promql(each('store_read_only'), '{{instance}}: {{reason}}')]),
    'Copies and backups',
    timeseries('Age of the newest copy', [promql(each('store_copy_age_seconds'), INSTANCE)], { unit: 's' }),
    timeseries('Copies', [promql(`increase(${each('store_copies_total')}[$__rate_interval])`, '{{outcome}}')]),
    timeseries('Size of the newest backup', [promql(each('backup_bytes'), INSTANCE)], { unit: 'bytes' }),
    timeseries('Backups that failed', [promql(`increase(${each('backup_failures_total')}[$__rate_interval])`, INSTANCE)]),
    timeseries('Time to copy', quantiles('store_copy_duration_seconds', {}), { unit: 's' }),
    timeseries('Time to back up', quantiles('backup_duration_seconds', {}), { unit: 's' }),
    'Process',
    timeseries('Processor', [promql(rateBy('instance', 'process_cpu_seconds_total'), INSTANCE)], {
      unit: 'percentunit', description: 'A whole processor is 100 %.',
    }),
    timeseries('Memory', [promql(each('process_resident_memory_bytes'), INSTANCE)], { unit: 'bytes' }),
    timeseries('Open files and connections', [promql(each('process_open_fds'), INSTANCE)]),
    timeseries('A task comes late to its turn, at the worst of 20', [
      promql('histogram_quantile(0.95, ' + rateBy('le, runtime', 'tokio_poll_delay_seconds_bucket') + ')', '{{runtime}}'),
    ], { unit: 's' }),
    timeseries('Tasks behind the requests', [
      promql(each('tokio_alive_tasks'), 'there are'), promql(each('tokio_global_queue_depth'), 'wait for a thread'),
    ]),
    timeseries('Threads behind the requests', [promql(each('tokio_workers'), INSTANCE)]),
    timeseries('Running for', [promql(`time() - ${each('process_start_time_seconds')}`, INSTANCE)], { unit: 's' }),
  ],
});
