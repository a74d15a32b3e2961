// A dashboard around its panels: variables, links to the others, and a place for each panel.
import { prometheus } from './queries.mjs';

const COLUMNS = 24;

/** A variable to choose a datasource; those of the provisioning files beside the dashboards are chosen first. */
const datasource = (type) => ({
  name: type,
  label: type[0].toUpperCase() + type.slice(1),
  type: 'datasource',
  query: type,
  current: { text: `em-${type}`, value: `em-${type}` },
  hide: 0,
  refresh: 1,
  regex: '',
  options: [],
});

const instance = {
  name: 'instance',
  label: 'Machine',
  type: 'query',
  datasource: prometheus,
  query: { query: 'label_values(build_info{job="event-manager"}, instance)', refId: 'instance' },
  includeAll: true,
  allValue: '.*',
  multi: true,
  current: { text: ['All'], value: ['$__all'] },
  hide: 0,
  refresh: 2,
  regex: '',
  sort: 1,
  options: [],
};

/** A variable to type a text into. */
export const textbox = (name, label) => ({
  name, label, type: 'textbox', query: '', current: { text: '', value: '' }, hide: 0, options: [],
});

/** Places panels in the order in which they come, as words on a line. A text among them begins a row of that title. */
function placed(entries) {
  let [x, y, height, id] = [0, 0, 0, 0];
  return entries.map((entry) => {
    const isRow = typeof entry === 'string';
    const { w, h } = isRow ? { w: COLUMNS, h: 1 } : entry.gridPos;
    if (x + w > COLUMNS) [x, y, height] = [0, y + height, 0];
    const gridPos = { x, y, w, h };
    [x, height, id] = [x + w, Math.max(height, h), id + 1];
    return isRow ? { type: 'row', title: entry, collapsed: false, panels: [], id, gridPos } : { ...entry, id, gridPos };
  });
}

export const dashboard = ({ uid, title, description, datasources = ['prometheus'], variables = [], panels }) => ({
  id: null,
  uid,
  title,
  description,
  tags: ['event-manager'],
  schemaVersion: 39,
  editable: true,
  graphTooltip: 1,
  timezone: 'browser',
  refresh: '30s',
  time: { from: 'now-3h', to: 'now' },
  annotations: { list: [] },
  links: [{
    title: 'event-manager', type: 'dashboards', tags: ['event-manager'], asDropdown: true, includeVars: false, keepTime: true,
    targetBlank: false, icon: 'external link', tooltip: '', url: '',
  }],
  templating: { list: [...datasources.map(datasource), ...variables, instance] },
  panels: placed(panels),
});
