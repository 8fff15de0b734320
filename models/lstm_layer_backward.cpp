#include <optional>

#include "models/lstm_gates.hpp"
#include "models/lstm_layer_parts.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;

/// A row's place in the history once its gradients are known, as floats or rounded.
template <class Value>
Value* kept_row(const Tensor& matrix, std::int64_t row) {
  return reinterpret_cast<Value*>(row_of(matrix, row));
}

void keep(const float* values, std::int64_t count, float* to) { std::copy_n(values, count, to); }
void keep(const float* values, std::int64_t count, BFloat16* to) {
  round_to_bfloat16(values, count, to);
}

template <class Value>
MatrixOf<Value> kept_rows(const Tensor& matrix, std::int64_t row, std::int64_t column) {
  constexpr auto kPerFloat = static_cast<std::int64_t>(sizeof(float) / sizeof(Value));
  return {kept_row<Value>(matrix, row) + column, kPerFloat * matrix.stride(0)};
}

/// All of them from `row` and `column` on.
FactorView kept_view(const Tensor& matrix, std::int64_t row, std::int64_t column, Factors kept) {
  if (kept == Factors::kFloat) return kept_rows<float>(matrix, row, column);
  return kept_rows<BFloat16>(matrix, row, column);
}

FactorView transposed(FactorView view) {
  std::visit([](auto& matrix) { matrix.transposed = !matrix.transposed; }, view);
  return view;
}

/// What all chunks of a direction share in the backward pass.
struct BackwardPass {
  const LayerInput& input;
  int direction;
  const PackedMatrix& recurrent;  ///< Transposed.
  const LayerHistory& history;
  Tensor doutput_PH;   ///< May be undefined.
  Tensor zeros_H;      ///< [1, H], in its place.
  LstmState dfinal;    ///< [N, H].
  LstmState dinitial;  ///< [N, H], out.
  Tensor dbase_NG;     ///< Out, added to; a row a sequence, or one a task.

  /// `dbase` is where to add the gates' gradients where sequences have no base of their own, else
  /// null. `Kept` is what the history's rows become: float, or BFloat16 where the recurrent weights
  /// are.
  template <class Kept>
  void run(const SequenceChunk& chunk, const Running& running, float* dbase,
           const Tensor& dtoken_VG) const;

 private:
  template <class Kept>
  GatesBackward<Kept> gates_row(const SequenceChunk& chunk, std::int64_t t, std::int64_t i,
                                const Running& running) const;
  /// The row before, or none: a sequence's first starts from the initial state.
  std::optional<std::int64_t> row_before(const SequenceChunk& chunk, std::int64_t t,
                                         std::int64_t i) const;
  template <class Kept>
  void keep_h_before(const SequenceChunk& chunk, std::int64_t t, std::int64_t i) const;
};

std::optional<std::int64_t> BackwardPass::row_before(const SequenceChunk& chunk, std::int64_t t,
                                                     std::int64_t i) const {
  const auto before = direction == 1 ? t + 1 : t - 1;
  const bool first = before < 0 || before >= chunk.layout->steps() || i >= chunk.active(before);
  return first ? std::nullopt : std::optional(chunk.row(before, i));
}

/// Where the row's c was, which nothing needs after its gates' gradients. Kept from the forward
/// pass, all the h would be as large as all the c.
template <class Kept>
void BackwardPass::keep_h_before(const SequenceChunk& chunk, std::int64_t t, std::int64_t i) const {
  const auto hidden = input.hidden();
  const auto& c_PH = history.c_PH[direction];
  Kept* const h_before = kept_row<Kept>(c_PH, chunk.row(t, i));
  if (const auto before = row_before(chunk, t, i)) {
    const float* const o = row_of(history.gates_PG[direction], *before) + 3 * hidden;
    hidden_state(o, row_of(c_PH, *before), h_before, hidden);
  } else {
    keep(row_of(input.initial.h_LNH[direction], chunk.sequence(i)), hidden, h_before);
  }
}

