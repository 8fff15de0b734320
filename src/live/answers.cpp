#include "src/live/answers.hpp"

#include <algorithm>
#include <numeric>

#include "src/base/error.hpp"
#include "src/music/inpainting.hpp"
#include "src/music/interpolation.hpp"

namespace musicvae {
namespace {

using datasets::Passage;

/// Of a seed's generator.
constexpr std::uint64_t kVariationNoise = 2;

torch::Tensor varied(const torch::Tensor& z_BZ, const AnswerOptions& options) {
  const auto noise_BZ =
      torch::randn(z_BZ.sizes(), make_generator(options.generation.seed, kVariationNoise));
  return z_BZ + options.amount * noise_BZ.to(z_BZ.device());
}

torch::Tensor toward_piece(const MusicModel& model, const torch::Tensor& z_BZ,
                           const AnswerOptions& options) {
  const auto piece_BZ = encode_means(model, split_passages(options.piece.value(), model.bars()));
  const auto rows = torch::arange(z_BZ.size(0), z_BZ.device()).remainder(piece_BZ.size(0));
  return slerp(z_BZ, piece_BZ.index_select(0, rows), options.amount);
}

Passage from_latent(const MusicModel& model, const Passage& call, const AnswerOptions& options) {
  const auto passages = split_passages(call, model.bars());
  auto z_BZ = encode_means(model, passages);
  if (options.kind == AnswerKind::kVary) z_BZ = varied(z_BZ, options);
  if (options.kind == AnswerKind::kToward) z_BZ = toward_piece(model, z_BZ, options);
  return join_passages(generate(model, z_BZ, passages, options.generation));
}

Passage with_bars_after(Passage known, const Passage& layout) {
  known.bars.insert(known.bars.end(), layout.bars.begin(), layout.bars.end());
  return known;
}

Passage last_bars(const Passage& music, int count) {
  return datasets::slice(music, static_cast<int>(music.bars.size()) - count, count);
}

/// Takes the end of what is known for the first half of a passage, and its second half for what
/// follows; and so on.
Passage continued(const MusicModel& model, const Passage& call, const AnswerOptions& options) {
  const int wanted = static_cast<int>(call.bars.size());
  const int most = model.bars() / 2;
  if (most == 0) throw Error("a model of single bars cannot continue; choose another --answer");
  const Passage layout = layout_of(call);
  Passage music = call;
  for (int made = 0; made < wanted;) {
    const int more = std::min(most, wanted - made);
    const int known = std::min(model.bars() - more, static_cast<int>(music.bars.size()));
    const std::vector<Passage> end = {last_bars(music, known)};
    const std::vector<Passage> layouts = {
        with_bars_after(end.front(), datasets::slice(layout, made, more))};
    auto generation = options.generation;
    generation.seed += static_cast<std::uint64_t>(made);
    const auto passage = generate(model, encode_means(model, end), layouts, generation).front();
    music = with_bars_after(std::move(music), last_bars(passage, more));
    made += more;
  }
  return last_bars(music, wanted);
}

Passage inpainted(const MusicModel& model, const Passage& call, const AnswerOptions& options) {
  const int bars = static_cast<int>(call.bars.size());
  std::vector<int> missing(call.bars.size());
  std::iota(missing.begin(), missing.end(), bars);
  InpaintingOptions inpainting;
  inpainting.generation = options.generation;
  const auto music = with_bars_after(call, layout_of(call));
  return last_bars(inpaint(model, music, missing, inpainting).front(), bars);
}

}  // namespace

Passage answer(const MusicModel& model, const Passage& call, int round,
               const AnswerOptions& options) {
  AnswerOptions own = options;
  // Rounds apart by more than a continuation uses up.
  own.generation.seed += static_cast<std::uint64_t>(round) << 16;
  if (options.kind == AnswerKind::kContinue) return continued(model, call, own);
  if (options.kind == AnswerKind::kInpaint) return inpainted(model, call, own);
  return from_latent(model, call, own);
}

}  // namespace musicvae
