// A piano roll: time from left to right, pitches upwards, drawn on two canvases. The lower one has the
// music and is drawn when something about it changes; the upper one has what moves while it plays.
import {button, h} from './dom.js';
import {barsText, pitchName} from './music.js';

const RULER = 26;
const MARGIN_ROWS = 2;
const BLACK_KEYS = new Set([1, 3, 6, 8, 10]);
const NARROWEST_BAR = 26;
const MOST_ZOOM = 60;
/** What the origins of notes are called. */
const WHERE = {
  origins: ['from A', 'in both', 'from B', 'new'],
  corners: ['as in A', 'as in B', 'as in C', 'as in D', 'in several', 'new'],
};

/** The colours of the page as it is now. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue(name).trim();
  return {
    parts: [1, 2, 3, 4, 5, 6].map((i) => get(`--part-${i}`)),
    origins: [get('--a'), get('--both'), get('--b'), get('--new')],
    corners: [get('--a'), get('--b'), get('--part-3'), get('--part-4'), get('--both'), get('--muted')],
    row: get('--roll-row'), line: get('--roll-line'), beat: get('--roll-beat'), text: get('--muted'),
    head: get('--head'), shade: get('--shade'), select: get('--select'), selectLine: get('--select-line'),
    ground: get('--roll'), ruler: get('--roll-ruler'), ghost: get('--ghost'), font: get('--font'),
  };
}

let palette = null;
const rolls = new Set();
const others = [];

/** Lets `work` run when the page's colours change. */
export const onRecolour = (work) => others.push(work);

/** Draws everything again, in the colours of now. */
export function recolour() {
  palette = null;
  for (const roll of rolls) roll.draw();
  for (const work of others) work();
}
const inks = () => (palette ??= colours());

const scheme = matchMedia('(prefers-color-scheme: dark)');
scheme.addEventListener('change', recolour);

function roundedBar(context, x, y, width, height) {
  const radius = Math.min(3, height / 2, width / 2);
  context.beginPath();
  if (context.roundRect) context.roundRect(x, y, width, height, radius);
  else context.rect(x, y, width, height);
  context.fill();
}

