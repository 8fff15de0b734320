#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae::models {

/// PianoTree VAE (Wang et al., ISMIR 2020) with LSTMs for its GRUs: music is a tree whose root is
/// the passage, whose branches are its steps and whose leaves are the notes of a step. One net
/// reads the notes of each step, pitch and duration after pitch and duration, and another these
/// readings over time. The decoder goes the same way back: a net over time, which reads z and what
/// the step before holds, starts and accompanies a net over the notes of the step.
///
/// Rows are tokens, those of codec `notes-by-step`; StepLayout says where a step ends. `encoder`
/// is the size of both readers, `conductor` that of the decoder's net over time, and `decoder`
/// that of its net over notes.
std::shared_ptr<Model> make_pianotree(const ModelConfig& config, torch::Generator generator);
std::int64_t pianotree_weights(const ModelConfig& config);

}  // namespace musicvae::models