template <class Kept>
GatesBackward<Kept> BackwardPass::gates_row(const SequenceChunk& chunk, std::int64_t t,
                                            std::int64_t i, const Running& running) const {
  const auto hidden = input.hidden();
  const auto row = chunk.row(t, i);
  GatesBackward<Kept> result{};
  result.gates = row_of(history.gates_PG[direction], row);
  result.c = row_of(history.c_PH[direction], row);
  const auto before = row_before(chunk, t, i);
  result.c_previous = before ? row_of(history.c_PH[direction], *before)
                             : row_of(input.initial.c_LNH[direction], chunk.sequence(i));
  result.dh = row_of(running.h_NH, i);
  result.doutput = doutput_PH.defined() ? row_of(doutput_PH, row) : row_of(zeros_H, 0);
  result.dc = row_of(running.c_NH, i);
  result.dsums = reinterpret_cast<Kept*>(running.gates_NG.data_ptr<float>()) + i * 4 * hidden;
  return result;
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
    for (std::int64_t i = 0; i < active; ++i) {
      auto row = gates_row<Kept>(chunk, t, i, running);
      row.dbase = dbase ? dbase : row_of(dbase_NG, chunk.sequence(i));
      const auto token = input.tokens_P ? (*input.tokens_P)[chunk.row(t, i)] : -1;
      row.dtoken = token >= 0 ? row_of(dtoken_VG, token) : nullptr;
      gates_backward(row, hidden);
      std::copy_n(row.dsums, 4 * hidden,
                  kept_row<Kept>(history.gates_PG[direction], chunk.row(t, i)));
      keep_h_before<Kept>(chunk, t, i);
    }
    recurrent.multiply(reinterpret_cast<const Kept*>(running.gates_NG.data_ptr<float>()),
                       product_rows(active, running.h_NH.size(0)), running.h_NH.data_ptr<float>());
  };
  const auto leave = [&](std::int64_t i) {
    copy_floats(row_of(dinitial.h_LNH, chunk.sequence(i)), row_of(running.h_NH, i), hidden);
    copy_floats(row_of(dinitial.c_LNH, chunk.sequence(i)), row_of(running.c_NH, i), hidden);
  };
  walk(chunk, direction == 0, enter, step, leave);
}

/// What each task adds up for itself.
struct TaskSums {
  Tensor bias_G;    ///< Where sequences have no base of their own; else undefined.
  Tensor token_VG;  ///< Undefined without tokens.
};

std::vector<TaskSums> make_sums(const LayerInput& input, const Division& division) {
  std::vector<TaskSums> sums(division.tasks());
  for (auto& sum : sums) {
    if (!input.constant_NC.defined()) sum.bias_G = torch::zeros({4 * input.hidden()});
    if (input.tokens_P) sum.token_VG = torch::zeros({input.classes(), 4 * input.hidden()});
  }
  return sums;
}

/// One direction's gradients after its time loop.
struct DirectionSums {
  const LayerInput& input;
  const LayerHistory& history;
  int direction;
  Tensor dbase_NG;  ///< Of sequences, or of tasks without a constant.
  std::vector<Tensor> dtoken_VG;
  Factors kept;  ///< What the history's rows are now.
};

/// Columns [begin, end) of the weights' gradients.
void multiply_weight_gradients(const DirectionSums& sums, std::int64_t begin, std::int64_t end,
                               const LstmWeights& gradient) {
  const auto& [input, history, direction, dbase_NG, dtoken_VG, kept] = sums;
  const auto classes = input.classes();
  const auto columns = end - begin;
  const auto& dgates_PG = history.gates_PG[direction];
  const auto dgates = kept_view(dgates_PG, 0, begin, kept);
  const auto into = [&](const Tensor& matrix, std::int64_t row) {
    return row_of(matrix, row) + begin;
  };
  const auto stride = gradient.input_IG.stride(0);
  if (input.dense_PF.defined()) {
    multiply({input.dense_features(), columns, dgates_PG.size(0)}, view(input.dense_PF, true),
             dgates, false, into(gradient.input_IG, classes), stride, input.factors);
  }
  if (input.constant_NC.defined()) {
    multiply({input.constant_features(), columns, dbase_NG.size(0)}, view(input.constant_NC, true),
             {row_of(dbase_NG, 0) + begin, dbase_NG.stride(0)}, false,
             into(gradient.input_IG, classes + input.dense_features()), stride, input.factors);
  }
  for (std::int64_t token = 0; token < classes; ++token) {
    auto* row = into(gradient.input_IG, token);
    std::fill(row, row + columns, 0.0F);
    for (const auto& part_VG : dtoken_VG) add_into(row, row_of(part_VG, token) + begin, columns);
  }
  multiply({input.hidden(), columns, dgates_PG.size(0)},
           transposed(kept_view(history.c_PH[direction], 0, 0, kept)), dgates, false,
           into(gradient.recurrent_HG, 0), stride, input.factors);
}

