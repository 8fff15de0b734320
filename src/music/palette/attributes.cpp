#include "src/music/palette/attributes.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/base/json.hpp"
#include "src/base/text.hpp"
#include "src/music/passages.hpp"

namespace musicvae {
namespace {

using datasets::Passage;

constexpr const char* kFormat = "musicvae attributes";
constexpr int kVersion = 1;
constexpr std::size_t kMostBytes = 64 << 20;
constexpr std::size_t kLeastExamples = 40;
constexpr std::size_t kMostLabels = 100;
constexpr double kSameModel = 0.98;  // Cosine of two probes; half precision changes .001 of it.

/// A scale over one latent's bars. What its latent is tells models apart.
Passage probe_passage(const MusicVae& model) {
  Passage scale = make_layout(model.codec(), {4, 4}, model.bars_a_latent());
  const int step = model.codec().grid().steps_per_quarter;
  int note = 0;
  for (auto& bar : scale.bars) {
    for (int beat = 0; beat < 4; ++beat) {
      constexpr std::array kScale = {0, 2, 4, 5, 7, 9, 11};
      const int pitch = 60 + kScale[std::size_t(note++) % kScale.size()];
      bar.notes.push_back(
          {datasets::Steps(beat * step), datasets::Steps(step), std::uint8_t(pitch)});
    }
  }
  return scale;
}

double dot(const Latent& a, const Latent& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double(a[i]) * double(b[i]);
  return sum;
}

double cosine(const Latent& a, const Latent& b) {
  return dot(a, b) / std::max(std::sqrt(dot(a, a) * dot(b, b)), 1e-30);
}

std::vector<std::string> names_of(const std::vector<Attribute>& attributes) {
  std::vector<std::string> names;
  for (const Attribute& attribute : attributes) names.push_back(attribute.name);
  return names;
}

/// As many digits as matter.
nlohmann::json rounded(const Latent& latent) {
  auto json = nlohmann::json::array();
  for (const float value : latent) json.push_back(std::round(double(value) * 1e4) / 1e4);
  return json;
}

double number(const nlohmann::json& json, const std::string& where) {
  if (json.is_number() && std::isfinite(json.get<double>())) return json.get<double>();
  throw Error(where + " must be a number");
}

Latent latent_from(const nlohmann::json& json, std::size_t size, const std::string& where) {
  if (!json.is_array() || json.size() != size) {
    throw Error(where + " must be " + std::to_string(size) + " numbers, as the model's latents");
  }
  Latent latent;
  for (const auto& value : json) latent.push_back(static_cast<float>(number(value, where)));
  return latent;
}

/// The value under `key`; JSON's own error would name neither file nor place.
const nlohmann::json& member(const nlohmann::json& json, const char* key,
                             const std::string& where) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  if (found == json.end()) throw Error(where + " has no \"" + key + "\"");
  return *found;
}

/// Why `name` cannot be that of the label after those in `before`; empty where it can.
std::string fault_of_label(const std::string& name, const std::vector<std::string>& before) {
  constexpr std::size_t kLongest = 40;
  if (name.empty() || name.size() > kLongest || name.find('=') != std::string::npos) {
    return "a label's name has 1 to " + std::to_string(kLongest) + " letters and no '='";
  }
  const auto& measures = datasets::attribute_measures();
  const bool taken = std::find(before.begin(), before.end(), name) != before.end() ||
                     std::any_of(measures.begin(), measures.end(),
                                 [&](const auto& measure) { return measure.name == name; });
  return taken ? "there is another attribute of this name" : "";
}

/// The attribute that comes after `before` in a file: a measure, or a label.
Attribute attribute_from(const nlohmann::json& json, const std::vector<Attribute>& before,
                         std::size_t size, const std::string& path) {
  const auto& measures = datasets::attribute_measures();
  const auto& stated =
      member(json, "name", path + ": attribute " + std::to_string(before.size() + 1));
  Attribute attribute;
  attribute.name = stated.is_string() ? stated.get<std::string>() : "";
  if (before.size() < measures.size()) {
    const std::string wanted(measures[before.size()].name);
    if (attribute.name != wanted) {
      throw Error(path + ": attribute " + wanted + " is missing; measure them again");
    }
  } else if (const auto fault = fault_of_label(attribute.name, names_of(before)); !fault.empty()) {
    throw Error(path + ": the name of attribute " + std::to_string(before.size() + 1) +
                " is none: " + fault);
  }
  const std::string where = path + ": attribute " + printable(attribute.name);
  attribute.mean = number(member(json, "mean", where), where + ": \"mean\"");
  attribute.deviation = number(member(json, "deviation", where), where + ": \"deviation\"");
  if (attribute.deviation <= 0) throw Error(where + ": \"deviation\" must be above 0");
  attribute.vector = latent_from(member(json, "vector", where), size, where + ": \"vector\"");
  if (AttributeSet::is_label(before.size()) && dot(attribute.vector, attribute.vector) == 0) {
    throw Error(where + ": \"vector\" must not be 0");
  }
  return attribute;
}

/// Mean and standard deviation of each attribute, which are called `names`.
std::vector<Attribute> statistics(const std::vector<std::string>& names,
                                  const std::vector<std::vector<double>>& values) {
  std::vector<Attribute> attributes;
  const double count = static_cast<double>(values.size());
  for (const std::string& name : names) {
    Attribute attribute{name, 0, 0, {}};
    const std::size_t k = attributes.size();
    for (const auto& value : values) attribute.mean += value[k] / count;
    for (const auto& value : values) {
      attribute.deviation += (value[k] - attribute.mean) * (value[k] - attribute.mean) / count;
    }
    attribute.deviation = std::sqrt(attribute.deviation);
    if (attribute.deviation < 1e-9 && AttributeSet::is_label(k)) {
      throw Error(std::string(attribute.mean > 0 ? "all" : "none") + " of the music is labelled '" +
                  name + "'; some must be, and some not");
    }
    if (attribute.deviation < 1e-9) {
      throw Error("all of the music has the same " + attribute.name +
                  "; more music, and more different, is needed");
    }
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

/// Solves the symmetric system by Gaussian elimination; `right` has a row for each unknown.
void solve(std::vector<std::vector<double>> left, std::vector<std::vector<double>>& right) {
  const std::size_t n = left.size();
  for (std::size_t c = 0; c < n; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c; r < n; ++r) {
      if (std::abs(left[r][c]) > std::abs(left[pivot][c])) pivot = r;
    }
    std::swap(left[c], left[pivot]);
    std::swap(right[c], right[pivot]);
    for (std::size_t r = 0; r < n; ++r) {
      if (r == c) continue;
      const double factor = left[r][c] / left[c][c];
      for (std::size_t j = c; j < n; ++j) left[r][j] -= factor * left[c][j];
      for (std::size_t j = 0; j < right[r].size(); ++j) right[r][j] -= factor * right[c][j];
    }
  }
  for (std::size_t r = 0; r < n; ++r) {
    for (double& value : right[r]) value /= left[r][r];
  }
}

Latent mean_where(const std::vector<Latent>& latents, const std::vector<std::size_t>& which) {
  Latent mean(latents.front().size());
  for (const std::size_t i : which) {
    for (std::size_t d = 0; d < mean.size(); ++d) mean[d] += latents[i][d] / float(which.size());
  }
  return mean;
}

/// The mean latent of the upper quarter less that of the lower; for labels, of what has it less
/// that of what has not.
void add_quartile_vectors(const std::vector<Latent>& latents,
                          const std::vector<std::vector<double>>& values,
                          std::vector<Attribute>& attributes) {
  std::vector<std::size_t> order(values.size());
  for (std::size_t k = 0; k < attributes.size(); ++k) {
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return values[a][k] < values[b][k]; });
    const auto total = static_cast<double>(order.size());
    const bool label = AttributeSet::is_label(k);
    const auto more_count =
        std::ptrdiff_t(label ? std::lround(attributes[k].mean * total) : total / 4);
    const auto less_count =
        std::ptrdiff_t(label ? order.size() - std::size_t(more_count) : total / 4);
    Latent vector = mean_where(latents, {order.end() - more_count, order.end()});
    const Latent less = mean_where(latents, {order.begin(), order.begin() + less_count});
    for (std::size_t d = 0; d < vector.size(); ++d) vector[d] -= less[d];
    attributes[k].vector = std::move(vector);
  }
}

