#include "src/live/answers.hpp"

#include <algorithm>
#include <numeric>

#include "src/base/error.hpp"
#include "src/live/latent_instrument.hpp"

namespace musicvae {
namespace {

using datasets::Passage;

/// Goes a part of the way to music that the model makes up.
void vary(std::vector<Latent>& latents, const MusicVae& model, const Passage& call,
          const AnswerOptions& options) {
  const auto other = model.draw_latents(
      layout_of(call), {options.generation.latent_temperature, options.generation.seed});
  for (std::size_t i = 0; i < latents.size(); ++i) {
    latents[i] = slerp(latents[i], other[i], options.amount);
  }
}

void go_toward_piece(std::vector<Latent>& latents, const MusicVae& model,
                     const AnswerOptions& options) {
  const auto piece = model.encode(options.piece.value());
  for (std::size_t i = 0; i < latents.size(); ++i) {
    latents[i] = slerp(latents[i], piece[i % piece.size()], options.amount);
  }
}

Passage from_latents(const MusicVae& model, const Passage& call, const AnswerOptions& options) {
  auto latents = model.encode(call);
  if (options.kind == AnswerKind::kVary) vary(latents, model, call, options);
  if (options.kind == AnswerKind::kToward) go_toward_piece(latents, model, options);
  for (Latent& z : latents) z = moved_by(options.controls, options.vectors, std::move(z));
  return model.decode(latents, call, options.generation);
}

Passage with_bars_after(Passage known, const Passage& layout) {
  known.bars.insert(known.bars.end(), layout.bars.begin(), layout.bars.end());
  return known;
}

Passage last_bars(const Passage& music, int count) {
  return datasets::slice(music, static_cast<int>(music.bars.size()) - count, count);
}

/// What comes after the call by a model that fills gaps: one of `candidates` ways to go on.
Passage inpainted(const MusicVae& model, const Passage& call, const GenerationOptions& generation,
                  int candidates) {
  const int bars = static_cast<int>(call.bars.size());
  std::vector<int> missing(call.bars.size());
  std::iota(missing.begin(), missing.end(), bars);
  InpaintingOptions inpainting;
  inpainting.generation = generation;
  inpainting.candidates = candidates;
  const auto music = with_bars_after(call, layout_of(call));
  return last_bars(model.inpaint(music, missing, inpainting).front(), bars);
}

/// Where bars have latents, the prior goes on, as plain or bold as latents are to be.
Passage continued_by_prior(const MusicVae& model, const Passage& call,
                           GenerationOptions generation) {
  generation.temperature = generation.latent_temperature;
  return inpainted(model, call, generation, 1);
}

/// The end of what is known becomes the first half of a passage, what follows it the second; and so
/// on.
Passage continued(const MusicVae& model, const Passage& call, const AnswerOptions& options) {
  if (model.has_bar_latents()) return continued_by_prior(model, call, options.generation);
  const int wanted = static_cast<int>(call.bars.size());
  const int most = model.bars() / 2;
  if (most == 0) throw Error("a model of single bars cannot continue a call");
  const Passage layout = layout_of(call);
  Passage music = call;
  for (int made = 0; made < wanted;) {
    const int more = std::min(most, wanted - made);
    const int known = std::min(model.bars() - more, static_cast<int>(music.bars.size()));
    const Passage end = last_bars(music, known);
    auto generation = options.generation;
    generation.seed += static_cast<std::uint64_t>(made);
    const auto passage = model.decode(
        model.encode(end), with_bars_after(end, datasets::slice(layout, made, more)), generation);
    music = with_bars_after(std::move(music), last_bars(passage, more));
    made += more;
  }
  return last_bars(music, wanted);
}

}  // namespace

Passage answer(const MusicVae& model, const Passage& call, int round,
               const AnswerOptions& options) {
  AnswerOptions own = options;
  // Rounds apart by more than a continuation uses up.
  own.generation.seed += static_cast<std::uint64_t>(round) << 16;
  if (options.kind == AnswerKind::kContinue) return continued(model, call, own);
  if (options.kind == AnswerKind::kInpaint)
    return inpainted(model, call, own.generation, InpaintingOptions{}.candidates);
  return from_latents(model, call, own);
}

}  // namespace musicvae
