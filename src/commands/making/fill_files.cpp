#include "src/commands/making/fill_files.hpp"

#include <chrono>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "src/base/file.hpp"
#include "src/commands/making/made_files.hpp"

namespace musicvae::commands {
namespace {

/// What was made of a fill.
struct WrittenFill {
  std::string file;
  std::size_t notes = 0;
  std::size_t left_out = 0;
};

/// Makes the fills, and writes each as soon as it is made.
class Filling {
 public:
  Filling(const std::string& output, const CommonOptions& common, int fills, std::string origin)
      : output_(output),
        common_(common),
        origin_(std::move(origin)),
        progress_(common, fills, "fills") {
    if (fills > 1) {
      names_.emplace(output, "", 2);
    } else {
      check_writable(output);
    }
  }

  std::vector<WrittenFill> make(const MusicVae& model, const FillTask& task,
                                InpaintingOptions inpainting, const ReviseFill& revise) {
    inpainting.progress = [this](double share) { return progress_.goes_on_at(share); };
    datasets::Dropped dropped;
    const auto take = [&](const datasets::Splice& fill) {
      if (written_.empty()) log_dropped(dropped);
      write(fill);
      return progress_.goes_on();
    };
    make_fills(model, task, inpainting, &dropped, take, revise);
    return std::move(written_);
  }
  void finish() const { progress_.finish(output_); }

 private:
  void log_dropped(const datasets::Dropped& dropped) const {
    for (const std::string& line : describe(dropped)) {
      log(common_, "in what the model sees, not in the output: " + line);
    }
  }

  void write(const datasets::Splice& splice) {
    const std::string file = names_ ? (*names_)[progress_.count()] : output_;
    written_.push_back({file, splice.written, splice.left_out});
    write_made(splice.score, origin_, file);
    if (splice.left_out > 0) {
      log(common_, file + ": " + std::to_string(splice.left_out) +
                       (splice.left_out == 1 ? " note" : " notes") +
                       " of the fill could not be written: their part strikes the same "
                       "pitch at that time, or the model wrote none");
    }
    progress_.made(common_.json || file == "-" ? "" : file);
  }

  const std::string& output_;
  const CommonOptions& common_;
  std::string origin_;
  MakingProgress progress_;
  std::optional<NumberedFiles> names_;
  std::vector<WrittenFill> written_;
};

/// Seconds, rounded to a millisecond.
double to_millisecond(midi::Seconds time) { return std::round(time.count * 1000) / 1000; }

nlohmann::json to_json(const std::vector<BarStretch>& places) {
  auto list = nlohmann::json::array();
  for (const BarStretch& place : places) {
    list.push_back({{"first_bar", place.first},
                    {"last_bar", place.last},
                    {"start_seconds", to_millisecond(place.start)},
                    {"end_seconds", to_millisecond(place.end)}});
  }
  return list;
}

void print(const FillFiles& paths, const FillTask& task, const GenerationOptions& generation,
           const std::vector<WrittenFill>& fills, double seconds) {
  auto bars = nlohmann::json::array(), parts = nlohmann::json::array();
  auto files = nlohmann::json::array(), notes = nlohmann::json::array();
  auto left_out = nlohmann::json::array();
  for (const int bar : task.missing) bars.push_back(task.source.piece.first_bar() + bar);
  for (const int part : task.parts) parts.push_back(part + 1);
  for (const WrittenFill& fill : fills) {
    files.push_back(fill.file);
    notes.push_back(fill.notes);
    left_out.push_back(fill.left_out);
  }
  print_json({{"file", paths.input},
              {"files", files},
              {"bars", bars},
              {"parts", parts},
              {"places", to_json(task.places)},
              {"notes", notes},
              {"notes_left_out", left_out},
              {"context", task.has_context()},
              {"model", paths.model},
              {"seed", generation.seed},
              {"temperature", generation.temperature},
              {"seconds", seconds}});
}

}  // namespace

void check_fill_output(const std::string& output, const InpaintingOptions& inpainting,
                       const CommonOptions& common) {
  if (output == "-" && inpainting.alternatives != 1) {
    throw UsageError("standard output takes one fill; leave out -n or name a folder with -o");
  }
  check_output(output, common);
}

void write_fills(const FillFiles& files, const CommonOptions& common, const MusicVae& model,
                 const FillTask& task, const InpaintingOptions& inpainting, Origin origin,
                 const ReviseFill& revise) {
  check_filling(model, task, inpainting.keep);
  origin.add("--model", files.model);
  origin.add("--seed", std::to_string(inpainting.generation.seed));
  const auto start = std::chrono::steady_clock::now();
  Filling filling(files.output, common, inpainting.alternatives, origin.text());
  const auto fills = filling.make(model, task, inpainting, revise);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::vector<std::string> written;
  for (const WrittenFill& fill : fills) written.push_back(fill.file);
  show_made(files.show, {files.input}, written, common);
  if (common.json) print(files, task, inpainting.generation, fills, seconds.count());
  filling.finish();
}

}  // namespace musicvae::commands
