#include "datasets/splice/splice.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

#include "datasets/grid/bar_layout.hpp"
#include "datasets/grid/part_places.hpp"
#include "midi/event_order.hpp"
#include "midi/finer_ticks.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;
using midi::Ticks;

namespace {

using Numbers = std::vector<std::uint16_t>;

std::tuple<Ticks, int, int> key(const midi::Note& note) {
  return {note.onset, note.channel, note.pitch};
}

/// A random score with events of all kinds, as a reader gives it.
midi::Score rich_score(Rng& rng) {
  midi::Score score = random_score(rng);
  const int ticks = score.division.ticks_per_quarter;
  score.tempos = {{Ticks(0), 600'000}, {Ticks(3 * ticks), 400'000}};
  score.keys = {{Ticks(ticks), -3, true}};
  const bool narrow = pick(rng, 0, 1) == 0;  // So that pitches meet.
  for (midi::Track& track : score.tracks) {
    const auto channel = track.notes.front().channel;
    for (int i = 0; i < 30; ++i) {
      track.messages.push_back({Ticks(i * ticks), std::uint8_t(0xB0 | channel), {64, 127}});
    }
    track.metas = {{Ticks(0), midi::kTrackName, "track"}, {Ticks(5 * ticks), 0x05, "la"}};
    track.sysex = {{Ticks(6 * ticks), 0xF0, "\x7E\xF7"}};
    for (midi::Note& note : track.notes) {
      if (narrow) note.pitch = std::uint8_t(55 + note.pitch % 16);
      note.release_velocity = std::uint8_t(pick(rng, 0, 127));
      track.end = std::max(track.end, note.onset + note.duration);
    }
    if (pick(rng, 0, 1) == 0) track.end += Ticks(100 * ticks);
    std::stable_sort(track.notes.begin(), track.notes.end(),
                     [](const auto& a, const auto& b) { return key(a) < key(b); });
  }
  return score;
}

std::vector<int> random_bars(Rng& rng, std::size_t bars) {
  std::vector<int> chosen;
  const int share = pick(rng, 1, 4);
  for (int bar = 0; bar < int(bars); ++bar) {
    if (pick(rng, 0, 4) < share) chosen.push_back(bar);
  }
  return chosen;
}

Numbers random_parts(Rng& rng, const Piece& piece) {
  Numbers parts = pitched_parts(piece);
  if (parts.size() > 1 && pick(rng, 0, 1) == 0) {
    parts = {parts[std::size_t(pick(rng, 0, int(parts.size()) - 1))]};
  }
  return parts;
}

/// The piece with other notes in `bars`.
Passage random_fill(Rng& rng, const Piece& piece, const std::vector<int>& bars,
                    const Numbers& parts) {
  Passage filled = only_parts(piece.music, parts);
  for (const int bar : bars) {
    Bar& notes = filled.bars[std::size_t(bar)];
    notes.notes.clear();
    for (int i = pick(rng, 0, 9); i > 0; --i) {
      notes.notes.push_back(random_note(rng, notes.length, {.lowest = 55, .highest = 70}));
    }
  }
  return filled;
}

struct Case {
  midi::Score score;  // In the ticks of the result.
  Piece piece;
  std::vector<int> bars;
  Numbers parts;
  Passage filled;
  midi::Score result;
  std::size_t written = 0;
  std::size_t left_out = 0;

