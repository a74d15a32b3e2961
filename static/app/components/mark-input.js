/** One criterion on the sheet: its scale, the mark, a stepper, and the way to give no mark. */
import { html } from '../lib/view.js';
import { stepMark } from '../lib/decimal.js';
import { stateWords } from '../lib/score-sheet.js';
import { Icon } from './icon.js';

/**
 * @param {{criterion: object, mark: object|undefined, onMark: (mark: object|undefined) => void,
 *   onKeypad: (start: string, typed: boolean) => void}} props `typed`: the start is a digit that was just typed
 */
export function MarkInput({ criterion, mark, onMark, onKeypad }) {
  const { name, description, minimum, maximum, step, weight } = criterion;
  const value = mark?.value ?? null;
  const abstained = mark?.state === 'abstained';
  const spoken = mark?.state ? stateWords[mark.state] : value ?? 'not scored';
  const move = (direction) => onMark({ value: stepMark(value, direction, criterion) });
  const type = (event) => {
    if (/^[0-9]$/.test(event.key)) onKeypad(event.key, true);
    else if (event.key === 'ArrowUp') move(1);
    else if (event.key === 'ArrowDown') move(-1);
    else return;
    event.preventDefault();
  };
  const tone = mark?.state ? 'without' : value === null ? 'unscored' : 'scored';
  return html`
    <li class="mark ${tone}" id="mark-${criterion.id}">
      <div class="mark-head">
        <h3>${name}</h3>
        <p class="mark-scale">${minimum} to ${maximum}${step !== '1' && `, step ${step}`}
          ${weight !== '1' && html`<span>counts × ${weight}</span>`}</p>
        ${description && html`<p class="mark-description">${description}</p>`}
      </div>
      <div class="stepper" role="group" aria-label=${name}>
        <button type="button" class="step" aria-label="${name}: one step less" disabled=${value === minimum}
          onClick=${() => move(-1)}><${Icon} name="minus" size="l" /></button>
        <button type="button" class="mark-value" aria-label="${name}: ${spoken}. Open the keypad"
          onClick=${() => onKeypad(value ?? '', false)} onKeyDown=${type}>
          ${mark?.state ? stateWords[mark.state] : value ?? html`<span>Not scored</span>`}</button>
        <button type="button" class="step" aria-label="${name}: one step more" disabled=${value === maximum}
          onClick=${() => move(1)}><${Icon} name="plus" size="l" /></button>
      </div>
      <button type="button" class="abstain" aria-pressed=${abstained}
        aria-label="${name}: abstain" onClick=${() => onMark(abstained ? undefined : { state: 'abstained' })}>
        <${Icon} name="hand" size="s" />Abstain</button>
    </li>`;
}
