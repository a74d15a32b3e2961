/** The judges of a contest by category: a table, or on a phone one category after another. */
import { html } from '../lib/view.js';
import { narrow } from '../lib/narrow.js';

/**
 * @param {{judges: object[], categories: object[], seat: (judge: object, category: object, named: boolean) => any}} props
 */
export function PanelBoard({ judges, categories, seat }) {
  if (narrow.value) {
    return html`${categories.map((category) => html`
      <section class="panel" key=${category.id} aria-label=${category.name}>
        <h2><a href="#/categories/${category.id}/judges">${category.name}</a></h2>
        <ul>${judges.map((judge) => html`<li key=${judge.id}>${seat(judge, category, true)}</li>`)}</ul>
      </section>`)}`;
  }
  return html`
    <div class="board panels"><table>
      <caption class="visually-hidden">Who judges which category</caption>
      <thead><tr><th scope="col">Judge</th>${categories.map((category) => html`
        <th scope="col" key=${category.id}><a href="#/categories/${category.id}/judges">${category.name}</a></th>`)}
      </tr></thead>
      <tbody>${judges.map((judge) => html`
        <tr key=${judge.id}><th scope="row">${judge.name}</th>${categories.map((category) => html`
          <td key=${category.id}>${seat(judge, category, false)}</td>`)}</tr>`)}</tbody>
    </table></div>`;
}
