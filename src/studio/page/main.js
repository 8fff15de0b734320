// Starts the page: views, keys, files that are dropped, light and dark.
import {findPiece, loadState, soundComplaint} from './api.js';
import {makeBetween} from './between.js';
import {button, h, toast} from './dom.js';
import {makeFill} from './fill.js';
import {makeListen} from './listen.js';
import {makeMap, NOTHING_ON_MAP} from './map.js';
import {makePalette} from './palette.js';
import {makeSteer, NOTHING_STEERED} from './steer.js';
import {store} from './store.js';
import {player, program, readBox, readFiles} from './studio.js';
import {makeThemeButton} from './theme.js';
import {makeTraining} from './training.js';
import {makeTransport} from './transport.js';
import {renderVoice} from './voice.js';

const FIRST_WAY = ['greensleeves.mid', 'irish-washerwoman.mid'];
const FIRST_FILL = 'petzold-minuet-anh114.mid';
const FIRST_CORNERS = ['greensleeves.mid', 'folia.mid', 'petzold-minuet-anh114.mid', 'irish-washerwoman.mid'];

/** What Fill begins with. A temperature of null is as the model likes it, a seed of null a new one. */
const NOTHING_FILLED = {piece: null, bars: [], takes: [], heard: null, plan: null, count: 3, keep: '', temperature: null, seed: null};

const views = {};
/** Views in the order of their tabs. Training is there where a run was named. */
const NAMES = {between: 'Between', palette: 'Palette', steer: 'Steer', fill: 'Fill', map: 'Map', listen: 'Listen'};

function showView() {
  const view = views[store.state.view];
  const place = document.getElementById('view');
  if (place.firstChild !== view.element) {
    place.replaceChildren(view.element);
    scrollTo(0, 0);
  }
  for (const tab of document.getElementById('tabs').children) {
    if (tab.dataset.view === store.state.view) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
  }
  document.title = `${NAMES[store.state.view]} · musicvae studio`;
  view.show();
}

function addTraining(runs, wanted) {
  NAMES.training = 'Training';
  views.training = makeTraining(runs);
  makeTabs();
  if (wanted === 'training' || program.opened.length === 0) store.set({view: 'training'}, {undo: false});
}

/** Goes to a view, with a piece to begin with. */
function go(view, piece) {
  const patch = {view};
  if (piece && view === 'fill') patch.fill = {...store.state.fill, piece, bars: [], takes: [], heard: null, plan: null};
  if (piece && view === 'between') patch.between = {...store.state.between, a: piece};
  if (piece && view === 'steer') patch.steer = {...store.state.steer, piece, fresh: false, attributes: {}, similarity: 1};
  store.set(patch, {undo: Boolean(piece)});
  if (piece && view === 'map') views.map.take(piece);
  history.replaceState(null, '', `#${view}`);
}

function makeTabs() {
  document.getElementById('tabs').replaceChildren(...Object.entries(NAMES).map(([view, name]) =>
    h('a', {href: `#${view}`, 'data-view': view, onclick: (event) => {
      event.preventDefault();
      go(view);
    }}, name)));
}

function makeTools() {
  const undo = button('Undo', {iconName: 'undo', hidden: true, kind: 'ghost', title: 'Undo (Ctrl-Z)', onclick: () => store.undo()});
  const redo = button('Redo', {iconName: 'redo', hidden: true, kind: 'ghost', title: 'Redo (Ctrl-Shift-Z)', onclick: () => store.redo()});
  const keys = button('Keys', {iconName: 'keys', hidden: true, kind: 'ghost keys-button', title: 'Keys (?)', onclick: showKeys});
  document.getElementById('tools').append(undo, redo, makeThemeButton(), keys);
  store.addEventListener('change', () => {
    undo.disabled = !store.canUndo;
    redo.disabled = !store.canRedo;
  });
  undo.disabled = redo.disabled = true;
}

