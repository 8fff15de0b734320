// Points on a plane, which are hovered, chosen, and zoomed into. Drawn on canvases, as there may be ten thousand.
import {button, h} from './dom.js';

const REACH = 14;        // Pixels from a point at which a hand means it.
const MOST_ZOOM = 40;
const MOVE_MILLISECONDS = 500;
const FOOT = 36;         // Pixels at the bottom that are left to what is written there.
const MOST_STRETCH = 1.7;
const MOST_NAMED = 60;   // Points in view whose names are written beside them.
const CALM = matchMedia('(prefers-reduced-motion: reduce)');

export class Scatter {
  /** @param {{onhover: (index: number|null) => void, onchoose: (index: number) => void}} options */
  constructor(options) {
    this.options = options;
    this.points = [];
    this.byIndex = new Map();
    this.zoom = 1;
    this.left = this.top = 0;
    this.selected = this.hovered = null;
    this.highlighted = new Set();
    this.joined = [];
    this.canvas = h('canvas', {'aria-hidden': 'true'});
    this.over = h('canvas', {'aria-hidden': 'true'});
    this.surface = h('div', {class: 'scatter-surface', tabIndex: 0, role: 'application', 'aria-label': 'Map of pieces. The arrows go from piece to piece, Enter plays.'},
      this.canvas, this.over);
    const tools = h('div', {class: 'roll-tools'},
      button('Zoom out', {iconName: 'minus', hidden: true, kind: 'ghost tiny', onclick: () => this.zoomBy(1 / 1.6)}),
      button('Show the whole map', {iconName: 'fit', hidden: true, kind: 'ghost tiny', onclick: () => this.whole()}),
      button('Zoom in', {iconName: 'plus', hidden: true, kind: 'ghost tiny', onclick: () => this.zoomBy(1.6)}));
    this.element = h('div', {class: 'scatter'}, this.surface, tools);
    this.surface.addEventListener('pointerdown', (event) => this.#press(event));
    this.surface.addEventListener('pointermove', (event) => this.#move(event));
    this.surface.addEventListener('pointerup', (event) => this.#release(event));
    this.surface.addEventListener('pointerleave', () => this.hover(null));
    this.surface.addEventListener('wheel', (event) => this.#wheel(event), {passive: false});
    this.surface.addEventListener('keydown', (event) => this.#key(event));
    new ResizeObserver(() => this.#resize()).observe(this.surface);
  }

  /** @param {{index: number, x: number, y: number, kind: number}[]} points from 0 to 1 */
  show(points, margin) {
    this.margin = margin;
    const before = this.byIndex;
    this.points = points;
    this.byIndex = new Map(points.map((point) => [point.index, point]));
    this.element.dataset.points = String(points.length);
    if (CALM.matches || before.size === 0) {
      this.draw();
      return;
    }
    const begin = performance.now();
    for (const point of points) [point.fromX, point.fromY] = [before.get(point.index)?.x ?? point.x, before.get(point.index)?.y ?? point.y];
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const frame = (now) => {
      if (turn !== this.turn) return;
      const share = Math.max(0, Math.min(1, (now - begin) / MOVE_MILLISECONDS));
      this.share = 1 - (1 - share) ** 3;
      this.draw();
      if (share < 1) requestAnimationFrame(frame);
      else this.share = undefined;
    };
    requestAnimationFrame(frame);
  }

  select(index) {
    this.selected = index;
    this.drawOver();
  }

  hover(index) {
    if (this.hovered === index) return;
    this.hovered = index;
    this.drawOver();
    this.options.onhover(this.byIndex.has(index) ? index : null);
  }

  highlight(indices) {
    this.highlighted = new Set(indices);
    this.draw();
  }

  /** Lines from one point to others. */
  join(from, to) {
    this.joined = to;
    this.drawOver();
  }

  whole() {
    this.zoom = 1;
    this.left = this.top = 0;
    this.draw();
  }

  zoomBy(factor, x = this.width / 2, y = this.height / 2) {
    const before = this.zoom;
    this.zoom = Math.max(1, Math.min(MOST_ZOOM, this.zoom * factor));
    const by = this.zoom / before;
    this.left = (this.left + x) * by - x;
    this.top = (this.top + y) * by - y;
    this.#bound();
    this.draw();
  }

  /** Pixels from the upper left corner. */
  positionOf(index) {
    return this.#at(this.byIndex.get(index));
  }

  #at(point) {
    const height = this.height - FOOT, inner = 1 - 2 * this.margin;
    const side = Math.min(this.width, height) * inner;
    // A wide map is stretched a little, as only neighbourhood has a meaning.
    const [sideX, sideY] = [Math.min(this.width * inner, side * MOST_STRETCH), Math.min(height * inner, side * MOST_STRETCH)];
    let {x, y} = point;
    if (this.share !== undefined) {
      x = point.fromX + (x - point.fromX) * this.share;
      y = point.fromY + (y - point.fromY) * this.share;
    }
    return [(this.width / 2 + (x - 0.5) * sideX) * this.zoom - this.left, (height / 2 + (y - 0.5) * sideY) * this.zoom - this.top];
  }

  #bound() {
    this.left = Math.max(0, Math.min(this.width * (this.zoom - 1), this.left));
    this.top = Math.max(0, Math.min(this.height * (this.zoom - 1), this.top));
  }

  #nearest(x, y) {
    let best = null, least = REACH;
    for (const point of this.points) {
      const [px, py] = this.#at(point);
      const distance = Math.hypot(px - x, py - y);
      if (distance < least) [best, least] = [point.index, distance];
    }
    return best;
  }

  #press(event) {
    if (event.button !== 0) return;
    this.drag = {x: event.offsetX, y: event.offsetY, left: this.left, top: this.top, moved: false};
    this.surface.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const {drag} = this;
    if (!drag) return this.hover(this.#nearest(event.offsetX, event.offsetY));
    const [dx, dy] = [event.offsetX - drag.x, event.offsetY - drag.y];
    if (Math.hypot(dx, dy) > 5) drag.moved = true;
    if (!drag.moved || this.zoom === 1) return;
    [this.left, this.top] = [drag.left - dx, drag.top - dy];
    this.#bound();
    this.draw();
  }

  #release(event) {
    const {drag} = this;
    this.drag = null;
    if (!drag || drag.moved) return;
    const index = this.#nearest(event.offsetX, event.offsetY);
    if (index !== null) this.options.onchoose(index);
  }

  #wheel(event) {
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / 300), event.offsetX, event.offsetY);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (way) this.#goOn(way);
    else if (event.key === 'Enter' && this.hovered !== null) this.options.onchoose(this.hovered);
    else if (event.key === '+' || event.key === '=') this.zoomBy(1.6);
    else if (event.key === '-') this.zoomBy(1 / 1.6);
    else if (event.key === '0') this.whole();
    else return;
    event.preventDefault();
  }

  /** To the nearest point that lies that way. */
  #goOn([dx, dy]) {
    const here = this.byIndex.get(this.hovered ?? this.selected) ?? this.points[0];
    if (!here) return;
    const [x, y] = this.#at(here);
    let best = here.index, least = Infinity;
    for (const point of this.points) {
      const [px, py] = this.#at(point);
      const along = (px - x) * dx + (py - y) * dy, aside = Math.abs((px - x) * dy) + Math.abs((py - y) * dx);
      if (along < 1 || along + 2 * aside >= least) continue;
      [best, least] = [point.index, along + 2 * aside];
    }
    this.hover(best);
  }

  #resize() {
    const {width, height} = this.surface.getBoundingClientRect();
    if (width === 0) return;
    [this.width, this.height] = [width, height];
    this.ratio = Math.min(3, devicePixelRatio || 1);
    for (const canvas of [this.canvas, this.over]) [canvas.width, canvas.height] = [Math.round(width * this.ratio), Math.round(height * this.ratio)];
    this.draw();
  }

  #context(canvas) {
    const context = canvas.getContext('2d');
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    return context;
  }

  draw() {
    if (!this.width) return;
    const style = getComputedStyle(document.documentElement);
    const ink = (name) => style.getPropertyValue(name).trim();
    this.inks = [...[1, 2, 3, 4, 5, 6].map((i) => ink(`--part-${i}`)), ink('--muted')];
    const context = this.#context(this.canvas);
    const few = this.points.length < 200;
    this.radius = (few ? 6 : this.points.length < 2500 ? 3.6 : 2.2) * Math.min(2, Math.sqrt(this.zoom));
    const some = this.highlighted.size > 0;
    for (const point of this.points) {
      const [x, y] = this.#at(point);
      if (x < -9 || y < -9 || x > this.width + 9 || y > this.height + 9) continue;
      const bright = this.highlighted.has(point.index);
      context.globalAlpha = some ? (bright ? 1 : 0.15) : few ? 0.95 : 0.72;
      context.fillStyle = this.inks[point.kind];
      context.beginPath();
      context.arc(x, y, bright ? this.radius * 1.5 : this.radius, 0, 2 * Math.PI);
      context.fill();
    }
    context.globalAlpha = 1;
    this.#drawNames(context, style);
    this.drawOver();
  }

  /** Names beside points, as far as few are in view and there is room. */
  #drawNames(context, style) {
    const inView = this.points.map((point) => [point, ...this.#at(point)]).filter(([, x, y]) => x > 0 && y > 0 && x < this.width && y < this.height);
    if (inView.length > MOST_NAMED) return;
    context.font = `500 12.5px ${style.getPropertyValue('--font')}`;
    context.textBaseline = 'middle';
    context.fillStyle = style.getPropertyValue('--muted');
    const taken = inView.map(([, x, y]) => [x - this.radius, y - this.radius, x + this.radius, y + this.radius]);
    for (const [{name}, x, y] of inView) {
      const width = context.measureText(name).width, gap = this.radius + 6;
      for (const left of [x + gap, x - gap - width]) {
        const box = [left, y - 8, left + width, y + 8];
        const free = left > 4 && left + width < this.width - 4 && taken.every((one) => one[0] >= box[2] || one[2] <= box[0] || one[1] >= box[3] || one[3] <= box[1]);
        if (!free) continue;
        context.fillText(name, left, y);
        taken.push(box);
        break;
      }
    }
  }

  drawOver() {
    if (!this.width || !this.inks) return;
    const context = this.#context(this.over);
    const style = getComputedStyle(document.documentElement);
    const head = style.getPropertyValue('--ink').trim(), accent = style.getPropertyValue('--accent').trim();
    const ring = (index, radius, ink, width) => {
      const point = this.byIndex.get(index);
      if (!point) return;
      context.strokeStyle = ink;
      context.lineWidth = width;
      context.beginPath();
      context.arc(...this.#at(point), radius, 0, 2 * Math.PI);
      context.stroke();
    };
    const from = this.byIndex.get(this.selected);
    for (const index of this.joined) {
      const to = this.byIndex.get(index);
      if (from && to) {
        context.strokeStyle = accent;
        context.globalAlpha = 0.45;
        context.lineWidth = 1.2;
        context.beginPath();
        context.moveTo(...this.#at(from));
        context.lineTo(...this.#at(to));
        context.stroke();
        context.globalAlpha = 1;
      }
      ring(index, this.radius + 3, accent, 1.8);
    }
    ring(this.selected, this.radius + 5, head, 2.5);
    ring(this.hovered, this.radius + 3, head, 1.5);
  }
}
