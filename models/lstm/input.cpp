#include "models/lstm/input.hpp"

namespace musicvae::models {
namespace {

constexpr std::int64_t kUnknown = -1;

/// Sets an extent that is unknown. One that another tensor has set must be equal.
void agree(std::int64_t& extent, std::int64_t size, const char* what) {
  TORCH_CHECK(extent == kUnknown || extent == size, "LSTM inputs disagree: ", what, " has ", size,
              ", another has ", extent);
  extent = size;
}

void check_shape(const torch::Tensor& tensor, bool wanted, std::int64_t dimensions,
                 const char* what) {
  TORCH_CHECK(tensor.defined() == wanted, "LSTM: ", what,
              wanted ? " is missing" : " is given but has no weights");
  TORCH_CHECK(!wanted || tensor.dim() == dimensions, "LSTM: ", what, " must have ", dimensions,
              " dimensions, not ", tensor.dim());
}

void check_features(const torch::Tensor& tensor, std::int64_t features, const char* what) {
  TORCH_CHECK(features == 0 || tensor.size(-1) == features, "LSTM: ", what, " must have ", features,
              " features, not ", tensor.size(-1));
}

torch::Tensor complete(const torch::Tensor& state, at::IntArrayRef shape,
                       const torch::Tensor& like) {
  if (!state.defined()) return torch::zeros(shape, like.options().requires_grad(false));
  TORCH_CHECK(state.sizes() == shape, "LSTM state has shape ", state.sizes(), ", not ", shape);
  return state;
}

}  // namespace

LstmExtent check_lstm_input(const LstmOptions& options, const LstmInput& input) {
  check_shape(input.tokens_NT, options.token_classes > 0, 2, "tokens_NT");
  check_shape(input.dense_NTF, options.dense_features > 0, 3, "dense_NTF");
  check_shape(input.constant_NC, options.constant_features > 0, 2, "constant_NC");
  check_features(input.dense_NTF, options.dense_features, "dense_NTF");
  check_features(input.constant_NC, options.constant_features, "constant_NC");
  std::int64_t sequences = kUnknown;
  std::int64_t steps = kUnknown;
  for (const auto& stepwise : {input.tokens_NT, input.dense_NTF}) {
    if (!stepwise.defined()) continue;
    agree(sequences, stepwise.size(0), "a stepwise input's N");
    agree(steps, stepwise.size(1), "a stepwise input's T");
  }
  if (input.constant_NC.defined()) agree(sequences, input.constant_NC.size(0), "constant_NC's N");
  if (input.lengths_N.defined()) agree(sequences, input.lengths_N.numel(), "lengths_N's N");
  return {sequences, steps == kUnknown ? input.steps : steps};
}

LstmState complete_lstm_state(const LstmOptions& options, const LstmState& initial,
                              std::int64_t sequences, const torch::Tensor& like) {
  const std::int64_t states = std::int64_t{options.layers} * lstm_directions(options);
  const std::vector<std::int64_t> shape{states, sequences, options.hidden};
  return {complete(initial.h_LNH, shape, like), complete(initial.c_LNH, shape, like)};
}

}  // namespace musicvae::models