  Steps step(const midi::Note& note) const {
    return nearest_step(note.onset, score.division.ticks_per_quarter, piece.music.grid);
  }
  bool in_gap(const midi::Note& note) const {
    Steps end;
    for (std::size_t bar = 0; bar < piece.music.bars.size(); ++bar) {
      end += piece.music.bars[bar].length;
      if (step(note) < end) return std::binary_search(bars.begin(), bars.end(), int(bar));
    }
    return false;
  }
  bool is_filled(std::size_t track, const midi::Note& note) const {
    const auto part = PartPlaces(score).part_of(track, note);
    return std::binary_search(parts.begin(), parts.end(), part);
  }
};

/// `score` in the finer ticks of `result`.
midi::Score in_ticks_of(const midi::Score& result, const midi::Score& score) {
  return midi::with_finer_ticks(
      score, result.division.ticks_per_quarter / score.division.ticks_per_quarter);
}

Case random_case(Rng& rng) {
  for (;;) {
    Case made;
    made.score = rich_score(rng);
    made.piece = quantize(made.score, Grid{pick(rng, 0, 1) == 0 ? 4 : 12});
    made.parts = random_parts(rng, made.piece);
    if (made.parts.empty()) continue;
    made.bars = random_bars(rng, made.piece.music.bars.size());
    made.filled = random_fill(rng, made.piece, made.bars, made.parts);
    const Splice splice = replace_bars(made.score, made.piece, made.bars, made.filled, made.parts);
    made.result = splice.score;
    made.written = splice.written;
    made.left_out = splice.left_out;
    made.score = in_ticks_of(made.result, made.score);
    return made;
  }
}

/// Notes of a track that were there before, as they are now and as they were, and new ones.
struct Told {
  std::vector<midi::Note> kept, old, fresh;
};

Told tell_apart(const Case& made, std::size_t track) {
  Told told;
  std::map<std::tuple<Ticks, int, int>, int> known;
  for (const auto& note : made.score.tracks[track].notes) {
    if (made.is_filled(track, note) && made.in_gap(note)) continue;
    told.old.push_back(note);
    ++known[key(note)];
  }
  for (const auto& note : made.result.tracks[track].notes) {
    (known[key(note)]-- > 0 ? told.kept : told.fresh).push_back(note);
  }
  return told;
}

std::vector<midi::Note> all_fresh(const Case& made) {
  std::vector<midi::Note> fresh;
  for (std::size_t track = 0; track < made.score.tracks.size(); ++track) {
    const auto notes = tell_apart(made, track).fresh;
    fresh.insert(fresh.end(), notes.begin(), notes.end());
  }
  return fresh;
}

Ticks end_of(const midi::Note& note) { return note.onset + note.duration; }

midi::Score without_notes(midi::Score score) {
  for (midi::Track& track : score.tracks) {
    track.notes.clear();
    track.end = Ticks(0);
  }
  return score;
}

/// A track of 480 ticks a quarter in 2/4, notes given as onset and duration in eighths.
struct Line {
  int onset, duration, pitch, velocity = 70, channel = 0;
};
midi::Track track_of(const std::vector<Line>& lines) {
  midi::Track track;
  for (const Line& line : lines) {
    track.notes.push_back({Ticks(240 * line.onset), Ticks(240 * line.duration),
                           std::uint8_t(line.channel), std::uint8_t(line.pitch),
                           std::uint8_t(line.velocity)});
    track.end = std::max(track.end, end_of(track.notes.back()));
  }
  return track;
}
midi::Score score_of(const std::vector<std::vector<Line>>& tracks) {
  midi::Score score;
  score.meters = {{Ticks(0), {2, 4}, 24, 8}};
  for (const auto& lines : tracks) score.tracks.push_back(track_of(lines));
  return score;
}

GridNote fill_note(int onset, int duration, int pitch) {
  GridNote note;
  note.onset = Steps(2 * onset);  // Eighths on sixteenths.
  note.duration = Steps(2 * duration);
  note.pitch = std::uint8_t(pitch);
  return note;
}

/// `score` with one bar of all its parts filled.
midi::Score fill_bar(const midi::Score& score, int bar, const std::vector<GridNote>& notes) {
  const Piece piece = quantize(score, Grid{4});
  Passage filled = piece.music;
  filled.bars.at(std::size_t(bar)).notes = notes;
  return replace_bars(score, piece, {bar}, filled, pitched_parts(piece)).score;
}

/// Onset, duration and pitch of each note, in eighths.
std::vector<std::tuple<double, double, int>> lines_of(const midi::Track& track) {
  std::vector<std::tuple<double, double, int>> lines;
  for (const auto& note : track.notes) {
    lines.emplace_back(double(note.onset.count) / 240, double(note.duration.count) / 240,
                       note.pitch);
  }
  return lines;
}

using Lines = std::vector<std::tuple<double, double, int>>;

}  // namespace

TEST_CASE("All but the notes of a score stays as it was when bars are replaced",
          "[datasets][splice][property]") {
  Rng rng(51);
  for (int round = 0; round < 200; ++round) {
    const Case made = random_case(rng);
    REQUIRE((without_notes(made.result) == without_notes(made.score)));
    for (std::size_t track = 0; track < made.score.tracks.size(); ++track) {
      Ticks end = made.score.tracks[track].end;
      for (const auto& note : tell_apart(made, track).fresh) end = std::max(end, end_of(note));
      REQUIRE(made.result.tracks[track].end == end);
    }
  }
}

