#include <fstream>
#include <iostream>
#include <set>

#include "datasets/corpus/corpus.hpp"
#include "midi/file/writer.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"
#include "tests/temporary_folder.hpp"

namespace musicvae::datasets {
namespace {

namespace fs = std::filesystem;
using test::read_text;

void write_piece(const fs::path& path, const Passage& music) {
  fs::create_directories(path.parent_path());
  midi::write_midi_file(to_score(music, ScoreStyle{}), path);
}

std::string tune_name(unsigned seed) { return "tune" + std::to_string(seed) + ".mid"; }

/// A file of format 2 whose sequences are these pieces.
void write_sequences(const fs::path& path, const std::vector<Passage>& pieces) {
  fs::create_directories(path.parent_path());
  std::string file = {'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 2, 0, char(pieces.size()), 1, char(0xE0)};
  for (const Passage& music : pieces) {
    const auto bytes = midi::write_midi(to_score(music, ScoreStyle{}), {.format = 0});
    file.append(reinterpret_cast<const char*>(bytes.data()) + 14, bytes.size() - 14);
  }
  std::ofstream(path, std::ios::binary) << file;
}

void write_tunes(const fs::path& folder, unsigned first, unsigned end) {
  for (unsigned seed = first; seed < end; ++seed) {
    write_piece(folder / tune_name(seed), made::passage(seed, 6));
  }
}

std::set<std::string> names(const Corpus& corpus, Split split) {
  std::set<std::string> result;
  for (std::size_t piece = 0; piece < corpus.size(); ++piece) {
    if (corpus.info(piece).split != split) continue;
    result.insert(fs::path(corpus.info(piece).name).filename().string());
  }
  return result;
}

std::size_t refused(const CorpusReport& report) {
  std::size_t files = 0;
  for (const auto& [reason, count] : report.refused) files += count;
  return files;
}

CorpusOptions even_split() {
  CorpusOptions options;
  options.validation_share = 0.5;
  return options;
}

}  // namespace

TEST_CASE("A corpus holds every piece of its files", "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  write_tunes(folder / "in", 0, 20);
  const CorpusReport report = prepare_corpus({folder / "in"}, even_split(), folder / "c");
  const Corpus corpus = Corpus::open(folder / "c");
  CHECK(report.files == 20);
  CHECK(report.train_pieces + report.validation_pieces == 20);
  CHECK(corpus.size() == 20);
  CHECK(report.refused.empty());
  CHECK(names(corpus, Split::kTrain).size() == report.train_pieces);
  int longest = 0, bars = 0;
  for (std::size_t piece = 0; piece < corpus.size(); ++piece) {
    bars += corpus.info(piece).bars;
    for (const BarRows& bar : corpus.window(piece, 0, corpus.info(piece).bars)) {
      longest = std::max(longest, bar.rows);
    }
  }
  CHECK(corpus.max_rows() == longest);
  CHECK(report.bars == std::size_t(bars));
  CHECK(bars >= 20 * 6);
}

TEST_CASE("The file is the same for any number of jobs and any order of paths",
          "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  write_tunes(folder / "a", 0, 20);
  write_tunes(folder / "b", 10, 40);
  CorpusOptions options = even_split();
  options.jobs = 1;
  prepare_corpus({folder / "a", folder / "b"}, options, folder / "one");
  options.jobs = 5;
  prepare_corpus({folder / "b", folder / "a"}, options, folder / "other");
  CHECK((read_text(folder / "one") == read_text(folder / "other")));
}

TEST_CASE("A lone piece is for training, on whichever side its content falls",
          "[datasets][prepare]") {
  for (unsigned tune = 0; tune < 10; ++tune) {
    const test::TemporaryFolder folder;
    write_tunes(folder / "in", tune, tune + 1);
    const CorpusReport report = prepare_corpus({folder / "in"}, even_split(), folder / "c");
    CHECK(report.train_pieces == 1);
  }
}

TEST_CASE("A transposed copy is kept once and reported", "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  write_tunes(folder / "in", 0, 10);
  write_piece(folder / "in" / "zz copy.mid", made::transposed(made::passage(4, 6), 5));
  const CorpusReport report = prepare_corpus({folder / "in"}, even_split(), folder / "c");
  CHECK(Corpus::open(folder / "c").size() == 10);
  CHECK(report.refused.at("duplicate of another piece") == 1);
  CHECK_THAT(report.examples.at("duplicate of another piece"),
             Catch::Contains("zz copy.mid") && Catch::Contains("tune4.mid"));
}

TEST_CASE("A piece stays on its side when files are added, renamed or transposed",
          "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  write_tunes(folder / "in", 0, 20);
  prepare_corpus({folder / "in"}, even_split(), folder / "before");
  const auto validation = names(Corpus::open(folder / "before"), Split::kValidation);
  REQUIRE(validation.size() > 3);
  REQUIRE(validation.size() < 17);

  write_tunes(folder / "in", 20, 60);
  prepare_corpus({folder / "in"}, even_split(), folder / "after");
  const Corpus after = Corpus::open(folder / "after");
  for (const std::string& name : validation) {
    CHECK(names(after, Split::kValidation).count(name) == 1);
  }

  for (unsigned seed = 0; seed < 20; ++seed) {
    write_piece(folder / "moved" / ("x" + tune_name(seed)),
                made::transposed(made::passage(seed, 6), -2));
  }
  prepare_corpus({folder / "moved"}, even_split(), folder / "renamed");
  std::set<std::string> renamed;
  for (const std::string& name : validation) renamed.insert("x" + name);
  CHECK((names(Corpus::open(folder / "renamed"), Split::kValidation) == renamed));
}

TEST_CASE("Files held out by name make up the validation pieces, and no copy of them trains",
          "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  write_tunes(folder / "in", 0, 10);
  write_piece(folder / "in" / "a copy.mid", made::transposed(made::passage(3, 6), 1));
  Passage version = made::passage(5, 6);
  version.bars[2] = version.bars[0];
  write_piece(folder / "in" / "version.mid", version);
  CorpusOptions options;
  options.hold_out = {"tune3.mid", "*/tune5.mid"};
  const CorpusReport report = prepare_corpus({folder / "in"}, options, folder / "c");
  const Corpus corpus = Corpus::open(folder / "c");
  const std::set<std::string> held_out = {"tune3.mid", "tune5.mid"};
  CHECK((names(corpus, Split::kValidation) == held_out));
  CHECK(names(corpus, Split::kTrain).count("a copy.mid") == 0);
  CHECK(names(corpus, Split::kTrain).count("version.mid") == 0);
  CHECK(report.refused.at("duplicate of another piece") == 1);
  CHECK(report.refused.at("version of a validation piece") == 1);
}

TEST_CASE("A share is held out in addition to the files held out by name where both are given",
          "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  write_tunes(folder / "in", 0, 20);
  const auto held_out = [&](const CorpusOptions& options) {
    prepare_corpus({folder / "in"}, options, folder / "c");
    return names(Corpus::open(folder / "c"), Split::kValidation);
  };
  auto expected = held_out(even_split());
  REQUIRE(expected.size() < 20);
  CorpusOptions both = even_split();
  for (unsigned tune = 0; tune < 20; ++tune) {
    if (expected.count(tune_name(tune)) == 0) both.hold_out = {tune_name(tune)};
  }
  expected.insert(both.hold_out.front());
  CHECK((held_out(both) == expected));
}

TEST_CASE("Each sequence of a file of format 2 is a piece with its number in its name",
          "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  write_sequences(folder / "in" / "set.mid",
                  {made::passage(1, 6), made::passage(2, 7), made::passage(3, 8)});
  CorpusOptions options;
  options.hold_out = {"set.mid#2"};
  const CorpusReport report = prepare_corpus({folder / "in"}, options, folder / "c");
  CHECK(report.files == 1);
  CHECK(report.train_pieces == 2);
  const Corpus corpus = Corpus::open(folder / "c");
  CHECK((names(corpus, Split::kTrain) == std::set<std::string>{"set.mid#1", "set.mid#3"}));
  CHECK((names(corpus, Split::kValidation) == std::set<std::string>{"set.mid#2"}));
  options.hold_out = {"set.mid"};
  CHECK(prepare_corpus({folder / "in"}, options, folder / "c").validation_pieces == 3);
  options.hold_out = {};
  prepare_corpus({folder / "in" / "set.mid#3"}, options, folder / "c");
  REQUIRE(Corpus::open(folder / "c").size() == 1);
  CHECK_THAT(Corpus::open(folder / "c").info(0).name, Catch::Matchers::EndsWith("set.mid#3"));
}

TEST_CASE("A pattern that fits no file is an error", "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  write_tunes(folder / "in", 0, 2);
  CorpusOptions options;
  options.hold_out = {"*/tune1.mid", "*.midd"};
  CHECK_THROWS_WITH(prepare_corpus({folder / "in"}, options, folder / "c"),
                    Catch::Contains("*.midd"));
}

TEST_CASE("Where no piece is left the error counts every reason and no file is written",
          "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  std::ofstream(folder / "a.mid") << "not music";
  std::ofstream(folder / "b.mid") << "not music either";
  midi::write_midi_file(midi::Score{1, {}, {midi::Track{}}, {}, {}, {}}, folder / "c.mid");
  CHECK_THROWS_WITH(prepare_corpus({folder.path()}, {}, folder / "out"),
                    Catch::Contains("3 files") && Catch::Contains("2  not MIDI") &&
                        Catch::Contains("1  no notes") && Catch::Contains("a.mid"));
  CHECK_FALSE(fs::exists(folder / "out"));
}

TEST_CASE("A folder without MIDI files and a path that is not there are errors",
          "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_WITH(prepare_corpus({folder.path()}, {}, folder / "c"), Catch::Contains("0 files"));
  CHECK_THROWS_WITH(prepare_corpus({folder / "gone"}, {}, folder / "c"), Catch::Contains("gone"));
}

TEST_CASE("Progress counts all files; stopping leaves an earlier corpus as it was",
          "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  write_tunes(folder / "in", 0, 12);
  std::vector<std::size_t> done;
  prepare_corpus({folder / "in"}, {}, folder / "c", [&done](std::size_t at, std::size_t total) {
    CHECK(total == 12);
    done.push_back(at);
    return true;
  });
  REQUIRE(done.size() == 12);
  CHECK(done.front() == 1);
  CHECK(done.back() == 12);
  const std::string before = read_text(folder / "c");
  write_tunes(folder / "in", 12, 24);
  const auto stop = [](std::size_t at, std::size_t) { return at < 5; };
  CHECK_THROWS_WITH(prepare_corpus({folder / "in"}, {}, folder / "c", stop),
                    Catch::Contains("stopped"));
  CHECK((read_text(folder / "c") == before));
}

TEST_CASE("A folder that cannot be written to is named", "[datasets][prepare]") {
  const test::TemporaryFolder folder;
  write_tunes(folder / "in", 0, 2);
  CHECK_THROWS_WITH(prepare_corpus({folder / "in"}, {}, folder / "none" / "c"),
                    Catch::Contains("none"));
}

TEST_CASE("Every file of the lute works becomes a piece or a reason, with 998 held out",
          "[datasets][prepare][data]") {
  const fs::path lute = "../shared/data/bach_lute";
  if (!fs::exists(lute)) {
    std::cout << "skipped: " << lute << " is not here\n";
    return;
  }
  const test::TemporaryFolder folder;
  CorpusOptions options;
  options.hold_out = {"*/pfa-*"};
  const CorpusReport report = prepare_corpus({lute}, options, folder / "c");
  INFO(describe(report));
  CHECK(report.train_pieces + report.validation_pieces + refused(report) == report.files);
  CHECK(report.refused.empty());
  CHECK(report.validation_pieces == 3);
  for (const std::string& name : names(Corpus::open(folder / "c"), Split::kValidation)) {
    CHECK_THAT(name, Catch::Matchers::StartsWith("pfa-"));
  }
}

}  // namespace musicvae::datasets