export class Roll {
  /**
   * @param {object} options
   * @param {string} [options.label] what the roll is, for those who do not see it
   * @param {boolean} [options.small] a thumbnail: no ruler, nothing to do
   * @param {boolean} [options.select] bars can be marked
   * @param {(tick: number) => void} [options.onseek]
   * @param {(bars: number[]) => void} [options.onselect]
   */
  constructor(options = {}) {
    this.options = options;
    this.piece = null;
    this.origins = null;
    this.ghost = null;
    this.shaded = new Set();
    this.selected = [];
    this.zoom = 1;
    this.left = 0;
    this.playhead = null;
    this.range = null;
    this.view = null;  // [first tick, last tick], where only a part is shown.
    this.base = h('canvas', {'aria-hidden': 'true'});
    this.over = h('canvas', {'aria-hidden': 'true'});
    this.tip = h('div', {class: 'tip', hidden: true});
    this.surface = h('div', {class: 'roll-surface'}, this.base, this.over, this.tip);
    this.element = h('div', {class: `roll ${options.small ? 'small' : ''}`}, this.surface);
    if (options.small) this.surface.setAttribute('role', 'img');
    else this.#makeControls();
    this.observer = new ResizeObserver(() => this.#resize());
    this.observer.observe(this.surface);
    rolls.add(this);
  }

  dispose() {
    this.observer.disconnect();
    rolls.delete(this);
  }

  /**
   * @param {import('./music.js').Piece} piece
   * @param {object} [look]
   * @param {Uint8Array} [look.origins] colours notes by where they come from, rather than by part
   * @param {'origins'|'corners'} [look.inks] what these mean: one of two pieces, or of four
   * @param {Iterable<number>} [look.shaded] indices of bars that are shaded
   * @param {import('./music.js').Piece} [look.ghost] drawn faintly behind
   * @param {number[]} [look.range] lowest and highest pitch, so that several rolls agree
   * @param {number[]} [look.view] first and last tick, to show a part
   */
  show(piece, look = {}) {
    const other = !this.piece || this.piece.last / this.piece.ticks !== piece.last / piece.ticks;
    this.piece = piece;
    this.origins = look.origins ?? null;
    this.inks = look.inks ?? 'origins';
    this.shaded = new Set(look.shaded ?? []);
    this.ghost = look.ghost ?? null;
    this.range = look.range ?? null;
    this.view = look.view ?? null;
    if (other) this.#fit();
    const name = this.options.label ?? 'Piano roll';
    const text = `${name}: ${piece.title}, ${piece.noteCount} notes, ${piece.barCount} bars`;
    this.surface.setAttribute('aria-label', text);
    this.element.dataset.notes = String(piece.noteCount);
    this.element.dataset.piece = piece.id;
    this.#describe();
    this.draw();
  }

  /** @param {number[]} bars indices, ascending */
  select(bars) {
    this.selected = bars;
    this.#describe();
    this.draw();
  }

  /** @param {number|null} tick */
  setPlayhead(tick, follow = true) {
    if (this.playhead === tick) return;
    this.playhead = tick;
    if (tick !== null && follow) this.#follow(tick);
    this.#drawOver();
    this.#describe();
  }

  // Controls.

  #makeControls() {
    const surface = this.surface;
    surface.tabIndex = 0;
    surface.setAttribute('role', 'slider');
    surface.setAttribute('aria-roledescription', 'piano roll');
    surface.addEventListener('pointerdown', (event) => this.#press(event));
    surface.addEventListener('pointermove', (event) => this.#move(event));
    surface.addEventListener('pointerup', (event) => this.#release(event));
    surface.addEventListener('pointercancel', () => (this.drag = null));
    surface.addEventListener('pointerleave', () => (this.tip.hidden = true));
    surface.addEventListener('wheel', (event) => this.#wheel(event), {passive: false});
    surface.addEventListener('keydown', (event) => this.#key(event));
    const tools = h('div', {class: 'roll-tools'},
      button('Zoom out', {iconName: 'minus', hidden: true, kind: 'ghost tiny', onclick: () => this.zoomBy(1 / 1.5)}),
      button('Show the whole piece', {iconName: 'fit', hidden: true, kind: 'ghost tiny', onclick: () => this.#whole()}),
      button('Zoom in', {iconName: 'plus', hidden: true, kind: 'ghost tiny', onclick: () => this.zoomBy(1.5)}));
    this.element.append(tools);
  }

  #key(event) {
    const {piece} = this;
    if (!piece || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (step && event.shiftKey && this.options.select) {
      const edge = this.cursorBar ?? piece.barAt(this.playhead ?? 0);
      const start = this.anchorBar ?? edge;
      this.anchorBar = start;
      this.cursorBar = this.anchorBar === edge && this.selected.length === 0
        ? edge : Math.max(0, Math.min(piece.barCount - 1, edge + step));
      this.#selectRun(this.anchorBar, this.cursorBar, []);
      this.options.onselect?.(this.selected);
    } else if (step) {
      const bar = Math.max(0, Math.min(piece.barCount - 1, piece.barAt(this.playhead ?? 0) + step));
      this.anchorBar = this.cursorBar = undefined;
      this.options.onseek?.(piece.bars[bar]);
    } else if (event.key === 'Home' || event.key === 'End') {
      this.options.onseek?.(event.key === 'Home' ? 0 : piece.bars[piece.barCount - 1]);
    } else if (event.key === '+' || event.key === '=') {
      this.zoomBy(1.5);
    } else if (event.key === '-') {
      this.zoomBy(1 / 1.5);
    } else if (event.key === '0') {
      this.#whole();
    } else if (event.key === 'Escape' && this.selected.length > 0) {
      this.select([]);
      this.options.onselect?.([]);
    } else {
      return;
    }
    event.preventDefault();
  }

  #wheel(event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY / 200), event.offsetX);
    } else if (this.zoom > 1 && (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))) {
      event.preventDefault();
      this.#scrollTo(this.left + (event.deltaX || event.deltaY) / this.#scale());
    }
  }

  #press(event) {
    if (!this.piece || event.button !== 0) return;
    const tick = this.tickAtX(event.offsetX);
    const scrolls = event.pointerType === 'touch' && event.offsetY < RULER;
    this.drag = {x: event.offsetX, left: this.left, bar: this.piece.barAt(tick), moved: false,
      marks: Boolean(this.options.select) && !scrolls,
      before: event.ctrlKey || event.metaKey ? [...this.selected] : []};
    this.surface.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const {drag} = this;
    if (!drag) return this.#showTip(event);
    if (Math.abs(event.offsetX - drag.x) > 4) drag.moved = true;
    if (!drag.moved) return;
    this.tip.hidden = true;
    if (drag.marks) {
      const edge = Math.max(0, Math.min(this.width, event.offsetX));
      if (event.offsetX < 12) this.#scrollTo(this.left - 12 / this.#scale());
      if (event.offsetX > this.width - 12) this.#scrollTo(this.left + 12 / this.#scale());
      this.#selectRun(drag.bar, this.piece.barAt(this.tickAtX(edge)), drag.before);
    } else {
      this.#scrollTo(drag.left - (event.offsetX - drag.x) / this.#scale());
    }
  }

  #release(event) {
    const {drag} = this;
    this.drag = null;
    if (!drag) return;
    if (drag.marks && drag.moved) {
      this.options.onselect?.(this.selected);
    } else if (!drag.moved) {
      if (drag.marks && (event.ctrlKey || event.metaKey || event.shiftKey)) this.#toggleBar(drag.bar, event.shiftKey);
      else this.options.onseek?.(Math.max(0, this.tickAtX(event.offsetX)));
    }
  }

  #toggleBar(bar, extends_) {
    if (extends_ && this.selected.length > 0) {
      this.#selectRun(Math.min(this.selected[0], bar), Math.max(this.selected[this.selected.length - 1], bar), []);
    } else {
      const bars = new Set(this.selected);
      if (!bars.delete(bar)) bars.add(bar);
      this.select([...bars].sort((a, b) => a - b));
    }
    this.options.onselect?.(this.selected);
  }

  #selectRun(from, to, before) {
    const bars = new Set(before);
    for (let bar = Math.min(from, to); bar <= Math.max(from, to); ++bar) bars.add(bar);
    this.select([...bars].sort((a, b) => a - b));
  }