TEST_CASE("Known notes stay as they were, but for the end of those that sound into a fill",
          "[datasets][splice][property]") {
  Rng rng(52);
  int cut = 0;
  for (int round = 0; round < 300; ++round) {
    const Case made = random_case(rng);
    const auto fresh = all_fresh(made);
    for (std::size_t track = 0; track < made.score.tracks.size(); ++track) {
      const Told told = tell_apart(made, track);
      REQUIRE(told.kept.size() == told.old.size());
      for (std::size_t i = 0; i < told.kept.size(); ++i) {
        midi::Note note = told.kept[i];
        if (note.duration != told.old[i].duration) {
          ++cut;
          REQUIRE(made.is_filled(track, note));
          REQUIRE(note.duration < told.old[i].duration);
          REQUIRE(std::any_of(fresh.begin(), fresh.end(), [&](const midi::Note& other) {
            return end_of(note) == std::max(other.onset, note.onset + Ticks(1)) &&
                   made.step(note) < made.step(other);
          }));
          note.duration = told.old[i].duration;
        }
        REQUIRE((note == told.old[i]));
      }
    }
  }
  CHECK(cut > 50);
}

TEST_CASE("New notes begin in the gap, in parts that are filled, and overlap no other of theirs",
          "[datasets][splice][property]") {
  Rng rng(53);
  int notes = 0;
  for (int round = 0; round < 300; ++round) {
    const Case made = random_case(rng);
    for (std::size_t track = 0; track < made.score.tracks.size(); ++track) {
      for (const auto& note : tell_apart(made, track).fresh) {
        ++notes;
        REQUIRE(made.is_filled(track, note));
        REQUIRE(made.in_gap(note));
        REQUIRE(note.duration > Ticks(0));
        REQUIRE(note.velocity >= 1);
      }
    }
    for (std::size_t track = 0; track < made.score.tracks.size(); ++track) {
      const auto& all = made.result.tracks[track].notes;
      for (const auto& note : tell_apart(made, track).fresh) {
        const auto touching = std::count_if(all.begin(), all.end(), [&](const auto& b) {
          return b.channel == note.channel && b.pitch == note.pitch && b.onset < end_of(note) &&
                 (end_of(b) > note.onset || b.onset == note.onset);
        });
        REQUIRE(touching == 1);  // Itself.
      }
    }
  }
  CHECK(notes > 1000);
}

TEST_CASE("Every note of a fill is written, or counted as struck twice at once by its part",
          "[datasets][splice][property]") {
  Rng rng(54);
  std::size_t left_out = 0;
  for (int round = 0; round < 200; ++round) {
    const Case made = random_case(rng);
    std::size_t notes = 0, twice = 0;
    for (const int bar : made.bars) {
      std::map<std::pair<Steps, int>, std::size_t> struck;
      for (const GridNote& note : made.filled.bars[std::size_t(bar)].notes) {
        ++notes;
        twice += struck[{note.onset, note.pitch}]++ > 0;
      }
    }
    REQUIRE(made.written == all_fresh(made).size());
    REQUIRE(made.written + made.left_out == notes);
    REQUIRE(made.left_out <= twice);
    left_out += made.left_out;
  }
  CHECK(left_out > 10);
}

TEST_CASE("A fill sounds in unison with another track, whatever its channel",
          "[datasets][splice]") {
  for (const int channel : {0, 1}) {
    const midi::Score score =
        score_of({{{0, 4, 72}, {4, 4, 74}, {8, 4, 72}},
                  {{0, 12, 60, 70, channel}, {0, 12, 64, 70, channel}, {0, 12, 67, 70, channel}}});
    const Piece piece = quantize(score, Grid{4});
    Passage filled = only_parts(piece.music, {0});
    filled.bars[1].notes = {fill_note(0, 1, 67), fill_note(1, 1, 64), fill_note(2, 2, 60)};
    const Splice splice = replace_bars(score, piece, {1}, filled, {0});
    CHECK(splice.written == 3);
    CHECK(splice.left_out == 0);
    CHECK((lines_of(splice.score.tracks[0]) ==
           Lines{{0, 4, 72}, {4, 1, 67}, {5, 1, 64}, {6, 2, 60}, {8, 4, 72}}));
    CHECK((splice.score.tracks[1] == score.tracks[1]));
  }
}

