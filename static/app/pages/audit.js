/** The audit log: who did what, when, in which request; and the proof that nobody has touched it. */
import { html, useState } from '../lib/view.js';
import { get } from '../lib/api.js';
import { count, formatAgo, formatPrecise, words } from '../lib/format.js';
import { usePages } from '../lib/resource.js';
import { Button } from '../components/button.js';
import { Copyable } from '../components/copy.js';
import { Correlation } from '../components/correlation.js';
import { Loaded, Notice, Problem } from '../components/notice.js';
import { Page } from '../components/page.js';
import { RequestId } from '../components/request-id.js';
import { Table } from '../components/table.js';

export function AuditPage() {
  const log = usePages('/audit');
  const columns = [
    { label: 'No.', kind: 'number', cell: ({ sequence }) => sequence },
    { label: 'What', kind: 'main', cell: (record) => html`${words(record.action)}
      ${nameIn(record) && html`<small>${nameIn(record)}</small>`}<${What} record=${record} />` },
    { label: 'Who', cell: ({ actorName, actor }) => actorName ?? words(actor?.type ?? 'system') },
    { label: 'When', cell: ({ at }) => html`<time datetime=${at} title=${formatAgo(at)}>${formatPrecise(at)}</time>` },
    { label: 'Subject', cell: ({ subject }) => subject && html`${words(subject.kind)}
      <${Copyable} text=${subject.id} label="${subject.kind} ID" />` },
    { label: 'Request', cell: ({ requestId }) => html`<${RequestId} id=${requestId} />` },
  ];
  return html`
    <${Page} title="Audit log" actions=${html`<${Button} icon="refresh-cw" onClick=${log.reload}>Refresh<//>`}
      intro=${html`<p>Every change, in one chain: each record holds the fingerprint of the one before, so that a changed
        or missing record shows.</p>`}>
      <${Verification} />
      <${Loaded} state=${log}>${(items) => html`<div class="compact">
        <${Table} caption="Audit records, newest first" columns=${columns} rows=${items}
          rowKey=${({ sequence }) => sequence} /></div>
        ${log.loadMore && html`<div class="load-more"><${Button} onClick=${log.loadMore}>Show more<//></div>`}`}<//>
    <//>`;
}

/** What people call the subject, as far as the record tells. */
const nameIn = ({ detail }) => detail?.after?.name ?? detail?.before?.name;

/**
 * The particulars of a record: facts that the chain proves, and the values before and after, which erasure may
 * have removed.
 */
function What({ record: { sequence, facts, detail, correlationId, hash } }) {
  const told = Object.entries(facts ?? {}).filter(([, value]) => value !== null);
  return html`
    <details class="disclosure">
      <summary>Details<span class="visually-hidden"> of record ${sequence}</span></summary>
      <dl class="facts-list">
        ${told.map(([key, value]) => html`<div key=${key}><dt>${words(key)}</dt><dd>${asText(value)}</dd></div>`)}
        ${changed(detail).map(([key, before, after]) => html`
          <div key=${key}><dt>${words(key)}</dt><dd>${before === undefined ? asText(after)
            : `${asText(before)} → ${asText(after)}`}</dd></div>`)}
        <div><dt>Correlation ID</dt><dd><${Correlation} id=${correlationId} /></dd></div>
        <div><dt>Fingerprint</dt><dd><${Copyable} text=${hash} label="fingerprint" /></dd></div>
      </dl>
    </details>`;
}

/** The members that differ between the values before and after, as name, before (undefined if new) and after. */
function changed(detail) {
  const { before, after } = detail ?? {};
  const keys = Object.keys({ ...before, ...after });
  return keys.map((key) => [key, before?.[key], after?.[key]]).filter(([, a, b]) => asText(a) !== asText(b));
}

function asText(value) {
  if (value == null) return 'nothing';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Has the server walk the whole chain. */
function Verification() {
  const [state, setState] = useState({});
  const verify = async () => {
    setState({ busy: true });
    try {
      setState({ report: await get('/audit/verify', { patience: 600_000 }) });
    } catch (error) {
      setState({ error });
    }
  };
  const { report } = state;
  return html`
    <div class="verification">
      <${Button} icon="shield-check" busy=${state.busy} onClick=${verify}>Verify the chain<//>
      <${Problem} error=${state.error} onRetry=${verify} />
      <div role="status">${report && (report.intact
        ? html`<${Notice} tone="success" title="The log is intact">
            <p>${count(report.records, 'record')} verified. Fingerprint of the last, no. ${report.head.sequence}:
              <${Copyable} text=${report.head.hash} label="fingerprint" /></p><//>`
        : html`<${Notice} tone="danger" title="The log was tampered with">
            <p>Record ${report.fault.sequence}: ${report.fault.what}</p><//>`)}</div>
    </div>`;
}