const KEYS = [
  ['Space', 'play and pause'], ['← →', 'a bar back or on, in a roll'], ['+ − 0', 'zoom a roll, show all of it'],
  ['Home', 'to the start'], ['L', 'loop'], [', .', 'Between: a little towards A or B'], ['W', 'Between: play the whole way'],
  ['Shift ← →', 'Fill: mark bars in the roll'], ['F', 'Fill: fill the marked bars'], ['0 – 6', 'Fill: hear the original or a take'],
  ['K', 'Fill: keep the take that was heard'], ['arrows', 'Palette: move; with Shift a little'], ['A B C D', 'Palette: to a corner'],
  ['N', 'Steer: another, with a new seed'], ['O', 'Steer: the original or the result'], ['S', 'Map: pieces like this one'], ['/', 'Map: find by name'],
  ['1 – 6 with Alt', 'the views; 7 is Training'], ['Ctrl Z', 'undo; with Shift redo'], ['?', 'this list'],
];

function showKeys() {
  const dialog = h('dialog', {class: 'sheet', 'aria-labelledby': 'keys-title', onclose: () => dialog.remove(),
    onclick: (event) => event.target === dialog && dialog.close()},
  h('div', {class: 'sheet-body'}, h('header', {}, h('h2', {id: 'keys-title'}, 'Keys'),
    button('Close', {iconName: 'close', hidden: true, kind: 'ghost', onclick: () => dialog.close()})),
  h('dl', {class: 'keys'}, ...KEYS.flatMap(([key, text]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, text)]))));
  document.body.append(dialog);
  dialog.showModal();
}

function onKey(event) {
  const typing = event.target.closest('input[type=text], select, textarea, dialog');
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !typing) {
    event.preventDefault();
    if (event.shiftKey) store.redo();
    else store.undo();
    return;
  }
  if (event.altKey && !event.ctrlKey && Object.keys(NAMES)[Number(event.key) - 1]) {
    event.preventDefault();
    go(Object.keys(NAMES)[Number(event.key) - 1]);
    return;
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const on = {
    ' ': () => player.toggle(),
    'Home': () => player.seek(0),
    'l': () => document.querySelector('.transport .toggle').click(),
    '?': showKeys,
    ...views[store.state.view].keys,
  }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!on || (event.key === ' ' && event.target.closest('button, a'))) return;
  event.preventDefault();
  on();
}

function acceptDrops() {
  const dropper = document.getElementById('dropper');
  let depth = 0;
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  addEventListener('dragenter', (event) => {
    if (!hasFiles(event)) return;
    ++depth;
    dropper.hidden = false;
  });
  addEventListener('dragleave', (event) => {
    if (hasFiles(event) && --depth <= 0) dropper.hidden = true;
  });
  addEventListener('dragover', (event) => event.preventDefault());
  addEventListener('drop', async (event) => {
    event.preventDefault();
    depth = 0;
    dropper.hidden = true;
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    const target = document.elementsFromPoint(event.clientX, event.clientY).find((one) => !one.closest('.dropper'));
    const read = await readFiles(files);
    if (read.length > 0) views[store.state.view].drop(read, target);
  });
}

/** What the page begins with: the files that were named, or music from the box. */
async function firstState(opened) {
  const [a, b] = opened;
  const box = async (name) => (program.box.includes(name) ? readBox(name) : null);
  const way = [a ?? await box(FIRST_WAY[0]), b ?? await box(FIRST_WAY[1])];
  const piece = a ?? await box(FIRST_FILL);
  const corners = await Promise.all(FIRST_CORNERS.map(async (name, i) => opened[i] ?? await box(name)));
  return {
    between: {a: way[0], b: way[1], steps: 8, bars: 0},
    fill: {...NOTHING_FILLED, piece},
    palette: {corners, bars: 8, sameKey: false, line: null},
    steer: {...NOTHING_STEERED, piece: a ?? await box(FIRST_WAY[0])},
  };
}