TEST_CASE("In a track that goes to another port, a fill sounds on the ports of its parts",
          "[datasets][splice]") {
  midi::Score score = score_of({{{0, 4, 60}, {4, 4, 62}, {8, 4, 64}, {12, 4, 65}}});
  score.tracks[0].metas = {{Ticks(2 * 960), midi::kPort, "\x01"}};
  const Piece piece = quantize(score, Grid{4});
  REQUIRE(piece.parts.size() == 2);
  Passage filled = piece.music;
  for (const std::size_t bar : {1U, 2U})
    filled.bars[bar].notes = {fill_note(0, 2, 70), fill_note(2, 2, 72)};
  const Splice both = replace_bars(score, piece, {1, 2}, filled, {0, 1});
  CHECK(both.written == 4);
  CHECK((lines_of(both.score.tracks[0]) ==
         Lines{{0, 4, 60}, {4, 2, 70}, {6, 2, 72}, {8, 2, 70}, {10, 2, 72}, {12, 4, 65}}));
  const Splice first = replace_bars(score, piece, {1, 2}, only_parts(filled, {0}), {0});
  CHECK(first.written == 2);
  CHECK(first.left_out == 2);
  CHECK((lines_of(first.score.tracks[0]) ==
         Lines{{0, 4, 60}, {4, 2, 70}, {6, 2, 72}, {8, 4, 64}, {12, 4, 65}}));
}

