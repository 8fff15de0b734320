#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/music/musicvae.hpp"

/// Which music is most like a piece, in latent space.
namespace musicvae {

struct SimilarityOptions {
  bool any_key = false;     ///< Find music in other keys too: the piece is compared in all twelve.
  std::size_t pieces = 10;  ///< How many of the nearest to keep.
  std::size_t bars = 10;
};

/// A piece that is like the one in question.
struct SimilarPiece {
  std::string name;
  double similarity = 0;  ///< 1 is the same.
  int semitones = 0;      ///< What the piece in question was moved by to be like it.
};

/// A place in a piece that is like one in the piece in question. Where passages have one latent, it
/// is a passage.
struct SimilarPlace {
  std::string name;
  std::size_t bar = 0;  ///< Index of its first bar.
  std::size_t own = 0;  ///< Index of the bar in question.
  double similarity = 0;
  int semitones = 0;
};

/// Compares one piece with many, one after the other.
///
/// Two bars are as similar as the cosine of their latents' angle; silent ones are left out. Two
/// pieces are as similar as each bar of either is to the bar of the other that is most like it, on
/// average over both pieces.
class SimilaritySearch {
 public:
  /// Throws Error where nothing sounds in `piece`.
  SimilaritySearch(const MusicVae& model, const datasets::Passage& piece,
                   const SimilarityOptions& options = {});

  void add(const std::string& name, const datasets::Passage& piece);

  /// The nearest so far, the nearest first. Of a piece, in its best key, each own bar has its best
  /// place alone.
  const std::vector<SimilarPiece>& pieces() const { return pieces_; }
  const std::vector<SimilarPlace>& places() const { return places_; }

 private:
  /// Latents of length 1, and the bars that they begin with.
  struct Directions {
    std::vector<Latent> latents;
    std::vector<std::size_t> bars;
  };
  struct Question {
    int semitones = 0;
    Directions own;
  };

  Directions directions(const datasets::Passage& piece) const;

  MusicVae model_;
  SimilarityOptions options_;
  std::vector<Question> questions_;  // One for each key.
  std::vector<SimilarPiece> pieces_;
  std::vector<SimilarPlace> places_;
};

}  // namespace musicvae
