#include "models/lstm/packed_rows.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include <torch/autograd.h>

#include "models/kernels/threads.hpp"

namespace musicvae::models {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Layout = std::shared_ptr<const PackedRows>;

std::vector<std::int64_t> lengths_or_full(const Tensor& lengths_N, std::int64_t sequences,
                                          std::int64_t steps) {
  if (!lengths_N.defined()) return std::vector<std::int64_t>(sequences, steps);
  const auto on_cpu = lengths_N.to(torch::kCPU, torch::kInt64).contiguous();
  const auto* data = on_cpu.data_ptr<std::int64_t>();
  return {data, data + sequences};
}

/// Calls body(packed row, sequence, step) for every real step, several threads sharing the steps.
template <class Body>
void for_rows(const PackedRows& layout, const Body& body) {
  const int tasks = thread_count();
  run_tasks(tasks, [&](int task) {
    for (std::int64_t step = task; step < layout.steps(); step += tasks) {
      for (std::int64_t rank = 0; rank < layout.active(step); ++rank) {
        body(layout.row(step, rank), layout.sequence(rank), step);
      }
    }
  });
}

Tensor packed(const PackedRows& layout, const Tensor& padded_NTF) {
  const auto source = padded_NTF.contiguous();
  const auto features = source.size(-1);
  auto result = staggered_matrix(layout.rows(), features);
  for_rows(layout, [&](std::int64_t row, std::int64_t sequence, std::int64_t step) {
    std::memcpy(result.data_ptr<float>() + row * result.stride(0),
                source.data_ptr<float>() + (sequence * layout.padded_steps() + step) * features,
                features * sizeof(float));
  });
  return result;
}

Tensor unpacked(const PackedRows& layout, const Tensor& packed_PF) {
  const auto source = packed_PF.stride(1) == 1 ? packed_PF : packed_PF.contiguous();
  const auto features = source.size(1);
  const auto places = layout.sequences() * layout.padded_steps();
  auto result =
      layout.rows() == places ? torch::empty({places, features}) : torch::zeros({places, features});
  for_rows(layout, [&](std::int64_t row, std::int64_t sequence, std::int64_t step) {
    std::memcpy(result.data_ptr<float>() + (sequence * layout.padded_steps() + step) * features,
                source.data_ptr<float>() + row * source.stride(0), features * sizeof(float));
  });
  return result.view({layout.sequences(), layout.padded_steps(), features});
}

/// Keeps a layout in an autograd context.
struct SavedLayout : torch::CustomClassHolder {
  explicit SavedLayout(Layout saved) : layout(std::move(saved)) {}
  Layout layout;
};

void save(AutogradContext* context, Layout layout) {
  context->saved_data["layout"] =
      c10::IValue::make_capsule(c10::make_intrusive<SavedLayout>(std::move(layout)));
}

const PackedRows& saved(AutogradContext* context) {
  const auto holder = context->saved_data["layout"].toCapsule();
  return *static_cast<SavedLayout&>(*holder).layout;
}

struct Pack : torch::autograd::Function<Pack> {
  static Tensor forward(AutogradContext* context, Layout layout, const Tensor& padded_NTF) {
    auto result = packed(*layout, padded_NTF);
    save(context, std::move(layout));
    return result;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {Tensor(), unpacked(saved(context), gradients[0])};
  }
};

struct Unpack : torch::autograd::Function<Unpack> {
  static Tensor forward(AutogradContext* context, Layout layout, const Tensor& packed_PF) {
    auto result = unpacked(*layout, packed_PF);
    save(context, std::move(layout));
    return result;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {Tensor(), packed(saved(context), gradients[0])};
  }
};

}  // namespace

PackedRows::PackedRows(const Tensor& lengths_N, std::int64_t sequences, std::int64_t steps)
    : order_(sequences), starts_(sequences), padded_steps_(steps) {
  const auto lengths = lengths_or_full(lengths_N, sequences, steps);
  std::vector<std::int64_t> active(steps + 1,
                                   0);  // sequences of more than t steps; 0 for t = steps
  for (const auto length : lengths) {
    TORCH_CHECK(0 <= length && length <= steps, "a sequence's length is ", length, ", not 0 to ",
                steps);
    if (length > 0) ++active[length - 1];
  }
  std::partial_sum(active.rbegin(), active.rend(), active.rbegin());
  std::exclusive_scan(lengths.begin(), lengths.end(), starts_.begin(), std::int64_t{0});
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::int64_t a, std::int64_t b) { return lengths[a] > lengths[b]; });
  first_row_.push_back(0);
  for (std::int64_t t = 0; active[t] > 0; ++t) first_row_.push_back(first_row_.back() + active[t]);
}

Tensor staggered_matrix(std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t kStagger = 16;
  const auto stride = (columns + kStagger - 1) / kStagger * kStagger + kStagger;
  return torch::empty({rows, stride}).narrow(1, 0, columns);
}

Tensor pack_rows(Layout layout, const Tensor& padded_NTF) {
  return Pack::apply(std::move(layout), padded_NTF);
}

Tensor unpack_rows(Layout layout, const Tensor& packed_PF) {
  return Unpack::apply(std::move(layout), packed_PF);
}

std::vector<std::int64_t> pack_tokens(const PackedRows& layout, const Tensor& tokens_NT,
                                      std::int64_t classes) {
  const auto on_cpu = tokens_NT.to(torch::kCPU, torch::kInt64).contiguous();
  const auto* data = on_cpu.data_ptr<std::int64_t>();
  std::vector<std::int64_t> result(layout.rows());
  for_rows(layout, [&](std::int64_t row, std::int64_t sequence, std::int64_t step) {
    const auto token = data[sequence * layout.padded_steps() + step];
    TORCH_CHECK(-1 <= token && token < classes, "token ", token, " is not -1 to ", classes - 1);
    result[row] = token;
  });
  return result;
}

}  // namespace musicvae::models
