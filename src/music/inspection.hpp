#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "datasets/codecs/codec.hpp"
#include "midi/file/reader.hpp"
#include "midi/text.hpp"

namespace musicvae {

/// What a file holds and what a codec would keep of it, as the objects of `inspect --json`:
/// one for each piece, of which a file of format 2 may hold several. Their keys are file, format,
/// ticks_per_quarter, tracks, notes (note-ons with a velocity above 0), bars, meters, tempos, keys,
/// seconds, warnings, parts, grid, codec. Names are in `text_encoding`, as midi::decode_text()
/// takes it. Throws Error where the file cannot be read, MidiError where it is no MIDI file.
std::vector<nlohmann::json> inspect(const std::string& path, const datasets::Codec& codec,
                                    const midi::ReadOptions& reading,
                                    const datasets::QuantizeOptions& quantizing = {},
                                    const std::string& text_encoding = midi::kGuessedEncoding);

/// The same as text for people.
std::string describe_inspection(const nlohmann::json& inspection);

}  // namespace musicvae