/// The coefficients of a least-squares regression of latents on all attributes, in standard
/// deviations.
void add_regression_vectors(const std::vector<Latent>& latents,
                            const std::vector<std::vector<double>>& values,
                            std::vector<Attribute>& attributes) {
  const std::size_t n = attributes.size(), size = latents.front().size();
  std::vector<std::vector<double>> squares(n, std::vector<double>(n));
  std::vector<std::vector<double>> products(n, std::vector<double>(size));
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::vector<double> x(n);
    for (std::size_t k = 0; k < n; ++k) {
      x[k] = (values[i][k] - attributes[k].mean) / attributes[k].deviation;
    }
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < n; ++j) squares[k][j] += x[k] * x[j];
      for (std::size_t d = 0; d < size; ++d) products[k][d] += x[k] * double(latents[i][d]);
    }
  }
  // A little ridge keeps apart what always goes together in little music.
  for (std::size_t k = 0; k < n; ++k) squares[k][k] *= 1.001;
  solve(squares, products);
  for (std::size_t k = 0; k < n; ++k) {
    attributes[k].vector.assign(products[k].begin(), products[k].end());
  }
}

/// Gives labels vectors of length 1, and their measure, the length along them.
void measure_labels(const std::vector<Latent>& latents, std::vector<Attribute>& attributes) {
  for (std::size_t k = datasets::attribute_measures().size(); k < attributes.size(); ++k) {
    Attribute& label = attributes[k];
    const auto length_of_vector = static_cast<float>(std::sqrt(dot(label.vector, label.vector)));
    if (length_of_vector > 0) {
      for (float& value : label.vector) value /= length_of_vector;
    }
    double sum = 0, squares = 0;
    for (const Latent& latent : latents) {
      const double length = length_along(label.vector, latent);
      sum += length;
      squares += length * length;
    }
    const auto count = static_cast<double>(latents.size());
    label.mean = sum / count;
    label.deviation = std::sqrt(std::max(squares / count - label.mean * label.mean, 0.0));
    if (label.deviation < 1e-9) {
      throw Error("nothing tells what is labelled '" + label.name + "' from other music");
    }
  }
}

}  // namespace

