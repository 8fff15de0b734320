#include "src/music/inspection.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "midi/file/sequence_path.hpp"
#include "src/base/text.hpp"
#include "src/music/source.hpp"

namespace musicvae {
namespace {

using nlohmann::json;

std::string key_name(const midi::KeyChange& key) {
  static constexpr std::array<const char*, 15> kMajor = {
      "Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#"};
  static constexpr std::array<const char*, 15> kMinor = {
      "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#"};
  const auto index = static_cast<std::size_t>(key.sharps + 7);
  return key.minor ? std::string(kMinor.at(index)) + " minor"
                   : std::string(kMajor.at(index)) + " major";
}

double rounded(double value, double unit) { return std::round(value / unit) * unit; }

json meters_of(const midi::Score& score) {
  json list = json::array();
  for (const auto& change : midi::in_force(score.meters)) {
    list.push_back({{"tick", change.time.count}, {"meter", describe(change.meter)}});
  }
  return list;
}

json tempos_of(const midi::Score& score) {
  json list = json::array();
  for (const auto& tempo : midi::in_force(score.tempos)) {
    list.push_back({{"tick", tempo.time.count},
                    {"quarters_per_minute", rounded(tempo.quarters_per_minute(), 0.001)}});
  }
  return list;
}

json keys_of(const midi::Score& score) {
  json list = json::array();
  for (const auto& key : midi::in_force(score.keys)) {
    list.push_back({{"tick", key.time.count}, {"key", key_name(key)}});
  }
  return list;
}

json warnings_of(const midi::ReadResult& file) {
  json list = json::array();
  for (const auto& warning : file.warnings) {
    list.push_back({{"byte", warning.offset}, {"message", warning.message}});
  }
  return list;
}

/// The programs with which notes of the part's channel sound, by time.
json programs_of(const datasets::Part& part, const std::vector<midi::ProgramChange>& changes) {
  json list = json::array();
  for (const midi::ProgramChange& change : changes) {
    if (change.port != part.port || change.channel != part.channel) continue;
    list.push_back({{"tick", change.time.count},
                    {"program", change.program},
                    {"bank_msb", change.bank_msb},
                    {"bank_lsb", change.bank_lsb}});
  }
  return list;
}

json parts_of(const midi::Score& score, const datasets::Piece& piece,
              const std::string& text_encoding) {
  const auto changes = midi::find_orchestra(score).programs;
  std::vector<std::size_t> notes(piece.parts.size());
  for (const auto& bar : piece.music.bars) {
    for (const auto& note : bar.notes) ++notes.at(note.part);
  }
  json list = json::array();
  for (std::size_t i = 0; i < piece.parts.size(); ++i) {
    const auto& part = piece.parts[i];
    list.push_back({{"name", midi::decode_text(part.name, text_encoding)},
                    {"port", part.port},
                    {"channel", part.channel + 1},
                    {"program", part.program},
                    {"programs", programs_of(part, changes)},
                    {"drums", part.drums},
                    {"notes", notes[i]}});
  }
  return list;
}

json grid_of(const datasets::Piece& piece) {
  const auto& report = piece.report;
  return {{"steps_per_quarter", piece.music.grid.steps_per_quarter},
          {"on_grid_share", rounded(report.on_grid_share(), 0.0001)},
          {"mean_error_steps", rounded(report.mean_error, 0.0001)},
          {"merged_notes", report.merged_notes},
          {"off_grid_bars", report.off_grid_bars},
          {"performed", report.is_performed()},
          {"first_bar", piece.first_bar()},
          {"bar_guess", describe(piece.guess)}};
}

json codec_of(const datasets::Codec& codec, const datasets::Piece& piece) {
  datasets::Passage fitting{piece.music.grid, {}};
  std::size_t too_long = 0, notes = 0, lost_with_bars = 0;
  for (const auto& bar : piece.music.bars) {
    if (codec.can_encode(bar.length)) {
      fitting.bars.push_back(bar);
      notes += bar.notes.size();
    } else {
      ++too_long;
      lost_with_bars += bar.notes.size();
    }
  }
  datasets::Dropped dropped;
  std::size_t rows = 0;
  for (const auto& bar : codec.encode(fitting, &dropped)) rows += bar.rows;
  notes -= std::min(notes, datasets::dropped_notes(dropped));
  if (lost_with_bars > 0) dropped["in a bar too long for the codec"] = lost_with_bars;
  return {{"name", codec.name()},
          {"rows", rows},
          {"kept_notes", notes},
          {"dropped", dropped},
          {"bars_too_long", too_long}};
}

void add_music(json& result, const datasets::Codec& codec, const midi::Score& score,
               const datasets::QuantizeOptions& options, const std::string& text_encoding) {
  try {
    const auto piece = datasets::quantize(score, codec.grid(), options);
    result["bars"] = piece.music.bars.size();
    result["parts"] = parts_of(score, piece, text_encoding);
    result["grid"] = grid_of(piece);
    result["codec"] = codec_of(codec, piece);
  } catch (const datasets::DatasetError& error) {
    result["bars"] = nullptr;
    result["no_bars_because"] = error.what();
  }
}

std::string listed(const json& list, const char* key, std::size_t most = 6) {
  std::ostringstream text;
  for (std::size_t i = 0; i < std::min(list.size(), most); ++i) {
    const auto& value = list[i].at(key);
    text << (i == 0 ? "" : ", ") << (value.is_string() ? value.get<std::string>() : value.dump());
  }
  if (list.size() > most) text << ", ... (" << list.size() << " in all)";
  return list.empty() ? "none given" : text.str();
}

/// The channel, with its port where the piece plays on others than the first.
std::string describe_channel(const json& part, bool ports) {
  return "channel " + part.at("channel").dump() +
         (ports ? " of port " + part.at("port").dump() : "");
}

std::string describe_program(const json& change, bool first) {
  const bool banks = change.at("bank_msb") != 0 || change.at("bank_lsb") != 0;
  return (first ? ", program " : ", then ") + change.at("program").dump() +
         (banks ? " of bank " + change.at("bank_msb").dump() + ":" + change.at("bank_lsb").dump()
                : "") +
         (first ? "" : " from tick " + change.at("tick").dump());
}

/// What the part sounds with: its program at first, and those that follow.
std::string describe_programs(const json& part) {
  constexpr std::size_t kMost = 6;
  const json& changes = part.at("programs");
  std::string text = part.at("drums").get<bool>() ? ", drums" : "";
  for (std::size_t i = 0; i < std::min(changes.size(), kMost); ++i)
    text += describe_program(changes[i], i == 0);
  if (changes.size() > kMost) text += ", ... (" + std::to_string(changes.size()) + " in all)";
  return text;
}

void describe_music(const json& inspection, std::ostringstream& text) {
  const auto guess = inspection.at("grid").at("bar_guess").get<std::string>();
  if (!guess.empty()) text << "  guess     " << guess << '\n';
  int number = 0;
  const json& parts = inspection.at("parts");
  const bool ports = std::any_of(parts.begin(), parts.end(),
                                 [](const json& part) { return part.at("port") != 0; });
  for (const auto& part : parts) {
    const auto name = printable(part.at("name").get<std::string>());
    text << "  part " << std::left << std::setw(5) << ++number
         << (name.empty() ? "(no name)" : name) << ": " << part.at("notes") << " notes, "
         << describe_channel(part, ports) << describe_programs(part) << '\n';
  }
  const auto& grid = inspection.at("grid");
  text << "  grid      " << grid.at("steps_per_quarter")
       << " steps a quarter: " << std::lround(100 * grid.at("on_grid_share").get<double>())
       << " % of notes on it"
       << (grid.at("performed").get<bool>() ? "; a performance, its bars cannot be trusted" : "")
       << '\n';
  const auto& codec = inspection.at("codec");
  text << "  codec     " << codec.at("name").get<std::string>() << " keeps "
       << codec.at("kept_notes") << " notes in " << codec.at("rows") << " rows\n";
  for (const auto& [reason, count] : codec.at("dropped").items()) {
    text << "  drops     " << count << ": " << reason << '\n';
  }
}

json inspect_piece(const std::string& name, const datasets::Codec& codec,
                   const midi::ReadResult& file, const datasets::QuantizeOptions& quantizing,
                   const std::string& text_encoding) {
  const auto& score = file.score;
  const double seconds = midi::TempoMap(score).seconds(midi::end_time(score)).count;
  json result = {
      {"file", name},
      {"format", score.format},
      {"ticks_per_quarter",
       score.division.is_smpte() ? json(nullptr) : json(score.division.ticks_per_quarter)},
      {"tracks", score.tracks.size()},
      {"notes", file.note_ons},
      {"meters", meters_of(score)},
      {"tempos", tempos_of(score)},
      {"keys", keys_of(score)},
      {"seconds", rounded(seconds, 0.001)},
      {"warnings", warnings_of(file)}};
  add_music(result, codec, score, quantizing, text_encoding);
  return result;
}

}  // namespace

std::vector<json> inspect(const std::string& path, const datasets::Codec& codec,
                          const midi::ReadOptions& reading,
                          const datasets::QuantizeOptions& quantizing,
                          const std::string& text_encoding) {
  const auto sequences = midi::read_midi_sequences_file(path, reading);
  std::vector<json> inspections;
  for (const midi::ReadResult& sequence : sequences) {
    const bool alone = sequences.size() == 1;
    const auto name = alone ? path : midi::sequence_path(path, sequence.sequence).string();
    inspections.push_back(inspect_piece(name, codec, sequence, quantizing, text_encoding));
  }
  return inspections;
}

std::string describe_inspection(const json& inspection) {
  std::ostringstream text;
  text << inspection.at("file").get<std::string>() << '\n'
       << "  file      format " << inspection.at("format") << ", " << inspection.at("tracks")
       << " tracks, " << inspection.at("ticks_per_quarter") << " ticks a quarter, "
       << inspection.at("notes") << " notes, " << std::fixed << std::setprecision(1)
       << inspection.at("seconds").get<double>() << " s\n"
       << "  meters    " << listed(inspection.at("meters"), "meter") << '\n'
       << "  tempos    " << listed(inspection.at("tempos"), "quarters_per_minute") << '\n'
       << "  keys      " << listed(inspection.at("keys"), "key") << '\n';
  if (inspection.at("bars").is_null()) {
    text << "  bars      none: " << inspection.at("no_bars_because").get<std::string>() << '\n';
  } else {
    text << "  bars      " << inspection.at("bars") << '\n';
    describe_music(inspection, text);
  }
  for (const auto& warning : inspection.at("warnings")) {
    text << "  warning   " << warning.at("message").get<std::string>() << " (byte "
         << warning.at("byte") << ")\n";
  }
  std::string result = text.str();
  result.pop_back();
  return result;
}

}  // namespace musicvae
