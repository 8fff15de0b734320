// The way between two pieces: a slider from one to the other, and a strip of all steps.
import {placeBetween, start} from './api.js';
import {button, h, icon, later, toast} from './dom.js';
import {FROM, originsOf} from './music.js';
import {Roll} from './roll.js';
import {store} from './store.js';
import {choosePiece, player, remember, saveButtons} from './studio.js';

const REST_MILLISECONDS = 160;  // After which a hand on the slider rests.
const STEP_CHOICES = [5, 8, 13];
/** Ways that were made, so that undoing shows them at once. */
const ways = new Map();

const wayKey = ({a, b, steps, bars}) => [a?.id, b?.id, steps, bars].join(' ');

export function makeBetween() {
  const stage = new Roll({label: 'What stands here on the way', onseek: (tick) => seek(tick)});
  const slots = {a: makeSlot('a', 'From'), b: makeSlot('b', 'To')};
  const slider = h('input', {type: 'range', min: '0', max: '1', step: '0.01', value: '0', class: 'way-slider', 'aria-label': 'Place on the way',
    oninput: () => moveTo(Number(slider.value))});
  const thumb = h('div', {class: 'way-thumb', 'aria-hidden': 'true'});
  const strip = h('div', {class: 'strip-steps', 'aria-hidden': 'true'});
  const place = h('output', {class: 'way-place'});
  const legend = h('ul', {class: 'legend', 'aria-label': 'Where notes come from'});
  const status = h('p', {class: 'status', role: 'status'});
  const playHere = button('Play here', {iconName: 'play', kind: 'primary', onclick: () => playPlace()});
  const playAll = button('Play the whole way', {iconName: 'play', onclick: () => playWalk()});
  const stepsChoice = h('div', {class: 'segmented', role: 'group', 'aria-label': 'Number of steps'},
    ...STEP_CHOICES.map((steps) => h('button', {type: 'button', value: String(steps), onclick: () => change({steps})}, String(steps))));
  const barsChoice = h('select', {id: 'way-bars', onchange: () => change({bars: Number(barsChoice.value)})},
    h('option', {value: '0'}, 'all bars'), h('option', {value: '4'}, 'the first 4 bars'), h('option', {value: '8'}, 'the first 8 bars'),
    h('option', {value: '16'}, 'the first 16 bars'), h('option', {value: '32'}, 'the first 32 bars'));
  const savesWhole = h('div', {class: 'saves-pair'},
    h('div', {}, h('h3', {}, 'This place'), saveButtons(() => current())),
    h('div', {}, h('h3', {}, 'The whole way'), saveButtons(() => way.walk)));

  const element = h('section', {class: 'view between', 'aria-label': 'Between'},
    h('div', {class: 'ends'}, slots.a.element,
      button('Swap', {iconName: 'swap', hidden: true, kind: 'ghost round', onclick: () => {
        const {a, b} = store.state.between;
        change({a: b, b: a});
      }}), slots.b.element),
    h('div', {class: 'card stage'}, h('div', {class: 'stage-head'}, place, legend), stage.element),
    h('div', {class: 'card way'},
      h('div', {class: 'strip'}, strip, thumb, slider),
      h('div', {class: 'way-ends', 'aria-hidden': 'true'}, h('span', {class: 'end-a'}), h('span', {class: 'way-hint'}, 'Drag to hear what lies between'), h('span', {class: 'end-b'}))),
    h('div', {class: 'actions'}, playHere, playAll,
      h('div', {class: 'fields'}, h('span', {class: 'field-name', 'aria-hidden': 'true'}, 'Steps'), stepsChoice,
        h('label', {for: 'way-bars', class: 'field-name'}, 'Walk through'), barsChoice)),
    status, savesWhole);

  let way = null;        // {request, steps: Piece[], walk: Piece|null, exact: Map<number, Piece>, job}
  let t = 0;
  let shownPiece = null;
  const thumbs = [];

  const request = () => {
    const {a, b, steps, bars} = store.state.between;
    return {a, b, steps, bars};
  };
  const change = (patch) => store.set({between: {...store.state.between, ...patch}});

  function makeSlot(name, text) {
    const roll = new Roll({small: true});
    const title = h('strong', {}), note = h('span', {class: 'note'});
    const element_ = h('button', {type: 'button', class: `slot slot-${name}`, onclick: async () => {
      const piece = await choosePiece(name === 'a' ? 'Where does the way begin?' : 'Where does it lead?');
      if (piece) change({[name]: piece});
    }}, h('span', {class: 'slot-label'}, text), title, note, h('span', {class: 'slot-change'}, 'Change'), roll.element);
    element_.addEventListener('dragover', (event) => event.preventDefault());
    return {
      element: element_,
      show(piece) {
        title.textContent = piece ? piece.title : 'Choose a piece';
        note.textContent = piece ? piece.summary : 'or drop a MIDI file';
        element_.setAttribute('aria-label', `${text}: ${piece ? `${piece.title}, ${piece.summary}` : 'choose a piece'}`);
        roll.element.hidden = !piece;
        if (piece) roll.show(piece, {origins: new Uint8Array(piece.noteCount).fill(name === 'a' ? FROM.A : FROM.B)});
      },
    };
  }

  /** The step that is nearest to t, of those that are made. */
  function nearestStep() {
    if (!way || way.steps.length === 0) return null;
    return way.steps[Math.min(way.steps.length - 1, Math.round(t * (way.request.steps - 1)))];
  }
  const current = () => way?.exact.get(t) ?? nearestStep();

  function origins(piece) {
    const {a, b, bars} = way.request;
    way.origins ??= new Map();
    if (!way.origins.has(piece.id)) way.origins.set(piece.id, originsOf(piece, a, b, bars));
    return way.origins.get(piece.id);
  }

  function range() {
    const {a, b} = way.request;
    return [Math.min(a.low, b.low), Math.max(a.high, b.high)];
  }

  function showStage() {
    const piece = current();
    if (!piece) return;
    if (shownPiece !== piece) {
      shownPiece = piece;
      const from = origins(piece);
      stage.show(piece, {origins: from, range: range()});
      showLegend(from);
    }
    showPlace();
  }

  function showLegend(from) {
    const counts = [0, 0, 0, 0];
    for (const origin of from) ++counts[origin];
    const {a, b} = way.request;
    const names = [[FROM.A, `from ${a.title}`, 'a'], [FROM.BOTH, 'in both', 'both'], [FROM.B, `from ${b.title}`, 'b'], [FROM.NEW, 'new', 'new']];
    legend.replaceChildren(...names.filter(([origin]) => counts[origin] > 0).map(([origin, text, kind]) =>
      h('li', {class: `from-${kind}`}, h('b', {}, String(counts[origin])), ` ${text}`)));
  }

  function showPlace() {
    const percent = Math.round(t * 100);
    const {a, b} = way?.request ?? request();
    const text = percent === 0 ? a?.title : percent === 100 ? b?.title : `${percent} % of the way`;
    place.textContent = text ?? '';
    slider.value = String(t);
    slider.setAttribute('aria-valuetext', `${percent} % of the way from ${a?.title} to ${b?.title}`);
    thumb.style.setProperty('--t', String(t));
    element.style.setProperty('--t', String(t));
    const step = way ? Math.round(t * (way.request.steps - 1)) : 0;
    thumbs.forEach((one, i) => one.element.classList.toggle('here', i === step));
  }

  function moveTo(place_) {
    t = Math.round(place_ * 100) / 100;
    const walking = player.piece === way?.walk;
    showStage();
    player.follow(current(), {anew: walking});
    rest();
  }

  /** The exact place, once the hand rests. */
  const rest = later(async () => {
    if (!way || way.steps.length < way.request.steps) return;
    const share = t * (way.request.steps - 1);
    const mine = way, at = t;
    if (Math.abs(share - Math.round(share)) < 0.004 * way.request.steps || mine.exact.has(at)) return;
    try {
      const {a, b, bars} = mine.request;
      const piece = await placeBetween({a: a.id, b: b.id, bars, at});
      piece.label = `${a.title} → ${b.title}, ${Math.round(at * 100)} %`;
      mine.exact.set(at, piece);
      if (way !== mine || t !== at || player.piece === way.walk) return;
      showStage();
      player.follow(current());
    } catch (error) {
      toast(error.message, 'bad');
    }
  }, REST_MILLISECONDS);

  function seek(tick) {
    const piece = current();
    if (!piece) return;
    if (player.piece === piece) player.seek(tick);
    else player.choose(piece, {tick});
  }

  function playPlace() {
    const piece = current();
    if (!piece) return;
    if (player.piece === piece && player.playing) return player.pause();
    player.loop = true;
    player.choose(piece, {tick: player.piece === piece ? player.tick : 0, play: true});
  }

  function playWalk() {
    if (!way?.walk) return;
    if (player.piece === way.walk && player.playing) return player.pause();
    player.loop = false;
    player.choose(way.walk, {tick: player.piece === way.walk ? player.tick : 0, play: true});
  }

  /** Steps begin where the markers of the whole way stand. */
  function stepOfWalk(tick) {
    const {markers} = way.walk;
    let step = 0;
    while (step + 1 < markers.length && markers[step + 1].tick <= tick) ++step;
    return [step, tick - (markers[step]?.tick ?? 0)];
  }

  function followPlayer() {
    const piece = current();
    if (way?.walk && player.piece === way.walk) {
      const [step, tick] = stepOfWalk(player.tick);
      const stepPiece = way.steps[step];
      if (!stepPiece) return;
      const place_ = step / (way.request.steps - 1);
      if (Math.round(place_ * 100) / 100 !== t) {
        t = Math.round(place_ * 100) / 100;
        showStage();
      }
      stage.setPlayhead((tick * stepPiece.ticks) / way.walk.ticks);
      thumbs.forEach((one, i) => one.roll.setPlayhead(i === step ? (tick * stepPiece.ticks) / way.walk.ticks : null));
    } else {
      stage.setPlayhead(player.piece === piece && (player.playing || player.position > 0) ? player.tick : null);
      thumbs.forEach((one) => one.roll.setPlayhead(null));
    }
  }

  function showButtons() {
    const here = player.piece === current() && player.playing;
    const walk = Boolean(way?.walk) && player.piece === way.walk && player.playing;
    const draw = (target, on, text) => target.replaceChildren(icon(on ? 'pause' : 'play'), h('span', {}, on ? 'Pause' : text));
    draw(playHere, here, 'Play here');
    draw(playAll, walk, 'Play the whole way');
    const done = Boolean(way?.walk);
    playHere.disabled = !current();
    playAll.disabled = !done;
    savesWhole.hidden = !current();
    savesWhole.lastChild.hidden = !done;
    slider.disabled = !current();
  }

  function makeThumbs() {
    thumbs.forEach((one) => one.roll.dispose());
    thumbs.length = 0;
    for (let i = 0; i < way.request.steps; ++i) {
      const roll = new Roll({small: true});
      thumbs.push({roll, element: h('div', {class: 'strip-step waiting'}, roll.element)});
    }
    strip.replaceChildren(...thumbs.map((one) => one.element));
    way.steps.forEach((piece, i) => showThumb(piece, i));
  }

  function showThumb(piece, i) {
    thumbs[i].element.classList.remove('waiting');
    thumbs[i].roll.show(piece, {origins: origins(piece), range: range()});
  }

  /** Fetches the sounds of a way one by one, those nearest to the hand first, so that one that is asked for waits little. */
  async function prepareSounds(mine) {
    const here = t * (mine.request.steps - 1);
    const steps = mine.steps.map((piece, i) => [Math.abs(i - here), piece]).sort((a, b) => a[0] - b[0]).map(([, piece]) => piece);
    for (const piece of [...steps.slice(0, 3), mine.walk, ...steps.slice(3)]) {
      if (way !== mine) return;
      await player.prepare(piece);
    }
  }

  function make() {
    const mine = {request: request(), steps: [], walk: null, exact: new Map(), job: null};
    way = mine;
    makeThumbs();
    const {a, b, steps, bars} = mine.request;
    const say = () => (status.textContent = mine.steps.length < steps ? `Walking: ${mine.steps.length} of ${steps} steps` : '');
    status.classList.remove('bad');
    say();
    mine.job = start('between', {a: a.id, b: b.id, steps, bars}, {
      step({index, piece}) {
        mine.steps[index] = piece;
        if (index === 0) player.prepare(piece);
        piece.label = `${a.title} → ${b.title}, step ${index + 1} of ${steps}`;
        if (way !== mine) return;
        say();
        showThumb(piece, index);
        shownPiece = null;
        showStage();
        showButtons();
        if (index === 0 && (!player.piece || !player.playing)) player.choose(piece);
      },
      walk({piece}) {
        mine.walk = piece;
        piece.label = `${a.title} → ${b.title}`;
        ways.set(wayKey(mine.request), mine);
        remember([piece]);
        if (way !== mine) return;
        showButtons();
        rest();
        prepareSounds(mine);
      },
      done: () => (status.textContent = ''),
      failed({error}) {
        if (way !== mine) return;
        status.textContent = error;
        status.classList.add('bad');
      },
    });
  }

  function show() {
    const {a, b, steps, bars} = request();
    slots.a.show(a);
    slots.b.show(b);
    element.querySelector('.end-a').textContent = a?.title ?? '';
    element.querySelector('.end-b').textContent = b?.title ?? '';
    for (const one of stepsChoice.children) one.setAttribute('aria-pressed', String(Number(one.value) === steps));
    barsChoice.value = String(bars);
    if (a && b && (!way || wayKey(way.request) !== wayKey({a, b, steps, bars}))) {
      way?.job?.stop();
      shownPiece = null;
      const known = ways.get(wayKey({a, b, steps, bars}));
      if (known) {
        way = known;
        makeThumbs();
      } else {
        make();
      }
    }
    showStage();
    showButtons();
    followPlayer();
  }

  player.addEventListener('change', () => element.isConnected && (showButtons(), followPlayer()));
  player.addEventListener('frame', () => element.isConnected && followPlayer());

  return {
    element, show,
    /** Files dropped on the page: two are both ends, one the end that it fell on, or the second. */
    drop(pieces, target) {
      const onA = target?.closest?.('.slot-a');
      if (pieces.length > 1) change({a: pieces[0], b: pieces[1]});
      else change(onA || !store.state.between.a ? {a: pieces[0]} : {b: pieces[0]});
    },
    keys: {
      ',': () => moveTo(Math.max(0, t - 0.05)),
      '.': () => moveTo(Math.min(1, t + 0.05)),
      'w': playWalk,
    },
  };
}
