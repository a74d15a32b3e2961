/** Marks to read: in the review before submitting, on a submitted sheet, beside one another in a conflict. */
import { html } from '../lib/view.js';
import { stateWords, totals } from '../lib/score-sheet.js';
import { Icon } from './icon.js';

/** @param {{criteria: object[], marks: Record<string, object>, comment?: {text: string, private: boolean}}} props */
export function MarksList({ criteria, marks, comment }) {
  const { total, highest } = totals(criteria, marks);
  return html`
    <dl class="marks-list">
      ${criteria.map(({ id, name, weight }) => html`
        <div key=${id}>
          <dt>${name}${weight !== '1' && html` <small>× ${weight}</small>`}</dt>
          <dd>${marks[id]?.value ?? html`<em>${stateWords[marks[id]?.state] ?? 'Not scored'}</em>`}</dd>
        </div>`)}
      <div class="total"><dt>Total</dt><dd>${total} <small>of ${highest}</small></dd></div>
    </dl>
    ${comment?.text && html`
      <blockquote class="comment"><p>${comment.text}</p>
        <footer><${Icon} name=${comment.private ? 'lock' : 'message-square'} size="s" />
          ${comment.private ? 'For officials only' : 'The contestant may read it'}</footer></blockquote>`}`;
}
