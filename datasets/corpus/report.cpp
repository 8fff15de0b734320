#include <algorithm>

#include "datasets/corpus/corpus.hpp"

namespace musicvae::datasets {
namespace {

using Counts = std::map<std::string, std::size_t>;

/// Most frequent first.
std::vector<std::pair<std::string, std::size_t>> by_count(const Counts& counts) {
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string lines(const std::string& heading, const Counts& counts) {
  if (counts.empty()) return {};
  std::string text = heading + ":\n";
  for (const auto& [reason, count] : by_count(counts)) {
    text += "  " + std::to_string(count) + "  " + reason + "\n";
  }
  return text;
}

std::string refusals(const CorpusReport& report) {
  std::string text;
  for (const auto& [reason, count] : by_count(report.refused)) {
    text += "  " + std::to_string(count) + "  " + reason + "\n";
    const auto example = report.examples.find(reason);
    if (example != report.examples.end()) text += "       " + example->second + "\n";
  }
  return text.empty() ? text : "left out:\n" + text;
}

}  // namespace

std::string describe(const CorpusReport& report) {
  return counted(report.files, "file") + " read: " + counted(report.train_pieces, "piece") +
         " for training, " + counted(report.validation_pieces, "piece") + " for validation; " +
         counted(report.bars, "bar") + ", " + counted(report.notes, "note") + "\n" +
         refusals(report) + lines("not read", report.passed_over) +
         lines("taken with a repair", report.warnings) +
         lines("notes that the codec cannot say", report.dropped);
}

}  // namespace musicvae::datasets
