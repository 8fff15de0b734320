#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>

#include "src/base/error.hpp"
#include "src/base/interrupt.hpp"
#include "src/commands/commands.hpp"
#include "src/commands/options/checks.hpp"
#include "src/commands/options/corpus_input.hpp"
#include "src/commands/options/model_input.hpp"
#include "src/music/filling/selection.hpp"
#include "src/music/palette/similarity.hpp"

namespace musicvae::commands {
namespace {

struct SimilarOptions {
  CommonOptions common;
  ModelOptions model;
  SimilarityOptions search;
  BarOptions bar_lines;
  std::string input;
  std::string bars;  // empty: all
  std::vector<std::string> paths;
};

/// The bars in question: a run of the piece's bars.
struct Question {
  datasets::Passage music;
  int first_bar = 1;  // The number of its first bar.
};

Question question_of(const SimilarOptions& options, const Source& source) {
  const auto& piece = source.piece;
  if (options.bars.empty()) return {piece.music, piece.first_bar()};
  return for_flag("--bars", [&] {
    const auto bars = select_bars(parse_bars(options.bars), piece, piece.music);
    if (bars.back() - bars.front() + 1 != static_cast<int>(bars.size())) {
      throw Error("bars to compare must follow each other, as 5-8");
    }
    return Question{datasets::slice(piece.music, bars.front(), static_cast<int>(bars.size())),
                    piece.first_bar() + bars.front()};
  });
}

/// All pieces at the paths, and no duplicates.
datasets::Corpus open_music(const SimilarOptions& options, const MusicVae& model) {
  CorpusInput input;
  input.paths = options.paths;
  input.bars = options.bar_lines;
  hold_nothing_out(input);
  std::optional<datasets::CorpusReport> report;
  return corpus_for(input, std::string(model.codec().name()), model.codec().grid(), options.common,
                    report);
}

/// Leaves out what has the rows `self`, if there are any: the piece would be most like itself.
void search_in(const datasets::Corpus& corpus, const CommonOptions& common,
               const datasets::Codec& codec, const std::vector<datasets::BarRows>& self,
               SimilaritySearch& search) {
  const InterruptGuard interrupt;
  Progress progress(common.verbosity());
  for (std::size_t piece = 0; piece < corpus.size(); ++piece) {
    if (InterruptGuard::requested()) {
      throw Interrupted("interrupted after " + std::to_string(piece) + " of " +
                        std::to_string(corpus.size()) + " pieces");
    }
    const auto& info = corpus.info(piece);
    const auto music = corpus.passage(piece, 0, info.bars);
    if (self.empty() || codec.encode(music) != self) search.add(info.name, music);
    progress.update(double(piece + 1) / double(corpus.size()),
                    std::to_string(piece + 1) + " of " + std::to_string(corpus.size()) + " pieces");
  }
}

std::string key_text(int semitones) {
  char text[32];
  std::snprintf(text, sizeof text, "  %+d semitones", semitones);
  return semitones == 0 ? "" : text;
}

void show(const SimilarOptions& options, const Question& question, const SimilaritySearch& search) {
  const auto own_bar = [&](std::size_t bar) { return question.first_bar + static_cast<int>(bar); };
  if (options.common.json) {
    auto pieces = nlohmann::json::array(), bars = nlohmann::json::array();
    for (const auto& piece : search.pieces()) {
      pieces.push_back(
          {{"file", piece.name}, {"similarity", piece.similarity}, {"semitones", piece.semitones}});
    }
    for (const auto& place : search.places()) {
      bars.push_back({{"file", place.name},
                      {"bar", place.bar + 1},
                      {"own_bar", own_bar(place.own)},
                      {"similarity", place.similarity},
                      {"semitones", place.semitones}});
    }
    print_json({{"input", options.input}, {"pieces", pieces}, {"bars", bars}});
    return;
  }
  char line[64];
  for (const auto& piece : search.pieces()) {
    std::snprintf(line, sizeof line, "%.3f  ", piece.similarity);
    std::cout << line << piece.name << key_text(piece.semitones) << '\n';
  }
  std::cout << '\n';
  for (const auto& place : search.places()) {
    std::snprintf(line, sizeof line, "%.3f  bar %d is like bar %zu of ", place.similarity,
                  own_bar(place.own), place.bar + 1);
    std::cout << line << place.name << key_text(place.semitones) << '\n';
  }
}

void run(const SimilarOptions& options) {
  const MusicVae model = load_model(options.model, options.common);
  const Source source = load_for(model.codec(), options.input, options.bar_lines, options.common);
  const Question question = question_of(options, source);
  SimilaritySearch search(model, question.music, options.search);
  std::vector<datasets::BarRows> self;
  if (options.bars.empty()) self = model.codec().encode(source.piece.music);
  search_in(open_music(options, model), options.common, model.codec(), self, search);
  show(options, question, search);
}

}  // namespace

void setup_similar(CLI::App& command) {
  auto options = std::make_shared<SimilarOptions>();
  command.add_option("piece", options->input, "MIDI file; - is standard input")
      ->required()
      ->type_name("IN");
  command.add_option("paths", options->paths, "MIDI files, folders or a prepared corpus")
      ->required()
      ->type_name("PATH");
  command
      .add_option("--bars", options->bars,
                  "Compare only these bars of the piece, as 5-8, counted from 1 as a DAW does")
      ->type_name("BARS");
  command.add_option("-n,--count", options->search.pieces, "How many pieces to show")
      ->check(between(1, 1000))
      ->capture_default_str();
  command.add_option("--places", options->search.bars, "How many single bars to show")
      ->check(between(0, 1000))
      ->capture_default_str();
  command.add_flag("--any-key", options->search.any_key,
                   "Find music in other keys too, and say by how many semitones");
  add_bar_options(command, options->bar_lines);
  add_model_options(command, options->model);
  add_common_options(command, options->common);
  command.callback([options] { run(*options); });
}

}  // namespace musicvae::commands
