#include "models/layers/generation.hpp"

#include <ATen/Parallel.h>

#include "models/error.hpp"
#include "models/kernels/threads.hpp"
#include "models/layers/rows.hpp"
#include "models/objective/metrics.hpp"
#include "tests/catch.hpp"
#include "tests/models/random_batch.hpp"

using namespace musicvae::models;

namespace {

struct Trial {
  std::shared_ptr<Model> model;
  Batch batch;
  torch::Tensor z_BZ;

  explicit Trial(const ModelConfig& config)
      : model(vivid_model(config, 1)), batch(random_batch(config, 2)), z_BZ(random_z(config)) {}

  GeneratedRows generate(double temperature, RowConstraint& constraint, int seed = 1) const {
    return model->generate(z_BZ, batch.controls_BUC, batch.lengths_BU > 0,
                           {.temperature = temperature}, constraint, seeded(seed));
  }
  GeneratedRows generate(double temperature, int seed = 1) const {
    FixedLengths constraint(batch.lengths_BU);
    return generate(temperature, constraint, seed);
  }
};

}  // namespace

TEST_CASE("Greedy rows are the likeliest ones under teacher forcing with themselves",
          "[models][generation]") {
  for (const auto& config : all_small_configs()) {
    INFO(to_json(config).dump());
    const Trial setting(config);
    const auto generated = setting.generate(0);
    CHECK(torch::equal(generated.lengths_BU, setting.batch.lengths_BU));
    const Batch batch{generated.rows, generated.lengths_BU, setting.batch.controls_BUC};
    const auto likeliest =
        likeliest_rows(config.row_kind, setting.model->decode(setting.z_BZ, batch));
    CHECK(rows_equal(config.row_kind, likeliest, batch.at_targets(batch.rows)).all().item<bool>());
  }
}

TEST_CASE("A model whose finite weights overflow makes no music", "[models][generation][hostile]") {
  for (const auto& config : all_small_configs()) {
    INFO(to_json(config).dump());
    const Trial setting(config);
    const torch::NoGradGuard no_grad;
    for (auto& parameter : setting.model->parameters()) parameter.fill_(3e38);
    CHECK_THROWS_AS(setting.generate(1.0), ModelError);
  }
}

TEST_CASE("Eager rows of independent bits have the likeliest ones, until they are content",
          "[models][generation]") {
  struct Eager : FixedLengths {
    using FixedLengths::FixedLengths;
    BitRule rule(std::int64_t /*song*/, std::int64_t /*bar*/) const override {
      return {.eagerness = 100, .satiety = 60};
    }
  };
  const auto config = small_config("flat", RowKind::kBits);
  const Trial setting(config);
  Eager constraint(setting.batch.lengths_BU);
  const auto generated = setting.generate(0, constraint);
  const Batch batch{generated.rows, generated.lengths_BU, setting.batch.controls_BUC};
  const auto half = config.row_width / 2;
  const auto begun_PH = batch.at_targets(batch.rows).narrow(-1, 0, half);
  CHECK((begun_PH.sum(-1) == 2).all().item<bool>());
  const auto logits_PH = setting.model->decode(setting.z_BZ, batch).narrow(-1, 0, half);
  const auto least = logits_PH.masked_fill(begun_PH == 0, 1e9).amin(-1);
  const auto most = logits_PH.masked_fill(begun_PH != 0, -1e9).amax(-1);
  CHECK((least >= most).all().item<bool>());
}

TEST_CASE("Bits that a row leans to are set, and those that it leans from are not",
          "[models][generation]") {
  struct Leaning : FixedLengths {
    using FixedLengths::FixedLengths;
    BitRule rule(std::int64_t /*song*/, std::int64_t /*bar*/) const override {
      return {.leaning = wish};
    }
    std::vector<float> wish;
  };
  const auto config = small_config("flat", RowKind::kBits);
  const Trial setting(config);
  Leaning constraint(setting.batch.lengths_BU);
  constraint.wish.assign(static_cast<std::size_t>(config.row_width), -100);
  constraint.wish[1] = 100;
  const auto generated = setting.generate(0, constraint);
  const Batch batch{generated.rows, generated.lengths_BU, setting.batch.controls_BUC};
  const auto rows_PW = batch.at_targets(batch.rows);
  CHECK((rows_PW.sum(-1) == 1).all().item<bool>());
  CHECK((rows_PW.select(-1, 1) == 1).all().item<bool>());
}

