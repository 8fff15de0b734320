#include <filesystem>
#include <utility>

#include "datasets/codecs/common.hpp"
#include "datasets/splice/drums.hpp"
#include "src/music/constraints/harmony.hpp"
#include "src/music/new_music.hpp"
#include "src/music/palette/variation.hpp"
#include "src/studio/made.hpp"
#include "src/studio/piece_json.hpp"
#include "src/studio/workshop.hpp"

namespace musicvae::studio {
namespace {

constexpr double kMostAmount = 4;  // As --attribute has it.
constexpr int kMostBars = 256;

std::string signed_number(double number) { return (number > 0 ? "+" : "") + short_number(number); }

std::vector<AttributeRequest> attributes_of(const Fields& fields) {
  std::vector<AttributeRequest> requests;
  for (const auto& [name, amount] : fields.reals("attributes", -kMostAmount, kMostAmount)) {
    if (amount != 0) requests.push_back({name, amount});
  }
  return requests;
}

/// What both commands have.
void add_common(const SteerRequest& request, Origin& origin) {
  std::vector<std::string> attributes;
  for (const auto& [name, amount] : request.attributes) {
    attributes.push_back(name + "=" + signed_number(amount));
  }
  if (!attributes.empty()) origin.add_each("--attribute", attributes);
  if (!request.key.empty()) origin.add("--key", request.key);
  if (request.temperature) origin.add("--temperature", short_number(*request.temperature));
  origin.add("--model", request.model);
  origin.add("--seed", std::to_string(request.seed));
}

Making variation_making(const SteerRequest& request) {
  Origin origin("vary");
  origin.add_word(word_of(*request.piece));
  origin.add("--similarity", short_number(request.similarity));
  add_common(request, origin);
  const std::string file = stem(*request.piece) + "-steered.mid";
  return {origin, file, file};
}

Making sample_making(const SteerRequest& request) {
  Origin origin("sample");
  if (request.bars > 0) origin.add("--bars", std::to_string(request.bars));
  if (!request.meter.empty()) origin.add("--meter", request.meter);
  if (request.latent_temperature) {
    origin.add("--latent-temperature", short_number(*request.latent_temperature));
  }
  origin.add("--tempo", short_number(request.tempo));
  origin.add("--program", std::to_string(request.program));
  add_common(request, origin);
  return {origin, "new-music/", "new-music/sample-001.mid"};
}

Constraints constraints_of(const SteerRequest& request) {
  Constraints constraints;
  if (!request.key.empty()) constraints.pitches = {parse_key(request.key)};
  return constraints;
}

std::optional<AttributeSet> attributes_for(const SteerRequest& request, const MusicVae& model) {
  const auto file = attributes_beside(find_model(request.model));
  if (std::filesystem::exists(file)) return AttributeSet::read(file, model);
  if (request.attributes.empty()) return {};
  throw Error("no attributes of " + request.model +
              " are at hand; `musicvae attributes` measures them");
}

/// How much of each attribute music has, in standard deviations of what it was measured on.
nlohmann::json measures_of(const std::optional<AttributeSet>& attributes,
                           const datasets::Passage& music, int bars) {
  auto values = nlohmann::json::object();
  if (!attributes) return values;
  const auto& measures = datasets::attribute_measures();
  for (std::size_t i = 0; i < measures.size(); ++i) {
    const auto& attribute = attributes->all()[i];
    const auto value = datasets::mean_measure(measures[i], music, bars);
    if (value) values[attribute.name] = (*value - attribute.mean) / attribute.deviation;
  }
  return values;
}

midi::Meter meter_of(const SteerRequest& request, const MusicVae& model) {
  return request.meter.empty() ? model.commonest_meter() : meter_from(request.meter).value();
}

}  // namespace

SteerRequest steer_request(const Fields& fields, Pieces& pieces, const std::string& model) {
  SteerRequest request;
  if (const auto id = fields.optional_text("piece")) request.piece = pieces.find(*id);
  request.model = model;
  request.similarity = fields.real("similarity", 0, 1).value_or(request.similarity);
  request.attributes = attributes_of(fields);
  request.key = fields.optional_text("key").value_or("");
  if (!request.key.empty()) parse_key(request.key);
  request.temperature = fields.real("temperature", 0, 10);
  request.latent_temperature = fields.real("latent_temperature", 0, 10);
  request.seed = fields.seed("seed").value_or(new_seed());
  request.bars = fields.number("bars", 0, kMostBars, 0);
  request.meter = fields.optional_text("meter").value_or("");
  if (!request.meter.empty() && !meter_from(request.meter)) {
    throw BadRequest("the field 'meter' must be a meter, such as \"3/4\"");
  }
  request.tempo = fields.real("tempo", 4, 1000).value_or(request.tempo);
  request.program = fields.number("program", 0, 127, request.program);
  return request;
}

void Workshop::make_steered(const SteerRequest& request, Job& job) {
  const MusicVae& model = model_named(request.model);
  const auto attributes = attributes_for(request, model);
  const auto steer = [&](datasets::Passage music) {
    if (request.attributes.empty()) return music;
    return Steering(model, *attributes, request.attributes, request.seed)(music);
  };
  auto generation = model.sampling_options();
  generation.seed = request.seed;
  generation.constraints = constraints_of(request);
  check(generation.constraints, model.codec());
  datasets::Passage music;
  std::optional<HeldPiece> piece;
  nlohmann::json told = {{"seed", request.seed}};
  if (request.piece) {
    Source source = source_of(request.piece, model.codec());
    if (const auto key = request.key.empty() ? std::nullopt : key_signature(request.key)) {
      source.style.keys = {*key};
    }
    generation.temperature = request.temperature.value_or(0);
    datasets::Dropped dropped;
    music = steer(
        vary(model, source.piece.music, {request.similarity, {}, generation}, &dropped).music);
    if (generation.constraints.any()) keep_to(generation.constraints, music);
    dropped.erase(datasets::kDrumsReason);  // They are kept.
    const auto cast =
        datasets::cast_parts(datasets::with_drums_of(source.piece.music, music), source.piece);
    const Making making = variation_making(request);
    piece = made(datasets::to_score(cast, source.style), making, making.file);
    told["original"] = measures_of(attributes, source.piece.music, model.bars_a_latent());
    told["dropped"] = describe(dropped);
  } else {
    if (request.temperature) generation.temperature = *request.temperature;
    if (request.latent_temperature) generation.latent_temperature = *request.latent_temperature;
    const auto layout = make_layout(model.codec(), meter_of(request, model),
                                    request.bars == 0 ? model.bars() : request.bars);
    music = steer(model.sample(1, layout, generation).front());
    if (generation.constraints.any()) keep_to(generation.constraints, music);
    const Making making = sample_making(request);
    piece = made(
        datasets::to_score(music, style_of_new_music(request.tempo, request.program, request.key)),
        making, "new-music.mid");
  }
  told["measures"] = measures_of(attributes, music, model.bars_a_latent());
  told["piece"] = to_json(*pieces_.add_made(std::move(*piece)));
  job.tell("made", told);
}

}  // namespace musicvae::studio
