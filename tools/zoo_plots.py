"""Plots of tools/zoo as SVG, written by hand so that nothing need be installed."""

import math
import struct
from xml.sax.saxutils import escape

COLOURS = ("#3366aa", "#cc4433", "#228855", "#aa7700", "#7744aa", "#118899", "#cc6699", "#667722",
           "#884422", "#555555", "#3399ff", "#ff8844", "#44bb77", "#bb99dd", "#99aa33", "#000000")


def svg(width, height, body):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" font-family="sans-serif" font-size="11">'
            f'<rect width="{width}" height="{height}" fill="white"/>{"".join(body)}</svg>\n')


def text(x, y, words, anchor="start", fill="#222222"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'


def extent(values):
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def ticks(low, high, count=5):
    """Round numbers from low to high."""
    step = 10 ** math.floor(math.log10((high - low) / count))
    step *= next(factor for factor in (1, 2, 5, 10) if (high - low) / (factor * step) <= count)
    first = math.ceil(low / step)
    return [i * step for i in range(first, math.floor(high / step) + 1)]


def curves(lines, x_title, y_title, width=640, height=300):
    """Lines by name, each a list of (x, y)."""
    lines = {name: [(x, y) for x, y in points if math.isfinite(y)] for name, points in lines.items()}
    lines = {name: points for name, points in lines.items() if points}
    if not lines:
        return svg(width, 40, [text(10, 24, "nothing was measured yet")])
    everything = [point for points in lines.values() for point in points]
    x_low, x_high = extent([x for x, _ in everything])
    ys = sorted(y for _, y in everything)
    y_low, y_high = extent([ys[0], ys[min(len(ys) - 1, int(0.98 * len(ys)))]])
    left, right, top, bottom = 50, 130, 22, 36

    def place(x, y):
        return (left + (x - x_low) / (x_high - x_low) * (width - left - right),
                height - bottom - (min(y, y_high) - y_low) / (y_high - y_low) * (height - top - bottom))

    body = [text(left, 14, y_title),
            text((left + width - right) / 2, height - 6, x_title, "middle")]
    for value in ticks(x_low, x_high):
        x, y = place(value, y_low)
        body.append(text(x, y + 14, f"{value:g}", "middle"))
    for value in ticks(y_low, y_high):
        x, y = place(x_low, value)
        body.append(f'<path d="M{x:.1f} {y:.1f}H{width - right}" stroke="#dddddd"/>')
        body.append(text(x - 4, y + 4, f"{value:g}", "end"))
    for i, (name, points) in enumerate(lines.items()):
        colour = COLOURS[i % len(COLOURS)]
        path = "".join(f"{'ML'[k > 0]}{x:.1f} {y:.1f}"
                       for k, (x, y) in enumerate(place(*point) for point in points))
        if len(points) == 1:
            x, y = place(*points[0])
            body.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
        body.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.3"/>')
        body.append(text(width - right + 8, top + 8 + 14 * i, name, fill=colour))
    return svg(width, max(height, top + 20 + 14 * len(lines)), body)


def clouds(panels, side=220):
    """Points of each panel, by group: [(title, {group: [(x, y)]})]."""
    groups = sorted({group for _, points in panels for group in points})
    body = []
    for i, (title, points) in enumerate(panels):
        every = [point for some in points.values() for point in some]
        centre = [sorted(point[k] for point in every)[len(every) // 2] for k in (0, 1)]
        far = sorted(max(abs(point[0] - centre[0]), abs(point[1] - centre[1])) for point in every)
        reach = max(far[int(0.99 * (len(far) - 1))], 1e-6)
        left = 10 + i * (side + 10)
        body.append(f'<rect x="{left}" y="20" width="{side}" height="{side}" fill="none" stroke="#999999"/>')
        body.append(text(left, 14, title))
        for group, some in points.items():
            colour = COLOURS[groups.index(group) % len(COLOURS)]
            for x, y in some[:: max(1, len(some) // 400)]:
                across, up = (x - centre[0]) / reach, (y - centre[1]) / reach
                if max(abs(across), abs(up)) <= 1:
                    body.append(f'<circle cx="{left + side * (1 + across) / 2:.1f}" '
                                f'cy="{20 + side * (1 - up) / 2:.1f}" r="1.5" fill="{colour}" '
                                'fill-opacity="0.5"/>')
    for i, group in enumerate(groups):
        body.append(text(10 + 160 * i, side + 38, group, fill=COLOURS[i % len(COLOURS)]))
    return svg(10 + len(panels) * (side + 10), side + 46, body)


def roll(notes, width=640, height=90):
    """Notes as (start, length, pitch)."""
    if not notes:
        return svg(width, 30, [text(10, 20, "silence")])
    low, high = min(note[2] for note in notes) - 1, max(note[2] for note in notes) + 1
    end = max(32.0, max(note[0] + note[1] for note in notes))
    row = height / (high - low + 1)
    body = [f'<path d="M{width * beat / end:.1f} 0V{height}" stroke="#eeeeee"/>'
            for beat in range(0, int(end) + 1, 4)]
    body += [f'<rect x="{width * start / end:.1f}" y="{(high - pitch) * row:.1f}" '
             f'width="{max(1.0, width * length / end - 0.8):.1f}" height="{max(1.5, row - 0.4):.1f}" '
             'fill="#335588"/>' for start, length, pitch in notes]
    return svg(width, height, body)


def notes_of(midi):
    """Notes of a MIDI file as (start, length, pitch), in quarters."""
    quarter = struct.unpack(">H", midi[12:14])[0]
    notes, at = [], 14
    while at + 8 <= len(midi):
        name, size = midi[at : at + 4], struct.unpack(">I", midi[at + 4 : at + 8])[0]
        if name == b"MTrk":
            notes += track_notes(midi[at + 8 : at + 8 + size], quarter)
        at += 8 + size
    return sorted(notes)


def track_notes(data, quarter):
    notes, open_notes, at, now, status = [], {}, 0, 0, 0

    def length_at(place):
        value = 0
        while True:
            value = value << 7 | data[place] & 127
            place += 1
            if data[place - 1] < 128:
                return value, place

    while at < len(data):
        delta, at = length_at(at)
        now += delta
        if data[at] >= 128:
            status, at = data[at], at + 1
        if status >= 240:
            if status == 255:
                at += 1
            size, at = length_at(at)
            at += size
            continue
        kind = status & 240
        pitch = data[at]
        if kind == 144 and data[at + 1] > 0:
            open_notes.setdefault(pitch, []).append(now)
        elif kind in (128, 144) and open_notes.get(pitch):
            start = open_notes[pitch].pop(0)
            notes.append((start / quarter, (now - start) / quarter, pitch))
        at += 1 if kind in (192, 208) else 2
    return notes
