// Panels of the kinds that the dashboards use. Each is told its queries; place and number come with the dashboard.

const NAMES = 'ABCDEFGH';

/** A panel; `width` is of 24, `height` in units of the grid. */
function panel(type, title, targets, { width = 12, height = 8, description, unit, ...more } = {}) {
  const { defaults, overrides = [], options = {}, ...rest } = more;
  return {
    type,
    title,
    ...(description && { description }),
    ...(targets.length > 0 && { datasource: targets[0].datasource }),
    targets: targets.map((target, at) => ({ refId: NAMES[at], ...target })),
    fieldConfig: { defaults: { ...(unit && { unit }), ...defaults }, overrides },
    options,
    ...rest,
    gridPos: { w: width, h: height },
  };
}

/** Lines over time. */
export const timeseries = (title, targets, { defaults, stacked, ...more } = {}) =>
  panel('timeseries', title, targets, {
    options: {
      legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    defaults: {
      min: 0,
      ...defaults,
      custom: { fillOpacity: 10, showPoints: 'never', ...(stacked && { stacking: { mode: 'normal' } }), ...defaults?.custom },
    },
    ...more,
  });

/** One number; `steps` are pairs of the value from which on a colour holds, and the colour. */
export const stat = (title, targets, { steps = [[null, 'green']], defaults, ...more } = {}) =>
  panel('stat', title, targets, {
    width: 6,
    height: 4,
    options: { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, colorMode: 'value', graphMode: 'area' },
    defaults: { thresholds: { mode: 'absolute', steps: steps.map(([value, color]) => ({ value, color })) }, ...defaults },
    ...more,
  });

/** States over time, one bar a series; `states` is a list of text and colour, by the number that stands for each. */
export const states = (title, targets, words, more = {}) =>
  panel('state-timeline', title, targets, {
    options: { mergeValues: true, showValue: 'auto', rowHeight: 0.8, legend: { displayMode: 'list', placement: 'bottom' } },
    defaults: {
      custom: { fillOpacity: 80, lineWidth: 0 },
      mappings: [{
        type: 'value',
        options: Object.fromEntries(words.map(([text, color], index) => [index, { text, color, index }])),
      }],
    },
    ...more,
  });

/** How observations of a histogram are spread. */
export const heatmap = (title, target, { unit = 's', ...more } = {}) =>
  panel('heatmap', title, [{ ...target, format: 'heatmap' }], {
    options: { calculate: false, yAxis: { unit }, color: { mode: 'scheme', scheme: 'Oranges' }, cellGap: 1 },
    ...more,
  });

export const table = (title, targets, more = {}) => panel('table', title, targets, { options: { showHeader: true }, ...more });

/** Lines of the log, newest first. */
export const logs = (title, target, more = {}) =>
  panel('logs', title, [target], {
    width: 24,
    options: { showTime: true, wrapLogMessage: true, enableLogDetails: true, sortOrder: 'Descending', dedupStrategy: 'none' },
    ...more,
  });

export const trace = (title, target, more = {}) => panel('traces', title, [target], { width: 24, height: 14, ...more });

export const nodeGraph = (title, target, more = {}) => panel('nodeGraph', title, [target], more);

export const text = (title, content, more = {}) =>
  panel('text', title, [], { width: 24, options: { mode: 'markdown', content }, ...more });
