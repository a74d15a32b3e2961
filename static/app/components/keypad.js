/** The keypad that a judge types a mark on; a keyboard works as well. */
import { html, useState } from '../lib/view.js';
import { formatDecimal, markFault, parseDecimal } from '../lib/decimal.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';

const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

/**
 * @param {{criterion: object, start: string, typed: boolean, more: boolean,
 *   onValue: (value: string|null) => void, onClose: () => void}} props `start` stands there first, `typed` if it is
 * the first digit of a new mark; `more` says that other criteria are unscored
 */
export function Keypad({ criterion, start, typed, more, onValue, onClose }) {
  const [text, setText] = useState(start);
  const [tried, setTried] = useState(false);
  // The first digit replaces the mark that was there.
  const [fresh, setFresh] = useState(!typed);
  const fault = text === '' ? null : markFault(text, criterion);
  const whole = !/[.]/.test(`${criterion.minimum}${criterion.step}`);

  const press = (character) => {
    const next = fresh ? character : text + character;
    setFresh(false);
    setTried(false);
    if (/^\d{0,9}(\.\d{0,6})?$/.test(next.replace('-', ''))) setText(next);
  };
  const erase = () => {
    setFresh(false);
    setText(text.slice(0, -1));
  };
  const done = () => {
    setTried(true);
    if (text === '') onValue(null);
    else if (!fault) onValue(formatDecimal(parseDecimal(text)));
  };
  const type = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key)) press(event.key);
    else if (event.key === '.' || event.key === ',') press('.');
    else if (event.key === '-' && criterion.minimum.startsWith('-')) press('-');
    else if (event.key === 'Backspace') erase();
    else return;
    event.preventDefault();
  };
  const key = (label, run, content = label, disabled = false) => html`
    <button type="button" class="key" aria-label=${label} disabled=${disabled} onClick=${run}>${content}</button>`;
  return html`
    <${Dialog} title=${criterion.name} onClose=${onClose} onSubmit=${done} kind="keypad-dialog">
      <div class="keypad" onKeyDown=${type}>
        <output class="keypad-value ${text === '' ? 'unscored' : ''}" aria-label="Mark">${text || '–'}</output>
        <p class="keypad-hint ${fault && tried ? 'fault' : ''}" role="status">
          ${(tried && fault) || `${criterion.minimum} to ${criterion.maximum}, step ${criterion.step}`}</p>
        <div class="keys">
          ${digits.map((digit) => key(digit, () => press(digit)))}
          ${criterion.minimum.startsWith('-') ? key('Minus', () => press('-'), '−')
            : key('Decimal point', () => press('.'), '.', whole)}
          ${key('0', () => press('0'))}
          ${key('Erase', erase, html`<${Icon} name="delete" />`)}
        </div>
        <div class="keypad-actions">
          <${Button} onClick=${() => onValue(null)}>Clear mark<//>
          <${Button} kind="primary" type="submit" autofocus>${more ? 'Next criterion' : 'Done'}<//>
        </div>
      </div>
    <//>`;
}
