// Four pieces in the corners of a pad: what stands between them, and a piece that goes along a drawn line.
import {musicOnPalette, start} from './api.js';
import {button, h, icon, later, toast} from './dom.js';
import {cornersOf} from './music.js';
import {Pad, weightsAt} from './pad.js';
import {onRecolour, Roll} from './roll.js';
import {store} from './store.js';
import {choosePiece, player, remember, saveButtons} from './studio.js';

const REST_MILLISECONDS = 160;
const SIZE = 5;
const LETTERS = ['A', 'B', 'C', 'D'];
const NEAR = 0.004;
const TOUCHED = matchMedia('(pointer: coarse)');
/** Palettes that were made, so that undoing shows them at once. */
const palettes = new Map();

const keyOf = ({corners, bars, sameKey}) => [...corners.map((piece) => piece?.id), bars, sameKey].join(' ');

export function makePalette() {
  const pad = new Pad({onmove: (x, y) => moveTo(x, y), ondraw: (points) => makePath(points)});
  const stage = new Roll({label: 'What stands here on the palette', onseek: (tick) => seek(tick)});
  const corners = LETTERS.map(makeCorner);
  const place = h('output', {class: 'way-place'});
  const legend = h('ul', {class: 'legend', 'aria-label': 'Where notes come from'});
  const status = h('p', {class: 'status', role: 'status'});
  const playHere = button('Play here', {iconName: 'play', kind: 'primary', onclick: () => playPlace()});
  const playPath = button('Play the line', {iconName: 'play', onclick: () => playLine()});
  const drawToggle = button('Draw a line', {iconName: 'line', kind: 'toggle', 'aria-pressed': 'false', onclick: () => setDrawing(!pad.drawing)});
  const barsChoice = h('select', {id: 'palette-bars', onchange: () => change({bars: Number(barsChoice.value)})},
    h('option', {value: '4'}, '4 bars'), h('option', {value: '8'}, '8 bars'), h('option', {value: '16'}, '16 bars'), h('option', {value: '0'}, 'all bars'));
  const sameKey = h('input', {type: 'checkbox', id: 'palette-key', onchange: () => change({sameKey: sameKey.checked})});
  const hint = h('p', {class: 'hint pad-hint'});
  const saves = h('div', {class: 'saves-pair'},
    h('div', {}, h('h3', {}, 'This place'), saveButtons(() => current())),
    h('div', {}, h('h3', {}, 'The line'), saveButtons(() => line()?.piece)));

  const element = h('section', {class: 'view palette', 'aria-label': 'Palette'},
    h('div', {class: 'palette-sides'},
      h('div', {class: 'card pad-card'}, corners[0].element, corners[1].element, pad.element, corners[2].element, corners[3].element, hint),
      h('div', {class: 'palette-main'},
        h('div', {class: 'card stage'}, h('div', {class: 'stage-head'}, place, legend), stage.element),
        h('div', {class: 'actions'}, playHere, drawToggle, playPath),
        h('div', {class: 'fields'}, h('label', {for: 'palette-bars', class: 'field-name'}, 'Mix'), barsChoice,
          h('label', {class: 'check'}, sameKey, h('span', {}, 'all in the key of A'))),
        status, saves)));

  let palette = null;  // {request, cells: Piece[], exact: Map<string, Piece>, job}
  let x = 0.5, y = 0.5;
  let shown = null;
  const wanted = () => store.state.palette;
  const change = (patch) => store.set({palette: {...wanted(), line: null, ...patch}});
  const line = () => wanted().line;

  function makeCorner(letter, i) {
    const title = h('strong', {});
    const one = h('button', {type: 'button', class: `corner corner-${i}`, 'data-corner': String(i), onclick: async () => {
      const piece = await choosePiece(`Which piece stands in corner ${letter}?`);
      if (piece) setCorner(i, piece);
    }}, h('span', {class: 'corner-letter', 'aria-hidden': 'true'}, letter), title);
    return {
      element: one,
      show(piece) {
        title.textContent = piece ? piece.title : 'Choose a piece';
        one.setAttribute('aria-label', `Corner ${letter}: ${piece ? piece.title : 'choose a piece'}`);
      },
    };
  }

  function setCorner(i, piece) {
    change({corners: wanted().corners.map((one, j) => (i === j ? piece : one))});
  }

  function setDrawing(on) {
    pad.drawing = on;
    pad.showLine(on ? [] : line()?.points ?? []);
    drawToggle.setAttribute('aria-pressed', String(on));
    showHint();
  }

  function showHint() {
    hint.textContent = pad.drawing
      ? `Draw a line over the pad: it becomes one piece that changes along it.${TOUCHED.matches ? '' : ' With keys: Enter sets a point, and Enter again ends the line.'}`
      : `Drag to mix the four.${TOUCHED.matches ? '' : ' With keys: the arrows, and A B C D for the corners.'}`;
  }

  const nearestCell = () => {
    if (!palette) return null;
    const at = (value) => Math.round(value * (SIZE - 1));
    return palette.cells[at(y) * SIZE + at(x)];
  };
  const current = () => palette?.exact.get(`${x} ${y}`) ?? nearestCell();
  const isComplete = () => palette?.cells.filter(Boolean).length === SIZE * SIZE;

  function moveTo(nextX, nextY) {
    [x, y] = [nextX, nextY];
    const walking = Boolean(line()) && player.piece === line().piece;
    shown = null;
    showStage();
    player.follow(current(), {anew: walking});
    rest();
  }

  const requestOf = ({corners: pieces, bars, sameKey: same}) => ({corners: pieces.map((piece) => piece.id), bars, same_key: same});

  /** The exact place, once the hand rests. */
  const rest = later(async () => {
    const near = (value) => Math.abs(value * (SIZE - 1) - Math.round(value * (SIZE - 1))) < NEAR;
    if (!isComplete() || (near(x) && near(y)) || pad.drawing || palette.exact.has(`${x} ${y}`)) return;
    const mine = palette, at = [x, y];
    try {
      const {piece} = await musicOnPalette({...requestOf(mine.request), points: [at]});
      piece.label = `${mine.request.corners[0].title} and three others, ${Math.round(at[0] * 100)} %, ${Math.round(at[1] * 100)} %`;
      mine.exact.set(at.join(' '), piece);
      if (palette !== mine || x !== at[0] || y !== at[1] || player.piece === line()?.piece) return;
      shown = null;
      showStage();
      player.follow(current());
    } catch (error) {
      toast(error.message, 'bad');
    }
  }, REST_MILLISECONDS);

  async function makePath(points) {
    if (!palette) return;
    const {request} = palette;
    status.textContent = 'Making the piece along your line …';
    try {
      const {piece, places} = await musicOnPalette({...requestOf(request), points});
      piece.label = `A line from ${nameAt(...points[0])} to ${nameAt(...points[points.length - 1])}`;
      remember([piece]);
      store.set({palette: {...wanted(), line: {piece, places, points}}});
      shown = null;
      setDrawing(false);
      playLine();
    } catch (error) {
      toast(error.message, 'bad');
    }
    status.textContent = '';
  }

  const nameAt = (atX, atY) => {
    const weights = weightsAt(atX, atY);
    return wanted().corners[weights.indexOf(Math.max(...weights))]?.title ?? '';
  };

  /** What stands at a place, in words. */
  function wordsFor() {
    const weights = weightsAt(x, y);
    const parts = weights.map((weight, i) => [Math.round(weight * 100), wanted().corners[i]?.title]).filter(([share]) => share >= 5).sort((a, b) => b[0] - a[0]);
    return parts[0]?.[0] === 100 ? parts[0][1] : parts.map(([share, title]) => `${share} % ${title}`).join(' · ');
  }

  function seek(tick) {
    const piece = shown;
    if (!piece) return;
    if (player.piece === piece) player.seek(tick);
    else player.choose(piece, {tick});
  }

  function playPlace() {
    const piece = current();
    if (!piece) return;
    if (player.piece === piece) player.toggle();
    else player.choose(piece, {play: true});
  }

  function playLine() {
    const made = line();
    if (!made) return;
    if (player.piece === made.piece) player.toggle();
    else player.choose(made.piece, {play: true});
  }

  function showStage() {
    const walking = line() && player.piece === line().piece;
    const piece = walking ? line().piece : current();
    pad.place(x, y, wordsFor());
    place.textContent = walking ? 'Along the line' : mostOf();
    if (!piece || piece === shown) return;
    shown = piece;
    const last = SIZE - 1;
    const known = [0, last, SIZE * last, SIZE * SIZE - 1].map((i) => palette.cells[i]);
    const from = known.every(Boolean) ? cornersOf(piece, known) : null;
    stage.show(piece, {origins: from, inks: 'corners', range: pad.range});
    showLegend(from);
  }

  /** The same for a title: the two that count most, unless all count alike. */
  const mostOf = () => (Math.max(...weightsAt(x, y)) < 0.3 ? 'In the middle of all four' : wordsFor().split(' · ').slice(0, 2).join(' · '));

  function showLegend(from) {
    const counts = [0, 0, 0, 0, 0, 0];
    for (const origin of from ?? []) ++counts[origin];
    const names = [...LETTERS.map((letter) => `as in ${letter}`), 'in several', 'new'];
    const kinds = ['from-a', 'from-b', 'from-c', 'from-d', 'from-both', 'from-none'];
    legend.replaceChildren(...names.flatMap((name, i) => (counts[i] > 0 ? [h('li', {class: kinds[i]}, h('b', {}, String(counts[i])), ` ${name}`)] : [])));
  }

  function showButtons() {
    const here = player.piece === current() && player.playing;
    const walking = Boolean(line()) && player.piece === line().piece && player.playing;
    const draw = (target, on, text) => target.replaceChildren(icon(on ? 'pause' : 'play'), h('span', {}, on ? 'Pause' : text));
    draw(playHere, here, 'Play here');
    draw(playPath, walking, 'Play the line');
    playHere.disabled = !current();
    playPath.hidden = !line();
    drawToggle.disabled = !isComplete();
    saves.hidden = !current();
    saves.lastChild.hidden = !line();
  }

  function follow() {
    const made = line();
    if (made && player.piece === made.piece && (player.playing || player.position > 0)) {
      const bar = Math.min(made.places.length - 1, made.piece.barAt(player.tick));
      if (player.playing) [x, y] = made.places[bar];
      showStage();
      stage.setPlayhead(player.tick);
    } else {
      if (shown && shown !== current()) showStage();
      stage.setPlayhead(player.piece === shown && (player.playing || player.position > 0) ? player.tick : null);
    }
  }

  function make() {
    const request = {...wanted()};
    const mine = {request, cells: Array(SIZE * SIZE).fill(undefined), exact: new Map(), job: null};
    palette = mine;
    let made = 0;
    const say = () => (status.textContent = made < SIZE * SIZE ? `Mixing: ${made} of ${SIZE * SIZE} places` : '');
    status.classList.remove('bad');
    say();
    mine.job = start('palette', {...requestOf(request), size: SIZE}, {
      cell({index, piece}) {
        mine.cells[index] = piece;
        ++made;
        piece.label = `Palette, ${LETTERS.map((letter, i) => `${letter} ${Math.round(weightsAt((index % SIZE) / (SIZE - 1), Math.floor(index / SIZE) / (SIZE - 1))[i] * 100)} %`).join(', ')}`;
        if (palette !== mine) return;
        say();
        pad.showCells(mine.cells, SIZE);
        shown = null;
        showStage();
        showButtons();
      },
      async done() {
        if (mine.cells.includes(undefined)) return;
        palettes.set(keyOf(request), mine);
        if (palette !== mine) return;
        status.textContent = '';
        showButtons();
        if (!player.playing && element.isConnected) player.choose(current(), {play: false});
        rest();
        for (const piece of nearestFirst(mine)) {
          if (palette !== mine) return;
          await player.prepare(piece);
        }
      },
      failed({error}) {
        if (palette !== mine) return;
        status.textContent = error;
        status.classList.add('bad');
      },
    });
  }

  const nearestFirst = (mine) => mine.cells.map((piece, i) => [Math.hypot((i % SIZE) / (SIZE - 1) - x, Math.floor(i / SIZE) / (SIZE - 1) - y), piece])
    .sort((a, b) => a[0] - b[0]).map(([, piece]) => piece);

  function show() {
    const state = wanted();
    corners.forEach((corner, i) => corner.show(state.corners[i]));
    barsChoice.value = String(state.bars);
    sameKey.checked = state.sameKey;
    if (!pad.drawing) pad.showLine(state.line?.points ?? []);
    if (state.corners.every(Boolean) && (!palette || keyOf(palette.request) !== keyOf(state))) {
      palette?.job?.stop();
      shown = null;
      const known = palettes.get(keyOf(state));
      if (known) palette = known;
      else make();
      pad.showCells(palette.cells, SIZE);
    }
    showHint();
    showStage();
    showButtons();
    follow();
  }

  onRecolour(() => pad.recolour());
  player.addEventListener('change', () => element.isConnected && (showButtons(), follow()));
  player.addEventListener('frame', () => element.isConnected && follow());

  return {
    element, show,
    /** Files dropped on the page: one goes to the corner that it fell on, several to the corners from A on. */
    drop(pieces, target) {
      const fell = target?.closest?.('.corner')?.dataset.corner;
      const first = fell === undefined ? quadrant(target) : Number(fell);
      change({corners: wanted().corners.map((one, i) => pieces[pieces.length > 1 ? i : i === first ? 0 : -1] ?? one)});
    },
    keys: {'p': playPlace},
  };

  /** The corner nearest to the puck, for a piece that fell elsewhere. */
  function quadrant() {
    return (x < 0.5 ? 0 : 1) + (y < 0.5 ? 0 : 2);
  }
}
