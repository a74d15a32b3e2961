/** The JSON body of a call, whose texts are templates: what they can name, bodies to begin with, and the text itself. */
import { html } from '../lib/view.js';
import { examples, variables } from '../lib/hook-words.js';
import { Button } from './button.js';

/** @param {{value: string, onChange: (text: string) => void, attributes: object}} props */
export function TemplateInput({ value, onChange, attributes }) {
  const rows = Math.min(16, Math.max(5, value.split('\n').length + 1));
  return html`
    <details class="disclosure template-help">
      <summary>What can stand in it</summary>
      <div class="stack"><p>Texts may hold variables, such as <code>{{ event.type }}</code>. A text that is nothing but one
        variable becomes its value. What an event does not have of these is empty.</p>
      <dl class="facts-list">${variables.map(([name, meaning]) => html`
        <div key=${name}><dt><code>${name}</code></dt><dd>${meaning}</dd></div>`)}</dl>
      <div class="actions">${examples.map(({ name, body }) => html`
        <${Button} key=${name} icon="copy" onClick=${() => onChange(JSON.stringify(body, null, 2))}>
          <span class="visually-hidden">Put in an example for: </span>${name}<//>`)}</div></div>
    </details>
    <textarea ...${attributes} class="code-text" rows=${rows} spellcheck=${false} autocapitalize="off" value=${value}
      onInput=${(event) => onChange(event.target.value)} />`;
}
