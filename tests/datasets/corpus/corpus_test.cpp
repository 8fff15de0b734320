#include "datasets/corpus/corpus.hpp"

#include <fstream>
#include <iterator>

#include "datasets/corpus/format.hpp"
#include "datasets/corpus/writer.hpp"
#include "src/base/file.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/made_music.hpp"
#include "tests/temporary_folder.hpp"

namespace musicvae::datasets {
namespace {

using Bytes = std::vector<char>;

Bytes read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::filesystem::path& path, const Bytes& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
}

/// Three pieces, of which the second is not kept.
void write_small(const std::filesystem::path& path) {
  CorpusWriter writer(path.parent_path());
  for (unsigned seed = 0; seed < 3; ++seed) writer.add(made::passage(seed, 3));
  Spool file(path.parent_path());
  writer.finish({{0, "first.mid", Split::kTrain}, {2, "third.mid", Split::kValidation}},
                {"melody", Grid{4}, 16}, file);
  write_file_atomically(path, file.map().bytes());
}

/// Makes the checksum right again, as an attacker would.
void reseal(Bytes& bytes) {
  if (bytes.size() < sizeof(corpus_format::Header)) return;
  const std::uint64_t sum = corpus_format::checksum(std::as_bytes(std::span(bytes)));
  std::memcpy(bytes.data() + offsetof(corpus_format::Header, checksum), &sum, sizeof sum);
}

/// Whether the file opens; if it does, everything in it must be readable.
bool opens(const std::filesystem::path& path) {
  try {
    const Corpus corpus = Corpus::open(path);
    for (std::size_t piece = 0; piece < corpus.size(); ++piece) {
      corpus.window(piece, 0, corpus.info(piece).bars);
    }
    return true;
  } catch (const DatasetError&) {
    return false;
  }
}

}  // namespace

TEST_CASE("A corpus gives back the pieces that were kept", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  write_small(folder / "small.corpus");
  const Corpus corpus = Corpus::open(folder / "small.corpus");
  REQUIRE(corpus.size() == 2);
  CHECK(corpus.codec() == "melody");
  CHECK(corpus.grid().steps_per_quarter == 4);
  CHECK(corpus.max_rows() == 16);
  CHECK(corpus.info(0).name == "first.mid");
  CHECK(corpus.info(1).name == "third.mid");
  CHECK(corpus.info(0).split == Split::kTrain);
  CHECK(corpus.info(1).split == Split::kValidation);
  CHECK((corpus.passage(0, 0, 3) == made::passage(0, 3)));
  CHECK((corpus.passage(1, 0, 3) == made::passage(2, 3)));
}

TEST_CASE("A piece's lowest and highest pitch are those of its notes", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  Passage music = made::passage(4, 5);
  int lowest = 127, highest = 0;
  for (const Bar& bar : music.bars) {
    for (const GridNote& note : bar.notes) {
      lowest = std::min<int>(lowest, note.pitch);
      highest = std::max<int>(highest, note.pitch);
    }
  }
  CorpusWriter writer(folder.path());
  writer.add(music);
  for (Bar& bar : music.bars) bar.notes.clear();
  writer.add(music);
  Spool file(folder.path());
  writer.finish({{0, "sounding", Split::kTrain}, {1, "silent", Split::kTrain}},
                {"notes", Grid{4}, 1}, file);
  const Corpus corpus = Corpus::open(file);
  CHECK(corpus.info(0).lowest_pitch == lowest);
  CHECK(corpus.info(0).highest_pitch == highest);
  CHECK(corpus.info(1).lowest_pitch > corpus.info(1).highest_pitch);
}

TEST_CASE("A window is encoded as its bars are on their own", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  const Passage music = made::passage(5, 12);
  const std::string name = GENERATE(as<std::string>{}, "melody", "notes", "pianoroll");
  const auto codec = make_codec(name, Grid{4});
  CorpusWriter writer(folder.path());
  writer.add(music);
  Spool file(folder.path());
  writer.finish({{0, "piece", Split::kTrain}}, {name, Grid{4}, 48}, file);
  const Corpus corpus = Corpus::open(file);
  for (int first = 0; first <= 12; ++first) {
    for (int count = 0; first + count <= 12; ++count) {
      REQUIRE((corpus.window(0, first, count) == codec->encode(slice(music, first, count))));
    }
  }
}

TEST_CASE("Bars that a piece does not have are refused", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  write_small(folder / "c");
  const Corpus corpus = Corpus::open(folder / "c");
  CHECK_THROWS_AS(corpus.window(0, 0, 4), DatasetError);
  CHECK_THROWS_AS(corpus.window(0, -1, 1), DatasetError);
  CHECK_THROWS_AS(corpus.window(0, 3, 1), DatasetError);
  CHECK_THROWS_AS(corpus.window(0, 0, -1), DatasetError);
  CHECK_THROWS_AS(corpus.window(2, 0, 1), DatasetError);
}

TEST_CASE("A corpus cut short at any byte is refused", "[datasets][corpus][hostile]") {
  const test::TemporaryFolder folder;
  write_small(folder / "whole");
  const Bytes whole = read_bytes(folder / "whole");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Bytes cut(whole.begin(), whole.begin() + std::ptrdiff_t(size));
    write_bytes(folder / "cut", cut);
    REQUIRE_FALSE(opens(folder / "cut"));
    reseal(cut);
    write_bytes(folder / "cut", cut);
    REQUIRE_FALSE(opens(folder / "cut"));
  }
}

