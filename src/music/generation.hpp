#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/music/music_model.hpp"
#include "src/music/musicvae.hpp"

/// From passages to the latent space and back.
namespace musicvae {

/// The posterior mean of each passage of at most model.bars() bars; what the codec could not say is
/// added to `dropped`.
std::vector<Latent> encode_means(const MusicModel& model,
                                 std::span<const datasets::Passage> passages,
                                 datasets::Dropped* dropped = nullptr);

/// One passage for each of `latents`, in the bars of `layouts`. Throws Error where their numbers
/// differ, or a latent does not have the model's size.
std::vector<datasets::Passage> generate(const MusicModel& model, std::span<const Latent> latents,
                                        std::span<const datasets::Passage> layouts,
                                        const GenerationOptions& options);

/// As above, in rows and all at once, from z [B, Z]: one passage for each of `layouts`, whose rows
/// are ignored. `first` songs came before these; each song has noise of its own.
models::GeneratedRows generate_rows(const MusicModel& model, const torch::Tensor& z_BZ,
                                    std::span<const std::vector<datasets::BarRows>> layouts,
                                    const GenerationOptions& options, std::uint64_t first = 0);

/// `count` points drawn from N(0, I).
std::vector<Latent> standard_normal(int count, int size, torch::Generator generator);

/// A generator for stream `stream` of `seed`: streams are independent of each other.
torch::Generator make_generator(std::uint64_t seed, std::uint64_t stream = 0);

}  // namespace musicvae