double length_along(const Latent& vector, const Latent& latent) {
  return dot(vector, latent) / std::max(std::sqrt(dot(vector, vector)), 1e-30);
}

AttributeSet::AttributeSet(const MusicVae& model, std::vector<Attribute> attributes)
    : probe_(model.encode(probe_passage(model)).front()), attributes_(std::move(attributes)) {}

AttributeSet AttributeSet::read(const std::filesystem::path& path, const MusicVae& model) {
  const std::string name = path.string();
  const auto bytes = read_file(path, kMostBytes);
  const auto json = parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, name);
  if (!json.is_object() || json.value("format", nlohmann::json()) != kFormat) {
    throw Error(name + " holds no attributes; `musicvae attributes` measures some");
  }
  if (json.value("version", nlohmann::json()) != kVersion) {
    throw Error(name + " is of another version; measure the attributes again");
  }
  const auto size = static_cast<std::size_t>(model.latent_size());
  const std::string another = name +
                              " was measured with another model; measure it again with "
                              "`musicvae attributes`";
  const auto& probe = member(json, "probe", name);
  if (!probe.is_array() || probe.size() != size) throw Error(another);
  std::vector<Attribute> attributes;
  const auto& list = member(json, "attributes", name);
  const auto& measures = datasets::attribute_measures();
  if (!list.is_array() || list.size() < measures.size() ||
      list.size() > measures.size() + kMostLabels) {
    throw Error(name + ": \"attributes\" must be a list of " + std::to_string(measures.size()) +
                " and at most " + std::to_string(kMostLabels) + " labels");
  }
  for (const auto& each : list) {
    attributes.push_back(attribute_from(each, attributes, size, name));
  }
  AttributeSet set(model, std::move(attributes));
  if (cosine(set.probe_, latent_from(probe, size, name + ": \"probe\"")) < kSameModel) {
    throw Error(another);
  }
  return set;
}

