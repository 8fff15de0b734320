#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <span>

#include "src/base/error.hpp"
#include "src/base/file.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/common.hpp"
#include "src/music/bar_lines.hpp"
#include "src/music/inspection.hpp"
#include "src/studio/roll_svg.hpp"

namespace musicvae::commands {
namespace {

struct InspectOptions {
  CommonOptions common;
  std::vector<std::string> files;
  RowOptions rows;
  BarOptions bars;
  midi::ReadOptions read;
  std::string text_encoding = midi::kGuessedEncoding;
  std::string svg;
  int last_bar = 0;  // 0: all bars
};

/// What begins before `end`, and no longer than until then.
midi::Score cut_at(midi::Ticks end, midi::Score score) {
  const auto is_late = [end](const auto& event) { return event.time >= end; };
  for (midi::Track& track : score.tracks) {
    std::erase_if(track.notes, [end](const midi::Note& note) { return note.onset >= end; });
    for (midi::Note& note : track.notes) note.duration = std::min(note.duration, end - note.onset);
    std::erase_if(track.messages, is_late);
    std::erase_if(track.metas, is_late);
    std::erase_if(track.sysex, is_late);
    track.end = std::min(track.end, end);
  }
  std::erase_if(score.tempos, is_late);
  std::erase_if(score.meters, is_late);
  std::erase_if(score.keys, is_late);
  return score;
}

/// Draws the one file that was named.
void draw(const InspectOptions& options) {
  if (options.files.size() != 1) throw UsageError("--svg draws one file; name one");
  check_output(options.svg, options.common);
  const std::string& file = options.files.front();
  auto read = midi::read_midi_file(file, options.read);
  if (options.last_bar > 0) {
    const auto end = for_flag("--to", [&] {
      return BarLines(read.score, options.bars.quantizing()).end(options.last_bar);
    });
    read.score = cut_at(end, std::move(read.score));
  }
  const std::string title = std::filesystem::path(file).stem().string();
  const std::string svg = studio::roll_svg(read.score, title);
  write_file_atomically(options.svg, std::as_bytes(std::span(svg)));
  say_made(options.svg, options.svg + "\n", options.common);
}

void show(const InspectOptions& options, const nlohmann::json& inspections) {
  if (!options.common.json) {
    for (const auto& inspection : inspections) {
      std::cout << describe_inspection(inspection) << '\n';
    }
  } else if (options.files.size() == 1 && inspections.size() <= 1) {
    for (const auto& inspection : inspections) print_json(inspection);
  } else {
    print_json({{"files", inspections}});
  }
}

/// Goes on after a file that cannot be read, so that one bad file does not hide the others.
void run(const InspectOptions& options) {
  if (!options.svg.empty()) return draw(options);
  const auto codec = datasets::make_codec(options.rows.codec, {options.rows.steps_per_quarter});
  auto inspections = nlohmann::json::array();
  std::vector<std::string> failures;
  for (const std::string& file : options.files) {
    try {
      for (auto& piece :
           inspect(file, *codec, options.read, options.bars.quantizing(), options.text_encoding))
        inspections.push_back(std::move(piece));
    } catch (const Error& error) {
      failures.emplace_back(error.what());
    }
  }
  show(options, inspections);
  if (failures.empty()) return;
  for (std::size_t i = 0; i + 1 < failures.size(); ++i) {
    std::cerr << "musicvae: " << failures[i] << '\n';
  }
  throw Error(failures.back());
}

}  // namespace

void setup_inspect(CLI::App& command) {
  auto options = std::make_shared<InspectOptions>();
  command.add_option("files", options->files, "MIDI files; - is standard input")
      ->required()
      ->type_name("FILE")
      ->take_all();
  add_row_options(command, options->rows, "Row encoding to try");
  add_bar_options(command, options->bars);
  auto* const svg =
      command.add_option("--svg", options->svg, "Draw the piece as a piano roll instead")
          ->type_name("FILE");
  command.add_option("--to", options->last_bar, "Draw up to this bar")
      ->check(between(1, 1'000'000))
      ->needs(svg);
  command.add_flag("--strict", options->read.strict, "Fail on the first defect of a file");
  add_text_option(command, options->text_encoding);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
