#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "datasets/metrics/attribute_measures.hpp"
#include "src/music/musicvae.hpp"

/// More or less of something: attribute vectors in latent space (Roberts et al. 2018, section 5.3),
/// and music that is moved by them.
namespace musicvae {

/// One of datasets::attribute_measures() as a model and its music have it, or a label: what tells
/// some pieces from the others. A label is measured by the length of a bar's latent along `vector`.
struct Attribute {
  std::string name;
  double mean = 0;       ///< Over bars (or passages) of the music that it was measured on.
  double deviation = 1;  ///< Standard deviation, likewise.
  Latent vector;         ///< The way to more of it.
};

/// The attributes of a model, in the order of datasets::attribute_measures(), and then labels.
class AttributeSet {
 public:
  AttributeSet(const MusicVae& model, std::vector<Attribute> attributes);

  /// Reads what write() wrote. Throws Error where the file is something else, or was measured with
  /// another model.
  static AttributeSet read(const std::filesystem::path& path, const MusicVae& model);
  void write(const std::filesystem::path& path) const;

  const std::vector<Attribute>& all() const { return attributes_; }
  static bool is_label(std::size_t index) { return index >= datasets::attribute_measures().size(); }
  /// Throws Error naming those there are.
  std::size_t index(const std::string& name) const;

 private:
  Latent probe_;  // What it gives for a fixed passage, by which a model is known.
  std::vector<Attribute> attributes_;
};

/// The attributes' file of a model file: "lute-folk.attributes.json" beside
/// "lute-folk.safetensors".
std::filesystem::path attributes_beside(const std::filesystem::path& model_file);

enum class VectorKind {
  /// The mean latent of the quarter that has most of it less that of the quarter that has least,
  /// as in the paper. What goes along with it in the music comes with it.
  kQuartiles,
  /// What distinguishes bars that have more of it and are alike in all other attributes: its
  /// coefficient in a regression of latents on attributes.
  kIndependent,
};

/// Learns the attributes of a model from the bars (or passages) of pieces, one after the other.
class AttributeLearner {
 public:
  /// Throws Error where a label has no name, the name of an attribute, or one with "=" in it.
  explicit AttributeLearner(const MusicVae& model, std::vector<std::string> labels = {});

  /// `labels` says which of the labels the piece has; none where it is empty.
  void add(const datasets::Passage& piece, const std::vector<bool>& labels = {});
  std::size_t count() const { return values_.size(); }
  /// Throws Error where there is too little music, or all of it is alike: also where all bars have
  /// a label, or nearly none.
  AttributeSet learn(VectorKind kind) const;

 private:
  MusicVae model_;
  std::vector<std::string> labels_;
  std::vector<Latent> latents_;
  std::vector<std::vector<double>> values_;  // By attribute, then 1 or 0 by label.
};

/// How far `latent` lies along a vector: a label's measure.
double length_along(const Latent& vector, const Latent& latent);

/// How much of an attribute to add.
struct AttributeRequest {
  std::string name;
  double amount = 0;  ///< In standard deviations.
};

/// Moves music in latent space until it has more or less of what was asked for, and as much as
/// before of what was not.
///
/// Each bar (or passage) has many ways to go: along the attribute vector, and toward other bars,
/// which are the model's own, moved to the key of the music, those of the music, and the bar itself
/// in other registers or kept to the scale. Points on all of them are decoded and measured, and the
/// one is taken that comes nearest to what is wanted while it keeps its notes. A bar makes up for
/// what those before it fell short of, so the piece as a whole moves as far as was asked for, where
/// it can. What goes along with a label in the music is let come with it.
class Steering {
 public:
  /// Throws Error where there is no such attribute.
  Steering(const MusicVae& model, const AttributeSet& attributes,
           const std::vector<AttributeRequest>& requests, std::uint64_t seed = 1);

  /// Steers `bars` (ascending indices) of the music, all where it is empty. The others stay as they
  /// are.
  datasets::Passage operator()(const datasets::Passage& music,
                               const std::vector<int>& bars = {}) const;

 private:
  MusicVae model_;
  std::vector<Attribute> attributes_;
  std::vector<double> wanted_;  // By attribute, in standard deviations; 0 where not asked for.
  std::uint64_t seed_;
};

struct SteeringGround;

/// Steers music that is made bar by bar, as live: each bar (or passage) by itself, near a piece.
class BarSteering {
 public:
  /// The piece gives the key, the voices and bars to go toward.
  BarSteering(const MusicVae& model, const AttributeSet& attributes, const datasets::Passage& piece,
              std::uint64_t seed = 1);

  /// `music` is what one latent stands for. `wanted` says how much of each attribute to add, in
  /// the order of AttributeSet::all() and in standard deviations.
  datasets::Passage operator()(const datasets::Passage& music,
                               const std::vector<double>& wanted) const;

 private:
  MusicVae model_;
  std::vector<Attribute> attributes_;
  std::shared_ptr<const SteeringGround> ground_;
};

}  // namespace musicvae
