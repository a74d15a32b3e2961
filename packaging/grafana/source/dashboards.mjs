// Makes the dashboards beside this folder from what is written here: nobody edits JSON by hand.
//
//   node packaging/grafana/source/dashboards.mjs          writes packaging/grafana/dashboards/*.json
//   node packaging/grafana/source/dashboards.mjs --check  fails if they are not what it would write
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

import jobs from './jobs.mjs';
import red from './red.mjs';
import resilience from './resilience.mjs';
import slo from './slo.mjs';
import storage from './storage.mjs';
import tracing from './tracing.mjs';

const folder = new URL('../dashboards/', import.meta.url);
const files = new Map(
  [tracing, red, resilience, jobs, storage, slo].map((dashboard) => [
    `${dashboard.uid.replace(/^em-/, '')}.json`,
    `${JSON.stringify(dashboard, null, 2)}\n`,
  ]),
);

if (process.argv[2] === '--check') {
  const written = readdirSync(folder);
  const differing = new Set([...files.keys(), ...written].filter(
    (name) => !files.has(name) || !written.includes(name) || readFileSync(new URL(name, folder), 'utf8') !== files.get(name),
  ));
  if (differing.size > 0) {
    console.error(`not what packaging/grafana/source/dashboards.mjs writes: ${[...differing].join(', ')}`);
    process.exit(1);
  }
} else {
  for (const [name, text] of files) writeFileSync(new URL(name, folder), text);
}