TEST_CASE("The same seed gives the same samples, another gives others", "[models][generation]") {
  for (const auto& config : all_small_configs()) {
    const Trial setting(config);
    const auto rows = setting.generate(1.0, 5).rows;
    CHECK(torch::equal(setting.generate(1.0, 5).rows, rows));
    CHECK_FALSE(torch::equal(setting.generate(1.0, 6).rows, rows));
  }
}

TEST_CASE("Any number of threads gives the same samples", "[models][generation]") {
  for (const auto& family : family_names()) {
    auto config = small_config(family, RowKind::kTokens);
    config.conductor.hidden = config.decoder.hidden = 300;
    const Trial setting(config);
    const auto rows = setting.generate(1.0).rows;
    for (const int threads : {1, 2, 5}) {
      set_thread_count(threads);
      CHECK(torch::equal(setting.generate(1.0).rows, rows));
      set_thread_count(0);
    }
  }
}

TEST_CASE("While it generates, a model keeps LibTorch's operators on one thread",
          "[models][generation]") {
  struct ThreadsSeen : FixedLengths {
    using FixedLengths::FixedLengths;
    void push(std::int64_t song, std::int64_t bar, int token) override {
      FixedLengths::push(song, bar, token);
      most = std::max(most, at::get_num_threads());
    }
    int most = 0;
  };
  at::set_num_threads(2);
  const Trial setting(small_config("flat", RowKind::kTokens));
  ThreadsSeen constraint(setting.batch.lengths_BU);
  setting.generate(1.0, constraint);
  CHECK(constraint.most == 1);
  CHECK(at::get_num_threads() == 2);
}

TEST_CASE("A forbidden token is never sampled", "[models][generation]") {
  for (const auto& family : family_names()) {
    const Trial setting(small_config(family, RowKind::kTokens));
    for (int token = 0; token < 5; ++token) {
      FixedLengths constraint(setting.batch.lengths_BU, token);
      const auto generated = setting.generate(3.0, constraint);
      const auto mask = setting.batch.mask_BUR();
      CHECK_FALSE(((generated.rows == token) & mask).any().item<bool>());
    }
  }
}

TEST_CASE("Bars that are absent or need no rows stay empty, the others are still sampled",
          "[models][generation]") {
  for (const auto& config : all_small_configs()) {
    const Trial setting(config);
    auto present = setting.batch.lengths_BU > 0;
    present[0][2] = false;
    auto lengths = setting.batch.lengths_BU.clone();
    lengths[1][0] = 0;
    FixedLengths constraint(lengths);
    const auto generated = setting.model->generate(setting.z_BZ, setting.batch.controls_BUC,
                                                   present, {}, constraint, seeded(1));
    CHECK(torch::equal(generated.lengths_BU, lengths * present));
  }
}

TEST_CASE("Without the carried row what is sampled in one bar leaves the others as they are",
          "[models][generation]") {
  auto config = small_config("hierarchical", RowKind::kTokens);
  config.carry_row = false;
  const Trial setting(config);
  const auto rows = setting.generate(0).rows;

  class FirstBarFixed : public FixedLengths {
   public:
    FirstBarFixed(const torch::Tensor& lengths_BU, std::size_t token)
        : FixedLengths(lengths_BU), token_(token) {}
    void allowed(std::int64_t song, std::int64_t bar, std::span<bool> mask) const override {
      FixedLengths::allowed(song, bar, mask);
      for (std::size_t i = 0; bar == 0 && i < mask.size(); ++i) mask[i] = i == token_;
    }

   private:
    std::size_t token_;
  };
  for (std::size_t token = 0; token < 5; ++token) {
    FirstBarFixed constraint(setting.batch.lengths_BU, token);
    const auto others = setting.generate(0, constraint).rows;
    CHECK(torch::equal(others.narrow(1, 1, 2), rows.narrow(1, 1, 2)));
  }
}
