/** The view library in one import: `html` templates, hooks and signals. */
import { h, render } from '../../vendor/preact/preact.js';
import htm from '../../vendor/htm/htm.js';

export { render };
export {
  useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState,
} from '../../vendor/preact/hooks.js';
export { computed, signal } from '../../vendor/signals/signals.js';

/** Tagged template that reads like JSX and needs no compiler. */
export const html = htm.bind(h);