  #showTip(event) {
    const i = this.#noteAt(event.offsetX, event.offsetY);
    this.tip.hidden = i < 0;
    if (i < 0) return;
    const {piece} = this;
    const bar = piece.barAt(piece.onset[i]);
    const part = piece.parts[piece.part[i]];
    const where = this.origins ? ` · ${WHERE[this.inks][this.origins[i]]}` : '';
    this.tip.textContent = `${pitchName(piece.pitch[i])} · bar ${piece.number(bar)} · velocity ${piece.velocity[i]}` +
      (part?.name ? ` · ${part.name}` : '') + where;
    this.tip.style.transform = `translate(${Math.min(event.offsetX + 12, this.width - 190)}px, ${Math.max(0, event.offsetY - 30)}px)`;
  }

  #noteAt(x, y) {
    const {piece} = this;
    if (!piece || y < this.#top()) return -1;
    const tick = this.tickAtX(x);
    const pitch = this.#highest() - Math.floor((y - this.#top()) / this.#rowHeight());
    for (let i = this.#firstSounding(tick); i < piece.noteCount && piece.onset[i] <= tick; ++i) {
      if (piece.pitch[i] === pitch && piece.onset[i] + piece.duration[i] >= tick) return i;
    }
    return -1;
  }

  // Geometry.

  #resize() {
    const {width, height} = this.surface.getBoundingClientRect();
    if (width === 0 || (width === this.width && height === this.height)) return;
    this.width = width;
    this.height = height;
    const ratio = (this.ratio = Math.min(3, devicePixelRatio || 1));
    for (const canvas of [this.base, this.over]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    if (this.piece && !this.fitted) this.#fit();
    this.draw();
  }

  /** Bars as wide as they can be read. */
  #fit() {
    this.left = 0;
    this.fitted = Boolean(this.width);
    const bars = this.piece.barCount * NARROWEST_BAR;
    this.zoom = this.options.small || this.view ? 1 : Math.max(1, bars / (this.width || 1e9));
  }

  #whole() {
    this.zoom = 1;
    this.left = 0;
    this.draw();
  }

  zoomBy(factor, x = this.width / 2) {
    if (!this.piece) return;
    const tick = this.tickAtX(x);
    this.zoom = Math.max(1, Math.min(MOST_ZOOM, this.zoom * factor));
    this.#scrollTo(tick - x / this.#scale());
  }

  #span() {
    return this.view ? this.view[1] - this.view[0] : this.piece.last;
  }

  /** Pixels a tick. */
  #scale() {
    return (this.zoom * (this.width || 1)) / this.#span();
  }

  #scrollTo(tick) {
    const most = this.#span() * (1 - 1 / this.zoom);
    this.left = Math.max(0, Math.min(most, tick));
    this.draw();
  }

  #follow(tick) {
    if (!this.piece || this.zoom <= 1 || this.drag) return;
    const shown = this.#span() / this.zoom;
    if (tick < this.left || tick > this.left + shown * 0.92) this.#scrollTo(tick - shown * 0.08);
  }

  #origin() {
    return this.left + (this.view ? this.view[0] : 0);
  }

  xOf(tick) {
    return (tick - this.#origin()) * this.#scale();
  }

  tickAtX(x) {
    return this.#origin() + x / this.#scale();
  }

  #top() {
    return this.options.small ? 0 : RULER;
  }

  #highest() {
    return (this.range ? this.range[1] : this.piece.high) + MARGIN_ROWS;
  }

  #rows() {
    const low = this.range ? this.range[0] : this.piece.low;
    return Math.max(14, this.#highest() - low + 1 + MARGIN_ROWS);
  }

  #rowHeight() {
    return (this.height - this.#top()) / this.#rows();
  }

  #yOf(pitch) {
    return this.#top() + (this.#highest() - pitch) * this.#rowHeight();
  }

  /** The first note that may still sound at a tick. */
  #firstSounding(tick) {
    const {onset, noteCount, longest} = this.piece;
    let low = 0, high = noteCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (onset[middle] < tick - longest) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  // Drawing.

  draw() {
    if (!this.piece || !this.width) return;
    const context = this.base.getContext('2d');
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    if (!this.options.small) this.#drawGround(context);
    this.#drawBands(context);
    if (!this.options.small) this.#drawBars(context);
    if (this.ghost) this.#drawNotes(context, this.ghost, () => inks().ghost, 1);
    this.#drawNotes(context, this.piece, (i) => this.#ink(i));
    if (!this.options.small) this.#drawOctaves(context);
    this.#drawOver();
  }

  #ink(i) {
    const {piece, origins} = this;
    if (origins) return inks()[this.inks][origins[i]];
    return inks().parts[piece.part[i] % inks().parts.length];
  }

  #drawGround(context) {
    const rowHeight = this.#rowHeight(), highest = this.#highest();
    context.fillStyle = inks().row;
    for (let row = 0; row < this.#rows(); ++row) {
      const pitch = highest - row;
      if (BLACK_KEYS.has(((pitch % 12) + 12) % 12)) context.fillRect(0, this.#top() + row * rowHeight, this.width, rowHeight);
    }
  }

  #drawBands(context) {
    const {piece} = this;
    const band = (bar, ink) => {
      const x = this.xOf(piece.bars[bar]);
      context.fillStyle = ink;
      context.fillRect(x, 0, this.xOf(piece.bars[bar + 1]) - x, this.height);
    };
    for (const bar of this.shaded) if (bar < piece.barCount) band(bar, inks().shade);
    for (const bar of this.selected) if (bar < piece.barCount && !this.shaded.has(bar)) band(bar, inks().select);
  }

  #drawBars(context) {
    const {piece} = this;
    context.fillStyle = inks().ruler;
    context.fillRect(0, 0, this.width, RULER);
    context.font = `500 11px ${inks().font}`;
    context.textBaseline = 'middle';
    const first = piece.barAt(this.tickAtX(0)), last = piece.barAt(this.tickAtX(this.width));
    let clear = -1e9;  // Where the last text ends.
    for (let bar = first; bar <= last; ++bar) {
      const x = Math.round(this.xOf(piece.bars[bar])) + 0.5;
      const width = this.xOf(piece.bars[bar + 1]) - x;
      if (width > 44) this.#drawBeats(context, bar);
      if (width < 3) continue;
      context.strokeStyle = inks().line;
      this.#line(context, x, 0, this.height);
      const text = String(piece.number(bar));
      if (x < clear) continue;
      context.fillStyle = inks().text;
      context.fillText(text, x + 5, RULER / 2);
      clear = x + 5 + context.measureText(text).width + 12;
    }
  }

  #drawBeats(context, bar) {
    const {piece} = this;
    const [, denominator] = piece.meterAt(piece.bars[bar]).split('/').map(Number);
    const beat = (piece.ticks * 4) / (denominator || 4);
    context.strokeStyle = inks().beat;
    for (let tick = piece.bars[bar] + beat; tick < piece.bars[bar + 1] - 1; tick += beat) {
      this.#line(context, Math.round(this.xOf(tick)) + 0.5, RULER, this.height);
    }
  }

  #drawOctaves(context) {
    const rowHeight = this.#rowHeight();
    context.font = `500 10px ${inks().font}`;
    for (let pitch = 12; pitch < 128; pitch += 12) {
      const y = this.#yOf(pitch) + rowHeight / 2;
      if (y < RULER + 8 || y > this.height - 4) continue;
      context.globalAlpha = 0.8;
      context.fillStyle = inks().ground;
      context.fillRect(0, y - 7, 22, 14);
      context.globalAlpha = 1;
      context.fillStyle = inks().text;
      context.fillText(pitchName(pitch), 4, y);
    }
  }

  #line(context, x, from, to) {
    context.beginPath();
    context.moveTo(x, from);
    context.lineTo(x, to);
    context.stroke();
  }

  #drawNotes(context, piece, inkOf, alpha = 0) {
    const scale = (this.#scale() * this.piece.ticks) / piece.ticks;
    const origin = (this.#origin() * piece.ticks) / this.piece.ticks;
    const rowHeight = this.#rowHeight();
    const gap = this.options.small ? 0 : Math.min(1.5, rowHeight * 0.16);
    const right = origin + this.width / scale;
    for (let i = 0; i < piece.noteCount; ++i) {
      const onset = piece.onset[i], end = onset + piece.duration[i];
      if (onset > right) break;
      if (end < origin) continue;
      context.globalAlpha = alpha || 0.5 + (0.5 * piece.velocity[i]) / 127;
      context.fillStyle = inkOf(i);
      const x = (onset - origin) * scale, width = Math.max(1.5, (end - onset) * scale - (this.options.small ? 0.5 : 1.2));
      const y = this.#yOf(piece.pitch[i]) + gap / 2;
      if (this.options.small) context.fillRect(x, y, width, Math.max(1.4, rowHeight));
      else roundedBar(context, x, y, width, Math.max(2, rowHeight - gap));
    }
    context.globalAlpha = 1;
  }

  #drawOver() {
    if (!this.width || !this.piece) return;
    const context = this.over.getContext('2d');
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    if (this.selected.length > 0) this.#drawSelectionEdges(context);
    if (this.playhead === null) return;
    this.#drawSounding(context);
    const x = this.xOf(this.playhead);
    context.fillStyle = inks().head;
    context.fillRect(x - 0.75, 0, 1.5, this.height);
    if (this.options.small) return;
    context.beginPath();
    context.moveTo(x - 5, 0);
    context.lineTo(x + 5, 0);
    context.lineTo(x, 8);
    context.fill();
  }

  #drawSelectionEdges(context) {
    const {piece, selected} = this;
    const bars = new Set(selected);
    context.fillStyle = inks().selectLine;
    for (const bar of selected) {
      if (!bars.has(bar - 1)) context.fillRect(this.xOf(piece.bars[bar]) - 1, 0, 2, this.height);
      if (!bars.has(bar + 1)) context.fillRect(this.xOf(piece.bars[bar + 1]) - 1, 0, 2, this.height);
      const x = this.xOf(piece.bars[bar]);
      context.fillRect(x, 0, this.xOf(piece.bars[bar + 1]) - x, 3);
    }
  }

  #drawSounding(context) {
    const {piece, playhead} = this;
    const rowHeight = this.#rowHeight();
    for (let i = this.#firstSounding(playhead); i < piece.noteCount && piece.onset[i] <= playhead; ++i) {
      if (piece.onset[i] + piece.duration[i] <= playhead) continue;
      const x = this.xOf(piece.onset[i]);
      context.fillStyle = context.shadowColor = this.#ink(i);
      context.shadowBlur = this.options.small ? 0 : 14;
      roundedBar(context, x, this.#yOf(piece.pitch[i]), Math.max(2, piece.duration[i] * this.#scale() - 1.2), Math.max(2, rowHeight));
      context.shadowBlur = 0;
      context.fillStyle = inks().head;
      context.globalAlpha = 0.35;
      roundedBar(context, x, this.#yOf(piece.pitch[i]), Math.max(2, piece.duration[i] * this.#scale() - 1.2), Math.max(2, rowHeight));
      context.globalAlpha = 1;
    }
  }

  /** Tells those who do not see where the playhead is and what is marked. */
  #describe() {
    if (this.options.small || !this.piece) return;
    const {piece} = this;
    const bar = piece.number(piece.barAt(this.playhead ?? 0));
    if (this.saidBar === bar && this.saidBars === this.selected && this.saidPiece === piece) return;
    [this.saidBar, this.saidBars, this.saidPiece] = [bar, this.selected, piece];
    this.surface.setAttribute('aria-valuemin', String(piece.firstBar));
    this.surface.setAttribute('aria-valuemax', String(piece.number(piece.barCount - 1)));
    this.surface.setAttribute('aria-valuenow', String(bar));
    const marked = this.selected.length > 0 ? `, bars ${barsText(piece, this.selected)} marked` : '';
    this.surface.setAttribute('aria-valuetext', `bar ${bar}${marked}`);
  }
}
