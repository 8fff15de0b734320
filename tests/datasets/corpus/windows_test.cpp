#include "datasets/corpus/windows.hpp"

#include <algorithm>
#include <map>

#include "datasets/corpus/writer.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"
#include "tests/temporary_folder.hpp"

namespace musicvae::datasets {
namespace {

/// Bars of each piece; the third is for validation.
const std::vector<int> kBars = {3, 40, 9, 4, 17};

class SmallCorpus {
 public:
  SmallCorpus() : corpus_(write(folder_.path())) {}
  const Corpus& operator*() const { return corpus_; }

 private:
  static Corpus write(const std::filesystem::path& folder) {
    CorpusWriter writer(folder);
    std::vector<CorpusWriter::Kept> kept;
    for (std::size_t at = 0; at < kBars.size(); ++at) {
      const auto split = at == 2 ? Split::kValidation : Split::kTrain;
      kept.push_back({writer.add(made::passage(unsigned(at), kBars[at])), "piece", split});
    }
    Spool file(folder);
    writer.finish(kept, {"notes", Grid{4}, 64}, file);
    return Corpus::open(file);
  }

  test::TemporaryFolder folder_;
  Corpus corpus_;
};

std::vector<Window> draw_many(const TrainingWindows& windows, std::uint64_t batches) {
  std::vector<Window> all;
  for (std::uint64_t index = 0; index < batches; ++index) {
    const auto batch = windows.batch(index);
    all.insert(all.end(), batch.begin(), batch.end());
  }
  return all;
}

std::map<std::size_t, double> shares(const std::vector<Window>& windows) {
  std::map<std::size_t, double> share;
  for (const Window& window : windows) share[window.piece] += 1.0 / double(windows.size());
  return share;
}

}  // namespace

TEST_CASE("A batch is a function of seed and index alone", "[datasets][windows]") {
  const SmallCorpus corpus;
  const TrainingWindows windows(*corpus, {});
  const TrainingWindows again(*corpus, {});
  WindowOptions other_seed;
  other_seed.seed = 2;
  CHECK((windows.batch(5) == again.batch(5)));
  CHECK((windows.batch(4) == again.batch(4)));
  CHECK_FALSE((windows.batch(5) == windows.batch(6)));
  CHECK_FALSE((windows.batch(5) == TrainingWindows(*corpus, other_seed).batch(5)));
}

TEST_CASE("Windows lie in training pieces and reach every bar of them", "[datasets][windows]") {
  const SmallCorpus corpus;
  const TrainingWindows windows(*corpus, {});
  std::map<std::pair<std::size_t, int>, int> seen;
  for (const Window& window : draw_many(windows, 200)) {
    REQUIRE(window.piece != 2);
    REQUIRE(window.bars == std::min(4, kBars[window.piece]));
    REQUIRE(window.first_bar >= 0);
    REQUIRE(window.first_bar + window.bars <= kBars[window.piece]);
    ++seen[{window.piece, window.first_bar}];
  }
  CHECK(windows.windows() == 1 + 37 + 1 + 14);
  CHECK(seen.size() == windows.windows());
}

TEST_CASE("The piece weight leads from all pieces alike to all windows alike",
          "[datasets][windows]") {
  const SmallCorpus corpus;
  WindowOptions options;
  options.batch_size = 2000;
  const auto share_of_longest = [&](double weight) {
    options.piece_weight = weight;
    return shares(draw_many(TrainingWindows(*corpus, options), 10))[1];
  };
  CHECK(share_of_longest(0) == Approx(1.0 / 4).margin(0.02));
  CHECK(share_of_longest(1) == Approx(37.0 / 53).margin(0.02));
  CHECK(share_of_longest(0.5) > share_of_longest(0));
  CHECK(share_of_longest(0.5) < share_of_longest(1));
}

TEST_CASE("A transposed window is the encoding of the transposed bars", "[datasets][windows]") {
  const SmallCorpus corpus;
  const auto codec = make_codec("notes", Grid{4});
  for (const Window& window : draw_many(TrainingWindows(*corpus, {}), 2)) {
    const Passage music = (*corpus).passage(window.piece, window.first_bar, window.bars);
    const Passage moved = made::transposed(music, window.transposition);
    REQUIRE((rows_of(*corpus, *codec, window) == codec->encode(moved)));
  }
}

TEST_CASE("Transposition keeps a piece within the codec's pitches", "[datasets][windows]") {
  const WindowOptions options;  // 5 down, 6 up.
  const auto range = [&options](int lowest, int highest) {
    const Corpus::PieceInfo info{"piece", Split::kTrain, 1, lowest, highest};
    const Transpositions moves = transpositions(info, {21, 108}, options);
    return std::pair(moves.down, moves.up);
  };
  CHECK(range(60, 70) == std::pair(-5, 6));
  CHECK(range(23, 70) == std::pair(-2, 6));
  CHECK(range(60, 105) == std::pair(-5, 3));
  CHECK(range(21, 108) == std::pair(0, 0));
  CHECK(range(10, 120) == std::pair(0, 0));
  CHECK(range(127, 0) == std::pair(0, 0));
  CHECK(range(110, 120) == std::pair(0, 0));
}

TEST_CASE("All semitones of the range are drawn", "[datasets][windows]") {
  const SmallCorpus corpus;
  std::map<int, int> seen;
  for (const Window& window : draw_many(TrainingWindows(*corpus, {}), 20)) {
    ++seen[window.transposition];
  }
  CHECK(seen.begin()->first == -5);
  CHECK(seen.rbegin()->first == 6);
  CHECK(seen.size() == 12);
}

TEST_CASE("Consecutive windows cover a split once and in order", "[datasets][windows]") {
  const SmallCorpus corpus;
  const std::vector<Window> validation = {{2, 0, 4, 0}, {2, 4, 4, 0}, {2, 8, 1, 0}};
  CHECK((consecutive_windows(*corpus, Split::kValidation, 4) == validation));
  int bars = 0;
  for (const Window& window : consecutive_windows(*corpus, Split::kTrain, 4)) bars += window.bars;
  CHECK(bars == 3 + 40 + 4 + 17);
}

TEST_CASE("Uniform windows are whole bars of one meter, one after the other",
          "[datasets][windows]") {
  const auto bar = [](int beats, int length) {
    return Bar{{std::uint8_t(beats), 4}, Steps(length), {}};
  };
  const Bar whole = bar(4, 16), upbeat = bar(4, 4), other = bar(3, 12);
  const test::TemporaryFolder folder;
  CorpusWriter writer(folder.path());
  const std::vector<CorpusWriter::Kept> kept{
      {writer.add({Grid{4}, {upbeat, whole, whole, whole, whole, whole, other, whole, whole}}),
       "with an upbeat", Split::kTrain},
      {writer.add({Grid{4}, {whole, whole}}), "held out", Split::kValidation}};
  Spool file(folder.path());
  writer.finish(kept, {"notes", Grid{4}, 64}, file);
  const Corpus corpus = Corpus::open(file);
  const std::vector<Window> windows{{0, 1, 2, 0}, {0, 3, 2, 0}, {0, 7, 2, 0}};
  CHECK((uniform_windows(corpus, Split::kTrain, 2, {4, 4}) == windows));
  CHECK((uniform_windows(corpus, Split::kValidation, 2, {4, 4}) ==
         std::vector<Window>{{1, 0, 2, 0}}));
  CHECK(uniform_windows(corpus, Split::kTrain, 6, {4, 4}).empty());
  CHECK((uniform_windows(corpus, Split::kTrain, 1, {3, 4}) == std::vector<Window>{{0, 6, 1, 0}}));
  CHECK(uniform_windows(corpus, Split::kTrain, 1, {7, 64}).empty());
  CHECK_THROWS_AS(uniform_windows(corpus, Split::kTrain, 0, {4, 4}), DatasetError);
}

TEST_CASE("Options that make no batch are refused", "[datasets][windows]") {
  const SmallCorpus corpus;
  WindowOptions no_bars, no_size, upside_down;
  no_bars.bars = 0;
  no_size.batch_size = 0;
  upside_down.transpose_down = -1;
  for (const WindowOptions& options : {no_bars, no_size, upside_down}) {
    CHECK_THROWS_AS(TrainingWindows(*corpus, options), DatasetError);
  }
  CHECK_THROWS_AS(consecutive_windows(*corpus, Split::kTrain, 0), DatasetError);
}

}  // namespace musicvae::datasets
