/** The PIN that a judge types for a link, and what became of it. */
import { useState } from './view.js';
import { signInByLink } from './judge-link.js';

/** How many digits a PIN has. */
export const pinLength = 6;

/**
 * @returns {{pad: {value: string, onChange: (pin: string) => void, fault: string|null}, error: Error|null,
 *   busy: boolean, submit: () => Promise<void>}} `pad` are the props of the pad on which it is typed
 */
export function usePin() {
  const [value, setValue] = useState('');
  const [fault, setFault] = useState(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const onChange = (pin) => {
    setFault(null);
    setValue(pin);
  };
  const submit = async () => {
    if (busy) return;
    setFault(value.length < pinLength ? `The PIN has ${pinLength} digits.` : null);
    if (value.length < pinLength) return;
    setBusy(true);
    setError(null);
    try {
      await signInByLink(value);
    } catch (failure) {
      setError(failure);
      // Only a wrong PIN has to be typed again.
      if (failure.status === 401) setValue('');
      setBusy(false);
    }
  };
  return { pad: { value, onChange, fault }, error, busy, submit };
}
