/**
 * The PIN of a judge's link, on large keys. The field takes a keyboard and speaks to screen readers; it only keeps the
 * device's own keyboard away, for which the keys stand there.
 */
import { html, useId } from '../lib/view.js';
import { pinLength } from '../lib/use-pin.js';
import { Icon } from './icon.js';

const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

/**
 * @param {{value: string, onChange: (pin: string) => void, fault?: string|null}} props `fault`: what is wrong with what
 * was typed
 */
export function PinPad({ value, onChange, fault }) {
  const id = useId();
  const digitsOf = (text) => text.replace(/\D/g, '').slice(0, pinLength);
  const type = ({ target }) => {
    const pin = digitsOf(target.value);
    // What is no digit changes nothing here, so nothing else would take it out of the field.
    target.value = pin;
    onChange(pin);
  };
  const key = (label, next, content = label) => html`
    <button type="button" class="key" aria-label=${label} onClick=${() => onChange(digitsOf(next))}>${content}</button>`;
  return html`
    <div class="pin-pad">
      <label for=${id}>PIN</label>
      <input id=${id} class="pin" type="text" inputmode="none" autocomplete="off" autofocus value=${value}
        aria-describedby="${id}-hint" aria-invalid=${fault ? 'true' : null} onInput=${type} />
      <p class="keypad-hint ${fault ? 'fault' : ''}" id="${id}-hint" role="status">
        ${fault ?? `${value.length} of ${pinLength} digits`}</p>
      <div class="keys" role="group" aria-label="Keypad">
        ${digits.map((digit) => key(digit, value + digit))}
        ${key('Clear', '', html`<${Icon} name="x" />`)}
        ${key('0', `${value}0`)}
        ${key('Erase', value.slice(0, -1), html`<${Icon} name="delete" />`)}
      </div>
    </div>`;
}
