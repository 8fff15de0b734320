// A map of many pieces: those that are alike stand together. Hover to read names, click to hear, ask for pieces like one.
import {loadMap, openOnMap, start} from './api.js';
import {button, h, icon, toast} from './dom.js';
import {BOX} from './music.js';
import {onRecolour, Roll} from './roll.js';
import {Scatter} from './scatter.js';
import {store} from './store.js';
import {choosePiece, player, remember, saveButtons} from './studio.js';

const INTERVAL_MILLISECONDS = 600;
const MOST_FOUND = 40;
const KINDS = 6;  // Groups that have a colour of their own.
const MARGIN = 0.04;
const LAYOUTS = [['near', 'Neighbours'], ['principal', 'Overview']];

export const NOTHING_ON_MAP = {selected: null, piece: null, similar: null};

const nameOf = (file) => {
  const name = file.split('/').pop();
  if (BOX[name]) return BOX[name][0];
  const stem = name.replace(/\.(midi?|kar|rmi|smf)(#\d+)?$/i, '$2').replace(/[_]+/g, ' ').trim();
  return stem || name;
};

export function makeMap(go) {
  const scatter = new Scatter({onhover: (index) => showTip(index), onchoose: (index) => choose(index)});
  const tip = h('div', {class: 'tip map-tip', hidden: true});
  const search = h('input', {type: 'text', id: 'map-search', placeholder: 'a name, or a part of one', autocomplete: 'off', oninput: () => showFound()});
  const found = h('ul', {class: 'choices found', 'aria-label': 'Pieces with that name'});
  const layouts = h('div', {class: 'segmented', role: 'group', 'aria-label': 'How the map is laid out'},
    ...LAYOUTS.map(([name, text]) => h('button', {type: 'button', value: name, onclick: () => lay(name)}, text)));
  const legend = h('ul', {class: 'legend', 'aria-label': 'Where pieces come from'});
  const status = h('p', {class: 'hint map-status', role: 'status'});
  const title = h('output', {class: 'way-place'}), note = h('span', {class: 'note'});
  const roll = new Roll({label: 'The piece', onseek: (tick) => (player.piece === map().piece ? player.seek(tick) : player.choose(map().piece, {tick}))});
  const play = button('Play', {iconName: 'play', kind: 'primary', onclick: () => playPiece()});
  const alike = button('Pieces like this one', {iconName: 'near', onclick: () => findSimilar()});
  const other = button('Find pieces like another …', {kind: 'ghost', onclick: async () => {
    const piece = await choosePiece('Pieces like which one?');
    if (piece) take(piece);
  }});
  const goOn = h('div', {class: 'saves'}, button('Steer', {kind: 'ghost small', onclick: () => go('steer', map().piece)}),
    button('Fill bars', {kind: 'ghost small', onclick: () => go('fill', map().piece)}),
    button('Walk from here', {kind: 'ghost small', onclick: () => go('between', map().piece)}));
  const saves = saveButtons(() => map().piece, {tiny: true});
  const similarTitle = h('h3', {}), similarList = h('ol', {class: 'choices similar'});
  const similarBox = h('div', {class: 'similar-box'}, similarTitle, similarList);
  const chosen = h('div', {class: 'chosen'}, h('div', {class: 'stage-head'}, title, note), roll.element,
    h('div', {class: 'actions'}, play, alike), h('div', {class: 'chosen-more'}, goOn, saves), similarBox);
  const empty = h('p', {class: 'hint'}, 'Click a point to hear its piece. Those that are alike stand together.');

  const element = h('section', {class: 'view map', 'aria-label': 'Map'},
    h('div', {class: 'map-head'}, h('div', {class: 'field'}, h('label', {for: 'map-search', class: 'field-name'}, 'Find'), search), layouts, legend),
    h('div', {class: 'map-sides'},
      h('div', {class: 'card map-card'}, scatter.element, tip, status),
      h('div', {class: 'card panel map-panel'}, found, empty, chosen, other)));

  let known = null;      // What the program told.
  let names = [];        // [{name, title, group, kind}] by index.
  let layout = 'near';
  let timer = 0, loading = false, job = null;
  const map = () => store.state.map;

  async function load() {
    clearTimeout(timer);
    if (loading || !element.isConnected) return;
    loading = true;
    try {
      const told = await loadMap(names.length === 0);
      if (told.pieces) readNames(told.pieces);
      if (!known || told.version !== known.version) {
        known = told;
        draw();
      }
      known = told;
      say();
    } catch (error) {
      status.textContent = error.message;
    }
    loading = false;
    if (!known?.ready) timer = setTimeout(load, INTERVAL_MILLISECONDS);
  }

  function readNames(pieces) {
    const counts = new Map();
    for (const [, group] of pieces) counts.set(group, (counts.get(group) ?? 0) + 1);
    const groups = [...counts].sort((a, b) => b[1] - a[1]).map(([group]) => group);
    names = pieces.map(([name, group]) => ({name, title: nameOf(name), group, kind: Math.min(KINDS, groups.indexOf(group))}));
    const shown = groups.length > 1 ? groups.slice(0, KINDS) : [];
    legend.replaceChildren(...shown.map((group, i) => h('li', {class: `part-${i + 1}`}, h('b', {}, String(counts.get(group))), ` ${group}`)),
      ...(groups.length > KINDS ? [h('li', {}, 'others')] : []));
  }

  function say() {
    const {total, read, silent, ready, near} = known;
    if (read < total) status.textContent = `Reading: ${read} of ${total} pieces`;
    else if (!ready) status.textContent = `${total - silent} pieces. Finding neighbours …`;
    else status.textContent = `${total - silent} pieces` + (silent > 0 ? `; ${silent} could not be placed${known.trouble ? `, such as ${known.trouble}` : ''}` : '');
    layouts.hidden = near.length === 0;
  }

  function draw() {
    const places = layout === 'near' && known.near.length > 0 ? known.near : known.principal;
    scatter.show(known.placed.map((index, i) => ({index, x: places[i][0], y: places[i][1], kind: names[index].kind, name: names[index].title})), MARGIN);
    for (const one of layouts.children) one.setAttribute('aria-pressed', String(one.value === layout));
  }

  function lay(name) {
    layout = name;
    draw();
  }

  function showTip(index) {
    tip.hidden = index === null;
    if (index === null) return;
    tip.textContent = names[index].title + (names[index].group ? ` · ${names[index].group}` : '');
    const [left, top] = scatter.positionOf(index);
    tip.style.transform = `translate(${Math.max(4, Math.min(left + 14, scatter.width - tip.offsetWidth - 8))}px, ${Math.max(4, top - 34)}px)`;
  }

  /** Opens a piece of the map, and plays it. */
  async function choose(index, playIt = true) {
    scatter.select(index);
    try {
      const piece = await openOnMap(index);
      piece.label ??= names[index].title === piece.title ? null : names[index].title;
      store.set({map: {...map(), selected: index, piece}}, {group: 'map'});
      if (playIt) player.choose(piece, {play: true});
    } catch (error) {
      toast(`${names[index].title}: ${error.message}`, 'bad');
    }
  }

  function playPiece() {
    const {piece} = map();
    if (!piece) return;
    if (player.piece === piece) player.toggle();
    else player.choose(piece, {play: true});
  }

  /** Shows a piece that came from elsewhere, and what is like it. */
  function take(piece) {
    const selected = names.findIndex((one) => one.name === piece.name);
    store.set({map: {selected: selected < 0 ? null : selected, piece, similar: null}});
    findSimilar();
  }

  function findSimilar() {
    const {piece, selected} = map();
    if (!piece) return;
    job?.stop();
    alike.disabled = true;
    status.textContent = `Looking for pieces like ${piece.title} …`;
    const end = () => {
      alike.disabled = false;
      if (known) say();
    };
    job = start('map/similar', selected === null ? {piece: piece.id} : {index: selected}, {
      similar({pieces}) {
        if (map().piece === piece) store.set({map: {...map(), similar: {of: piece.title, pieces}}}, {undo: false});
        similarBox.scrollIntoView({block: 'nearest'});
      },
      done: end, stopped: end,
      failed({error}) {
        end();
        toast(error, 'bad');
      },
    });
  }

  function choice(index, text) {
    const one = h('button', {type: 'button', class: 'choice', 'data-index': String(index), onclick: () => choose(index)},
      h('strong', {}, names[index]?.title ?? ''), h('span', {}, text));
    one.addEventListener('pointerenter', () => scatter.hover(index));
    return h('li', {}, one);
  }

  function showFound() {
    const text = search.value.trim().toLowerCase();
    const hits = text === '' ? [] : names.flatMap((one, index) => (`${one.title} ${one.name}`.toLowerCase().includes(text) ? [index] : []));
    scatter.highlight(hits);
    found.replaceChildren(...hits.slice(0, MOST_FOUND).map((index) => choice(index, names[index].group)),
      ...(text !== '' && hits.length === 0 ? [h('li', {class: 'hint'}, 'No piece has that name.')] : []));
  }

  function show() {
    const {piece, selected, similar} = map();
    chosen.hidden = !piece;
    empty.hidden = Boolean(piece);
    if (piece) {
      title.textContent = piece.title;
      note.textContent = piece.summary;
      if (roll.piece !== piece) roll.show(piece);
    }
    saves.querySelector('.copy').hidden = !piece?.command;
    similarBox.hidden = !similar;
    if (similar) {
      similarTitle.textContent = `Like ${similar.of}`;
      similarList.replaceChildren(...similar.pieces.map(({index, similarity}) => choice(index, `${Math.round(similarity * 100)} % alike`)));
    }
    scatter.select(selected);
    scatter.join(selected, similar ? similar.pieces.map((one) => one.index) : []);
    follow();
    load();
  }

  function follow() {
    const {piece} = map();
    const on = Boolean(piece) && player.piece === piece && player.playing;
    if (play.dataset.on !== String(on)) {
      play.dataset.on = String(on);
      play.replaceChildren(icon(on ? 'pause' : 'play'), h('span', {}, on ? 'Pause' : 'Play'));
    }
    roll.setPlayhead(piece && player.piece === piece && (player.playing || player.position > 0) ? player.tick : null);
  }

  onRecolour(() => scatter.draw());
  player.addEventListener('change', () => element.isConnected && follow());
  player.addEventListener('frame', () => element.isConnected && follow());

  return {
    element, show, take,
    positionOf: (index) => scatter.positionOf(index),
    drop(pieces) {
      remember(pieces);
      take(pieces[0]);
    },
    keys: {'s': findSimilar, '/': () => search.focus()},
  };
}
