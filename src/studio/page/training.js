// A training as it goes on: its losses and what it tells of them, drawn as curves.
import {loadRun, openSample} from './api.js';
import {button, h, icon, toast} from './dom.js';
import {Roll} from './roll.js';
import {player} from './studio.js';

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

/** What the model made up at each validation: a slider from the first to the last. */
function makeSamples(runOf) {
  const slider = h('input', {type: 'range', min: '0', step: '1', class: 'samples-slider', 'aria-label': 'When to hear it',
    oninput: () => choose(Number(slider.value))});
  const roll = new Roll({label: 'What the model makes up', onseek: (tick) => piece && (player.piece === piece ? player.seek(tick) : player.choose(piece, {tick}))});
  const play = button('Hear how it learns', {iconName: 'play', kind: 'primary', onclick: () => toggle()});
  const when = h('output', {class: 'way-place'});
  const element = h('div', {class: 'card stage samples'}, h('div', {class: 'stage-head'}, when, h('span', {class: 'note'}, 'what the model makes up by itself, always from the same seed')),
    roll.element, h('div', {class: 'samples-foot'}, play, slider));
  let steps = [], at = -1, piece = null, turn = 0;
  element.hidden = true;

  async function choose(index) {
    const mine = ++turn;
    at = index;
    slider.value = String(index);
    slider.setAttribute('aria-valuetext', `step ${steps[index]}`);
    when.textContent = `Step ${steps[index]}`;
    try {
      const opened = await openSample(runOf(), steps[index]);
      if (mine !== turn) return;
      opened.label = `What it made up at step ${steps[index]}`;
      const heard = player.piece === piece && player.playing;
      piece = opened;
      roll.show(piece);
      if (heard) player.exchange(piece);
      else if (!player.playing) player.choose(piece, {play: false});
    } catch (error) {
      toast(error.message, 'bad');
    }
  }

  /** Plays what is shown; the next follows where it ends. */
  function toggle() {
    if (!piece) return;
    if (player.piece === piece) player.toggle();
    else player.choose(piece, {play: true});
  }
  player.addEventListener('finish', async () => {
    if (!element.isConnected || player.piece !== piece || at + 1 >= steps.length) return;
    await choose(at + 1);
    player.choose(piece, {play: true});
  });
  const follow = () => {
    if (!element.isConnected) return;
    const on = Boolean(piece) && player.piece === piece && player.playing;
    play.replaceChildren(icon(on ? 'pause' : 'play'), h('span', {}, on ? 'Pause' : 'Hear how it learns'));
    roll.setPlayhead(piece && player.piece === piece && (player.playing || player.position > 0) ? player.tick : null);
  };
  player.addEventListener('change', follow);
  player.addEventListener('frame', () => element.isConnected && roll.setPlayhead(player.piece === piece ? player.tick : null));
  return {
    element,
    clear() {
      [steps, at, piece] = [[], -1, null];
      element.hidden = true;
    },
    show(known) {
      if (known.length === steps.length) return;
      const last = at === steps.length - 1;
      steps = known;
      element.hidden = steps.length === 0;
      slider.max = String(Math.max(0, steps.length - 1));
      if (steps.length > 0 && last && !(player.playing && player.piece === piece)) choose(steps.length - 1);
    },
  };
}

export function makeTraining(runs) {
  const charts = CURVES.map(([key, title, note]) => [key, makeChart(key, title, note)]);
  const name = h('h2', {}), status = h('p', {class: 'hint', role: 'status'});
  const choice = h('div', {class: 'segmented', role: 'group', 'aria-label': 'Runs'},
    ...runs.map((run, i) => button(run, {kind: 'ghost small', 'aria-pressed': String(i === 0), onclick: () => choose(i)})));
  choice.hidden = runs.length < 2;
  const samples = makeSamples(() => run);
  const empty = h('div', {class: 'card empty'}, h('h2', {}, 'Nothing is on record yet'), h('p', {}, 'The curves appear as soon as the training tells of its first steps.'));
  const element = h('section', {class: 'view training', 'aria-label': 'Training'},
    h('div', {class: 'listen-head'}, h('div', {}, name, status), choice), empty,
    samples.element,
    h('ul', {class: 'legend'}, h('li', {class: 'from-a'}, 'training'), h('li', {class: 'from-b'}, 'validation')),
    h('div', {class: 'charts'}, ...charts.map(([, chart]) => chart.element)));
  let run = 0, records = [], next = 0, timer = 0, turn = 0;

  function choose(i) {
    [run, records, next] = [i, [], 0];
    samples.clear();
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
      samples.show(told.samples);
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
