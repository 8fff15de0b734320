// A square between four pieces: cells that hold what stands there, a puck that is moved, and a line that is drawn.
import {h} from './dom.js';

const STEP = 0.05, SMALL_STEP = 0.01;
const NAMES = ['--a', '--b', '--part-3', '--part-4'];
/** Points of a drawn line are so far apart at least. */
const LEAST_MOVE = 0.02;

function rgb(text) {
  const hex = text.trim().replace('#', '');
  return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16));
}

/** How much each corner counts at a place. */
export const weightsAt = (x, y) => [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y];

export class Pad {
  /** @param {{onmove: (x: number, y: number) => void, ondraw: (points: number[][]) => void}} options */
  constructor(options) {
    this.options = options;
    this.size = 5;
    this.x = this.y = 0;
    this.cells = [];
    this.line = [];
    this.drawing = false;
    this.range = [40, 84];
    this.canvas = h('canvas', {'aria-hidden': 'true'});
    this.over = h('canvas', {'aria-hidden': 'true'});
    this.puck = h('div', {class: 'puck', 'aria-hidden': 'true'});
    this.surface = h('div', {class: 'pad-surface', role: 'slider', tabIndex: 0, 'aria-roledescription': 'pad between four pieces',
      'aria-label': 'Place between the four pieces', 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-valuenow': '0'},
    this.canvas, this.over, this.puck);
    this.element = h('div', {class: 'pad'}, this.surface);
    this.surface.addEventListener('pointerdown', (event) => this.#press(event));
    this.surface.addEventListener('pointermove', (event) => this.#drag(event));
    this.surface.addEventListener('pointerup', () => this.#release());
    this.surface.addEventListener('pointercancel', () => this.#release());
    this.surface.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.#resize()).observe(this.surface);
  }

  /** @param {(import('./music.js').Piece|undefined)[]} cells row by row */
  showCells(cells, size) {
    this.cells = cells;
    this.size = size;
    const all = cells.filter(Boolean);
    if (all.length > 0) this.range = [Math.min(...all.map((one) => one.low)), Math.max(...all.map((one) => one.high))];
    this.draw();
  }

  /** @param {string} text what stands there, in words */
  place(x, y, text) {
    [this.x, this.y] = [x, y];
    this.puck.style.left = `${this.#at(x) * 100}%`;
    this.puck.style.top = `${this.#at(y) * 100}%`;
    this.puck.style.background = this.ink(x, y);
    this.surface.setAttribute('aria-valuenow', String(Math.round(x * 100)));
    this.surface.setAttribute('aria-valuetext', text);
    this.#drawOver();
  }

  showLine(points) {
    this.line = points;
    this.#drawOver();
  }

  /** The colour of a place: that of the corners, mixed. */
  ink(x, y, alpha = 1) {
    this.inks ??= NAMES.map((name) => rgb(getComputedStyle(document.documentElement).getPropertyValue(name)));
    const weights = weightsAt(x, y);
    const mixed = [0, 1, 2].map((i) => Math.round(this.inks.reduce((sum, ink, corner) => sum + ink[i] * weights[corner], 0)));
    return `rgb(${mixed.join(' ')} / ${alpha})`;
  }

  /** Where a place from 0 to 1 is on the square: corners are the middles of the outermost cells. */
  #at(value) {
    return (0.5 + value * (this.size - 1)) / this.size;
  }

  #placeAt(event) {
    const box = this.surface.getBoundingClientRect();
    const from = (value, side) => Math.max(0, Math.min(1, ((value / side) * this.size - 0.5) / (this.size - 1)));
    return [from(event.clientX - box.left, box.width), from(event.clientY - box.top, box.height)].map((value) => Math.round(value * 100) / 100);
  }

  #press(event) {
    if (event.button !== 0) return;
    this.surface.setPointerCapture(event.pointerId);
    this.pressed = true;
    const place = this.#placeAt(event);
    if (this.drawing) this.showLine([place]);
    this.options.onmove(...place);
  }

  #drag(event) {
    if (!this.pressed) return;
    const place = this.#placeAt(event);
    const last = this.line[this.line.length - 1];
    if (this.drawing && Math.hypot(place[0] - last[0], place[1] - last[1]) >= LEAST_MOVE) this.showLine([...this.line, place]);
    if (place[0] !== this.x || place[1] !== this.y) this.options.onmove(...place);
  }

  #release() {
    if (!this.pressed) return;
    this.pressed = false;
    if (this.drawing && this.line.length > 1) this.options.ondraw(this.line);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? SMALL_STEP : STEP;
    const move = {ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step]}[event.key];
    const corner = {a: [0, 0], b: [1, 0], c: [0, 1], d: [1, 1]}[event.key.toLowerCase()];
    if (move) {
      const clamp = (value) => Math.max(0, Math.min(1, Math.round(value * 100) / 100));
      this.options.onmove(clamp(this.x + move[0]), clamp(this.y + move[1]));
    } else if (corner) {
      this.options.onmove(...corner);
    } else if (this.drawing && event.key === 'Enter') {
      const [x, y] = this.line[this.line.length - 1] ?? [];
      const again = x === this.x && y === this.y;
      if (!again) this.showLine([...this.line, [this.x, this.y]]);
      else if (this.line.length > 1) this.options.ondraw(this.line);
    } else {
      return;
    }
    event.preventDefault();
  }

  #resize() {
    const side = this.surface.clientWidth;
    if (side === 0) return;
    this.side = side;
    this.ratio = Math.min(3, devicePixelRatio || 1);
    for (const canvas of [this.canvas, this.over]) canvas.width = canvas.height = Math.round(side * this.ratio);
    this.draw();
  }

  recolour() {
    this.inks = null;
    this.draw();
  }

  draw() {
    if (!this.side) return;
    const context = this.canvas.getContext('2d');
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.side, this.side);
    const cell = this.side / this.size, last = this.size - 1;
    for (let row = 0; row < this.size; ++row) {
      for (let column = 0; column < this.size; ++column) {
        const x = column / last, y = row / last;
        context.fillStyle = this.ink(x, y, 0.13);
        context.beginPath();
        if (context.roundRect) context.roundRect(column * cell + 2, row * cell + 2, cell - 4, cell - 4, 9);
        else context.rect(column * cell + 2, row * cell + 2, cell - 4, cell - 4);
        context.fill();
        const piece = this.cells[row * this.size + column];
        if (piece) this.#drawNotes(context, piece, column * cell + 8, row * cell + 8, cell - 16, this.ink(x, y));
      }
    }
    this.place(this.x, this.y, this.surface.getAttribute('aria-valuetext') ?? '');
  }

  #drawNotes(context, piece, left, top, side, ink) {
    const [low, high] = this.range;
    const row = side / Math.max(12, high - low + 1);
    context.fillStyle = ink;
    for (let i = 0; i < piece.noteCount; ++i) {
      const x = (piece.onset[i] / piece.last) * side, width = Math.max(1, (piece.duration[i] / piece.last) * side - 0.4);
      context.fillRect(left + x, top + (high - piece.pitch[i]) * row, Math.min(width, side - x), Math.max(1.3, row));
    }
  }

  #drawOver() {
    if (!this.side) return;
    const context = this.over.getContext('2d');
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.side, this.side);
    const at = ([x, y]) => [this.#at(x) * this.side, this.#at(y) * this.side];
    const cell = this.side / this.size;
    const [column, row] = [this.x, this.y].map((value) => Math.round(value * (this.size - 1)));
    context.strokeStyle = this.ink(this.x, this.y);
    context.lineWidth = 2;
    context.beginPath();
    if (context.roundRect) context.roundRect(column * cell + 3, row * cell + 3, cell - 6, cell - 6, 8);
    else context.rect(column * cell + 3, row * cell + 3, cell - 6, cell - 6);
    context.stroke();
    if (this.line.length < 2) return;
    const head = getComputedStyle(document.documentElement).getPropertyValue('--head');
    context.lineJoin = context.lineCap = 'round';
    for (const [width, ink] of [[7, getComputedStyle(document.documentElement).getPropertyValue('--card')], [3, head]]) {
      context.strokeStyle = ink;
      context.lineWidth = width;
      context.beginPath();
      this.line.forEach((point, i) => (i === 0 ? context.moveTo(...at(point)) : context.lineTo(...at(point))));
      context.stroke();
    }
    context.fillStyle = head;
    context.beginPath();
    context.arc(...at(this.line[0]), 6, 0, 2 * Math.PI);
    context.fill();
  }
}
