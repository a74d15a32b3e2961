/** The results of a category: places, and why each entry has the place it has. */
import { html } from '../lib/view.js';
import { concerns } from '../lib/concerns.js';
import { useResource } from '../lib/resource.js';
import { ExportMenu } from '../components/export-menu.js';
import { MailResults } from '../components/mail-results.js';
import { Loaded } from '../components/notice.js';
import { ResultsTable } from '../components/results-table.js';

export function CategoryResults({ category }) {
  const results = useResource(`/categories/${category.id}/results`, {
    refreshMs: 15_000, on: concerns({ contestId: category.contestId, categoryId: category.id }),
  });
  return html`<${Loaded} state=${results}>${(data) => html`
    <div class="toolbar"><${ExportMenu} what="results" categoryId=${category.id} />
      <${MailResults} path=${`/categories/${category.id}`} contestId=${category.contestId} /></div>
    <${ResultsTable} results=${data} />`}<//>`;
}
