/** A mark on the sheet that was submitted and cannot be changed. */
import { html } from '../lib/view.js';
import { stateWords } from '../lib/score-sheet.js';
import { Icon } from './icon.js';

/** @param {{criterion: object, mark: object}} props */
export function FixedMark({ criterion: { name }, mark: { value, state } }) {
  return html`
    <li class="mark fixed">
      <div class="mark-head"><h3>${name}</h3><p class="mark-scale"><${Icon} name="lock" size="s" />Submitted</p></div>
      <p class="mark-given">${value ?? stateWords[state]}</p>
    </li>`;
}
