/** Marks to read: in the review before submitting, on a submitted sheet, beside one another in a conflict. */
import { html } from '../lib/view.js';
import { stateWords, totals } from '../lib/score-sheet.js';
import { Icon } from './icon.js';

/**
 * @param {{criteria: object[], marks: Record<string, object>, comment?: {text: string, private: boolean},
 *   other?: Record<string, object>}} props with `other` marks to compare with, differences stand out
 */
export function MarksList({ criteria, marks, comment, other }) {
  const { total, highest } = totals(criteria, marks);
  const differs = (id) => other && (other[id]?.value !== marks[id]?.value || other[id]?.state !== marks[id]?.state);
  return html`
    <dl class="marks-list">
      ${criteria.map(({ id, name, weight }) => html`
        <div key=${id} class=${differs(id) ? 'differs' : ''}>
          <dt>${name}${differs(id) && html`<span class="visually-hidden"> (differs)</span>`}
            ${weight !== '1' && html` <small>× ${weight}</small>`}</dt>
          <dd>${marks[id]?.value ?? html`<em>${stateWords[marks[id]?.state] ?? 'Not scored'}</em>`}</dd>
        </div>`)}
      <div class="total"><dt>Total</dt><dd>${total} <small>of ${highest}</small></dd></div>
    </dl>
    ${comment?.text && html`
      <blockquote class="comment"><p>${comment.text}</p>
        <footer><${Icon} name=${comment.private ? 'lock' : 'message-square'} size="s" />
          ${comment.private ? 'For officials only' : 'The contestant may read it'}</footer></blockquote>`}`;
}
