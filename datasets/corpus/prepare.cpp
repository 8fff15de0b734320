#include <algorithm>
#include <unordered_map>

#include "datasets/corpus/corpus.hpp"
#include "datasets/corpus/files.hpp"
#include "datasets/corpus/parallel.hpp"
#include "datasets/corpus/source.hpp"
#include "datasets/corpus/writer.hpp"
#include "src/base/file.hpp"

namespace musicvae::datasets {
namespace {

using Files = std::vector<std::filesystem::path>;

/// What is remembered of a piece once its notes are on disk.
struct Candidate {
  CorpusWriter::Index written = 0;
  std::string name;
  Split split = Split::kTrain;
  bool kept = true;
  Fingerprint print;
  Dropped dropped;
  std::vector<std::string> warnings;
  std::size_t bars = 0;
  std::size_t notes = 0;
  int max_rows = 0;
};

double validation_share(const CorpusOptions& options) {
  return options.validation_share.value_or(options.hold_out.empty() ? kValidationShare : 0);
}

void check_options(const CorpusOptions& options) {
  const double share = validation_share(options);
  if (!(share >= 0 && share <= 1)) {
    throw DatasetError("the validation share is a number from 0 to 1");
  }
}

/// A pattern that fits nothing is a slip of the pen, and would put what was to be held out into
/// training.
void check_hold_out(const CorpusOptions& options, const Files& files) {
  for (const std::string& pattern : options.hold_out) {
    // A pattern may name a sequence, and which there are is not known yet.
    const std::string of_file = pattern.substr(0, pattern.rfind('#'));
    const bool used = std::any_of(files.begin(), files.end(), [&](const auto& file) {
      return matches(pattern, file) || matches(of_file, file);
    });
    if (!used)
      throw DatasetError("the pattern '" + pattern + "' to hold out fits none of the files");
  }
}

/// A pattern for a file is one for all its sequences.
Split split_of(const std::filesystem::path& file, const std::string& name, double split_position,
               const CorpusOptions& options) {
  const bool held_out = split_position < validation_share(options) ||
                        std::any_of(options.hold_out.begin(), options.hold_out.end(),
                                    [&](const std::string& pattern) {
                                      return matches(pattern, file) || matches(pattern, name);
                                    });
  return held_out ? Split::kValidation : Split::kTrain;
}

void refuse(CorpusReport& report, const Refusal& refusal, const std::string& name) {
  ++report.refused[refusal.reason];
  report.examples.try_emplace(refusal.reason, name + ": " + refusal.message);
}

Candidate to_candidate(SourceOutcome&& source, const std::filesystem::path& file,
                       const CorpusOptions& options, CorpusWriter& writer) {
  SourcePiece& piece = *source.piece;
  Candidate candidate;
  candidate.written = writer.add(piece.music);
  candidate.name = source.name;
  candidate.split = split_of(file, source.name, piece.split_position, options);
  candidate.print = std::move(piece.print);
  candidate.dropped = std::move(piece.dropped);
  candidate.warnings = std::move(source.warnings);
  candidate.bars = piece.music.bars.size();
  candidate.notes = piece.notes;
  candidate.max_rows = piece.max_rows;
  return candidate;
}

std::vector<Candidate> read_all(const Files& files, const CorpusOptions& options,
                                CorpusWriter& writer, CorpusReport& report,
                                const CorpusProgress& progress) {
  const auto codec = make_codec(options.codec, options.grid);
  std::vector<Candidate> candidates;
  const auto work = [&](std::size_t index) { return read_source(files[index], *codec, options); };
  const auto take = [&](std::size_t index, std::vector<SourceOutcome>&& sources) {
    for (SourceOutcome& source : sources) {
      if (source.piece) {
        candidates.push_back(to_candidate(std::move(source), files[index], options, writer));
      } else {
        refuse(report, source.refusal, source.name);
      }
    }
    if (progress && !progress(index + 1, files.size())) {
      throw DatasetError("stopped after " + std::to_string(index + 1) + " of " +
                         std::to_string(files.size()) + " files; no corpus was written");
    }
  };
  OrderedWork<std::vector<SourceOutcome>>(files.size(), options.jobs).run(work, take);
  return candidates;
}

void leave_out(Candidate& candidate, const std::string& reason, const Candidate& other,
               CorpusReport& report) {
  candidate.kept = false;
  refuse(report, {reason, "the same music as " + other.name}, candidate.name);
}

/// Keeps one of several copies: the first, unless another is held out by name.
void leave_out_copies(std::vector<Candidate>& candidates, CorpusReport& report) {
  std::unordered_map<std::uint64_t, Candidate*> kept;
  for (Candidate& candidate : candidates) {
    Candidate*& other = kept.try_emplace(candidate.print.content, &candidate).first->second;
    if (other == &candidate) continue;
    if (candidate.split == Split::kValidation && other->split == Split::kTrain) {
      leave_out(*other, "duplicate of another piece", candidate, report);
      other = &candidate;
    } else {
      leave_out(candidate, "duplicate of another piece", *other, report);
    }
  }
}

/// Leaves out training pieces that resemble a validation piece. Validation pieces all stay.
void leave_out_versions(std::vector<Candidate>& candidates, CorpusReport& report) {
  NearDuplicates validation;
  for (std::size_t at = 0; at < candidates.size(); ++at) {
    const Candidate& candidate = candidates[at];
    if (candidate.kept && candidate.split == Split::kValidation)
      validation.add(at, candidate.print);
  }
  for (Candidate& candidate : candidates) {
    if (!candidate.kept || candidate.split == Split::kValidation) continue;
    if (const auto other = validation.find(candidate.print)) {
      leave_out(candidate, "version of a validation piece", candidates[*other], report);
    }
  }
}

/// Few pieces may all fall to validation by their content, and then nothing could be learnt.
void leave_some_for_training(std::vector<Candidate>& candidates, const CorpusOptions& options) {
  if (!options.hold_out.empty() || validation_share(options) == 1) return;
  const bool any = std::any_of(candidates.begin(), candidates.end(), [](const Candidate& piece) {
    return piece.kept && piece.split == Split::kTrain;
  });
  if (any) return;
  for (Candidate& candidate : candidates) candidate.split = Split::kTrain;
}

void add_to_report(const Candidate& candidate, CorpusReport& report) {
  ++(candidate.split == Split::kTrain ? report.train_pieces : report.validation_pieces);
  report.bars += candidate.bars;
  report.notes += candidate.notes;
  for (const std::string& warning : candidate.warnings) ++report.warnings[warning];
  for (const auto& [reason, notes] : candidate.dropped) report.dropped[reason] += notes;
}

void write_kept(const std::vector<Candidate>& candidates, const CorpusOptions& options,
                const CorpusWriter& writer, Spool& output) {
  std::vector<CorpusWriter::Kept> kept;
  CorpusWriter::Settings settings{options.codec, options.grid, 1};
  for (const Candidate& candidate : candidates) {
    if (!candidate.kept) continue;
    kept.push_back({candidate.written, candidate.name, candidate.split});
    settings.max_rows = std::max(settings.max_rows, candidate.max_rows);
  }
  writer.finish(kept, settings, output);
}

}  // namespace

CorpusReport prepare_corpus(const std::vector<std::filesystem::path>& paths,
                            const CorpusOptions& options, const std::filesystem::path& output,
                            const CorpusProgress& progress) {
  Spool file(output.parent_path());
  CorpusReport report = prepare_corpus(paths, options, file, progress);
  write_file_atomically(output, file.map().bytes());
  return report;
}

CorpusReport prepare_corpus(const std::vector<std::filesystem::path>& paths,
                            const CorpusOptions& options, Spool& output,
                            const CorpusProgress& progress) {
  check_options(options);
  CorpusReport report;
  const Files files = find_midi_files(paths, &report.passed_over);
  check_hold_out(options, files);
  report.files = files.size();
  CorpusWriter writer(output.folder());
  std::vector<Candidate> candidates = read_all(files, options, writer, report, progress);
  leave_out_copies(candidates, report);
  leave_out_versions(candidates, report);
  leave_some_for_training(candidates, options);
  for (const Candidate& candidate : candidates) {
    if (candidate.kept) add_to_report(candidate, report);
  }
  if (report.train_pieces + report.validation_pieces == 0) {
    throw DatasetError("no piece is left to make a corpus of\n" + describe(report));
  }
  write_kept(candidates, options, writer, output);
  return report;
}

}  // namespace musicvae::datasets
