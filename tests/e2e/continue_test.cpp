#include <algorithm>
#include <cstdint>

#include "midi/file/reader.hpp"
#include "tests/catch.hpp"
#include "tests/e2e/program.hpp"

using namespace musicvae;
using namespace musicvae::test;
using Catch::Contains;
using midi::Ticks;

namespace {

const std::string kMinuet = "datasets/bundled/petzold-minuet-anh114.mid";
constexpr Ticks kBar(3 * 480);

Outcome run(const std::string& arguments) {
  return program("continue " + arguments + " --threads 1");
}

std::vector<midi::Note> notes_of(const midi::Score& score, Ticks from, Ticks to) {
  std::vector<midi::Note> notes;
  for (const midi::Track& track : score.tracks) {
    for (const midi::Note& note : track.notes) {
      if (note.onset >= from && note.onset < to) notes.push_back(note);
    }
  }
  return notes;
}

}  // namespace

TEST_CASE("A piece goes on after its end, with its parts, and is itself as it was",
          "[e2e][continue]") {
  const Workspace work;
  const auto outcome = run(kMinuet + " --bars 4 --seed 1 --json -o " + (work / "out.mid"));
  REQUIRE(outcome.code == 0);
  CHECK(outcome.json()["bars"] == std::vector<int>{33, 34, 35, 36});
  const auto before = midi::read_midi_file(kMinuet).score;
  const auto after = midi::read_midi_file(work / "out.mid").score;
  const Ticks end = kBar * 32;
  CHECK((notes_of(after, Ticks(0), end) == notes_of(before, Ticks(0), end)));
  const auto added = notes_of(after, end, kBar * 36).size();
  CHECK(added >= 4);
  CHECK(outcome.json()["notes"][0] == added);
  CHECK(notes_of(after, kBar * 36, kBar * 99).empty());
  CHECK(after.tracks.size() == before.tracks.size());
}

TEST_CASE("A lead-in comes before the piece", "[e2e][continue]") {
  const Workspace work;
  const auto outcome =
      run(kMinuet + " --bars 2 --lead-in --seed 1 --json -o " + (work / "out.mid"));
  REQUIRE(outcome.code == 0);
  CHECK(outcome.json()["bars"] == std::vector<int>{1, 2});
  auto before = notes_of(midi::read_midi_file(kMinuet).score, Ticks(0), kBar * 99);
  const auto after = midi::read_midi_file(work / "out.mid").score;
  for (midi::Note& note : before) note.onset = note.onset + kBar * 2;
  CHECK((notes_of(after, kBar * 2, kBar * 99) == before));
  CHECK_FALSE(notes_of(after, Ticks(0), kBar * 2).empty());
}

TEST_CASE("A tune goes on as a tune, in the key that is asked for", "[e2e][continue]") {
  const Workspace work;
  REQUIRE(run("datasets/bundled/irish-washerwoman.mid --bars 6 --seed 3 -q --key Bb -o " +
              (work / "out.mid"))
              .code == 0);
  const auto before = midi::read_midi_file("datasets/bundled/irish-washerwoman.mid").score;
  const auto after = midi::read_midi_file(work / "out.mid").score;
  auto notes = notes_of(after, midi::end_time(before), Ticks(INT64_MAX));
  REQUIRE(notes.size() > 4);
  const std::string in_key = "101101010110";  // From C up: B flat major.
  for (std::size_t i = 0; i < notes.size(); ++i) {
    CHECK(in_key[notes[i].pitch % 12] == '1');
    if (i > 0) CHECK(notes[i].onset >= notes[i - 1].onset + notes[i - 1].duration);
  }
}

TEST_CASE("More of something in the bars that go on leaves the piece as it is",
          "[e2e][continue][attributes]") {
  const Workspace work;
  const auto added = [&](const std::string& amount) {
    const auto outcome = run(kMinuet + " --bars 4 --seed 2 --json --attribute density=" + amount +
                             " -o " + (work / "out.mid"));
    REQUIRE(outcome.code == 0);
    return outcome.json()["notes"][0].get<int>();
  };
  const int less = added("-1"), more = added("+1.5");
  CHECK(more > less + 8);
  const auto before = midi::read_midi_file(kMinuet).score;
  const auto after = midi::read_midi_file(work / "out.mid").score;
  CHECK((notes_of(after, Ticks(0), kBar * 32) == notes_of(before, Ticks(0), kBar * 32)));
  CHECK(run(kMinuet + " --attribute densty=1 -o " + (work / "none.mid")).code == 1);
  CHECK_FALSE(std::filesystem::exists(work / "none.mid"));
}

TEST_CASE("Same seed, same way to go on; several ways go to a folder", "[e2e][continue]") {
  const Workspace work;
  const std::string call = kMinuet + " --bars 2 --seed 5 -q -o ";
  REQUIRE(run(call + (work / "a.mid")).code == 0);
  REQUIRE(run(call + (work / "b.mid")).code == 0);
  CHECK(read_text(work / "a.mid") == read_text(work / "b.mid"));
  REQUIRE(run(call + (work / "ways") + " -n 3").code == 0);
  CHECK(entries(work / "ways") == 3);
  CHECK(read_text(work / "ways/01.mid") != read_text(work / "ways/02.mid"));
}

TEST_CASE("What cannot go on is refused in words", "[e2e][continue]") {
  const Workspace work;
  const std::string out = " -o " + (work / "out.mid");
  CHECK(run(kMinuet + " --bars 0" + out).code == 2);
  CHECK(run(kMinuet + " -n 2 -o -").code == 2);
  const auto wrong = run(kMinuet + " --track oboe" + out);
  CHECK(wrong.code == 1);
  CHECK_THAT(wrong.err, Contains("oboe"));
  CHECK_FALSE(std::filesystem::exists(work / "out.mid"));
}
