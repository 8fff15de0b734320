#include "midi/note_pairing.hpp"

#include <algorithm>
#include <random>

#include "tests/catch.hpp"

using namespace musicvae::midi;

TEST_CASE("Sorting chords orders notes as a stable sort of all would", "[midi][pairing]") {
  std::mt19937 random(7);
  const auto draw = [&](int below) { return static_cast<int>(random() % below); };
  for (int repeat = 0; repeat < 200; ++repeat) {
    std::vector<Note> notes;
    int onset = 0;
    for (int i = 0; i < 60; ++i) {
      onset += draw(repeat % 2 ? 3 : 40) == 0;  // Short chords, and long ones.
      notes.push_back({Ticks(onset), Ticks(i), static_cast<std::uint8_t>(draw(2)),
                       static_cast<std::uint8_t>(draw(5))});
    }
    std::vector<Note> expected = notes;
    std::stable_sort(expected.begin(), expected.end(), [](const Note& a, const Note& b) {
      return std::tie(a.onset, a.channel, a.pitch) < std::tie(b.onset, b.channel, b.pitch);
    });
    sort_chords(notes);
    CHECK(notes == expected);
  }
}

TEST_CASE("Pairing starts afresh after all notes are released", "[midi][pairing]") {
  NotePairing pairing;
  TickOrder order;
  std::vector<Note> notes;
  for (int i = 0; i < 3; ++i) pairing.press(notes, order, Ticks(i), 0, 60, 64);
  pairing.release(notes, order, Ticks(5), 0, 60, 0);
  CHECK(pairing.release_all(notes, order, Ticks(9)) == 2);
  CHECK(notes[0].duration == Ticks(5));
  CHECK(notes[2].duration == Ticks(7));
  notes.clear();
  pairing.release(notes, order, Ticks(9), 0, 60, 0);
  CHECK(pairing.release_all(notes, order, Ticks(9)) == 0);
}
