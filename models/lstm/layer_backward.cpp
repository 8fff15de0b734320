#include <optional>

#include "models/kernels/lstm_gates.hpp"
#include "models/lstm/layer_parts.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

void keep(const float* values, std::int64_t count, float* to) { std::copy_n(values, count, to); }
void keep(const float* values, std::int64_t count, BFloat16* to) {
  round_to_bfloat16(values, count, to);
}

/// Views the history's rows as the values that the backward pass has put there.
template <class Value>
MatrixOf<Value> kept_rows(const Tensor& matrix) {
  constexpr auto kPerFloat = static_cast<std::int64_t>(sizeof(float) / sizeof(Value));
  return {row_of<Value>(matrix, 0), kPerFloat * matrix.stride(0)};
}

FactorView kept_view(const Tensor& matrix, Factors kept) {
  if (kept == Factors::kFloat) return kept_rows<float>(matrix);
  return kept_rows<BFloat16>(matrix);
}

FactorView transposed(FactorView view) {
  std::visit([](auto& matrix) { matrix.transposed = !matrix.transposed; }, view);
  return view;
}

/// One direction's backward pass, for all of its chunks.
struct BackwardPass {
  const LayerInput& input;
  int direction;
  const PackedMatrix& recurrent;  ///< The transposed weights of h.
  const LayerHistory& history;
  Tensor doutput_PH;   ///< May be undefined.
  Tensor zeros_H;      ///< [1, H], for where doutput_PH is undefined.
  LstmState initial;   ///< [N, H].
  LstmState dfinal;    ///< [N, H].
  LstmState dinitial;  ///< [N, H], out.
  Tensor dbase_NG;     ///< Out, added to: a row for each sequence; undefined without a constant.

  /// If sequences have no base of their own, the gates' gradients are added to `dbase`, which is
  /// null otherwise. `Kept` is the type that the history's rows get: float or BFloat16.
  template <class Kept>
  void run(const SequenceChunk& chunk, const Running& running, float* dbase,
           const Tensor& dtoken_VG) const;

 private:
  template <class Kept>
  GatesBackward<Kept> gates_row(const SequenceChunk& chunk, std::int64_t t, std::int64_t i,
                                const Running& running) const;
  /// running.h_NH = the gradients of the step's gates, which are in the history, times the weights.
  template <class Kept>
  void multiply(const SequenceChunk& chunk, std::int64_t t, const Running& running) const;
  /// The row that comes `steps` later in the direction of the pass; none beyond the sequence's
  /// ends.
  std::optional<std::int64_t> row_later(const SequenceChunk& chunk, std::int64_t t, std::int64_t i,
                                        std::int64_t steps) const;
};

std::optional<std::int64_t> BackwardPass::row_later(const SequenceChunk& chunk, std::int64_t t,
                                                    std::int64_t i, std::int64_t steps) const {
  const auto later = direction == 1 ? t - steps : t + steps;
  const bool beyond = later < 0 || later >= chunk.layout->steps() || i >= chunk.active(later);
  return beyond ? std::nullopt : std::optional(chunk.row(later, i));
}

template <class Kept>
GatesBackward<Kept> BackwardPass::gates_row(const SequenceChunk& chunk, std::int64_t t,
                                            std::int64_t i, const Running& running) const {
  const auto row = chunk.row(t, i);
  const auto& c_PH = history.c_PH[direction];
  GatesBackward<Kept> result{};
  result.gates = row_of<KeptGate<Kept>>(history.gates_PG[direction], row);
  result.c = row_of(c_PH, row);
  const auto before = row_later(chunk, t, i, -1);
  result.c_previous = before ? row_of(c_PH, *before) : row_of(initial.c_LNH, chunk.sequence(i));
  result.dh = row_of(running.h_NH, i);
  result.doutput = doutput_PH.defined() ? row_of(doutput_PH, output_row(input, chunk, t, i))
                                        : row_of(zeros_H, 0);
  result.dc = row_of(running.c_NH, i);
  result.dsums = row_of<Kept>(history.gates_PG[direction], row);
  // Nothing needs the next row's c any more, so this row's h, from which the next row starts, takes
  // its place. Keeping h from the forward pass would take as much memory as c does.
  const auto after = row_later(chunk, t, i, 1);
  result.h = after ? row_of<Kept>(c_PH, *after) : nullptr;
  return result;
}

template <>
void BackwardPass::multiply<float>(const SequenceChunk& chunk, std::int64_t t,
                                   const Running& running) const {
  const auto active = chunk.active(t);
  for (std::int64_t i = 0; i < active; ++i) {
    copy_floats(row_of(running.gates_NG, i), row_of(history.gates_PG[direction], chunk.row(t, i)),
                4 * input.hidden());
  }
  recurrent.multiply(running.gates_NG.data_ptr<float>(), product_rows(active, running.h_NH.size(0)),
                     running.h_NH.data_ptr<float>());
}