TEST_CASE("A corpus with any bit changed is refused", "[datasets][corpus][hostile]") {
  const test::TemporaryFolder folder;
  write_small(folder / "whole");
  Bytes bytes = read_bytes(folder / "whole");
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[at] = char(bytes[at] ^ (1 << bit));
      write_bytes(folder / "changed", bytes);
      REQUIRE_FALSE(opens(folder / "changed"));
      bytes[at] = char(bytes[at] ^ (1 << bit));
    }
  }
}

TEST_CASE("A forged corpus with the right checksum opens safely or not at all",
          "[datasets][corpus][hostile]") {
  const test::TemporaryFolder folder;
  write_small(folder / "whole");
  const Bytes whole = read_bytes(folder / "whole");
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      Bytes forged = whole;
      forged[at] = char(value);
      reseal(forged);
      write_bytes(folder / "forged", forged);
      opens(folder / "forged");
    }
  }
}

TEST_CASE("Offsets and sizes that leave a forged corpus are refused",
          "[datasets][corpus][hostile]") {
  using namespace corpus_format;
  const test::TemporaryFolder folder;
  write_small(folder / "whole");
  const Bytes whole = read_bytes(folder / "whole");
  const auto index = load<Header>(std::as_bytes(std::span(whole)), 0).index_offset;
  const std::vector<std::size_t> fields = {
      offsetof(Header, pieces),
      offsetof(Header, file_size),
      offsetof(Header, index_offset),
      index + offsetof(PieceRecord, offset),
      index + offsetof(PieceRecord, bars),
      index + offsetof(PieceRecord, notes),
      index + offsetof(PieceRecord, name_offset),
      index + offsetof(PieceRecord, name_size),
      sizeof(Header) + offsetof(BarRecord, length),
      sizeof(Header) + offsetof(BarRecord, first_note),
  };
  for (const std::size_t field : fields) {
    Bytes forged = whole;
    const std::uint32_t huge = 0xFFFFFFF0u;
    std::memcpy(forged.data() + field, &huge, sizeof huge);
    reseal(forged);
    write_bytes(folder / "forged", forged);
    CHECK_FALSE(opens(folder / "forged"));
  }
}

TEST_CASE("A forged corpus with an endless bar is refused before it is made into rows",
          "[datasets][corpus][hostile]") {
  const test::TemporaryFolder folder;
  for (const std::string name : {"melody", "notes", "pianoroll"}) {
    CorpusWriter writer(folder.path());
    writer.add({Grid{4}, {{{255, 4}, Steps(1 << 22), {}}}});
    Spool file(folder.path());
    writer.finish({{0, "endless.mid", Split::kTrain}}, {name, Grid{4}, 1}, file);
    const auto longest = make_codec(name, Grid{4})->longest_bar().count;
    CHECK_THROWS_WITH(Corpus::open(file),
                      Catch::Contains("endless.mid") && Catch::Contains(std::to_string(longest)));
  }
}

TEST_CASE("A corpus that is written over while it is read is an error", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  write_small(folder / "c");
  const Corpus corpus = Corpus::open(folder / "c");
  const Bytes whole = read_bytes(folder / "c");
  for (const int value : {0x00, 0x01, 0x55, 0x7F, 0xFF}) {
    std::fstream file(folder / "c", std::ios::in | std::ios::out | std::ios::binary);
    file << std::string(whole.size(), char(value)) << std::flush;
    CHECK_THROWS_WITH(corpus.window(0, 0, 3), Catch::Contains("changed"));
  }
}

TEST_CASE("A corpus's content is its music, not its names", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  const auto content = [&](unsigned seed, const std::string& name, Split split) {
    CorpusWriter writer(folder.path());
    writer.add(made::passage(seed, 3));
    Spool file(folder.path());
    writer.finish({{0, name, split}}, {"melody", Grid{4}, 16}, file);
    return Corpus::open(file).content();
  };
  const auto music = content(1, "a.mid", Split::kTrain);
  CHECK(content(1, "elsewhere/b.mid", Split::kTrain) == music);
  CHECK(content(2, "a.mid", Split::kTrain) != music);
  CHECK(content(1, "a.mid", Split::kValidation) != music);
}

TEST_CASE("A corpus is told from other files by how it begins", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  write_small(folder / "corpus");
  write_bytes(folder / "midi", {'M', 'T', 'h', 'd', 0, 0, 0, 6});
  write_bytes(folder / "empty", {});
  CHECK(Corpus::is_corpus(folder / "corpus"));
  CHECK_FALSE(Corpus::is_corpus(folder / "midi"));
  CHECK_FALSE(Corpus::is_corpus(folder / "empty"));
  CHECK_FALSE(Corpus::is_corpus(folder / "absent"));
  CHECK_FALSE(Corpus::is_corpus(folder.path()));
}

TEST_CASE("What cannot be opened as a corpus is named", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  write_bytes(folder / "midi", {'M', 'T', 'h', 'd', 0, 0, 0, 6});
  CHECK_THROWS_WITH(Corpus::open(folder / "midi"), Catch::Contains("musicvae prepare"));
  CHECK_THROWS_WITH(Corpus::open(folder / "absent"), Catch::Contains("absent"));
  CHECK_THROWS_AS(Corpus::open(folder.path()), DatasetError);
}

TEST_CASE("Writing a corpus leaves nothing else in its folder", "[datasets][corpus]") {
  const test::TemporaryFolder folder;
  write_small(folder / "c");
  CHECK(test::entries(folder.path()) == 1);
}

}  // namespace musicvae::datasets
