#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/music/music_model.hpp"
#include "src/music/musicvae.hpp"

/// From passages to the latent space and back.
namespace musicvae {

/// The passages that a piece is to the model: the whole of it where each bar has a latent, else
/// parts of at most model.bars() bars.
std::vector<datasets::Passage> passages_for(const MusicModel& model,
                                            const datasets::Passage& piece);

/// How many latents a passage of so many bars has: one for each bar, or one.
std::size_t latent_count(const MusicModel& model, std::size_t bars);

/// The posterior means of all passages; what the codec could not say is added to `dropped`.
std::vector<Latent> encode_means(const MusicModel& model,
                                 std::span<const datasets::Passage> passages,
                                 datasets::Dropped* dropped = nullptr);

/// One passage in the bars of each of `layouts`, from the latents of all. Throws Error where there
/// are more or fewer latents than latent_count() says, or one does not have the model's size.
std::vector<datasets::Passage> generate(const MusicModel& model, std::span<const Latent> latents,
                                        std::span<const datasets::Passage> layouts,
                                        const GenerationOptions& options);

/// As above, in rows and all at once, from z ([B, Z], or [B, U, Z] where each bar has a latent):
/// one passage for each of `layouts`, whose rows are ignored. `first` songs came before these; each
/// song has noise of its own. `constraints` are those of each layout, if any.
models::GeneratedRows generate_rows(const MusicModel& model, const torch::Tensor& z_BZ,
                                    std::span<const std::vector<datasets::BarRows>> layouts,
                                    const GenerationOptions& options, std::uint64_t first = 0,
                                    std::vector<Constraints> constraints = {});

/// The latents of passages drawn from the model's prior. `known` are the first bars' latents of
/// each passage, where the passage goes on from them; only where each bar has a latent.
std::vector<Latent> draw_from_prior(const MusicModel& model,
                                    std::span<const datasets::Passage> layouts,
                                    const PriorOptions& options,
                                    std::span<const Latent> known = {});

/// A generator for stream `stream` of `seed`: streams are independent of each other.
torch::Generator make_generator(std::uint64_t seed, std::uint64_t stream = 0);

}  // namespace musicvae
