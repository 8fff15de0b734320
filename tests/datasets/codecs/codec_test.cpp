#include "datasets/codecs/codec.hpp"

#include "datasets/codecs/common.hpp"
#include "datasets/codecs/voices.hpp"
#include "tests/catch.hpp"
#include "tests/datasets/random_music.hpp"

using namespace musicvae;
using namespace musicvae::datasets;
using namespace musicvae::datasets::testing;

namespace {

std::vector<Grid> grids_of(const std::string& codec) {
  return codec == "melody-ticks" ? std::vector<Grid>{{12}} : std::vector<Grid>{{4}, {12}};
}

template <class Check>
void for_each_codec(Check check) {
  for (const std::string& name : codec_names()) {
    for (const Grid& grid : grids_of(name)) {
      INFO("codec " << name << ", " << grid.steps_per_quarter << " steps a quarter");
      check(*make_codec(name, grid));
    }
  }
}

RandomNotes range_of(const Codec& codec, int margin = 0) {
  RandomNotes range;
  range.lowest = codec.pitch_range().first + margin;
  range.highest = codec.pitch_range().second - margin;
  range.parts = 3;
  return range;
}

Passage transposed(Passage passage, int semitones) {
  for (Bar& bar : passage.bars) {
    for (GridNote& note : bar.notes) note.pitch = static_cast<std::uint8_t>(note.pitch + semitones);
  }
  return passage;
}

int random_allowed(const BarGrammar& grammar, int width, Rng& rng) {
  const std::unique_ptr<bool[]> mask(new bool[std::size_t(width)]);
  grammar.allowed({mask.get(), std::size_t(width)});
  std::vector<int> tokens;
  for (int token = 0; token < width; ++token) {
    if (mask[std::size_t(token)]) tokens.push_back(token);
  }
  if (tokens.empty()) return -1;
  return tokens[std::size_t(pick(rng, 0, int(tokens.size()) - 1))];
}

/// Any values at all, in bars of any length.
std::vector<BarRows> junk(Rng& rng, const RowShape& shape) {
  std::vector<BarRows> bars;
  for (int i = 0; i < 4; ++i) {
    BarRows bar{random_meter(rng), Steps(pick(rng, -3, 70)), pick(rng, -3, 50), {}};
    const int values = pick(rng, 0, 60) * (shape.kind == RowShape::Kind::kBits ? shape.width : 1);
    for (int v = pick(rng, -1, 1) + values; v > 0; --v) {
      const int limit = pick(rng, 0, 3) == 0 ? 65535 : shape.width - 1;
      bar.values.push_back(static_cast<std::uint16_t>(pick(rng, 0, limit)));
    }
    bars.push_back(std::move(bar));
  }
  return bars;
}

/// The message of the DatasetError that `action` throws, "" where it throws none.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const DatasetError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Notes in are notes out and notes dropped", "[datasets][codec][property]") {
  Rng rng(31);
  for_each_codec([&](const Codec& codec) {
    for (int round = 0; round < 60; ++round) {
      RandomNotes range = range_of(codec, -15);
      range.longest = 400;
      Passage passage = random_passage(rng, codec.grid(), 5, range);
      for (Bar& bar : passage.bars) {
        for (GridNote& note : bar.notes) note.drum = pick(rng, 0, 9) == 0;
      }
      Dropped dropped;
      const Passage result = codec.decode(codec.encode(passage, &dropped));
      CHECK(testing::note_count(passage) == testing::note_count(result) + dropped_notes(dropped));
    }
  });
}

TEST_CASE("What a codec has said once it says again", "[datasets][codec][property]") {
  Rng rng(32);
  for_each_codec([&](const Codec& codec) {
    for (int round = 0; round < 60; ++round) {
      const Passage passage = random_passage(rng, codec.grid(), 5, range_of(codec));
      const auto rows = codec.encode(passage);
      const Passage said = codec.decode(rows);
      Dropped dropped;
      CHECK(codec.encode(said, &dropped) == rows);
      CHECK(dropped.empty());
      CHECK(codec.decode(codec.encode(said)) == said);
    }
  });
}

