// All open pieces, one below the other: to be looked at, heard and saved.
import {button, h, icon} from './dom.js';
import {Roll} from './roll.js';
import {store} from './store.js';
import {abilities, choosePiece, player, saveButtons} from './studio.js';

export function makeListen(go) {
  const list = h('div', {class: 'pieces'});
  const empty = h('div', {class: 'card empty'}, h('h2', {}, 'Nothing is open yet'),
    h('p', {}, 'Drop MIDI files anywhere on this page, or take a piece from the box.'),
    button('Open a piece', {iconName: 'open', kind: 'primary', onclick: () => choosePiece('Open a piece')}));
  const element = h('section', {class: 'view listen', 'aria-label': 'Listen'},
    abilities.server && h('div', {class: 'listen-head'}, h('h2', {}, 'Open pieces'), button('Open a piece', {iconName: 'open', onclick: () => choosePiece('Open a piece')})),
    empty, list);
  /** @type {Map<string, {piece: any, roll: Roll, element: HTMLElement, play: HTMLElement}>} */
  const cards = new Map();

  function makeCard(piece) {
    const roll = new Roll({label: 'Piece', onseek: (tick) => (player.piece === piece ? player.seek(tick) : player.choose(piece, {tick}))});
    const play = h('button', {type: 'button', class: 'button round primary', onclick: () =>
      (player.piece === piece ? player.toggle() : player.choose(piece, {play: true}))});
    const parts = piece.parts.length > 1 && piece.parts.length <= 8 && h('ul', {class: 'legend', 'aria-label': 'Parts'},
      ...piece.parts.map((part, i) => h('li', {class: `part part-${(i % 6) + 1}`}, part.name || `part ${i + 1}`)));
    const saves = saveButtons(() => piece, {tiny: true});
    if (!piece.command) saves.querySelector('.copy').remove();
    const card = h('article', {class: 'card piece', 'aria-label': piece.title},
      h('header', {}, play, h('div', {class: 'piece-name'}, h('h3', {}, piece.title), h('span', {class: 'note'}, `${piece.summary} · ${piece.noteCount} notes`)), parts),
      piece.warnings.length > 0 && h('p', {class: 'hint remark'}, `Repaired while reading: ${piece.warnings.slice(0, 3).join('; ')}`),
      roll.element,
      h('footer', {}, abilities.server && button('Pieces like this one', {kind: 'ghost small', onclick: () => go('map', piece)}),
        abilities.server && button('Steer', {kind: 'ghost small', onclick: () => go('steer', piece)}),
        abilities.server && button('Fill bars', {kind: 'ghost small', onclick: () => go('fill', piece)}),
        abilities.server && button('Walk from here', {kind: 'ghost small', onclick: () => go('between', piece)}), saves,
        abilities.server && button(`Close ${piece.title}`, {iconName: 'close', hidden: true, kind: 'ghost small', onclick: () =>
          store.set({open: store.state.open.filter((one) => one !== piece)})})));
    const entry = {piece, roll, element: card, play};
    cards.set(piece.id, entry);
    roll.show(piece, {shaded: piece.filled});
    return entry;
  }

  function follow() {
    for (const {piece, roll, play} of cards.values()) {
      const here = player.piece === piece;
      roll.setPlayhead(here && (player.playing || player.position > 0) ? player.tick : null);
      const on = here && (player.playing || player.waiting);
      if (play.dataset.on === String(on)) continue;
      play.dataset.on = String(on);
      play.replaceChildren(icon(on ? 'pause' : 'play'));
      play.setAttribute('aria-label', `${on ? 'Pause' : 'Play'} ${piece.title}`);
    }
  }

  function show() {
    const {open} = store.state;
    empty.hidden = open.length > 0;
    for (const [id, card] of cards) {
      if (open.some((piece) => piece.id === id)) continue;
      card.roll.dispose();
      cards.delete(id);
    }
    list.replaceChildren(...open.map((piece) => (cards.get(piece.id) ?? makeCard(piece)).element));
    follow();
  }

  player.addEventListener('change', () => element.isConnected && follow());
  player.addEventListener('frame', () => element.isConnected && follow());
  return {element, show, drop: () => show(), keys: {}};
}