template <>
void BackwardPass::multiply<BFloat16>(const SequenceChunk& chunk, std::int64_t t,
                                      const Running& running) const {
  auto dgates = kept_rows<BFloat16>(history.gates_PG[direction]).from(chunk.row(t, 0), 0);
  dgates.stride *= chunk.stride;
  recurrent.multiply(dgates, chunk.active(t), running.h_NH.data_ptr<float>());
}

template <class Kept>
void BackwardPass::run(const SequenceChunk& chunk, const Running& running, float* dbase,
                       const Tensor& dtoken_VG) const {
  const auto hidden = input.hidden();
  const auto enter = [&](std::int64_t i) {
    copy_floats(row_of(running.h_NH, i), row_of(dfinal.h_LNH, chunk.sequence(i)), hidden);
    copy_floats(row_of(running.c_NH, i), row_of(dfinal.c_LNH, chunk.sequence(i)), hidden);
  };
  const auto step = [&](std::int64_t t, std::int64_t active) {
    auto next = gates_row<Kept>(chunk, t, 0, running);
    for (std::int64_t i = 0; i < active; ++i) {
      auto row = next;
      if (i + 1 < active) {
        next = gates_row<Kept>(chunk, t, i + 1, running);
        row.next = &next;
      }
      row.dbase = dbase ? dbase : row_of(dbase_NG, chunk.sequence(i));
      const auto token = input.tokens_P ? (*input.tokens_P)[chunk.row(t, i)] : -1;
      row.dtoken = token >= 0 ? row_of(dtoken_VG, token) : nullptr;
      gates_backward(row, hidden);
      if (!row_later(chunk, t, i, -1)) {
        keep(row_of(initial.h_LNH, chunk.sequence(i)), hidden,
             row_of<Kept>(history.c_PH[direction], chunk.row(t, i)));
      }
    }
    multiply<Kept>(chunk, t, running);
  };
  const auto leave = [&](std::int64_t i) {
    copy_floats(row_of(dinitial.h_LNH, chunk.sequence(i)), row_of(running.h_NH, i), hidden);
    copy_floats(row_of(dinitial.c_LNH, chunk.sequence(i)), row_of(running.c_NH, i), hidden);
  };
  walk(chunk, direction == 0, enter, step, leave);
}

/// The gradients that each task adds up for itself.
struct TaskSums {
  Tensor bias_G;    ///< Undefined where sequences have a base of their own.
  Tensor token_VG;  ///< Undefined without tokens.
};

std::vector<TaskSums> make_sums(const LayerInput& input, const LayerTasks& tasks) {
  std::vector<TaskSums> sums(tasks.count());
  for (auto& sum : sums) {
    if (!input.constant_NC.defined()) sum.bias_G = torch::zeros({4 * input.hidden()});
    if (input.tokens_P) sum.token_VG = torch::zeros({input.classes(), 4 * input.hidden()});
  }
  return sums;
}

/// One direction's sums of gradients after its time loop.
struct DirectionSums {
  const LayerInput& input;
  const LayerHistory& history;
  int direction;
  Tensor dbase_NG;  ///< A row for each sequence, or without a constant one for each task.
  std::vector<Tensor> dtoken_VG;
};

/// Adds up the tasks' sums, a row for each token.
void add_token_gradients(const std::vector<Tensor>& parts_VG, std::int64_t classes,
                         const Tensor& gradient_IG) {
  const auto columns = gradient_IG.size(1);
  for_ranges(classes, 8, [&](std::int64_t begin, std::int64_t end) {
    for (auto token = begin; token < end; ++token) {
      auto* const row = row_of(gradient_IG, token);
      std::fill(row, row + columns, 0.0F);
      for (const auto& part_VG : parts_VG) add_into(row, row_of(part_VG, token), columns);
    }
  });
}

