#include "src/studio/workshop.hpp"

#include <utility>

#include "datasets/codecs/voices.hpp"
#include "src/music/filling/filling.hpp"
#include "src/studio/made.hpp"
#include "src/studio/piece_json.hpp"

namespace musicvae::studio {
namespace {

constexpr int kMostSteps = 64;
constexpr int kMostTakes = 16;
constexpr int kMostCandidates = 64;
constexpr int kMostBars = 1000;

Keep keep_named(const std::string& name) {
  if (name.empty()) return Keep::kNothing;
  if (name == "rhythm") return Keep::kRhythm;
  if (name == "pitches") return Keep::kPitches;
  throw BadRequest("the field 'keep' must be \"rhythm\", \"pitches\" or empty");
}

/// The names of a way's files, without an end.
std::string way_name(const WayRequest& request) {
  return stem(*request.a) + "-" + stem(*request.b);
}

Origin origin_of(const WayRequest& request) {
  const InterpolationOptions& options = request.options;
  Origin origin("interpolate");
  origin.add_word(word_of(*request.a));
  origin.add_word(word_of(*request.b));
  if (request.bars > 0) origin.add("--bars", std::to_string(request.bars));
  if (options.length_rule == LengthRule::kCut) origin.add("--length", "cut");
  if (options.generation.temperature > 0) {
    origin.add("--temperature", short_number(options.generation.temperature));
  }
  origin.add("--model", request.model);
  origin.add("--seed", std::to_string(options.generation.seed));
  return origin;
}

Origin origin_of(const GapRequest& request) {
  Origin origin("inpaint");
  origin.add_word(word_of(*request.piece));
  origin.add("--bars", request.bars);
  if (!request.track.empty()) origin.add("--track", request.track);
  if (!request.keep.empty()) origin.add("--keep", request.keep);
  if (request.temperature) origin.add("--temperature", short_number(*request.temperature));
  if (request.options.alternatives > 1) {
    origin.add("--alternatives", std::to_string(request.options.alternatives));
  }
  if (request.options.candidates != InpaintingOptions().candidates) {
    origin.add("--candidates", std::to_string(request.options.candidates));
  }
  origin.add("--model", request.model);
  origin.add("--seed", std::to_string(request.options.generation.seed));
  return origin;
}

/// What the page should say beside the fills.
std::vector<std::string> remarks(const FillTask& task, const MusicVae& model,
                                 const datasets::Dropped& dropped) {
  std::vector<std::string> lines;
  if (!task.has_context()) {
    lines.emplace_back("Nothing is known around these bars, so the takes are new music.");
  }
  if (const auto left = task.parts_left(); !left.empty()) {
    lines.emplace_back("The chords beneath the tune stay as they are.");
  }
  if (task.parts.size() > 1 && datasets::is_one_voice(model.codec())) {
    lines.emplace_back("This model writes one voice in place of all parts.");
  }
  for (const std::string& line : describe(dropped))
    lines.push_back("The model does not see: " + line);
  return lines;
}

}  // namespace

WayRequest way_request(const Fields& fields, Pieces& pieces, const std::string& model) {
  WayRequest request{pieces.find(fields.text("a")), pieces.find(fields.text("b")), model, {}};
  request.options.steps = fields.number("steps", 2, kMostSteps, request.options.steps);
  request.bars = fields.number("bars", 0, kMostBars, 0);
  const std::string length = fields.optional_text("length").value_or("repeat");
  if (length != "repeat" && length != "cut") {
    throw BadRequest("the field 'length' must be \"repeat\" or \"cut\"");
  }
  if (length == "cut") request.options.length_rule = LengthRule::kCut;
  request.options.generation.temperature = fields.real("temperature", 0, 10).value_or(0);
  const bool chance = request.options.generation.temperature > 0;
  request.options.generation.seed = fields.seed("seed").value_or(chance ? new_seed() : 1);
  if (const auto at = fields.real("at", 0, 1)) request.options.places = {*at};
  return request;
}

GapRequest gap_request(const Fields& fields, Pieces& pieces, const std::string& model) {
  GapRequest request{pieces.find(fields.text("piece")), fields.text("bars"), "", "", model, {}, {}};
  request.track = fields.optional_text("track").value_or("");
  request.keep = fields.optional_text("keep").value_or("");
  request.options.keep = keep_named(request.keep);
  request.options.alternatives = fields.number("takes", 1, kMostTakes, 3);
  request.options.candidates =
      fields.number("candidates", 1, kMostCandidates, request.options.candidates);
  request.temperature = fields.real("temperature", 0, 10);
  request.options.generation.seed = fields.seed("seed").value_or(new_seed());
  return request;
}

Workshop::Workshop(Pieces& pieces, std::string device, int threads)
    : pieces_(pieces), device_(std::move(device)) {
  set_generation_threads(threads);
}

const MusicVae& Workshop::model_named(const std::string& name) {
  const auto known = models_.find(name);
  if (known != models_.end()) return known->second;
  return models_.emplace(name, MusicVae(name, device_)).first->second;
}

void Workshop::make_way(const WayRequest& request, Job& job) {
  const MusicVae& model = model_named(request.model);
  const Source a = first_bars(source_of(request.a, model.codec()), request.bars, model.codec());
  const Source b = first_bars(source_of(request.b, model.codec()), request.bars, model.codec());
  Origin origin = origin_of(request);
  origin.add("--steps", std::to_string(request.options.steps));
  Origin separate = origin;
  separate.add("--separate", std::vector<std::string>());
  const std::string name = way_name(request);
  std::vector<InterpolationStep> steps;
  datasets::Dropped dropped;
  model.interpolate(
      a.piece.music, b.piece.music, request.options, &dropped, [&](InterpolationStep step) {
        const std::string file = numbered("step-%02d.mid", int(steps.size()) + 1);
        const auto piece =
            pieces_.add_made(made(score_of_step(step, a, b),
                                  {separate, name + "/", name + "/" + file}, name + "-" + file));
        job.tell("step", {{"index", steps.size()}, {"t", step.t}, {"piece", to_json(*piece)}});
        steps.push_back(std::move(step));
        return !job.is_unwanted();
      });
  if (job.is_unwanted()) return;
  const std::string file = name + ".mid";
  const auto walk = pieces_.add_made(made(join_steps(steps, a, b), {origin, file, file}, file));
  job.tell("walk", {{"piece", to_json(*walk)}, {"dropped", describe(dropped)}});
}

PiecePointer Workshop::make_place(const WayRequest& request) {
  const MusicVae& model = model_named(request.model);
  const Source a = first_bars(source_of(request.a, model.codec()), request.bars, model.codec());
  const Source b = first_bars(source_of(request.b, model.codec()), request.bars, model.codec());
  Origin origin = origin_of(request);
  const std::string place = short_number(request.options.places.at(0));
  origin.add("--at", place);
  origin.add("--separate", std::vector<std::string>());
  const auto steps = model.interpolate(a.piece.music, b.piece.music, request.options);
  const std::string name = way_name(request) + "-at-" + place;
  return pieces_.add_made(made(score_of_step(steps.at(0), a, b),
                               {origin, name + "/", name + "/step-01.mid"}, name + ".mid"));
}

void Workshop::make_takes(const GapRequest& asked, Job& job) {
  GapRequest request = asked;
  FillRequest fill;
  try {
    fill = {parse_bars(request.bars), request.track};
  } catch (const Error& error) {
    throw Error(std::string("bars ") + error.what());
  }
  const bool keeps = request.options.keep != Keep::kNothing;
  const HeldPiece& piece = *request.piece;
  if (request.model.empty()) {
    request.model = default_filling_model(fill, piece.name, piece.file);
  }
  const MusicVae& model = model_named(request.model);
  const FillTask task = make_fill_task(fill, source_of(request.piece, model.codec()));
  check_filling(model, task, request.options.keep);
  if (keeps && !task.has_notes_inside()) {
    throw Error("There is nothing to keep, as no note begins in these bars; keep nothing instead");
  }
  auto& generation = request.options.generation;
  generation.temperature = request.temperature.value_or(model.filling_temperature());
  const Origin origin = origin_of(request);
  const std::string name = stem(piece) + "-filled";
  const bool one = request.options.alternatives == 1;
  int index = 0;
  datasets::Dropped dropped;
  make_fills(model, task, request.options, &dropped, [&](const datasets::Splice& splice) {
    if (index == 0) {
      job.tell("plan", {{"bars", task.missing},
                        {"model", request.model},
                        {"seed", generation.seed},
                        {"remarks", remarks(task, model, dropped)}});
    }
    const std::string file = numbered("%02d.mid", index + 1);
    const Making making = one ? Making{origin, name + ".mid", name + ".mid"}
                              : Making{origin, name + "/", name + "/" + file};
    HeldPiece take = made(splice.score, making, one ? name + ".mid" : name + "-" + file);
    take.filled = task.missing;
    job.tell("take", {{"index", index++}, {"piece", to_json(*pieces_.add_made(std::move(take)))}});
    return !job.is_unwanted();
  });
}

}  // namespace musicvae::studio
