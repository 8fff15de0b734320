// Bars marked in a roll, filled by the model, and the takes heard side by side.
import {start} from './api.js';
import {button, h, icon, toast} from './dom.js';
import {barsText, parseBars} from './music.js';
import {Roll} from './roll.js';
import {store} from './store.js';
import {choosePiece, player, remember, saveButtons} from './studio.js';

const TAKES = [1, 3, 6];
const KEEPS = [['', 'nothing'], ['rhythm', 'rhythm'], ['pitches', 'pitches']];
const TOUCHED = matchMedia('(pointer: coarse)');

const newSeed = () => crypto.getRandomValues(new Uint32Array(1))[0];

export function makeFill() {
  const stage = new Roll({label: 'The piece', select: true, onselect: (bars) => change({bars}, 'mark'), onseek: (tick) => seek(tick)});
  const title = h('button', {type: 'button', class: 'slot slot-piece', onclick: async () => {
    const piece = await choosePiece('Which piece has bars to fill?');
    if (piece) open(piece);
  }});
  const barsField = h('input', {type: 'text', id: 'fill-bars', placeholder: 'such as 5-8', autocomplete: 'off', inputMode: 'numeric',
    onchange: () => readBars(), onkeydown: (event) => event.key === 'Enter' && (readBars(), make())});
  const group = (name, choices, field) => h('div', {class: 'segmented', role: 'group', 'aria-label': name},
    ...choices.map(([value, text]) => h('button', {type: 'button', value: String(value), onclick: () => change({[field]: value})}, text)));
  const takesChoice = group('Number of takes', TAKES.map((n) => [n, String(n)]), 'count');
  const keepChoice = group('Keep of these bars', KEEPS, 'keep');
  const boldness = h('input', {type: 'range', id: 'fill-boldness', min: '0.2', max: '1.6', step: '0.1',
    oninput: () => change({temperature: Number(boldness.value)}, 'boldness')});
  const seedField = h('input', {type: 'text', id: 'fill-seed', inputMode: 'numeric', autocomplete: 'off', placeholder: 'new',
    onchange: () => change({seed: /^\d{1,15}$/.test(seedField.value.trim()) ? Number(seedField.value) : null})});
  const go = button('Fill', {iconName: 'dice', kind: 'primary', onclick: () => make()});
  const stop = button('Stop', {iconName: 'close', onclick: () => job?.stop()});
  const hint = h('p', {class: 'hint mark-hint'});
  const status = h('p', {class: 'status', role: 'status'});
  const takesPlace = h('div', {class: 'takes'});
  const saves = h('div', {class: 'saves-pair'}, h('div', {}, h('h3', {}, 'The piece as it stands'), saveButtons(() => fill().piece)));
  const legend = h('ul', {class: 'legend', 'aria-label': 'Parts'});
  const stageTitle = h('output', {class: 'way-place'});

  const element = h('section', {class: 'view fill', 'aria-label': 'Fill'},
    h('div', {class: 'ends single'}, title),
    h('div', {class: 'card stage'}, h('div', {class: 'stage-head'}, stageTitle, legend), stage.element, hint),
    h('div', {class: 'card panel'},
      h('div', {class: 'fields'},
        h('div', {class: 'field'}, h('label', {for: 'fill-bars', class: 'field-name'}, 'Bars'), barsField),
        h('div', {class: 'field'}, h('span', {class: 'field-name', 'aria-hidden': 'true'}, 'Takes'), takesChoice),
        h('div', {class: 'field'}, h('span', {class: 'field-name', 'aria-hidden': 'true'}, 'Keep'), keepChoice),
        h('div', {class: 'field'}, h('label', {for: 'fill-boldness', class: 'field-name'}, 'Boldness'), boldness),
        h('div', {class: 'field'}, h('label', {for: 'fill-seed', class: 'field-name'}, 'Seed'), seedField),
        h('div', {class: 'field go'}, go, stop))),
    status, takesPlace, saves);

  let job = null;
  let takeRolls = [];
  const fill = () => store.state.fill;
  const change = (patch, name = '') => store.set({fill: {...fill(), ...patch}}, {group: name});

  function open(piece) {
    change({piece, bars: [], takes: [], heard: null, plan: null});
    if (player.piece !== piece) player.choose(piece, {play: false});
  }

  function readBars() {
    const {piece} = fill();
    const text = barsField.value.trim();
    if (!piece || text === barsText(piece, fill().bars)) return;
    const bars = text === '' ? [] : parseBars(piece, text);
    if (bars) change({bars});
    else toast(`This piece has bars ${piece.firstBar} to ${piece.number(piece.barCount - 1)}; write such as 5-8 or 5-8,13.`, 'bad');
  }

  /** Bars around those that are marked, as ticks. */
  function around(piece, bars, more) {
    const first = Math.max(0, bars[0] - more), last = Math.min(piece.barCount, bars[bars.length - 1] + 1 + more);
    return [piece.bars[first], piece.bars[last]];
  }

  function make() {
    const {piece, bars, count, keep, temperature, seed} = fill();
    if (!piece || bars.length === 0) {
      toast('Mark the bars to fill first: drag over them, or write their numbers.', 'bad');
      return;
    }
    job?.stop();
    const request = {piece: piece.id, bars: barsText(piece, bars), takes: count, seed: seed ?? newSeed()};
    if (keep) request.keep = keep;
    if (temperature !== null) request.temperature = temperature;
    change({takes: [], heard: null, plan: {bars, count, seed: request.seed, remarks: []}});
    let takes = [];
    const silently = {undo: false};
    const grow = (patch) => store.set({fill: {...fill(), ...patch}}, silently);
    const mine = start('fill', request, {
      plan: (plan) => grow({plan: {...fill().plan, ...plan}}),
      take({piece: take}) {
        takes = [...takes, take];
        take.label = `${piece.title}, take ${takes.length}`;
        grow({takes});
        player.prepare(take);
        if (takes.length === 1) {
          hear(take, false);
          takesPlace.scrollIntoView({block: 'nearest'});
        }
      },
      done: () => finish(mine),
      stopped: () => finish(mine),
      failed({error}) {
        finish(mine, error);
      },
    });
    job = mine;
    const stopNow = job.stop;
    job.stop = () => {
      stopNow();
      finish(mine);
    };
    show();
  }

  function finish(mine, error = '') {
    if (job !== mine) return;
    job = null;
    show();
    status.textContent = error;
    status.classList.toggle('bad', error !== '');
  }

  /** Plays a take, or the piece itself, around what was filled. */
  function hear(piece, play = true) {
    const bars = fill().plan?.bars ?? fill().bars;
    store.set({fill: {...fill(), heard: piece}}, {undo: false});
    const region = bars.length > 0 ? around(piece, bars, 1) : null;
    if (play && player.piece === piece && player.playing) return player.pause();
    if (play || player.playing) player.choose(piece, {tick: region?.[0] ?? 0, region, play: true});
    else player.choose(piece, {tick: region?.[0] ?? 0, region, play: false});
  }

  function keepTake(take, number) {
    take.label = null;
    remember([take]);
    change({piece: take, takes: [], heard: null, bars: [], plan: null});
    player.choose(take, {tick: player.piece === take ? player.tick : 0});
    toast(`Take ${number} is kept. Undo brings the others back.`);
  }

  const heardPiece = () => fill().heard ?? fill().piece;

  function seek(tick) {
    const piece = heardPiece();
    if (!piece) return;
    if (player.piece === piece) player.seek(tick);
    else player.choose(piece, {tick});
  }

  function range(piece) {
    const all = [piece, ...fill().takes];
    return [Math.min(...all.map((one) => one.low)), Math.max(...all.map((one) => one.high))];
  }

  function takeCard(take, number, bars) {
    const {piece} = fill();
    const original = number === 0;
    const roll = new Roll({small: true});
    roll.show(take, {shaded: original ? [] : bars, view: around(take, bars, 2), range: range(piece)});
    takeRolls.push({roll, take});
    const name = original ? 'As it was' : `Take ${number}`;
    const heard = heardPiece() === take;
    return h('article', {class: `take ${heard ? 'here' : ''}`, 'aria-label': name, 'data-take': String(number)},
      h('header', {}, h('h3', {}, name), h('kbd', {'aria-hidden': 'true'}, String(number))),
      h('button', {type: 'button', class: 'take-roll', 'aria-label': `Hear ${name.toLowerCase()}`, onclick: () => hear(take)}, roll.element,
        h('span', {class: 'take-play', 'aria-hidden': 'true'}, icon('play'))),
      h('footer', {}, original
        ? button('Keep as it was', {kind: 'small', onclick: () => change({takes: [], heard: null, plan: null})})
        : button(`Keep take ${number}`, {iconName: 'check', kind: 'small primary', onclick: () => keepTake(take, number)}),
      !original && saveButtons(() => take, {tiny: true})));
  }

  function showTakes() {
    const {piece, takes, plan} = fill();
    takeRolls.forEach(({roll}) => roll.dispose());
    takeRolls = [];
    if (!plan || !piece) {
      takesPlace.replaceChildren();
      return;
    }
    const missing = job ? plan.count - takes.length : 0;
    const cards = takes.length > 0 || job ? [piece, ...takes].map((take, number) => takeCard(take, number, plan.bars)) : [];
    for (let i = 0; i < missing; ++i) cards.push(h('div', {class: 'take waiting', 'aria-hidden': 'true'}));
    const remarks = plan.remarks?.length ? [h('p', {class: 'hint remark'}, plan.remarks.join(' '))] : [];
    const made = plan.model ? [h('p', {class: 'hint made-by'}, `By ${plan.model}, seed ${plan.seed}`)] : [];
    takesPlace.replaceChildren(h('div', {class: 'take-grid'}, ...cards), ...remarks, ...made);
  }

  function showFields() {
    const {piece, bars, count, keep, temperature, seed} = fill();
    barsField.value = piece ? barsText(piece, bars) : '';
    for (const one of takesChoice.children) one.setAttribute('aria-pressed', String(Number(one.value) === count));
    for (const one of keepChoice.children) one.setAttribute('aria-pressed', String(one.value === keep));
    boldness.value = String(temperature ?? 0.6);
    boldness.setAttribute('aria-valuetext', temperature === null ? 'as the model likes it' : String(temperature));
    seedField.value = seed === null ? '' : String(seed);
    const text = piece && bars.length > 0 ? `Fill ${bars.length === 1 ? 'bar' : 'bars'} ${barsText(piece, bars)}` : 'Fill';
    go.querySelector('span').textContent = text;
    go.disabled = !piece || bars.length === 0;
    stop.hidden = !job;
    if (job) status.textContent = `Filling: ${fill().takes.length} of ${fill().plan?.count ?? 0} takes`;
    hint.textContent = !piece ? 'Choose a piece first.' : bars.length === 0
      ? `Drag over the bars that you want new. ${TOUCHED.matches ? 'Drag the bar numbers to scroll.' : 'With keys: Shift and the arrows.'}`
      : TOUCHED.matches ? 'Drag the bar numbers to scroll.' : 'Ctrl-drag adds more bars, Esc marks none.';
  }

  function showStage() {
    const piece = heardPiece();
    title.replaceChildren(h('span', {class: 'slot-label'}, 'Piece'), h('strong', {}, fill().piece?.title ?? 'Choose a piece'),
      h('span', {class: 'note'}, fill().piece?.summary ?? 'or drop a MIDI file'), h('span', {class: 'slot-change'}, 'Change'));
    saves.hidden = !piece;
    if (!piece) return;
    const number = fill().takes.indexOf(piece) + 1;
    stageTitle.textContent = number > 0 ? `Take ${number}` : fill().piece.title;
    stage.show(piece, {shaded: number > 0 ? fill().plan.bars : piece.filled, range: range(fill().piece)});
    if (stage.selected.join() !== fill().bars.join()) stage.select(fill().bars);
    legend.replaceChildren(...piece.parts.map((part, i) => h('li', {class: `part part-${(i % 6) + 1}`}, part.name || `part ${i + 1}`)));
    legend.hidden = piece.parts.length < 2 || piece.parts.length > 8;
  }

  function followPlayer() {
    const piece = heardPiece();
    stage.setPlayhead(piece && player.piece === piece && (player.playing || player.position > 0) ? player.tick : null);
    for (const {roll, take} of takeRolls) roll.setPlayhead(player.piece === take && player.playing ? player.tick : null);
    takesPlace.querySelectorAll('.take[data-take]').forEach((card) => {
      const on = player.playing && takeRolls[Number(card.dataset.take)]?.take === player.piece;
      if (card.classList.contains('playing') === on) return;
      card.classList.toggle('playing', on);
      card.querySelector('.take-play').replaceChildren(icon(on ? 'pause' : 'play'));
    });
  }

  function show() {
    showFields();
    showStage();
    showTakes();
    followPlayer();
  }

  player.addEventListener('change', () => element.isConnected && followPlayer());
  player.addEventListener('frame', () => element.isConnected && followPlayer());

  const hearNumber = (number) => {
    const take = number === 0 ? fill().piece : fill().takes[number - 1];
    if (take) hear(take);
  };
  return {
    element, show,
    drop: (pieces) => open(pieces[0]),
    keys: {
      'f': make,
      'k': () => {
        const number = fill().takes.indexOf(heardPiece()) + 1;
        if (number > 0) keepTake(heardPiece(), number);
      },
      ...Object.fromEntries([...'0123456'].map((digit) => [digit, () => hearNumber(Number(digit))])),
    },
  };
}
