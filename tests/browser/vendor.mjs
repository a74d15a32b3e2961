// Copies the libraries of the browser UI from node_modules into static/vendor, as plain modules that a browser
// loads without a bundler, and writes the manifest that the build checks. Run after changing a version:
//   npm install && npm run vendor
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, 'node_modules');
const vendor = join(here, '../../static/vendor');

/** Where each bare import is found under static/vendor. */
const modules = {
  preact: { package: 'preact', from: 'dist/preact.mjs', to: 'preact/preact.js' },
  'preact/hooks': { package: 'preact', from: 'hooks/dist/hooks.mjs', to: 'preact/hooks.js' },
  '@preact/signals-core': {
    package: '@preact/signals-core', from: 'dist/signals-core.mjs', to: 'signals/signals-core.js',
  },
  '@preact/signals': { package: '@preact/signals', from: 'dist/signals.mjs', to: 'signals/signals.js' },
  htm: { package: 'htm', from: 'dist/htm.mjs', to: 'htm/htm.js' },
};

/** The icons of the sprite, by their lucide names. */
const icons = [
  'archive', 'arrow-down', 'arrow-left', 'arrow-right', 'arrow-up', 'ban', 'calendar-days', 'chart-line', 'check', 'chevron-down',
  'chevron-right', 'circle-alert', 'circle-check', 'circle-pause', 'circle-question-mark', 'circle-user-round',
  'clipboard-list', 'clock', 'copy', 'delete', 'download', 'eye', 'file-text', 'gavel', 'hand', 'history', 'inbox',
  'info', 'key-round', 'layers', 'layout-template', 'link', 'list-checks', 'list-ordered', 'lock', 'lock-open',
  'log-out', 'map-pin', 'menu', 'message-square', 'minus', 'monitor', 'moon', 'paperclip', 'pencil', 'plug', 'plus',
  'refresh-cw', 'rotate-ccw', 'scale', 'search', 'send', 'shield-check', 'sun', 'trash-2', 'triangle-alert', 'trophy',
  'undo-2', 'upload', 'users', 'webhook', 'wifi-off', 'x', 'zap',
];

const files = [];

async function put(to, text, origin) {
  const target = join(vendor, to);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text);
  files.push({ path: to, ...origin, sha256: createHash('sha256').update(text).digest('hex') });
}

async function describe(name) {
  const { version, license } = JSON.parse(await readFile(join(packages, name, 'package.json'), 'utf8'));
  return { package: name, version, license };
}

/** Turns bare imports into relative ones, so that no import map (an inline script) is needed. */
function relink(text, to) {
  return text
    .replace(/\bfrom"([^"]+)"/g, (_, name) => {
      const path = relative(dirname(to), modules[name].to);
      return `from"${path.startsWith('.') ? path : `./${path}`}"`;
    })
    .replace(/\n?\/\/# sourceMappingURL=.*\n?/g, '\n');
}

async function symbol(name) {
  const svg = await readFile(join(packages, 'lucide-static/icons', `${name}.svg`), 'utf8');
  const shapes = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>')).trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, '')}</symbol>`;
}

await rm(vendor, { recursive: true, force: true });
for (const { package: name, from, to } of Object.values(modules)) {
  await put(to, relink(await readFile(join(packages, name, from), 'utf8'), to), await describe(name));
}
const sprite = (await Promise.all(icons.map(symbol))).join('\n');
await put(
  'lucide/icons.svg',
  `<svg xmlns="http://www.w3.org/2000/svg">\n${sprite}\n</svg>\n`,
  await describe('lucide-static'),
);
for (const [name, folder] of [
  ['preact', 'preact'], ['@preact/signals', 'signals'], ['htm', 'htm'], ['lucide-static', 'lucide'],
]) {
  const licence = await readFile(join(packages, name, 'LICENSE'), 'utf8');
  await put(`${folder}/LICENSE.txt`, licence, await describe(name));
}
files.sort((a, b) => (a.path < b.path ? -1 : 1));
await writeFile(join(vendor, 'MANIFEST.json'), `${JSON.stringify({ files }, null, 2)}\n`);
