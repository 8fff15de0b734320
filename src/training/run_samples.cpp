#include "src/training/run_samples.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "src/music/musicvae.hpp"
#include "src/music/new_music.hpp"

namespace musicvae {
namespace {

constexpr int kMostBars = 8;
constexpr double kTempo = 90;
constexpr int kProgram = 24;  // Nylon guitar.

}  // namespace

void write_run_sample(const MusicModel& model, std::int64_t step,
                      const std::filesystem::path& folder) {
  char name[40];
  std::snprintf(name, sizeof name, "step-%09lld.mid", static_cast<long long>(step));
  try {
    const MusicVae face(model);
    const auto layout =
        make_layout(face.codec(), face.commonest_meter(), std::min(face.bars(), kMostBars));
    const auto music = face.sample(1, layout, face.sampling_options()).front();
    std::filesystem::create_directories(folder);
    midi::write_midi_file(datasets::to_score(music, style_of_new_music(kTempo, kProgram, "")),
                          folder / name);
  } catch (const Error&) {
    return;
  } catch (const std::filesystem::filesystem_error&) {
    return;
  }
}

}  // namespace musicvae
