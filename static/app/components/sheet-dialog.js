/** One judge's sheet as officials see it: marks, earlier versions, reopening, deletion. */
import { html, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { formatDateTime, formatExact, formatPrecise } from '../lib/format.js';
import { useResource } from '../lib/resource.js';
import { draftOf, lacking, marksMissing } from '../lib/score-sheet.js';
import { can } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { Badge } from './badge.js';
import { Button, IconButton } from './button.js';
import { DeleteDialog } from './delete-dialog.js';
import { Dialog } from './dialog.js';
import { MarksList } from './marks-list.js';
import { Loaded, Notice } from './notice.js';
import { ReasonDialog } from './reason-dialog.js';

const reopen = {
  verb: 'reopen', title: 'Reopen this sheet', action: 'Reopen', said: 'Sheet reopened.',
  explanation: 'The judge can submit again. The present marks count until then.',
};
const refuse = {
  verb: 'refuse-reopening', title: 'Refuse to reopen', action: 'Refuse', said: 'Reopening refused.',
  explanation: 'The sheet stays as it is.',
};

/** @param {{category: object, criteria: object[], sheet: object, entry: object, frozen: boolean,
 *   onChanged: () => void, onClose: () => void}} props */
export function SheetDialog({ category, criteria, sheet, entry, frozen, onChanged, onClose }) {
  const [open, setOpen] = useState(null);
  const path = `/categories/${category.id}/entries/${sheet.entryId}/sheets/${sheet.judgeId}`;
  const { marks, comment } = draftOf(sheet);
  const manage = can('sheets.manage') && !frozen;
  const name = `sheet of ${sheet.judgeName} for ${entry?.contestantName ?? 'an entrant'}`;
  const close = () => setOpen(null);
  const done = (said) => () => {
    close();
    toast(said);
    onChanged();
  };
  const lacks = lacking(sheet, criteria).length;
  const given = criteria.filter(({ id }) => marks[id]?.value != null);
  const footer = manage && html`
    <${Button} kind="danger-quiet" icon="trash-2" onClick=${() => setOpen({ sheet: true })}>Delete sheet<//>
    ${sheet.reopening && html`<${Button} onClick=${() => setOpen({ decision: refuse })}>Refuse<//>`}
    ${sheet.state === 'submitted' && html`
      <${Button} kind="primary" icon="lock-open" onClick=${() => setOpen({ decision: reopen })}>Reopen<//>`}`;
  return html`
    <${Dialog} title=${`${sheet.judgeName}’s sheet${entry ? ` for ${entry.number} · ${entry.contestantName}` : ''}`}
      onClose=${onClose} footer=${footer}>
      <p class="badges"><${Badge} tone=${sheet.state === 'reopened' ? 'accent' : 'success'}>
        ${sheet.state === 'reopened' ? 'Reopened' : 'Submitted'}<//>
        ${lacks > 0 && html`<${Badge} tone="warning" icon="circle-alert">${marksMissing(lacks)}<//>`}
        <span class="muted" title=${formatExact(sheet.submittedAt)}>${formatDateTime(sheet.submittedAt)}</span></p>
      ${sheet.reopening && html`<${Notice} tone="warning" title="${sheet.judgeName} asks to reopen">
        <p>“${sheet.reopening.reason}”</p><//>`}
      <${MarksList} criteria=${criteria} marks=${marks} comment=${comment} />
      ${manage && given.length > 0 && html`
        <details class="disclosure"><summary>Delete a single mark</summary>
          <ul class="rows">${given.map((criterion) => html`<li key=${criterion.id}>
            <span>${criterion.name}: ${marks[criterion.id].value}</span>
            <${IconButton} icon="trash-2" label="Delete the mark for ${criterion.name}"
              onClick=${() => setOpen({ criterion })} /></li>`)}</ul></details>`}
      <${Versions} path=${path} criteria=${criteria} version=${sheet.version} />
      ${open?.decision && html`<${ReasonDialog} title=${open.decision.title} action=${open.decision.action}
        run=${(reason) => post(`${path}/${open.decision.verb}`, { reason })} onClose=${close}
        onDone=${done(open.decision.said)}><p>${open.decision.explanation}</p><//>`}
      ${open?.criterion && html`<${DeleteDialog} what="mark" name="${open.criterion.name} on the ${name}"
        path="${path}/marks/${open.criterion.id}" consequence="The mark then counts as missing, not as zero."
        onClose=${close} onDone=${() => { close(); onChanged(); }} onRestored=${onChanged} />`}
      ${open?.sheet && html`<${DeleteDialog} what="sheet" name=${name} path=${path}
        consequence="The sheet goes to the trash and no longer counts; the judge can submit another."
        onClose=${close} onDone=${() => { onChanged(); onClose(); }} onRestored=${onChanged} />`}
    <//>`;
}

/** Earlier versions of a sheet, loaded when asked; nothing that was submitted is ever gone. */
function Versions({ path, criteria, version }) {
  const [asked, setAsked] = useState(false);
  return html`
    <details class="disclosure" onToggle=${(event) => setAsked(event.currentTarget.open)}>
      <summary>Earlier versions</summary>
      ${asked && html`<${VersionList} key=${version} path=${path} criteria=${criteria} />`}
    </details>`;
}

function VersionList({ path, criteria }) {
  const versions = useResource(`${path}/versions`);
  return html`<${Loaded} state=${versions}>${({ items }) => (items.length === 0
    ? html`<p class="muted">This is the first version.</p>`
    : items.map((old) => html`<section key=${old.version}>
        <h3>${old.state === 'reopened' ? 'While it was reopened' : `As submitted ${formatPrecise(old.submittedAt)}`}
          <small> version ${old.version}</small></h3>
        <${MarksList} criteria=${criteria} marks=${draftOf(old).marks} comment=${old.comment} /></section>`))}<//>`;
}
