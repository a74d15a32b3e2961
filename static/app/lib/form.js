/** A form: what is typed, what is wrong with it, and sending it. */
import { useState } from './view.js';
import { faultsOf } from './form-values.js';

/**
 * @param {object[]} fields
 * @param {object|(() => object)} initial the values that it begins with, or what makes them
 * @param {(values: object) => Promise<void>} send with values that have no faults a browser can see
 * @returns {{values: object, setValues: (values: object) => void, faults: object[], error: Error|null, busy: boolean,
 *   submit: () => Promise<void>}}
 */
export function useForm(fields, initial, send) {
  const [values, setValues] = useState(initial);
  const [faults, setFaults] = useState([]);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    const found = faultsOf(fields, values);
    setFaults(found);
    setError(null);
    if (found.length > 0 || busy) return;
    setBusy(true);
    try {
      await send(values);
    } catch (failure) {
      setError(failure);
      setFaults(failure.errors ?? []);
    }
    setBusy(false);
  };
  return { values, setValues, faults, error, busy, submit };
}
