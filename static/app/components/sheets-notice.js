/** Sheets that somebody should look at, each a button that opens it. */
import { html } from '../lib/view.js';
import { Notice } from './notice.js';

/** More would push the board off the screen, which shows them all. */
const most = 6;

/**
 * @param {{title: string, sheets: object[], name: (sheet: object) => string, about?: (sheet: object) => string,
 *   onOpen: (sheet: object) => void}} props `about` is what stands behind the name
 */
export function SheetsNotice({ title, sheets, name, about = () => '', onOpen, children }) {
  if (sheets.length === 0) return null;
  return html`
    <${Notice} tone="warning" title=${title}>
      ${children}
      <ul>${sheets.slice(0, most).map((sheet) => html`<li key=${sheet.judgeId + sheet.entryId}>
        <button type="button" class="link" onClick=${() => onOpen(sheet)}>${name(sheet)}</button>${about(sheet)}</li>`)}
      </ul>
      ${sheets.length > most && html`<p>And ${sheets.length - most} more: see below.</p>`}
    <//>`;
}
