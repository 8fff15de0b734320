// A piece with more or less of something, or new music: sliders with words at their ends, the result below the original.
import {start} from './api.js';
import {button, h, icon, later, toast} from './dom.js';
import {Roll} from './roll.js';
import {store} from './store.js';
import {choosePiece, player, program, remember, saveButtons} from './studio.js';

const REST_MILLISECONDS = 350;
const MOST = 3, STEP = 0.25, NUDGE = 1;
/** Attributes in the words of musicians: less of it, more of it. */
const SLIDERS = [
  ['pitch', 'Darker', 'Brighter'], ['density', 'Calmer', 'Denser'], ['polyphony', 'Thinner', 'Fuller'],
  ['range', 'Narrower', 'Wider'], ['interval', 'Smoother', 'Leapier'], ['syncopation8', 'Straighter', 'Syncopated'],
  ['syncopation16', 'Plainer', 'Funkier'], ['diatonic', 'Chromatic', 'Purer'], ['repetition', 'Moving', 'Repeating'],
];
const TONICS = ['C', 'Db', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B'];
const NAMES = {'b': '♭', '#': '♯'};
const PLAIN_LIKENESS = 1;
/** What was made, by what was asked for, so that undoing shows it at once. */
const results = new Map();

export const newSeed = () => crypto.getRandomValues(new Uint32Array(1))[0];
export const NOTHING_STEERED = {fresh: false, piece: null, similarity: PLAIN_LIKENESS, attributes: {}, key: '', boldness: null, bars: 16, seed: 1};

/** What the program is asked for. */
function requestOf({fresh, piece, similarity, attributes, key, boldness, bars, seed}) {
  const request = {seed, attributes: Object.fromEntries(Object.entries(attributes).filter(([, amount]) => amount !== 0)), ...(key && {key})};
  if (fresh) return {...request, bars, ...(boldness !== null && {latent_temperature: boldness})};
  return {...request, piece: piece?.id, similarity, ...(boldness !== null && {temperature: boldness})};
}

export function makeSteer() {
  const original = new Roll({label: 'As it was', onseek: (tick) => seek(wanted().piece, tick)});
  const stage = new Roll({label: 'Steered', onseek: (tick) => seek(result?.piece, tick)});
  const slot = h('button', {type: 'button', class: 'slot slot-piece', onclick: async () => {
    const piece = await choosePiece('Which piece do you want to steer?');
    if (piece) open(piece);
  }});
  const modes = h('div', {class: 'segmented', role: 'group', 'aria-label': 'Where the music comes from'},
    button('A piece', {kind: 'plain', value: 'piece', onclick: () => change({fresh: false})}),
    button('New music', {kind: 'plain', value: 'new', onclick: () => change({fresh: true})}));
  const sliders = SLIDERS.map(makeSlider);
  const likeness = h('input', {type: 'range', id: 'steer-likeness', min: '0', max: '1', step: '0.05', oninput: () => change({similarity: Number(likeness.value)}, 'likeness')});
  const boldness = h('input', {type: 'range', id: 'steer-boldness', min: '0', max: '1.5', step: '0.05', oninput: () => change({boldness: Number(boldness.value)}, 'boldness')});
  const keyChoice = h('select', {id: 'steer-key', onchange: () => change({key: keyChoice.value})}, h('option', {value: ''}, 'any key'),
    ...['major', 'minor'].flatMap((mode) => TONICS.map((tonic) => h('option', {value: `${tonic}-${mode}`}, `${tonic.replace(/[b#]$/, (sign) => NAMES[sign])} ${mode}`))));
  const barsChoice = h('select', {id: 'steer-bars', onchange: () => change({bars: Number(barsChoice.value)})},
    ...[8, 16, 32, 64].map((bars) => h('option', {value: String(bars)}, `${bars} bars`)));
  const seedField = h('input', {type: 'text', id: 'steer-seed', inputMode: 'numeric', autocomplete: 'off',
    onchange: () => (/^\d{1,15}$/.test(seedField.value.trim()) ? change({seed: Number(seedField.value)}) : show())});
  const another = button('Another', {iconName: 'dice', title: 'The same wishes with another seed (N)', onclick: () => change({seed: newSeed()})});
  const plain = button('All sliders to the middle', {kind: 'ghost small', onclick: () => change({attributes: {}})});
  const playOriginal = button('Play the original', {iconName: 'play', onclick: () => playPiece(wanted().piece)});
  const playResult = button('Play the result', {iconName: 'play', kind: 'primary', onclick: () => playPiece(result?.piece)});
  const status = h('p', {class: 'status', role: 'status'});
  const originalTitle = h('span', {class: 'roll-title'}), resultTitle = h('output', {class: 'roll-title'});
  const saves = h('div', {class: 'saves-pair'}, h('div', {}, h('h3', {}, 'The result'), saveButtons(() => result?.piece)));
  const goOn = button('Go on from the result', {kind: 'ghost', onclick: () => {
    remember([result.piece]);
    change({piece: result.piece, fresh: false, attributes: {}, similarity: PLAIN_LIKENESS});
  }});
  saves.firstChild.append(goOn);
  const field = (id, text, control, ends) => h('div', {class: 'field'}, h('label', {for: id, class: 'field-name'}, text),
    ends && h('span', {class: 'end', 'aria-hidden': 'true'}, ends[0]), control, ends && h('span', {class: 'end', 'aria-hidden': 'true'}, ends[1]));
  const likenessField = field('steer-likeness', 'Likeness', likeness, ['a stranger', 'itself']);
  const barsField = field('steer-bars', 'Length', barsChoice);
  const originalRoll = h('div', {class: 'roll-row before'}, originalTitle, original.element);

  const element = h('section', {class: 'view steer', 'aria-label': 'Steer'},
    h('div', {class: 'steer-head'}, h('div', {class: 'ends single'}, slot), modes, h('div', {class: 'actions'}, playResult, playOriginal)),
    h('div', {class: 'card stage two'}, originalRoll, h('div', {class: 'roll-row after'}, resultTitle, stage.element)),
    status,
    h('div', {class: 'card panel'},
      h('div', {class: 'sliders', role: 'group', 'aria-label': 'More or less'}, ...sliders.map((one) => one.element)),
      h('p', {class: 'hint none-measured'}, `This model's attributes were not measured; musicvae attributes does that.`),
      h('div', {class: 'fields steer-fields'}, likenessField, field('steer-boldness', 'Boldness', boldness, ['safe', 'bold']), field('steer-key', 'Key', keyChoice), barsField,
        h('div', {class: 'field'}, h('label', {for: 'steer-seed', class: 'field-name'}, 'Seed'), seedField, another), plain)),
    saves);

  let result = null;  // {key, piece, measures, original}
  let job = null, asked = '';
  const wanted = () => store.state.steer;
  const change = (patch, group = '') => store.set({steer: {...wanted(), ...patch}}, {group});
  const keyOf = (state) => JSON.stringify(requestOf(state));

  function makeSlider([name, less, more]) {
    const input = h('input', {type: 'range', min: String(-MOST), max: String(MOST), step: String(STEP), value: '0', 'aria-label': `${less} or ${more.toLowerCase()}`,
      oninput: () => set(Number(input.value), name)});
    const reached = h('span', {class: 'reached', 'aria-hidden': 'true', hidden: true});
    const set = (amount, group = '') => change({attributes: {...wanted().attributes, [name]: Math.max(-MOST, Math.min(MOST, amount))}}, group);
    const nudge = (text, by) => h('button', {type: 'button', class: `nudge ${by > 0 ? 'more' : 'less'}`, onclick: () => set((wanted().attributes[name] ?? 0) + by)}, text);
    const one = h('div', {class: 'slider-row', 'data-attribute': name}, nudge(less, -NUDGE), h('div', {class: 'slider'}, input, reached), nudge(more, NUDGE));
    return {
      name, element: one,
      /** @param {number|null} moved how far the result has come */
      show(amount, moved) {
        input.value = String(amount);
        const words = amount === 0 ? 'as it is' : `${Math.abs(amount)} ${amount > 0 ? more.toLowerCase() : less.toLowerCase()}`;
        const came = moved === null ? '' : `; it came ${moved.toFixed(1)}`;
        input.setAttribute('aria-valuetext', words + came);
        one.classList.toggle('asked', amount !== 0);
        reached.hidden = moved === null;
        reached.title = `How far it came: ${moved?.toFixed(1)}`;
        if (moved !== null) reached.style.setProperty('--at', String((Math.max(-MOST, Math.min(MOST, moved)) + MOST) / (2 * MOST)));
      },
    };
  }

  function open(piece) {
    change({piece, fresh: false});
  }

  function seek(piece, tick) {
    if (!piece) return;
    if (player.piece === piece) player.seek(tick);
    else player.choose(piece, {tick, play: player.playing});
  }

  function playPiece(piece) {
    if (!piece) return;
    if (player.piece === piece) player.toggle();
    else if (player.playing) player.exchange(piece);
    else player.choose(piece, {play: true, tick: 0});
  }

  /** Makes what is asked for, once the hand rests. */
  const rest = later(() => {
    const state = wanted();
    if (keyOf(state) !== asked || (!state.fresh && !state.piece)) return;
    job?.stop();
    let failed = false;
    const mine = start('steer', requestOf(state), {
      made({piece, measures, original: before}) {
        const made = {key: keyOf(state), piece, measures, original: before ?? null};
        piece.label = state.fresh ? `New music, seed ${state.seed}` : `${state.piece.title}, steered`;
        results.set(made.key, made);
        if (keyOf(wanted()) === made.key) take(made);
      },
      done: () => end(mine),
      stopped: () => end(mine),
      failed({error}) {
        failed = true;
        end(mine);
        status.textContent = error;
        status.classList.add('bad');
      },
    });
    job = failed ? null : mine;
    show();
  }, REST_MILLISECONDS);

  function end(mine) {
    if (job !== mine) return;
    job = null;
    show();
  }

  /** Shows a result, and lets it be heard where one is heard already. */
  function take(made) {
    const before = result?.piece;
    result = made;
    player.prepare(made.piece);
    const heard = player.piece === before || !element.isConnected;
    if (element.isConnected && (heard || !player.playing)) {
      if (player.playing && player.piece !== made.piece) player.exchange(made.piece);
      else if (!player.playing) player.choose(made.piece, {play: false});
    }
    show();
  }

  function showSlot() {
    const {piece, fresh} = wanted();
    slot.replaceChildren(h('span', {class: 'slot-label'}, 'Piece'), h('strong', {}, piece?.title ?? 'Choose a piece'),
      h('span', {class: 'note'}, piece?.summary ?? 'or drop a MIDI file'), h('span', {class: 'slot-change'}, 'Change'));
    slot.parentElement.hidden = fresh;
    for (const one of modes.children) one.setAttribute('aria-pressed', String((one.value === 'new') === fresh));
  }

  function showFields() {
    const state = wanted();
    const {fresh} = state;
    for (const slider of sliders) {
      const has = result && result.key === keyOf(state) && slider.name in result.measures;
      const from = fresh ? 0 : result?.original?.[slider.name];
      slider.show(state.attributes[slider.name] ?? 0, has && from !== undefined && (fresh || from !== null) ? result.measures[slider.name] - from : null);
      slider.element.hidden = !program.attributes?.includes(slider.name);
    }
    element.querySelector('.none-measured').hidden = (program.attributes?.length ?? 0) > 0;
    likeness.value = String(state.similarity);
    likeness.setAttribute('aria-valuetext', `${Math.round(state.similarity * 100)} %`);
    const usual = fresh ? 0.75 : 0;
    boldness.value = String(state.boldness ?? usual);
    boldness.setAttribute('aria-valuetext', state.boldness === null ? 'as the model likes it' : String(state.boldness));
    keyChoice.value = state.key;
    barsChoice.value = String(state.bars);
    seedField.value = String(state.seed);
    likenessField.hidden = fresh;
    barsField.hidden = !fresh;
    plain.hidden = !Object.values(state.attributes).some((amount) => amount !== 0);
    if (job) status.textContent = fresh ? 'Making new music …' : 'Steering …';
    else if (!status.classList.contains('bad')) status.textContent = '';
  }

  function range(pieces) {
    return [Math.min(...pieces.map((one) => one.low)), Math.max(...pieces.map((one) => one.high))];
  }

  function showRolls() {
    const {piece, fresh} = wanted();
    const both = [!fresh && piece, result?.piece].filter(Boolean);
    originalRoll.hidden = fresh || !piece;
    if (!fresh && piece) {
      originalTitle.textContent = 'As it was';
      original.show(piece, {range: range(both)});
    }
    stage.element.classList.toggle('stale', Boolean(job));
    if (result) {
      resultTitle.textContent = fresh ? result.piece.title : 'Steered';
      stage.show(result.piece, {range: range(both), ghost: fresh ? null : piece});
    }
    stage.element.parentElement.hidden = !result;
    saves.hidden = !result;
  }

  function showButtons() {
    const draw = (target, piece, text) => {
      const on = Boolean(piece) && player.piece === piece && player.playing;
      target.replaceChildren(icon(on ? 'pause' : 'play'), h('span', {}, on ? 'Pause' : text));
      target.disabled = !piece;
    };
    draw(playOriginal, wanted().piece, 'Play the original');
    draw(playResult, result?.piece, wanted().fresh ? 'Play it' : 'Play the result');
    playOriginal.hidden = wanted().fresh;
  }

  function follow() {
    const at = (piece) => (piece && player.piece === piece && (player.playing || player.position > 0) ? player.tick : null);
    original.setPlayhead(at(wanted().piece));
    stage.setPlayhead(at(result?.piece));
  }

  function show() {
    const key = keyOf(wanted());
    if (key !== asked) {
      asked = key;
      status.classList.remove('bad');
      const known = results.get(key);
      if (known) return take(known);
      rest();
    }
    showSlot();
    showFields();
    showRolls();
    showButtons();
    follow();
  }

  player.addEventListener('change', () => element.isConnected && (showButtons(), follow()));
  player.addEventListener('frame', () => element.isConnected && follow());

  return {
    element, show,
    drop: (pieces) => open(pieces[0]),
    keys: {
      'n': () => change({seed: newSeed()}),
      'o': () => playPiece(player.piece === result?.piece ? wanted().piece : result?.piece),
    },
  };
}
