#pragma once

#include <string>

#include "src/music/musicvae.hpp"

/// What it means to go between latents and to draw them, which depends on a model's prior.
namespace musicvae {

/// The point from a (t = 0) to b (t = 1) on the way that fits the prior. Under N(0, I), and between
/// bars, it is slerp(). Priors that are mixtures, or fitted to codes, have no coordinates in which
/// they are N(0, I), and the way is straight. Where z is categories, those that differ change from
/// a's to b's one after the other.
Latent latent_between(const MusicVae& model, const Latent& a, const Latent& b, double t);

/// The place on the way between two pieces, 0 to 1, at which a share `x` of what differs has
/// changed. Where bars have latents, slerp leaves a piece slowly and changes fast half-way;
/// measured on unseen pieces. Elsewhere it is `x`.
double even_pace(const MusicVae& model, double x);

/// Whether latents are drawn from N(0, I), or by a conductor, and the way between them is slerp().
bool has_usual_latents(const MusicVae& model);

/// The way in words.
std::string describe_way(const MusicVae& model);

/// In words, what the prior draws and what its temperature does.
std::string describe_prior(const MusicVae& model);

}  // namespace musicvae
