/** What would become of each of many things, a line for each: it can be done, marks are at stake, or why not. */
import { html } from '../lib/view.js';
import { count, list } from '../lib/format.js';
import { Icon } from './icon.js';
import { Obstacle } from './obstacle.js';

/**
 * @param {{lines: {key: any, name: string, kind: string, first?: object}[], outcomes: object[], fine: string,
 *   atStake: string}} props `fine`: what becomes of those that nothing stands in the way of; `atStake`: what happens to
 * marks, as “Marks go out of sight”
 */
export function Outcomes({ lines, outcomes, fine, atStake }) {
  const told = ({ problem, needsConfirmation, changes }, { kind, first }) => {
    if (problem) return html`<${Obstacle} obstacle=${problem} kind=${kind} first=${first} plain />`;
    return html`<span>${needsConfirmation ? stakes(changes, atStake) : fine}</span>`;
  };
  const look = ({ problem, needsConfirmation }) => (problem ? ['refused', 'ban']
    : needsConfirmation ? ['at-stake', 'triangle-alert'] : ['fine', 'check']);
  return html`
    <ul class="outcomes" aria-label="What would become of each">
      ${lines.map((line, index) => {
        const [tone, icon] = look(outcomes[index]);
        return html`<li key=${line.key} class=${tone}><${Icon} name=${icon} />
          <div><strong>${line.name}</strong>${told(outcomes[index], line)}</div></li>`;
      })}
    </ul>`;
}

function stakes(changes, atStake) {
  const moved = changes.reduce((sum, { entries }) => sum + entries.length, 0);
  const where = list(changes.map(({ categoryName }) => categoryName));
  return `${atStake}${where && ` in ${where}`}; ${moved === 0 ? 'no place changes' : `${count(moved, 'place')} would change`}.`;
}
