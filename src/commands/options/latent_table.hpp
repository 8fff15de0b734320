#pragma once

#include <string>

#include "src/music/musicvae.hpp"

namespace musicvae::commands {

/// The latents of passages as lines of text, to be plotted or computed with elsewhere: piece, first
/// bar from 1, and the numbers of z, with tabs between the three.
class LatentTable {
 public:
  /// Throws UsageError where bars have latents of their own, and Error where `path` cannot be
  /// written.
  LatentTable(const MusicVae& model, std::string path);

  void add(const std::string& piece, int first_bar, const Latent& latent);
  void write() const;

 private:
  std::string path_;
  std::string text_ = "piece\tfirst_bar\tz\n";
};

}  // namespace musicvae::commands