void AttributeSet::write(const std::filesystem::path& path) const {
  nlohmann::ordered_json json = {{"format", kFormat}, {"version", kVersion}};
  json["probe"] = rounded(probe_);
  for (const Attribute& attribute : attributes_) {
    json["attributes"].push_back({{"name", attribute.name},
                                  {"mean", attribute.mean},
                                  {"deviation", attribute.deviation},
                                  {"vector", rounded(attribute.vector)}});
  }
  const std::string text = json.dump() + "\n";
  write_file_atomically(path, std::as_bytes(std::span(text)));
}

std::size_t AttributeSet::index(const std::string& name) const {
  const auto names = names_of(attributes_);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::string all;
  for (const auto& each : names) all += (all.empty() ? "" : ", ") + each;
  throw Error("there is no attribute '" + name + "'; " +
              did_you_mean(name, names, "there are " + all));
}

std::filesystem::path attributes_beside(const std::filesystem::path& model_file) {
  auto path = model_file;
  return path.replace_extension(".attributes.json");
}

AttributeLearner::AttributeLearner(const MusicVae& model, std::vector<std::string> labels)
    : model_(model) {
  if (labels.size() > kMostLabels) {
    throw Error("there are " + std::to_string(labels.size()) + " labels; up to " +
                std::to_string(kMostLabels) + " can be learned at once");
  }
  for (std::string& label : labels) {
    const auto fault = fault_of_label(label, labels_);
    if (!fault.empty()) throw Error("label '" + printable(label) + "': " + fault);
    labels_.push_back(std::move(label));
  }
}

void AttributeLearner::add(const Passage& piece, const std::vector<bool>& labels) {
  const auto latents = model_.encode(piece);
  const auto parts = split_passages(piece, model_.bars_a_latent());
  const int tonic = datasets::major_tonic(piece);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::vector<double> values;
    for (const auto& measure : datasets::attribute_measures()) {
      const auto value = measure.measure(parts[i], tonic);
      if (!value) break;
      values.push_back(*value);
    }
    if (values.size() < datasets::attribute_measures().size()) continue;  // Too few notes.
    for (std::size_t label = 0; label < labels_.size(); ++label) {
      values.push_back(!labels.empty() && labels[label] ? 1 : 0);
    }
    latents_.push_back(latents[i]);
    values_.push_back(std::move(values));
  }
}

AttributeSet AttributeLearner::learn(VectorKind kind) const {
  if (values_.size() < kLeastExamples) {
    throw Error("there are only " + std::to_string(values_.size()) +
                " bars or passages with enough notes; at least " + std::to_string(kLeastExamples) +
                " are needed");
  }
  std::vector<std::string> names;
  for (const auto& measure : datasets::attribute_measures()) names.emplace_back(measure.name);
  names.insert(names.end(), labels_.begin(), labels_.end());
  auto attributes = statistics(names, values_);
  if (kind == VectorKind::kQuartiles) {
    add_quartile_vectors(latents_, values_, attributes);
  } else {
    add_regression_vectors(latents_, values_, attributes);
  }
  measure_labels(latents_, attributes);
  return {model_, std::move(attributes)};
}

}  // namespace musicvae