TEST_CASE("Rows keep meters, lengths and their count", "[datasets][codec][property]") {
  Rng rng(33);
  for_each_codec([&](const Codec& codec) {
    const Passage passage = random_passage(rng, codec.grid(), 20, range_of(codec));
    const auto rows = codec.encode(passage);
    REQUIRE(rows.size() == passage.bars.size());
    const RowShape shape = codec.row_shape();
    const int values_a_row = shape.kind == RowShape::Kind::kBits ? shape.width : 1;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CHECK(rows[i].meter == passage.bars[i].meter);
      CHECK(rows[i].length == passage.bars[i].length);
      CHECK(rows[i].values.size() == std::size_t(rows[i].rows * values_a_row));
      CHECK(rows[i].rows <= codec.max_rows(rows[i].length));
    }
  });
}

TEST_CASE("Junk decodes to a passage that the codec can say", "[datasets][codec][hostile]") {
  Rng rng(34);
  for_each_codec([&](const Codec& codec) {
    for (int round = 0; round < 200; ++round) {
      const auto rows = junk(rng, codec.row_shape());
      const Passage passage = codec.decode(rows);
      REQUIRE(passage.bars.size() == rows.size());
      for (const Bar& bar : passage.bars) {
        for (const GridNote& note : bar.notes) {
          REQUIRE((note.onset >= Steps(0) && note.onset < bar.length));
          REQUIRE(note.duration >= Steps(1));
          REQUIRE((note.pitch >= codec.pitch_range().first &&
                   note.pitch <= codec.pitch_range().second));
        }
      }
    }
  });
}

TEST_CASE("Moving rows is encoding the transposed passage", "[datasets][codec][property]") {
  Rng rng(35);
  for_each_codec([&](const Codec& codec) {
    for (int round = 0; round < 30; ++round) {
      const Passage passage = random_passage(rng, codec.grid(), 4, range_of(codec, 12));
      const int semitones = pick(rng, -12, 12);
      auto rows = codec.encode(passage);
      codec.transpose(rows, semitones);
      CHECK(rows == codec.encode(transposed(passage, semitones)));
    }
  });
}

TEST_CASE("Pitch tokens name the pitches of the range", "[datasets][codec]") {
  for_each_codec([&](const Codec& codec) {
    if (codec.row_shape().kind == RowShape::Kind::kBits) {
      CHECK(codec.pitch_tokens() == PitchTokens{});
      return;
    }
    const auto [lowest, highest] = codec.pitch_range();
    CHECK(codec.pitch_tokens().count == highest - lowest + 1);
    for (int pitch = lowest; pitch <= highest; ++pitch) {
      GridNote note;
      note.duration = Steps(1);
      note.pitch = static_cast<std::uint8_t>(pitch);
      const auto rows = codec.encode({codec.grid(), {{{4, 4}, Steps(16), {note}}}});
      std::vector<int> found;
      for (const int token : rows[0].values) {
        if (codec.pitch_tokens().contains(token)) found.push_back(token);
      }
      CHECK(found == std::vector<int>{codec.pitch_tokens().first + pitch - lowest});
    }
  });
}

TEST_CASE("A pitch moved out of range is refused", "[datasets][codec]") {
  for_each_codec([&](const Codec& codec) {
    GridNote note;
    note.duration = Steps(1);
    note.pitch = static_cast<std::uint8_t>(codec.pitch_range().second);
    auto rows = codec.encode({codec.grid(), {{{4, 4}, Steps(16), {note}}}});
    CHECK_THROWS_AS(codec.transpose(rows, 1), DatasetError);
    CHECK_NOTHROW(codec.transpose(rows, -1));
  });
}

