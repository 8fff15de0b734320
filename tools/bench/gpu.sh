#!/usr/bin/env bash
# What a GPU does with musicvae. Builds against pip's torch, runs the tests that need a GPU (where
# Catch2 is), then one step of training of the MusicVAE paper's 16-bar network in eager PyTorch
# (bfloat16 autocast, fused Adam) and in ours, in turn, and then generation on the GPU and the CPU.
# The table gives passages a second, how many times longer PyTorch takes, and our share of the
# device's matrix rate, which is measured in the same run.
#
# Needs a compiler, CMake, CLI11, nlohmann-json and Google Benchmark (CMAKE_PREFIX_PATH says where
# else they are), and a Python with CUDA's torch, by default python3, else in $PYTHON.
#
# usage: tools/bench/gpu.sh [--rounds N] [--steps N] [--build DIR] [SHAPE...]
#   --rounds  how often each of the two is started (3)
#   --steps   steps of a start to take the median of, after one that is not counted (20)
#   --build   the build folder (build/gpu)
#   SHAPE     flags that are to differ from the paper's network, as `musicvae_bench train --help`
#             lists them
set -euo pipefail

fail() {
  echo "tools/bench/gpu.sh: $2" >&2
  exit "$1"
}

root=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python3}
rounds=3 steps=20 build=$root/build/gpu
declare -A shape=([--family]=hierarchical [--classes]=90 [--bars]=16 [--rows]=16 [--latent]=512
  [--encoder-layers]=2 [--encoder-hidden]=2048 [--conductor-layers]=2 [--conductor-hidden]=1024
  [--decoder-layers]=2 [--decoder-hidden]=1024 [--batch]=512)
while (($#)); do
  case $1 in
    --help | -h) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" && exit ;;
    --rounds | --steps | --build)
      (($# > 1)) || fail 2 "$1 needs a value"
      printf -v "${1#--}" %s "$2" && shift
      ;;
    --*)
      (($# > 1)) || fail 2 "$1 needs a value"
      shape[$1]=$2 && shift
      ;;
    *) fail 2 "what is '$1'? Flags and their values are two words" ;;
  esac
  shift
done
[[ $rounds =~ ^[1-9][0-9]{0,2}$ ]] || fail 2 "--rounds must be 1 to 999, not '$rounds'"
"$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null ||
  fail 1 "$python has no torch that sees a GPU; set PYTHON to a Python that has one"

prefix=$("$python" -c 'import torch; print(torch.utils.cmake_prefix_path)')
configure() {
  CMAKE_PREFIX_PATH=$prefix${CMAKE_PREFIX_PATH:+:$CMAKE_PREFIX_PATH} cmake -S "$root" -B "$build" \
    -DCMAKE_BUILD_TYPE=Release -DMUSICVAE_BENCHMARKS=ON -DMUSICVAE_PORTS=OFF "$@"
}
targets=(musicvae_bench test_models test_src)
if ! configure -DMUSICVAE_TESTS=ON; then
  echo "tools/bench/gpu.sh: without Catch2 the tests are left out" >&2
  configure -DMUSICVAE_TESTS=OFF
  targets=(musicvae_bench)
fi
cmake --build "$build" --parallel "$(nproc)" --target "${targets[@]}"
for program in "${targets[@]:1}"; do
  "$(find "$build/tests" -type f -name "$program")" '[cuda]'
done

results=$(mktemp)
trap 'rm -f "$results"' EXIT

# Takes a name, then a command that prints JSON.
measure() {
  local name=$1 result
  shift
  echo "round $round of $rounds: $name ..." >&2
  result=$("$@") || fail $? "$name failed"
  printf '{"name": "%s", "result": %s}\n' "$name" "${result//$'\n'/}" >>"$results"
}

# Puts the shape's flags into $flags.
flags_of_shape() {
  local flag
  flags=()
  for flag in "${!shape[@]}"; do flags+=("$flag" "${shape[$flag]}"); done
}

flags_of_shape
for ((round = 1; round <= rounds; ++round)); do
  measure 'PyTorch eager' "$python" "$root/tools/reference/train_step.py" --steps "$steps" \
    --device cuda --dtype bfloat16 "${flags[@]}"
  measure 'musicvae' "$build/musicvae_bench" train --json --repetitions "$steps" --device cuda \
    "${flags[@]}"
done
"$python" "$root/tools/reference/summary.py" table <"$results"

for songs in 1 32; do
  shape[--batch]=$songs
  flags_of_shape
  for device in cuda cpu; do
    echo "generation of $songs songs on $device:"
    "$build/musicvae_bench" generate --device "$device" "${flags[@]}"
  done
done