TEST_CASE("A file with fewer ticks than the grid has steps gets as many as it needs",
          "[datasets][splice]") {
  for (const int ticks : {1, 2, 3, 4, 7, 11}) {
    midi::Score score;
    score.division.ticks_per_quarter = ticks;
    score.meters = {{Ticks(0), {4, 4}, 24, 8}};
    score.tempos = {{Ticks(4 * ticks), 400'000}};
    score.tracks.emplace_back();
    for (int quarter = 0; quarter < 12; ++quarter) {
      score.tracks[0].notes.push_back({Ticks(quarter * ticks), Ticks(ticks), 0, 60, 80, 0});
    }
    score.tracks[0].end = Ticks(12 * ticks);
    const Piece piece = quantize(score, Grid{12});
    Passage filled = piece.music;
    filled.bars[1].notes.clear();
    for (int step = 0; step < 48; ++step) {
      GridNote note{Steps(step), Steps(1)};
      note.pitch = std::uint8_t(60 + step % 12);
      filled.bars[1].notes.push_back(note);
    }
    const Splice splice = replace_bars(score, piece, {1}, filled, {0});
    CHECK(splice.written == 48);
    CHECK(splice.score.division.ticks_per_quarter % 12 == 0);
    CHECK(splice.score.division.ticks_per_quarter % ticks == 0);
    CHECK(splice.score.tempos[0].time.count == 4 * splice.score.division.ticks_per_quarter);
    const Passage again = quantize(splice.score, Grid{12}).music;
    REQUIRE(again.bars.size() == 3);
    REQUIRE(again.bars[1].notes.size() == 48);
    for (int step = 0; step < 48; ++step) {
      CHECK(again.bars[1].notes[std::size_t(step)].onset == Steps(step));
    }
    CHECK((again.bars[0] == piece.music.bars[0]));
    CHECK((again.bars[2] == piece.music.bars[2]));
  }
}

TEST_CASE("In the replaced notes' timing a fill changes pitches alone",
          "[datasets][splice][property]") {
  Rng rng(55);
  std::size_t changed = 0;
  for (int round = 0; round < 200; ++round) {
    Case made = random_case(rng);
    // Other pitches at the same steps, now and then fewer than there were.
    Passage other = only_parts(made.piece.music, made.parts);
    for (const int bar : made.bars) {
      for (GridNote& note : other.bars[std::size_t(bar)].notes)
        note.pitch = std::uint8_t(40 + (note.pitch * 7) % 40);
    }
    const Splice splice =
        replace_bars(made.score, made.piece, made.bars, other, made.parts, FillTiming::kAsReplaced);
    using Timing = std::tuple<std::size_t, Ticks, int, int, int>;
    std::multiset<Timing> before, after;
    std::size_t wanted = 0;
    for (std::size_t track = 0; track < made.score.tracks.size(); ++track) {
      const auto timing = [track](const midi::Note& note) {
        return Timing{track, note.onset, note.channel, note.velocity, note.release_velocity};
      };
      for (const auto& note : made.score.tracks[track].notes) {
        before.insert(timing(note));
        wanted += made.is_filled(track, note) && made.in_gap(note);
      }
      for (const auto& note : splice.score.tracks[track].notes) after.insert(timing(note));
    }
    REQUIRE(std::includes(before.begin(), before.end(), after.begin(), after.end()));
    REQUIRE(before.size() == after.size() + splice.left_out);
    REQUIRE(splice.written + splice.left_out == wanted);
    changed += splice.written;
  }
  CHECK(changed > 1000);
}

TEST_CASE("Played rhythm is kept to the tick, and a step of two notes keeps both",
          "[datasets][splice]") {
  midi::Score score = score_of({{{0, 4, 60}, {8, 4, 60}}});
  auto& notes = score.tracks[0].notes;
  const std::vector<midi::Note> played = {{Ticks(960), Ticks(40), 0, 62, 91, 0},
                                          {Ticks(1007), Ticks(280), 0, 64, 92, 7},
                                          {Ticks(1310), Ticks(155), 0, 65, 93, 0},
                                          {Ticks(1601), Ticks(333), 0, 67, 94, 0}};
  notes.insert(notes.begin() + 1, played.begin(), played.end());
  const Piece piece = quantize(score, Grid{4});
  Passage filled = piece.music;
  // As a model of one voice fills it: of two notes in a step there is one.
  filled.bars[1].notes = {fill_note(0, 1, 70), fill_note(1, 1, 71), fill_note(2, 1, 72)};
  filled.bars[1].notes[1].onset = Steps(3);
  filled.bars[1].notes[2].onset = Steps(5);
  const Splice splice = replace_bars(score, piece, {1}, filled, {0}, FillTiming::kAsReplaced);
  CHECK(splice.written == 4);
  CHECK(splice.left_out == 0);
  const auto& result = splice.score.tracks[0].notes;
  REQUIRE(result.size() == notes.size());
  const std::vector<int> pitches = {60, 70, 70, 71, 72, 60};
  for (std::size_t i = 0; i < notes.size(); ++i) {
    midi::Note wanted = notes[i];
    wanted.pitch = std::uint8_t(pitches[i]);
    CHECK((result[i] == wanted));
  }
}

TEST_CASE("Kept rhythm takes the nearest pitches of a fill that moved its onsets",
          "[datasets][splice]") {
  midi::Score score = score_of({{{0, 4, 60}, {4, 1, 62}, {5, 1, 64}, {6, 2, 65}, {8, 4, 60}}});
  for (std::size_t note : {1, 2, 3}) score.tracks[0].notes[note].onset += Ticks(130);
  const Piece piece = quantize(score, Grid{4});
  Passage filled = piece.music;
  filled.bars[1].notes = {fill_note(0, 1, 70), fill_note(1, 1, 71), fill_note(3, 1, 72)};
  const Splice splice = replace_bars(score, piece, {1}, filled, {0}, FillTiming::kAsReplaced);
  CHECK(splice.left_out == 0);
  midi::Score wanted = score;
  const std::vector<int> pitches = {60, 71, 71, 72, 60};
  for (std::size_t i = 0; i < pitches.size(); ++i)
    wanted.tracks[0].notes[i].pitch = std::uint8_t(pitches[i]);
  CHECK((splice.score == wanted));
}

TEST_CASE("Bars replaced by what they hold give the score back", "[datasets][splice]") {
  // A tie into the third bar, one out of it, a rest.
  const midi::Score score = score_of({{{0, 2, 60},
                                       {2, 2, 62},
                                       {4, 2, 64},
                                       {6, 4, 65},
                                       {10, 1, 64},
                                       {11, 3, 62},
                                       {15, 1, 60},
                                       {16, 4, 60}}});
  const Piece piece = quantize(score, Grid{4});
  for (const std::vector<int>& bars : {std::vector{0}, {1}, {3}, {4}, {0, 1, 3, 4}}) {
    for (const FillTiming timing : {FillTiming::kOnGrid, FillTiming::kAsReplaced}) {
      CHECK((replace_bars(score, piece, bars, piece.music, {0}, timing).score == score));
    }
  }
  CHECK((replace_bars(score, piece, {}, piece.music, {0}).score == score));
}

TEST_CASE("In one line a note tied into a gap ends where the fill begins", "[datasets][splice]") {
  const midi::Score score = score_of({{{0, 2, 60}, {2, 5, 62}, {7, 1, 64}, {8, 4, 65}}});
  const auto result = fill_bar(score, 1, {fill_note(1, 2, 72)});
  CHECK((lines_of(result.tracks[0]) == Lines{{0, 2, 60}, {2, 3, 62}, {5, 2, 72}, {8, 4, 65}}));
  // With nothing in its way it stays.
  CHECK((lines_of(fill_bar(score, 1, {}).tracks[0]) == Lines{{0, 2, 60}, {2, 5, 62}, {8, 4, 65}}));
}

TEST_CASE("A fill strikes a pitch after the note that ends there late in its tick",
          "[datasets][splice]") {
  midi::Score score = score_of({{{0, 4, 60}, {4, 4, 62}, {8, 4, 64}}});
  score.tracks[0].messages = {{Ticks(960), 0xB0, {64, 127}}};
  score.tracks[0].notes[0].end_place = 1;
  const midi::Track track = fill_bar(score, 1, {fill_note(0, 1, 60)}).tracks[0];
  REQUIRE(lines_of(track) == Lines{{0, 4, 60}, {4, 1, 60}, {8, 4, 64}});
  std::vector<midi::EventKind> kinds;
  for (const midi::EventRef& event : midi::order_events(track)) {
    if (event.time == Ticks(960)) kinds.push_back(event.kind);
  }
  using enum midi::EventKind;
  CHECK(kinds == std::vector{kMessage, kNoteEnd, kNoteStart});
}

TEST_CASE("In one line a fill ends at the next known note, and keeps the rests of before",
          "[datasets][splice]") {
  const std::vector<GridNote> longest = {fill_note(2, 12, 72)};
  const midi::Score struck = score_of({{{0, 4, 60}, {4, 4, 62}, {8, 4, 64}}});
  CHECK((lines_of(fill_bar(struck, 1, longest).tracks[0]) ==
         Lines{{0, 4, 60}, {6, 2, 72}, {8, 4, 64}}));
  const midi::Score rest = score_of({{{0, 4, 60}, {4, 4, 62}, {10, 2, 64}}});
  CHECK((lines_of(fill_bar(rest, 1, longest).tracks[0]) ==
         Lines{{0, 4, 60}, {6, 2, 72}, {10, 2, 64}}));
  const midi::Score tied = score_of({{{0, 4, 60}, {4, 5, 62}, {10, 2, 64}}});
  CHECK((lines_of(fill_bar(tied, 1, longest).tracks[0]) ==
         Lines{{0, 4, 60}, {6, 3, 72}, {10, 2, 64}}));
}

TEST_CASE("In polyphony notes ring on until their pitch is struck again", "[datasets][splice]") {
  const midi::Score score =
      score_of({{{0, 8, 48}, {0, 8, 52}, {4, 4, 60}, {8, 4, 48}, {10, 2, 64}}});
  const auto result = fill_bar(score, 1, {fill_note(1, 9, 48), fill_note(2, 9, 65)});
  CHECK((lines_of(result.tracks[0]) ==
         Lines{{0, 5, 48}, {0, 8, 52}, {5, 3, 48}, {6, 9, 65}, {8, 4, 48}, {10, 2, 64}}));
  CHECK(result.tracks[0].end == Ticks(15 * 240));
}

TEST_CASE("A chord is dealt out to the parts from the lowest up", "[datasets][splice]") {
  const auto held = [](int pitch, int channel) {
    return std::vector<Line>{
        {0, 4, pitch, 70, channel}, {4, 4, pitch, 70, channel}, {8, 4, pitch, 70, channel}};
  };
  const midi::Score score = score_of({held(72, 0), held(67, 1), held(60, 2), held(48, 3)});
  // The nearest part would be the tenor for both low notes.
  const auto result = fill_bar(
      score, 1,
      {fill_note(0, 4, 55), fill_note(0, 4, 62), fill_note(0, 4, 69), fill_note(0, 4, 76)});
  const std::vector<int> pitches = {76, 69, 62, 55};
  for (std::size_t track = 0; track < 4; ++track) {
    REQUIRE(result.tracks[track].notes.size() == 3);
    CHECK(result.tracks[track].notes[1].pitch == pitches[track]);
    CHECK(result.tracks[track].notes[1].channel == track);
  }
}

TEST_CASE("A single note goes to the part in whose range it lies, if that plays there",
          "[datasets][splice]") {
  const midi::Score score = score_of(
      {{{0, 4, 72}, {4, 4, 72}, {8, 4, 74}}, {{0, 4, 48}, {4, 4, 48}, {8, 4, 50}}, {{64, 4, 60}}});
  const auto result = fill_bar(score, 1, {fill_note(0, 1, 58), fill_note(1, 1, 66)});
  CHECK((lines_of(result.tracks[0]) == Lines{{0, 4, 72}, {5, 1, 66}, {8, 4, 74}}));
  CHECK((lines_of(result.tracks[1]) == Lines{{0, 4, 48}, {4, 1, 58}, {8, 4, 50}}));
  CHECK((lines_of(result.tracks[2]) == Lines{{64, 4, 60}}));
}

TEST_CASE("A fill is as loud as its part is around it, accents on bar lines included",
          "[datasets][splice]") {
  std::vector<Line> lines;
  for (int eighth = 0; eighth < 64; ++eighth) {
    // An upbeat of an eighth, before bars of 4/4 that the file does not state.
    const bool on_bar = (eighth + 7) % 8 == 0 || eighth == 0;
    lines.push_back({eighth, 1, 60 + eighth % 5, on_bar ? 105 : 80});
  }
  midi::Score score = score_of({lines});
  score.meters.clear();
  const Piece piece = quantize(score, Grid{4});
  REQUIRE(piece.guess.accents);
  Passage filled = piece.music;
  for (const std::size_t bar : {3, 4, 5, 6}) {
    filled.bars[bar].notes = {fill_note(0, 1, 50), fill_note(1, 3, 51)};
  }
  const auto result = replace_bars(score, piece, {3, 4, 5, 6}, filled, {0}).score;
  const Passage again = quantize(result, Grid{4}).music;
  REQUIRE(again.bars.size() == piece.music.bars.size());
  for (const std::size_t bar : {3, 4, 5, 6}) {
    REQUIRE(again.bars[bar].notes.size() == 2);
    CHECK(again.bars[bar].notes[0].velocity == 105);
    CHECK(again.bars[bar].notes[1].velocity == 80);
  }
}

TEST_CASE("Drums play on through a gap", "[datasets][splice]") {
  const midi::Score score = score_of({{{0, 4, 60}, {4, 4, 62}, {8, 4, 64}},
                                      {{0, 1, 36, 90, 9}, {4, 1, 36, 90, 9}, {8, 1, 36, 90, 9}}});
  const auto result = fill_bar(score, 1, {fill_note(0, 4, 36)});
  CHECK((result.tracks[1] == score.tracks[1]));
  CHECK((lines_of(result.tracks[0]) == Lines{{0, 4, 60}, {4, 4, 36}, {8, 4, 64}}));
}

TEST_CASE("A fill that is not of the piece is refused", "[datasets][splice]") {
  const midi::Score score = score_of({{{0, 4, 60}, {4, 4, 62}}});
  const Piece piece = quantize(score, Grid{4});
  Passage longer = piece.music, other = piece.music;
  longer.bars.push_back(longer.bars.back());
  other.bars[1].length += Steps(1);
  CHECK_THROWS_AS(replace_bars(score, piece, {1}, longer, {0}), DatasetError);
  CHECK_THROWS_AS(replace_bars(score, piece, {1}, other, {0}), DatasetError);
  CHECK_THROWS_AS(replace_bars(score, piece, {2}, piece.music, {0}), DatasetError);
  CHECK_THROWS_AS(replace_bars(score, piece, {1, 0}, piece.music, {0}), DatasetError);
  CHECK_THROWS_AS(replace_bars(score, piece, {1}, piece.music, {1}), DatasetError);
  CHECK_THROWS_AS(replace_bars(score, piece, {1}, piece.music, {}), DatasetError);
  CHECK_THROWS_AS(replace_bars(midi::Score{}, piece, {1}, piece.music, {0}), DatasetError);
}
