#include "src/live/answers.hpp"

#include "src/base/error.hpp"
#include "tests/catch.hpp"
#include "tests/src/small_model.hpp"

using namespace musicvae;

namespace {

/// Five bars. A passage of the small model has two.
datasets::Passage some_call(const MusicVae& model) {
  auto call = make_layout(model.codec(), {3, 4}, 5);
  for (std::size_t bar = 0; bar < call.bars.size(); ++bar) {
    call.bars[bar].notes = {
        {datasets::Steps(0), datasets::Steps(4), static_cast<std::uint8_t>(60 + bar)},
        {datasets::Steps(6), datasets::Steps(2), 72}};
  }
  return call;
}

}  // namespace

TEST_CASE("Every answer has the bars of its call, and comes again under the same seed",
          "[src][live]") {
  for (const bool bar_latents : {false, true}) {
    const MusicVae model(
        test::small_model(bar_latents ? test::small_conductor_options() : test::small_options()));
    const auto call = some_call(model);
    AnswerOptions options;
    options.piece = make_layout(model.codec(), {4, 4}, 3);
    for (const auto kind : {AnswerKind::kReconstruct, AnswerKind::kVary, AnswerKind::kToward,
                            AnswerKind::kContinue}) {
      options.kind = kind;
      const auto first = answer(model, call, 0, options);
      CHECK((layout_of(first) == layout_of(call)));
      CHECK((first == answer(model, call, 0, options)));
      CHECK_FALSE((first == answer(model, call, 1, options)));
    }
  }
}

TEST_CASE("A variation of no amount is a reconstruction, all the way to a piece is the piece",
          "[src][live]") {
  const MusicVae model(test::small_model());
  const auto call = some_call(model);
  AnswerOptions options;
  options.generation.temperature = 0;
  options.amount = 0;
  options.kind = AnswerKind::kVary;
  const auto variation = answer(model, call, 0, options);
  options.kind = AnswerKind::kReconstruct;
  CHECK((variation == answer(model, call, 0, options)));

  auto piece = some_call(model);
  for (auto& bar : piece.bars) bar.notes.resize(1);
  const auto reconstructed_piece = answer(model, piece, 0, options);
  options.kind = AnswerKind::kToward;
  options.amount = 1;
  options.piece = piece;
  CHECK((answer(model, call, 0, options) == reconstructed_piece));
}

TEST_CASE("A model that cannot inpaint says so", "[src][live]") {
  const MusicVae model(test::small_model());
  AnswerOptions options;
  options.kind = AnswerKind::kInpaint;
  CHECK_THROWS_AS(answer(model, some_call(model), 0, options), Error);
}

TEST_CASE("A model that inpaints answers with what follows", "[src][live]") {
  auto training = test::small_options();
  training.model.family = "masked";
  training.model.bars = 8;
  const MusicVae model(test::small_model(training));
  AnswerOptions options;
  options.kind = AnswerKind::kInpaint;
  const auto call = some_call(model);
  CHECK((layout_of(answer(model, call, 0, options)) == layout_of(call)));
}
