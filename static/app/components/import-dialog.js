/** The dialog that imports a table: what its columns hold, what would become of each row, doing it, taking it back. */
import { html, useMemo, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { count } from '../lib/format.js';
import { byRow, choices, failures, imports } from '../lib/importing.js';
import { ended, undo } from '../lib/job.js';
import { useList } from '../lib/resource.js';
import { can } from '../lib/session.js';
import { tableOf } from '../lib/table-text.js';
import { toast } from '../lib/toasts.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { ImportColumns } from './import-columns.js';
import { FaultyRows, ImportFindings } from './import-findings.js';
import { ImportSource } from './import-source.js';
import { Notice, Problem } from './notice.js';

const examples = {
  contestants: 'Name;Pronouns;Bio', judges: 'Name;E-mail', users: 'Name;E-mail;Roles',
  entries: 'Number;Name', conflicts: 'Judge;Contestant;Reason',
};

/**
 * @param {{what: 'contestants'|'judges'|'users'|'entries'|'conflicts', contestId?: string, onChanged: () => void,
 *   onClose: () => void}} props
 */
export function ImportDialog({ what, contestId, onChanged, onClose }) {
  const { one, many } = imports[what];
  const fields = useList(can('fields.read') ? '/fields' : null);
  const words = [one, many];
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState({});
  const [told, setTold] = useState({});
  const [checked, setChecked] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(null);
  const [done, setDone] = useState(null);
  const table = useMemo(() => tableOf(text), [text]);

  const request = (csv, columns, more) => post('/imports', { what, csv, columns, ...(contestId && { contestId }), ...more });
  /** Runs one step; what the server says against it stays on the screen. */
  const step = async (name, run) => {
    if (busy) return;
    setBusy({ name });
    setError(null);
    try {
      await run();
    } catch (failure) {
      const faults = byRow(failure.errors ?? []).rows;
      if (faults.size > 0) setChecked({ imported: 0, known: [], faults, refused: true });
      setError(failure);
    }
    setBusy(null);
  };
  const check = (csv = text, columns = chosen) => step('check', async () => {
    setChecked(null);
    const answer = await request(csv, columns, { dryRun: true });
    setTold(Object.fromEntries(answer.columns.map((column) => [column.heading, column.holds])));
    setChecked({ imported: answer.imported, known: answer.known, faults: failures(answer.failed) });
  });
  const take = (skipFaulty) => step('import', async () => {
    const answer = await request(text, chosen, { skipFaulty });
    // A large table, or one with faults, is left to a job, which is the whole answer.
    const job = answer.columns ? answer.job : await ended(answer, (now) => setBusy({ name: 'import', ...now }));
    const { rows } = byRow(job?.errors ?? []);
    setDone({ job, faults: rows, imported: answer.columns ? answer.imported : checked.imported });
    onChanged();
  });
  const takeBack = () => step('undo', async () => {
    const kept = await undo(done.job);
    toast(kept > 0 ? 'Taken back, except for what somebody has changed since.' : 'The import is taken back.');
    onChanged();
    onClose();
  });

  const read = (csv) => {
    setText(csv);
    setChosen({});
    setTold({});
    check(csv, {});
  };
  const type = (csv) => {
    setText(csv);
    setChecked(null);
  };
  const choose = (heading, column) => {
    setChosen({ ...chosen, [heading]: column });
    setChecked(null);
  };

  const title = `Import ${what}`;
  if (done) {
    return html`<${Dialog} title=${title} wide onClose=${onClose} footer=${html`
      ${done.job?.undoable && html`<${Button} icon="undo-2" busy=${busy?.name === 'undo'} onClick=${takeBack}>Undo<//>`}
      <${Button} kind="primary" onClick=${onClose}>Done<//>`}>
      <${Problem} error=${error} />
      <${Notice} tone="success" role="status" title="${count(done.imported, ...words)} imported">
        ${done.faults.size > 0 && html`<p>Left out: ${count(done.faults.size, 'row')}. Here is why.</p>`}<//>
      ${done.faults.size > 0 && html`<${FaultyRows} table=${table} faults=${done.faults} />`}
    <//>`;
  }
  const ready = checked && !checked.refused && checked.imported > 0;
  const rest = ready && checked.faults.size > 0;
  const isTable = table.headings.length > 0;
  const footer = html`
    <${Button} onClick=${onClose}>Cancel<//>
    <${Button} kind=${ready ? 'plain' : 'primary'} type="submit" disabled=${!isTable} busy=${busy?.name === 'check'}>
      Check<//>
    ${ready && html`<${Button} kind="primary" icon="upload" busy=${busy?.name === 'import'} onClick=${() => take(rest)}>
      ${rest ? `Import the rest (${checked.imported})` : `Import ${count(checked.imported, ...words)}`}<//>`}`;
  const known = { ...told, ...chosen };
  return html`
    <${Dialog} title=${title} wide onClose=${onClose} onSubmit=${() => check()} footer=${footer}>
      ${error && (checked?.refused
        ? html`<${Notice} tone="danger" role="alert" title="Nothing was imported">
            <p>Correct these rows in the table below, then check it again.</p><//>
          <${FaultyRows} table=${table} faults=${checked.faults} />`
        : html`<${Problem} error=${error} />`)}
      ${busy?.total > 0 && html`<p role="status">${busy.done} of ${busy.total} done
        <progress class="import-progress" max=${busy.total} value=${busy.done} aria-label="Progress of the import" /></p>`}
      ${checked && !checked.refused && html`
        <${ImportFindings} table=${table} words=${words} checked=${checked} />`}
      ${isTable && html`<${ImportColumns} table=${table} holds=${choices(what, fields.data ?? [])} known=${known} onChange=${choose} />`}
      <${ImportSource} what=${what} text=${text} example=${examples[what]} onRead=${read} onType=${type} />
    <//>`;
}