LstmWeights weight_gradients(const DirectionSums& sums) {
  const auto& weights = sums.input.weights[sums.direction];
  LstmWeights gradient{torch::empty(weights.input_IG.sizes()),
                       torch::empty(weights.recurrent_HG.sizes()), sums.dbase_NG.sum(0)};
  for_ranges(weights.bias_G.size(0), 64, [&](std::int64_t begin, std::int64_t end) {
    multiply_weight_gradients(sums, begin, end, gradient);
  });
  return gradient;
}

/// d/d the dense input or the constant, summed over directions: each one's gradients of the gates
/// times its weights' transpose. `kept` is how the former are stored.
Tensor input_gradient(const std::vector<Tensor>& dgates_RG, const std::vector<Tensor>& weights_FG,
                      Factors kept, Factors factors) {
  auto result_RF = torch::empty({dgates_RG[0].size(0), weights_FG[0].size(0)});
  for_ranges(result_RF.size(0), 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::size_t d = 0; d < dgates_RG.size(); ++d) {
      multiply({end - begin, result_RF.size(1), weights_FG[d].size(1)},
               kept_view(dgates_RG[d], begin, 0, kept), view(weights_FG[d], true), d > 0,
               row_of(result_RF, begin), result_RF.stride(0), factors);
    }
  });
  return result_RF;
}

template <class Pick>
std::vector<Tensor> per_direction(const LayerInput& input, const Pick& pick) {
  std::vector<Tensor> picked;
  for (int d = 0; d < input.directions(); ++d) picked.push_back(pick(d));
  return picked;
}

}  // namespace

LayerGradients layer_backward(const LayerInput& input, const LayerHistory& history,
                              const LayerOutput& doutput, bool wants_dense) {
  const Division division(input);
  const auto hidden = input.hidden();
  const auto packed = pack_recurrent(input, division, true);
  const auto kept = packed[0].factors();
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
                      {doutput.final.h_LNH[d], doutput.final.c_LNH[d]},
                      {gradients.initial.h_LNH[d], gradients.initial.c_LNH[d]},
                      own_base ? torch::zeros({input.layout->sequences(), 4 * hidden}) : Tensor{}});
  }
  const auto sums = make_sums(input, division);
  for_chunks(input, division, [&](int direction, int task, const SequenceChunk& chunk) {
    const Running running(division.chunk_size(*input.layout), hidden);
    auto* const dbase = own_base ? nullptr : sums[task].bias_G.data_ptr<float>();
    const auto& pass = passes[direction];
    if (kept == Factors::kFloat) {
      pass.run<float>(chunk, running, dbase, sums[task].token_VG);
    } else {
      pass.run<BFloat16>(chunk, running, dbase, sums[task].token_VG);
    }
  });
  std::vector<Tensor> dbases;
  for (int d = 0; d < input.directions(); ++d) {
    DirectionSums direction{input, history, d, passes[d].dbase_NG, {}, kept};
    std::vector<Tensor> biases;
    for (int task = d; task < division.tasks(); task += division.directions) {
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
        kept, input.factors);
  }
  if (own_base) {
    gradients.constant_NC = input_gradient(
        dbases, per_direction(input, [&](int d) { return constant_weights(input, d); }),
        Factors::kFloat, input.factors);
  }
  return gradients;
}

}  // namespace musicvae::models
