/** How an organisation looks: name, accent colour and logo, shown as they would be before they are saved. */
import { html, useEffect, useState } from '../lib/view.js';
import { put, remove } from '../lib/api.js';
import { branding, logoAddress, show, showBrandingOf } from '../lib/branding.js';
import { canBeAccent, textOn } from '../lib/contrast.js';
import { session } from '../lib/session.js';
import { toast } from '../lib/toasts.js';
import { Button } from '../components/button.js';
import { Problem } from '../components/notice.js';

export const looks = [
  {
    name: 'displayName', label: 'Name to show', type: 'text',
    hint: 'Stands on every page, also before anybody has signed in.',
  },
  {
    name: 'accentColour', label: 'Accent colour', type: 'text',
    hint: 'Six hexadecimal digits, such as #0f766e. It must be seen on light and on dark pages.',
  },
];

/** Shows the values of the form on this page; what is saved comes back when the form is left. */
export function useLivePreview(values) {
  const { slug } = session.value.tenant;
  useEffect(() => {
    const colour = values.accentColour.trim().toLowerCase();
    const accent = canBeAccent(colour) ? colour : null;
    show({
      ...branding.value, displayName: values.displayName.trim() || null,
      accentColour: accent, onAccent: accent && textOn(accent),
    });
  }, [values.displayName, values.accentColour]);
  useEffect(() => () => { showBrandingOf(slug); }, []);
}

/** The logo, which is saved as soon as a file is chosen. */
export function LogoSetting() {
  const { slug } = session.value.tenant;
  const [error, setError] = useState(null);
  const change = async (run, said) => {
    setError(null);
    try {
      await run();
      await showBrandingOf(slug);
      toast(said);
    } catch (failure) {
      setError(failure);
    }
  };
  const choose = (event) => {
    const [file] = event.target.files;
    if (file) change(() => put('/settings/logo', file), 'Logo saved.');
    event.target.value = '';
  };
  return html`
    <div class="field">
      <label for="logo">Logo file <span class="optional">optional</span></label>
      <p class="field-hint" id="logo-hint">PNG, JPEG or WebP, at most 256 KiB. It is shown as soon as it is chosen.</p>
      <${Problem} error=${error} />
      ${branding.value.logo && html`<img class="logo-preview" src=${logoAddress(branding.value)} alt="The present logo" />`}
      <input id="logo" type="file" accept="image/png,image/jpeg,image/webp" aria-describedby="logo-hint"
        onChange=${choose} />
      ${branding.value.logo && html`<div class="actions"><${Button} icon="trash-2"
        onClick=${() => change(() => remove('/settings/logo'), 'Logo removed.')}>Remove the logo<//></div>`}
    </div>`;
}
