#pragma once

#include <array>
#include <string_view>

#include <CLI/CLI.hpp>

/// One function a command: it declares the command's options and what to run once they are parsed.
namespace musicvae::commands {

/// Where a command lives: the engine has Torch, which takes longer to load than most commands run.
enum class Home { kProgram, kEngine };

struct Command {
  std::string_view name;
  std::string_view summary;
  Home home = Home::kProgram;
};

/// In the order of --help.
inline constexpr auto kCommands = std::to_array<Command>({
    {"inspect", "Show what MIDI files hold, what a codec would keep and drop"},
    {"prepare", "Turn files and folders into one corpus file, split by piece, duplicates removed"},
    {"train", "Train a model on MIDI files, folders or a corpus", Home::kEngine},
    {"evaluate", "Measure a model on MIDI files or a corpus", Home::kEngine},
    {"reconstruct", "Encode a piece and decode it again, passage by passage", Home::kEngine},
    {"sample", "Make new music from the prior", Home::kEngine},
    {"interpolate", "Make music between two pieces", Home::kEngine},
    {"inpaint", "Fill missing bars so that they belong to those around", Home::kEngine},
    {"models", "List the models at hand", Home::kEngine},
    {"render", "Make sound of a MIDI file"},
    {"ports", "List the live MIDI ports of this machine"},
    {"play", "Play MIDI files to a synth or another program"},
    {"record", "Make a MIDI file of what is played"},
    {"live", "Play together with the model", Home::kEngine},
});

void setup_inspect(CLI::App& command);
void setup_prepare(CLI::App& command);
void setup_train(CLI::App& command);
void setup_evaluate(CLI::App& command);
void setup_reconstruct(CLI::App& command);
void setup_sample(CLI::App& command);
void setup_interpolate(CLI::App& command);
void setup_inpaint(CLI::App& command);
void setup_models(CLI::App& command);
void setup_render(CLI::App& command);
void setup_ports(CLI::App& command);
void setup_play(CLI::App& command);
void setup_record(CLI::App& command);
void setup_live(CLI::App& command);

}  // namespace musicvae::commands
