#include "src/evaluation/piece_evaluation.hpp"

#include <optional>

#include "datasets/metrics/key_finding.hpp"
#include "datasets/metrics/pitch_classes.hpp"

namespace musicvae {
namespace {

using datasets::Passage;

std::optional<double> key_kept(const Passage& piece, const Passage& reconstruction) {
  const auto key = datasets::find_key(piece);
  if (!key) return std::nullopt;
  return datasets::find_key(reconstruction) == key ? 1 : 0;
}

void add(const Passage& piece, const Passage& reconstruction, PieceEvaluation& evaluation) {
  const auto counts = datasets::count_matches(piece, reconstruction);
  ++evaluation.pieces;
  evaluation.bars += piece.bars.size();
  evaluation.note_f1_onset_pitch.add(datasets::onset_pitch_score(counts).f1);
  evaluation.note_f1_duration.add(datasets::onset_pitch_duration_score(counts).f1);
  evaluation.notes += counts;
  evaluation.key_kept.add(key_kept(piece, reconstruction));
  evaluation.pitch_class_distance.add(
      datasets::pitch_class_distance(piece, reconstruction, datasets::NoteWeight::kDuration));
}

std::optional<double> per_bar(std::size_t notes, std::size_t bars) {
  if (bars == 0) return std::nullopt;
  return static_cast<double>(notes) / static_cast<double>(bars);
}

}  // namespace

nlohmann::ordered_json to_json(const PieceEvaluation& evaluation) {
  const auto& notes = evaluation.notes;
  return {{"pieces", evaluation.pieces},
          {"bars", evaluation.bars},
          {"note_f1_onset_pitch", json_of(evaluation.note_f1_onset_pitch.value())},
          {"note_f1_duration", json_of(evaluation.note_f1_duration.value())},
          {"pooled_note_f1_onset_pitch", datasets::onset_pitch_score(notes).f1},
          {"pooled_note_f1_duration", datasets::onset_pitch_duration_score(notes).f1},
          {"key_kept", json_of(evaluation.key_kept.value())},
          {"pitch_class_distance", json_of(evaluation.pitch_class_distance.value())},
          {"notes_per_bar", json_of(per_bar(notes.reference, evaluation.bars))},
          {"reconstructed_notes_per_bar", json_of(per_bar(notes.estimated, evaluation.bars))},
          {"notes_dropped_by_codec", datasets::dropped_notes(evaluation.dropped)}};
}

PieceEvaluation evaluate_pieces(const MusicVae& model, std::span<const Passage> pieces,
                                const EvaluationProgress& progress) {
  PieceEvaluation evaluation;
  for (const Passage& piece : pieces) {
    const auto latents = model.encode(piece, &evaluation.dropped);
    add(piece, model.decode(latents, piece, {0.0}), evaluation);
    report_progress(progress, evaluation.pieces, pieces.size());
  }
  return evaluation;
}

}  // namespace musicvae
