// A training as it goes on: its losses and what it tells of them, drawn as curves.
import {loadRun} from './api.js';
import {button, h} from './dom.js';

const INTERVAL_MILLISECONDS = 2000;
/** What is drawn, with what it means; of these, what the run tells. */
const CURVES = [
  ['loss', 'Loss', 'lower is better'], ['kl_bits', 'KL divergence', 'bits that the latents carry'],
  ['accuracy', 'Accuracy', 'rows that are right'], ['bits_per_row', 'Bits a row', 'lower is better'],
  ['learning_rate', 'Learning rate', ''], ['passages_per_s', 'Speed', 'passages a second'],
];

/** A number as short as it can be read. */
const short = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 1 ? value.toFixed(2) : value.toPrecision(3));

const SVG = 'http://www.w3.org/2000/svg';
const svg = (tag, attributes, ...children) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
};

/** One chart: the training's curve and that of its validations. */
function makeChart(key, title, note) {
  const plot = svg('svg', {viewBox: '0 0 600 200', preserveAspectRatio: 'none', 'aria-hidden': 'true'});
  const now = h('b', {class: 'chart-now'});
  const low = h('span', {class: 'chart-low'}), high = h('span', {class: 'chart-high'}), last = h('span', {class: 'chart-last'});
  const element = h('figure', {class: 'card chart'}, h('figcaption', {}, h('strong', {}, title), now, h('span', {class: 'note'}, note)),
    h('div', {class: 'chart-plot'}, plot, low, high, last));
  return {
    element,
    /** @param {[number, number][]} trained @param {[number, number][]} validated */
    show(trained, validated) {
      const all = [...trained, ...validated].filter(([, value]) => Number.isFinite(value));
      element.hidden = all.length < 1 || all.every(([, value]) => value === 0);
      if (element.hidden) return;
      const values = all.map(([, value]) => value), steps = all.map(([step]) => step);
      const [bottom, top] = [Math.min(...values), Math.max(...values)], end = Math.max(...steps), begin = Math.min(...steps);
      const x = (step) => ((step - begin) / (end - begin || 1)) * 600;
      const y = (value) => 192 - ((value - bottom) / (top - bottom || 1)) * 184;
      const line = (points, kind) => svg('polyline', {class: kind, points: points.map(([step, value]) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(' ')});
      plot.replaceChildren(line(trained, 'trained'), line(validated, 'validated'));
      const latest = (validated.length > 0 ? validated : trained)[(validated.length > 0 ? validated : trained).length - 1][1];
      now.textContent = short(latest);
      [low.textContent, high.textContent, last.textContent] = [short(bottom), short(top), `step ${end}`];
      element.setAttribute('aria-label', `${title}: ${short(latest)} at step ${end}, from ${short(values[0])} at step ${begin}`);
    },
  };
}

export function makeTraining(runs) {
  const charts = CURVES.map(([key, title, note]) => [key, makeChart(key, title, note)]);
  const name = h('h2', {}), status = h('p', {class: 'hint', role: 'status'});
  const choice = h('div', {class: 'segmented', role: 'group', 'aria-label': 'Runs'},
    ...runs.map((run, i) => button(run, {kind: 'ghost small', 'aria-pressed': String(i === 0), onclick: () => choose(i)})));
  choice.hidden = runs.length < 2;
  const empty = h('div', {class: 'card empty'}, h('h2', {}, 'Nothing is on record yet'), h('p', {}, 'The curves appear as soon as the training tells of its first steps.'));
  const element = h('section', {class: 'view training', 'aria-label': 'Training'},
    h('div', {class: 'listen-head'}, h('div', {}, name, status), choice), empty,
    h('ul', {class: 'legend'}, h('li', {class: 'from-a'}, 'training'), h('li', {class: 'from-b'}, 'validation')),
    h('div', {class: 'charts'}, ...charts.map(([, chart]) => chart.element)));
  let run = 0, records = [], next = 0, timer = 0, turn = 0;

  function choose(i) {
    [run, records, next] = [i, [], 0];
    [...choice.children].forEach((one, j) => one.setAttribute('aria-pressed', String(i === j)));
    load();
  }

  async function load() {
    clearTimeout(timer);
    if (!element.isConnected) return;
    try {
      const mine = ++turn;
      const told = await loadRun(run, next);
      if (mine !== turn) return;  // Another has been asked for since.
      name.textContent = told.name;
      records.push(...told.records);
      if (told.records.length > 0 || next === 0) draw();
      next = told.next;
    } catch (error) {
      status.textContent = error.message;
    }
    timer = setTimeout(load, INTERVAL_MILLISECONDS);
  }

  function draw() {
    empty.hidden = records.length > 0;
    const steps = records.filter((record) => !record.validation), checks = records.filter((record) => record.validation);
    for (const [key, chart] of charts) {
      chart.show(steps.filter((one) => key in one).map((one) => [one.step, one[key]]),
        checks.filter((one) => key in one.validation).map((one) => [one.step, one.validation[key]]));
    }
    const last = steps[steps.length - 1];
    status.textContent = last ? `Step ${last.step}` + (last.seconds ? `, after ${Math.round(last.seconds / 60)} minutes` : '') : '';
  }

  return {element, show: load, drop() {}, keys: {}};
}