const KEPT = 'musicvae-pieces';

/** Keeps what this tab shows, for when it is loaded again. */
function keepState() {
  const {open, between, fill, palette, steer} = store.state;
  const id = (piece) => piece?.id;
  const kept = {open: open.map(id), between: {...between, a: id(between.a), b: id(between.b)}, fill: {piece: id(fill.piece), bars: fill.bars},
    palette: {...palette, corners: palette.corners.map(id), line: null}, steer: {...steer, piece: id(steer.piece)}};
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({path: location.pathname, ...kept}));
  } catch {
    // Then a page that is loaded again begins anew.
  }
}

/** What this tab kept before it was loaded again; nothing where it is new, or the program is. */
function readKept() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT));
    return kept?.path === location.pathname ? kept : null;
  } catch {
    return null;
  }
}

/** The views of what was kept whose pieces the program still has. */
async function formerState(kept) {
  if (!kept) return {};
  const find = (id) => (id ? findPiece(id) : null);
  const open = (await Promise.all(kept.open.map(findPiece))).filter(Boolean);
  const [a, b, piece, steered, ...corners] = await Promise.all([kept.between.a, kept.between.b, kept.fill.piece, kept.steer.piece, ...kept.palette.corners].map(find));
  return {open, ...(a && b && {between: {...kept.between, a, b}}), ...(piece && {fill: {...NOTHING_FILLED, piece, bars: kept.fill.bars}}),
    ...(corners.every(Boolean) && {palette: {...kept.palette, corners}}), ...(steered && {steer: {...kept.steer, piece: steered}})};
}

async function begin() {
  const kept = readKept();
  store.set({view: 'between', open: [], between: {a: null, b: null, steps: 8, bars: 0}, fill: NOTHING_FILLED,
    palette: {corners: [null, null, null, null], bars: 8, sameKey: false, line: null}, steer: NOTHING_STEERED, map: NOTHING_ON_MAP}, {undo: false});
  views.between = makeBetween();
  views.palette = makePalette();
  views.steer = makeSteer();
  views.map = makeMap(go);
  views.fill = makeFill();
  views.listen = makeListen(go);
  makeTabs();
  makeTools();
  makeTransport(document.getElementById('transport'));
  acceptDrops();
  addEventListener('keydown', onKey);
  const wanted = location.hash.slice(1);
  store.addEventListener('change', showView);
  store.addEventListener('change', keepState);
  store.set({view: views[wanted] ? wanted : 'between'}, {undo: false});
  addEventListener('hashchange', () => views[location.hash.slice(1)] && store.set({view: location.hash.slice(1)}, {undo: false}));
  try {
    const state = await loadState();
    Object.assign(program, state);
    if (state.runs.length > 0) addTraining(state.runs, wanted);
    store.set({open: state.opened}, {undo: false});
    const former = await formerState(kept);
    const isWhole = former.between && former.fill && former.palette && former.steer;
    const first = isWhole ? former : {...await firstState(state.opened), ...former};
    // What a person has chosen meanwhile stays.
    const {open, between, fill, palette, steer} = store.state;
    store.set({
      open: [...open, ...(first.open ?? []).filter((piece) => !open.includes(piece))],
      between: {...first.between, a: between.a ?? first.between.a, b: between.b ?? first.between.b},
      fill: fill.piece ? fill : first.fill,
      palette: {...first.palette, corners: palette.corners.map((piece, i) => piece ?? first.palette.corners[i])},
      steer: steer.piece ? steer : first.steer,
    }, {undo: false});
    program.complaint = await soundComplaint();
    if (program.complaint) {
      player.source = renderVoice;
      toast(`You hear a simple voice, as there is ${program.complaint}`, 'bad');
    }
  } catch (error) {
    toast(error.message, 'bad');
  }
}

window.studio = {player, store, views};
begin();
