#include "datasets/tensors/tensors.hpp"

#include <random>

#include "tests/catch.hpp"

namespace musicvae::datasets {
namespace {

using Passages = std::vector<std::vector<BarRows>>;

constexpr Grid kGrid{4};
constexpr RowShape kTokens{RowShape::Kind::kToken, 90};
constexpr RowShape kBits{RowShape::Kind::kBits, 7};

int draw(std::mt19937& random, int low, int high) {
  return low + int(random() % unsigned(high - low + 1));
}

BarRows random_bar(std::mt19937& random, const RowShape& shape) {
  const bool tokens = shape.kind == RowShape::Kind::kToken;
  const midi::Meter meter{std::uint8_t(draw(random, 1, 12)), 8};
  BarRows bar{meter, *bar_length(kGrid, meter), draw(random, 1, 24), {}};
  bar.values.resize(std::size_t(bar.rows) * std::size_t(tokens ? 1 : shape.width));
  for (auto& value : bar.values) value = std::uint16_t(draw(random, 0, tokens ? 89 : 1));
  return bar;
}

Passages random_passages(std::mt19937& random, const RowShape& shape) {
  Passages passages(draw(random, 1, 5));
  for (auto& passage : passages) {
    passage.resize(draw(random, 1, 4));
    for (BarRows& bar : passage) bar = random_bar(random, shape);
  }
  return passages;
}

}  // namespace

TEST_CASE("Passages of either kind of row survive the way to tensors and back",
          "[datasets][tensors]") {
  const RowShape shape = GENERATE(kTokens, kBits);
  std::mt19937 random(7);
  for (int trial = 0; trial < 100; ++trial) {
    const Passages passages = random_passages(random, shape);
    const RowTensors tensors = to_tensors(passages, shape, kGrid, 4);
    // Doubly in parentheses: Torch's logging headers cannot print bars for Catch2.
    REQUIRE((from_tensors(tensors.rows, tensors.lengths_BU, shape, passages) == passages));
  }
}

TEST_CASE("Rows past a bar's end and absent bars are zero", "[datasets][tensors]") {
  const RowShape shape = GENERATE(kTokens, kBits);
  std::mt19937 random(8);
  for (int trial = 0; trial < 20; ++trial) {
    const RowTensors tensors = to_tensors(random_passages(random, shape), shape, kGrid, 6);
    const auto positions_R = torch::arange(tensors.rows.size(2));
    auto padding = positions_R.ge(tensors.lengths_BU.unsqueeze(-1));
    if (shape.kind == RowShape::Kind::kBits)
      padding = padding.unsqueeze(-1).expand_as(tensors.rows);
    CHECK(tensors.rows.masked_select(padding).eq(0).all().item<bool>());
    CHECK(tensors.controls_BUC.index({tensors.lengths_BU.eq(0)}).eq(0).all().item<bool>());
    CHECK(tensors.rows.size(2) == tensors.lengths_BU.max().item<std::int64_t>());
    CHECK(tensors.controls_BUC.size(2) == control_width());
  }
}

TEST_CASE("Controls tell common meters apart and mark compound and short bars",
          "[datasets][tensors]") {
  const auto whole_bar = [](midi::Meter meter) {
    return control_features(meter, *bar_length(kGrid, meter), kGrid);
  };
  const std::vector<midi::Meter> meters = {{2, 2}, {3, 4}, {6, 8}, {4, 4}, {12, 8}, {7, 8}};
  for (std::size_t a = 0; a < meters.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) CHECK(whole_bar(meters[a]) != whole_bar(meters[b]));
  }
  const auto common_time = whole_bar({4, 4});
  const auto jig = whole_bar({6, 8});
  const auto upbeat = control_features({4, 4}, Steps(4), kGrid);
  const std::size_t length = common_time.size() - 3;
  CHECK(common_time[length] == 1.0f);
  CHECK(jig[length] == 0.75f);
  CHECK(jig[length + 1] == 1.0f);
  CHECK(common_time[length + 1] == 0.0f);
  CHECK(upbeat[length + 2] == 1.0f);
  CHECK(common_time[length + 2] == 0.0f);
}

TEST_CASE("Rows that a tensor cannot hold are refused", "[datasets][tensors]") {
  const BarRows good{{4, 4}, Steps(16), 2, {3, 89}};
  BarRows empty = good, ragged = good, wide = good;
  empty.rows = 0, empty.values = {};
  ragged.rows = 3;
  wide.values[1] = 90;
  for (const BarRows& bad : {empty, ragged, wide}) {
    CHECK_THROWS_AS(to_tensors(Passages{{good, bad}}, kTokens, kGrid, 2), DatasetError);
  }
  CHECK_THROWS_AS(to_tensors(Passages{{}}, kTokens, kGrid, 2), DatasetError);
  CHECK_THROWS_AS(to_tensors(Passages{{good, good, good}}, kTokens, kGrid, 2), DatasetError);
}

TEST_CASE("Tensors that do not fit their layout are refused", "[datasets][tensors]") {
  const Passages layout = {{{{4, 4}, Steps(16), 2, {3, 89}}}};
  const auto rows = torch::zeros({1, 1, 2}, torch::kInt64);
  const auto lengths = torch::full({1, 1}, 2, torch::kInt64);
  CHECK_NOTHROW(from_tensors(rows, lengths, kTokens, layout));
  CHECK_THROWS_AS(from_tensors(rows + 90, lengths, kTokens, layout), DatasetError);
  CHECK_THROWS_AS(from_tensors(rows - 1, lengths, kTokens, layout), DatasetError);
  CHECK_THROWS_AS(from_tensors(rows, lengths + 1, kTokens, layout), DatasetError);
  CHECK_THROWS_AS(from_tensors(rows, lengths, kBits, layout), DatasetError);
  CHECK_THROWS_AS(from_tensors(rows.repeat({2, 1, 1}), lengths, kTokens, layout), DatasetError);
}

}  // namespace musicvae::datasets