TEST_CASE("Every walk through a grammar comes to an end and decodes",
          "[datasets][codec][property]") {
  Rng rng(36);
  for_each_codec([&](const Codec& codec) {
    const RowShape shape = codec.row_shape();
    if (shape.kind == RowShape::Kind::kBits) return;
    for (int round = 0; round < 30; ++round) {
      const Steps length(pick(rng, 1, 8 * codec.grid().steps_per_quarter));
      BarRows bar{{4, 4}, length, 0, {}};
      const auto grammar = codec.grammar(length);
      while (!grammar->finished()) {
        const int token = random_allowed(*grammar, shape.width, rng);
        REQUIRE(token >= 0);
        grammar->push(token);
        bar.values.push_back(static_cast<std::uint16_t>(token));
        ++bar.rows;
      }
      CHECK(random_allowed(*grammar, shape.width, rng) == -1);
      const std::vector<BarRows> walk{bar};
      const Passage passage = codec.decode(walk);
      CHECK(codec.decode(codec.encode(passage)) == passage);
      if (codec.name() == "notes") CHECK(codec.encode(passage) == walk);
    }
  });
}

TEST_CASE("A note that begins outside its bar is dropped by name", "[datasets][codec][hostile]") {
  for_each_codec([&](const Codec& codec) {
    GridNote before, after;
    before.onset = Steps(-1);
    after.onset = Steps(16);
    before.duration = after.duration = Steps(1);
    Dropped dropped;
    const auto rows =
        codec.encode({codec.grid(), {{{4, 4}, Steps(16), {before, after}}}}, &dropped);
    CHECK(testing::note_count(codec.decode(rows)) == 0);
    CHECK(dropped == Dropped{{kOutsideBarReason, 2}});
  });
}

TEST_CASE("Bars without length are refused by number", "[datasets][codec][hostile]") {
  for_each_codec([&](const Codec& codec) {
    const Passage passage{codec.grid(), {{{4, 4}, Steps(4), {}}, {{4, 4}, Steps(0), {}}}};
    CHECK_FALSE(codec.can_encode(Steps(0)));
    CHECK(error_of([&] { codec.encode(passage); }).find("bar 2") != std::string::npos);
    CHECK_THROWS_AS(codec.grammar(Steps(-1)), DatasetError);
  });
}

TEST_CASE("Bars longer than a codec's longest are refused, and the message says how long that is",
          "[datasets][codec][hostile]") {
  for_each_codec([&](const Codec& codec) {
    const Steps longest = codec.longest_bar();
    const Steps longer = longest + Steps(1);
    CHECK(codec.can_encode(longest));
    CHECK_FALSE(codec.can_encode(longer));
    const std::string error = error_of([&] {
      codec.encode({codec.grid(), {{{255, 4}, longer, {}}}});
    });
    CHECK(error.find(std::to_string(longest.count)) != std::string::npos);
    CHECK_THROWS_AS(codec.grammar(longer), DatasetError);
    const Steps long_bar = Steps(8 * codec.grid().steps_per_quarter);
    CHECK(codec.can_encode(long_bar));
  });
}

TEST_CASE("An unknown codec is refused with the names there are", "[datasets][codec]") {
  const std::string error = error_of([] { make_codec("tabs", {}); });
  for (const std::string& name : codec_names()) CHECK(error.find(name) != std::string::npos);
  CHECK_THROWS_AS(make_codec("notes", Grid{0}), DatasetError);
  for (const std::string& name : codec_names()) {
    CHECK(make_codec(name, grids_of(name).front())->name() == name);
  }
}

TEST_CASE("A codec of one voice is known by what it drops", "[datasets][codec]") {
  CHECK(is_one_voice(*datasets::make_codec("melody", {4})));
  CHECK_FALSE(is_one_voice(*datasets::make_codec("notes", {4})));
  CHECK_FALSE(is_one_voice(*datasets::make_codec("pianoroll", {4})));
}
