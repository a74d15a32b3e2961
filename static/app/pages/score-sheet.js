/** The score sheet of one entrant: still open, submitted and final, or submitted but for marks that it lacks. */
import { html, useEffect, useState } from '../lib/view.js';
import { post } from '../lib/api.js';
import { closure, lacking } from '../lib/score-sheet.js';
import { Button } from '../components/button.js';
import { Icon } from '../components/icon.js';
import { Notice } from '../components/notice.js';
import { OpenSheet } from '../components/open-sheet.js';
import { ReasonDialog } from '../components/reason-dialog.js';
import { SubmittedSheet } from '../components/submitted-sheet.js';

/** @param {{scoring: object, index: number, offline: boolean, onSheet: Function, reload: () => void}} props */
export function ScoreSheet({ scoring, index, offline, onSheet, reload }) {
  const { category, criteria, entrants } = scoring;
  const entrant = entrants[index];
  const { sheet } = entrant;
  const [declaring, setDeclaring] = useState(false);
  useEffect(() => {
    document.title = `${entrant.number} · ${entrant.name} · ${category.name}`;
  }, []);
  const closed = closure(scoring);
  const final = sheet?.state === 'submitted' && lacking(sheet, criteria).length === 0;
  const keep = (stored) => onSheet(entrant.entryId, stored);
  if (entrant.conflict) {
    return html`
      <${EntrantHeader} scoring=${scoring} index=${index} />
      <${Notice} title="You do not score this contestant">
        <p>A conflict of interest is declared between the two of you. ${entrant.conflict === 'abstain'
          ? 'Your sheet counts as abstained.' : 'No sheet is expected of you.'} If that is wrong, tell an organiser.</p>
      <//>`;
  }
  return html`
    <${EntrantHeader} scoring=${scoring} index=${index} />
    ${closed && html`<${Notice} tone="warning" title=${closed.title}>
      <p>${closed.text} No sheet can be submitted now${final ? '.'
        : '; what you enter stays on this device.'}</p>
      <${Button} icon="refresh-cw" onClick=${reload}>Check again<//><//>`}
    ${final
      ? html`<${SubmittedSheet} scoring=${scoring} index=${index} closed=${Boolean(closed)} onSheet=${keep}
          reload=${reload} />`
      : html`<${OpenSheet} key=${sheet?.version ?? 'new'} scoring=${scoring} entrant=${entrant}
          closed=${Boolean(closed)} offline=${offline} onSheet=${keep} reload=${reload} />`}
    ${!sheet && !closed && html`<p class="declare">
      <${Button} onClick=${() => setDeclaring(true)}>I have a conflict of interest<//></p>`}
    ${declaring && html`<${ReasonDialog} title="Conflict of interest with ${entrant.name}" action="Declare it"
      run=${(reason) => post(`/categories/${category.id}/entries/${entrant.entryId}/conflict`, { reason })}
      onDone=${() => { setDeclaring(false); reload(); }} onClose=${() => setDeclaring(false)}>
      <p>From then on you do not score this contestant, in any category. Officials see the reason.</p><//>`}`;
}

function EntrantHeader({ scoring: { category, entrants }, index }) {
  const base = `#/judge/categories/${category.id}`;
  const { number, name } = entrants[index];
  const neighbour = (at, icon, label) => (entrants[at]
    ? html`<a class="icon-button" href="${base}/${entrants[at].entryId}"
        aria-label="${label}: ${entrants[at].number} ${entrants[at].name}"><${Icon} name=${icon} /></a>`
    : html`<span class="icon-button" aria-hidden="true" />`);
  return html`
    <nav class="entrant-nav" aria-label="Entrants">
      ${neighbour(index - 1, 'arrow-left', 'Previous')}
      <a href=${base}>${category.name}<small>${index + 1} of ${entrants.length}</small></a>
      ${neighbour(index + 1, 'arrow-right', 'Next')}
    </nav>
    <header class="entrant"><span class="entry-number">${number}</span><h1 tabIndex="-1">${name}</h1></header>`;
}