LstmWeights weight_gradients(const DirectionSums& sums) {
  const auto& [input, history, direction, dbase_NG, dtoken_VG] = sums;
  const auto& weights = input.weights[direction];
  LstmWeights gradient{torch::empty(weights.input_IG.sizes()),
                       torch::empty(weights.recurrent_HG.sizes()), dbase_NG.sum(0)};
  const auto classes = input.classes();
  const auto& dgates_PG = history.gates_PG[direction];
  const auto dgates = kept_view(dgates_PG, history.kept);
  const auto gates = gradient.input_IG.size(1);
  const auto stride = gradient.input_IG.stride(0);
  add_token_gradients(dtoken_VG, classes, gradient.input_IG);
  if (input.constant_NC.defined()) {
    multiply({input.constant_features(), gates, dbase_NG.size(0)}, view(input.constant_NC, true),
             view(dbase_NG), false, row_of(gradient.input_IG, classes + input.dense_features()),
             stride, input.factors);
  }
  std::vector<LeftFactor> rows{{transposed(kept_view(history.c_PH[direction], history.kept)),
                                input.hidden(), gradient.recurrent_HG.data_ptr<float>()}};
  if (input.dense_PF.defined()) {
    rows.push_back(
        {view(input.dense_PF, true), input.dense_features(), row_of(gradient.input_IG, classes)});
  }
  multiply_each(rows, gates, dgates_PG.size(0), dgates, stride, input.factors);
  return gradient;
}

/// The gradient of the dense input or of the constant, summed over directions: the gates'
/// gradients, which are stored as `kept` says, times the transposed weights.
Tensor input_gradient(const std::vector<Tensor>& dgates_RG, const std::vector<Tensor>& weights_FG,
                      Factors kept, Factors factors) {
  auto result_RF = torch::empty({dgates_RG[0].size(0), weights_FG[0].size(0)});
  for (std::size_t d = 0; d < dgates_RG.size(); ++d) {
    multiply({result_RF.size(0), result_RF.size(1), weights_FG[d].size(1)},
             kept_view(dgates_RG[d], kept), view(weights_FG[d], true), d > 0,
             result_RF.data_ptr<float>(), result_RF.stride(0), factors);
  }
  return result_RF;
}

}  // namespace

LayerGradients layer_backward(const LayerInput& input, const LayerHistory& history,
                              const LayerOutput& doutput, bool wants_dense) {
  const LayerTasks tasks(input);
  const auto hidden = input.hidden();
  const auto packed = per_direction(input, [&](int d) {
    return PackedMatrix(view(input.weights[d].recurrent_HG, true), 4 * hidden, hidden,
                        tasks.chunk_size(*input.layout), history.kept, tensor_memory);
  });
  TORCH_INTERNAL_ASSERT(packed[0].factors() == history.kept);
  const bool own_base = input.constant_NC.defined();
  const auto zeros_H = torch::zeros({1, hidden});
  LayerGradients gradients;
  gradients.initial = {doutput.final.h_LNH.clone(), doutput.final.c_LNH.clone()};
  std::vector<BackwardPass> passes;
  for (int d = 0; d < input.directions(); ++d) {
    passes.push_back({input,
                      d,
                      packed[d],
                      history,
                      half_of(doutput.output_PD, d, hidden),
                      zeros_H,
                      {input.initial.h_LNH[d], input.initial.c_LNH[d]},
                      {doutput.final.h_LNH[d], doutput.final.c_LNH[d]},
                      {gradients.initial.h_LNH[d], gradients.initial.c_LNH[d]},
                      own_base ? torch::zeros({input.layout->sequences(), 4 * hidden}) : Tensor{}});
  }
  const auto sums = make_sums(input, tasks);
  for_chunks(input, tasks, [&](int direction, int task, const SequenceChunk& chunk) {
    const Running running(tasks.chunk_size(*input.layout), hidden);
    auto* const dbase = own_base ? nullptr : sums[task].bias_G.data_ptr<float>();
    const auto& pass = passes[direction];
    if (history.kept == Factors::kFloat) {
      pass.run<float>(chunk, running, dbase, sums[task].token_VG);
    } else {
      pass.run<BFloat16>(chunk, running, dbase, sums[task].token_VG);
    }
  });
  std::vector<Tensor> dbases;
  for (int d = 0; d < input.directions(); ++d) {
    DirectionSums direction{input, history, d, passes[d].dbase_NG, {}};
    std::vector<Tensor> biases;
    for (int task = d; task < tasks.count(); task += tasks.directions) {
      if (!own_base) biases.push_back(sums[task].bias_G);
      if (input.tokens_P) direction.dtoken_VG.push_back(sums[task].token_VG);
    }
    if (!own_base) direction.dbase_NG = torch::stack(biases);
    dbases.push_back(direction.dbase_NG);
    gradients.weights.push_back(weight_gradients(direction));
  }
  if (wants_dense) {
    gradients.dense_PF = input_gradient(
        history.gates_PG, per_direction(input, [&](int d) { return dense_weights(input, d); }),
        history.kept, input.factors);
  }
  if (own_base) {
    gradients.constant_NC = input_gradient(
        dbases, per_direction(input, [&](int d) { return constant_weights(input, d); }),
        Factors::kFloat, input.factors);
  }
  return gradients;
}

}  // namespace musicvae::models
