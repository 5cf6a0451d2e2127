// Times the recurrent layers of oneDNN 2 or 3 by themselves, or runs them once on given numbers.
//
//   onednn_side CELL B T I H L [--passes LIST] [--seconds S] [--threads N] [--gap MS]
//   onednn_side CELL B T I H L --check FILE [--threads N]
//
// CELL is lstm, gru (with the reset gate after the product, as PyTorch's) or elman. Weights are the user's,
// with PyTorch's rows and columns, and are brought into the format that a primitive wants in every pass:
//
//   trainDX        forward and backward; gradients of weights come back in the user's format. oneDNN has no
//                  backward pass without the gradient of the input.
//   inference      forward without a record
//   inferenceOnce  the same with weights that are brought into their format once
//   stream         T calls of one step each, the state carried; weights brought into their format once
//
// Medians are printed as JSON. With --check, FILE holds float32: of each layer the weights of input and state
// and the biases, then the input and the gradient of the output; FILE.out gets the outputs of training and of
// the other three passes, the gradient of the input, and of each layer those of weights and biases.

#include <oneapi/dnnl/dnnl.hpp>

#if DNNL_VERSION_MAJOR != 2 && DNNL_VERSION_MAJOR != 3
#error "onednn_side needs oneDNN 2 or 3"
#endif
#if DNNL_CPU_THREADING_RUNTIME != DNNL_RUNTIME_OMP
#error "onednn_side needs a oneDNN that runs on OpenMP, whose threads it sets"
#endif

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

// What oneDNN itself is linked to; omp.h comes with some compilers only.
extern "C" void omp_set_num_threads(int);

using dnnl::memory;
using Tag = memory::format_tag;
using Arguments = std::unordered_map<int, memory>;
using Dimension = memory::dim;

namespace {

dnnl::engine &cpu() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream &stream() {
  static dnnl::stream stream(cpu());
  return stream;
}

memory::desc layout(const memory::dims &sizes, Tag tag) { return {sizes, memory::data_type::f32, tag}; }

float *values(const memory &m) { return static_cast<float *>(m.get_data_handle()); }

size_t count(const memory &m) { return m.get_desc().get_size() / sizeof(float); }

void clear(const memory &m) { std::memset(m.get_data_handle(), 0, m.get_desc().get_size()); }

struct Cell {
  std::string name;
  Dimension gates, biases;
  bool hasCellState;
};

Cell cellNamed(const std::string &name) {
  if (name == "lstm") return {name, 4, 4, true};
  // Update, reset, new; the product of the reset gate has a bias of its own.
  if (name == "gru") return {name, 3, 4, false};
  if (name == "elman") return {name, 1, 1, false};
  throw std::runtime_error("a cell is lstm, gru or elman, not " + name);
}

struct Sizes {
  Dimension batch, steps, input, hidden, layers;
};

// oneDNN 2 describes an operation before it describes a primitive.
#if DNNL_VERSION_MAJOR == 2
template <class Operation, class... Words>
auto described(const Words &...words) {
  return typename Operation::primitive_desc(typename Operation::desc(words...), cpu());
}

template <class Operation, class Forward, class... Words>
auto describedAfter(const Forward &forward, const Words &...words) {
  return typename Operation::primitive_desc(typename Operation::desc(words...), cpu(), forward);
}
#else
template <class Operation, class... Words>
auto described(const Words &...words) {
  return typename Operation::primitive_desc(cpu(), words...);
}

template <class Operation, class Forward, class... Words>
auto describedAfter(const Forward &forward, const Words &...words) {
  return typename Operation::primitive_desc(cpu(), words..., forward);
}
#endif

/// Values in one format that are wanted in another; the same memory where both are the same.
class Copy {
 public:
  Copy() = default;
  static Copy to(const memory::desc &format, const memory &from) { return Copy(from, memory(), format, true); }
  static Copy from(const memory::desc &format, const memory &to) { return Copy(memory(), to, format, false); }
  void run() {
    if (reorder_) reorder_->execute(stream(), source_, target_);
  }
  /// The side that the primitive uses.
  const memory &inner() const { return isInput_ ? target_ : source_; }

 private:
  Copy(memory from, memory to, const memory::desc &format, bool isInput) : isInput_(isInput) {
    const memory &given = isInput ? from : to;
    const memory other = given.get_desc() == format ? given : memory(format, cpu());
    source_ = isInput ? given : other;
    target_ = isInput ? other : given;
    if (!(given.get_desc() == format)) reorder_ = std::make_shared<dnnl::reorder>(source_, target_);
  }
  bool isInput_ = true;
  memory source_, target_;
  std::shared_ptr<dnnl::reorder> reorder_;
};

/// Layers whose inputs are equally wide, as one primitive of each kind.
class Stage {
 public:
  Stage(const Cell &cell, Sizes sizes, memory input) : cell_(cell), sizes_(sizes), input_(std::move(input)) {
    const auto [b, t, i, h, l] = sizes_;
    weights = memory(layout({l, 1, i, cell.gates, h}, Tag::ldgoi), cpu());
    recurrent = memory(layout({l, 1, h, cell.gates, h}, Tag::ldgoi), cpu());
    bias = memory(layout({l, 1, cell.biases, h}, Tag::ldgo), cpu());
    output = memory(layout({t, b, h}, Tag::tnc), cpu());
    for (auto &m : {weights, recurrent, bias, output}) clear(m);
  }

  Dimension layers() const { return sizes_.layers; }

  memory weights, recurrent, bias, output;
  memory weightsGradient, recurrentGradient, biasGradient, inputGradient;

  // Training

  /// - Parameter outputGradient: what the layers above leave.
  void prepareTraining(const memory &outputGradient) {
    // With states of zeros at both ends: without them oneDNN 2.6.3 and 3.2 take dU of LSTM and Elman from each
    // step's own state instead of that of the step before.
    const auto [forward, backward] = primitives(dnnl::prop_kind::forward_training, sizes_.steps, true);
    weightsGradient = memory(weights.get_desc(), cpu());
    recurrentGradient = memory(recurrent.get_desc(), cpu());
    biasGradient = memory(bias.get_desc(), cpu());
    inputGradient = memory(input_.get_desc(), cpu());
    const auto wanted = [&](const auto &pd, int name) { return pd.query_md(dnnl::query::exec_arg_md, name); };
    before_ = inputCopies(forward);
    beforeBackward_ = inputCopies(backward);
    afterBackward_ = {
        Copy::from(wanted(backward, DNNL_ARG_DIFF_WEIGHTS_LAYER), weightsGradient),
        Copy::from(wanted(backward, DNNL_ARG_DIFF_WEIGHTS_ITER), recurrentGradient)};
    const memory workspace(wanted(forward, DNNL_ARG_WORKSPACE), cpu());
    forward_ = dnnl::primitive(forward.get());
    backward_ = dnnl::primitive(backward.get());
    arguments_ = {
        {DNNL_ARG_SRC_LAYER, input_}, {DNNL_ARG_WEIGHTS_LAYER, before_[0].inner()},
        {DNNL_ARG_WEIGHTS_ITER, before_[1].inner()}, {DNNL_ARG_BIAS, bias},
        {DNNL_ARG_DST_LAYER, output}, {DNNL_ARG_WORKSPACE, workspace}};
    addStates(arguments_, DNNL_ARG_SRC_ITER, DNNL_ARG_SRC_ITER_C);
    addStates(arguments_, DNNL_ARG_DST_ITER, DNNL_ARG_DST_ITER_C);
    backwardArguments_ = arguments_;
    addStates(backwardArguments_, DNNL_ARG_DIFF_SRC_ITER, DNNL_ARG_DIFF_SRC_ITER_C);
    addStates(backwardArguments_, DNNL_ARG_DIFF_DST_ITER, DNNL_ARG_DIFF_DST_ITER_C);
    backwardArguments_[DNNL_ARG_WEIGHTS_LAYER] = beforeBackward_[0].inner();
    backwardArguments_[DNNL_ARG_WEIGHTS_ITER] = beforeBackward_[1].inner();
    backwardArguments_[DNNL_ARG_DIFF_SRC_LAYER] = inputGradient;
    backwardArguments_[DNNL_ARG_DIFF_WEIGHTS_LAYER] = afterBackward_[0].inner();
    backwardArguments_[DNNL_ARG_DIFF_WEIGHTS_ITER] = afterBackward_[1].inner();
    backwardArguments_[DNNL_ARG_DIFF_BIAS] = biasGradient;
    backwardArguments_[DNNL_ARG_DIFF_DST_LAYER] = outputGradient;
    implementations["forward"] = forward.impl_info_str();
    implementations["backward"] = backward.impl_info_str();
  }

  void forward() {
    for (auto &copy : before_) copy.run();
    forward_.execute(stream(), arguments_);
  }

  void backward() {
    for (auto &copy : beforeBackward_) copy.run();
    // oneDNN adds to what is there.
    for (int name : {DNNL_ARG_DIFF_WEIGHTS_LAYER, DNNL_ARG_DIFF_WEIGHTS_ITER, DNNL_ARG_DIFF_BIAS})
      clear(backwardArguments_[name]);
    backward_.execute(stream(), backwardArguments_);
    for (auto &copy : afterBackward_) copy.run();
  }

  // Inference

  void prepareInference() {
    const auto inference = primitives(dnnl::prop_kind::forward_inference, sizes_.steps, false).forward;
    before_ = inputCopies(inference);
    forward_ = dnnl::primitive(inference.get());
    arguments_ = {
        {DNNL_ARG_SRC_LAYER, input_}, {DNNL_ARG_WEIGHTS_LAYER, before_[0].inner()},
        {DNNL_ARG_WEIGHTS_ITER, before_[1].inner()}, {DNNL_ARG_BIAS, bias},
        {DNNL_ARG_DST_LAYER, output}};
    implementations["inference"] = inference.impl_info_str();
  }

  void copyWeights() {
    for (auto &copy : before_) copy.run();
  }

  void inference() { forward_.execute(stream(), arguments_); }

  // Streaming

  /// Each step reads its rows of the input where they lie, and writes those of the output.
  void prepareStream() {
    const auto [b, t, i, h, l] = sizes_;
    const auto step = primitives(dnnl::prop_kind::forward_inference, 1, true).forward;
    before_ = inputCopies(step);
    copyWeights();
    forward_ = dnnl::primitive(step.get());
    const auto state = layout({l, 1, b, h}, Tag::ldnc);
    memory states[] = {memory(state, cpu()), memory(state, cpu())};
    memory cells[] = {memory(state, cpu()), memory(state, cpu())};
    for (int k : {0, 1}) clear(states[k]), clear(cells[k]);
    stepArguments_.clear();
    for (Dimension n = 0; n < t; ++n) {
      const memory x(layout({1, b, i}, Tag::tnc), cpu(), values(input_) + n * b * i);
      const memory y(layout({1, b, h}, Tag::tnc), cpu(), values(output) + n * b * h);
      Arguments arguments = {
          {DNNL_ARG_SRC_LAYER, x}, {DNNL_ARG_WEIGHTS_LAYER, before_[0].inner()},
          {DNNL_ARG_WEIGHTS_ITER, before_[1].inner()}, {DNNL_ARG_BIAS, bias},
          {DNNL_ARG_DST_LAYER, y}, {DNNL_ARG_SRC_ITER, states[n % 2]}, {DNNL_ARG_DST_ITER, states[1 - n % 2]}};
      if (cell_.hasCellState) {
        arguments[DNNL_ARG_SRC_ITER_C] = cells[n % 2];
        arguments[DNNL_ARG_DST_ITER_C] = cells[1 - n % 2];
      }
      stepArguments_.push_back(arguments);
    }
    implementations["stream"] = step.impl_info_str();
  }

  void step(Dimension n) { forward_.execute(stream(), stepArguments_[n]); }

  /// oneDNN's names of the implementations that it chose.
  std::map<std::string, std::string> implementations;

 private:
  /// Primitives whose weights have the format that oneDNN likes best: forward and, for training, backward.
  struct Pair {
    dnnl::primitive_desc forward, backward;
  };

  Pair primitives(dnnl::prop_kind kind, Dimension steps, bool carriesState) {
    const auto [b, t, i, h, l] = sizes_;
    const auto x = layout({steps, b, i}, Tag::tnc), y = layout({steps, b, h}, Tag::tnc);
    const auto s = carriesState ? layout({l, 1, b, h}, Tag::ldnc) : memory::desc();
    const auto w = layout({l, 1, i, cell_.gates, h}, Tag::any), u = layout({l, 1, h, cell_.gates, h}, Tag::any);
    const auto c = bias.get_desc();
    const auto way = dnnl::rnn_direction::unidirectional_left2right;
    const auto back = dnnl::prop_kind::backward;
    if (cell_.name == "lstm") {
      const auto forward = described<dnnl::lstm_forward>(kind, way, x, s, s, w, u, c, y, s, s);
      if (kind != dnnl::prop_kind::forward_training) return {forward, {}};
      return {forward, describedAfter<dnnl::lstm_backward>(
                           forward, back, way, x, s, s, w, u, c, y, s, s, x, s, s, w, u, c, y, s, s)};
    }
    if (cell_.name == "gru") {
      const auto forward = described<dnnl::lbr_gru_forward>(kind, way, x, s, w, u, c, y, s);
      if (kind != dnnl::prop_kind::forward_training) return {forward, {}};
      return {forward, describedAfter<dnnl::lbr_gru_backward>(
                           forward, back, way, x, s, w, u, c, y, s, x, s, w, u, c, y, s)};
    }
    const auto tanh = dnnl::algorithm::eltwise_tanh;
    const auto forward = described<dnnl::vanilla_rnn_forward>(kind, tanh, way, x, s, w, u, c, y, s);
    if (kind != dnnl::prop_kind::forward_training) return {forward, {}};
    return {forward, describedAfter<dnnl::vanilla_rnn_backward>(
                         forward, back, tanh, way, x, s, w, u, c, y, s, x, s, w, u, c, y, s)};
  }

  /// States of zeros under these names.
  void addStates(Arguments &arguments, int hidden, int cell) {
    for (int name : {hidden, cell}) {
      if (name == cell && !cell_.hasCellState) continue;
      arguments[name] = memory(layout({sizes_.layers, 1, sizes_.batch, sizes_.hidden}, Tag::ldnc), cpu());
      clear(arguments[name]);
    }
  }

  /// Of the weights of input and state.
  std::vector<Copy> inputCopies(const dnnl::primitive_desc &pd) {
    const auto wanted = [&](int name) { return pd.query_md(dnnl::query::exec_arg_md, name); };
    return {
        Copy::to(wanted(DNNL_ARG_WEIGHTS_LAYER), weights),
        Copy::to(wanted(DNNL_ARG_WEIGHTS_ITER), recurrent)};
  }

  Cell cell_;
  Sizes sizes_;
  memory input_;
  std::vector<Copy> before_, beforeBackward_, afterBackward_;
  dnnl::primitive forward_, backward_;
  Arguments arguments_, backwardArguments_;
  std::vector<Arguments> stepArguments_;
};

/// One stage where I = H, else the first layer and, as a second stage, the others.
class Network {
 public:
  Network(const Cell &cell, Sizes sizes) : sizes_(sizes) {
    const auto [b, t, i, h, l] = sizes;
    input = memory(layout({t, b, i}, Tag::tnc), cpu());
    outputGradient = memory(layout({t, b, h}, Tag::tnc), cpu());
    const Dimension first = i == h ? l : 1;
    stages.emplace_back(cell, Sizes{b, t, i, h, first}, input);
    if (first < l) stages.emplace_back(cell, Sizes{b, t, h, h, l - first}, stages[0].output);
  }

  memory input, outputGradient;
  std::vector<Stage> stages;

  /// Uniform values: weights and biases within 1/√H, the rest within 1.
  void fill() {
    unsigned state = 1;
    const auto draw = [&](const memory &m, float bound) {
      for (size_t k = 0; k < count(m); ++k) {
        state = state * 1664525u + 1013904223u;
        values(m)[k] = bound * (static_cast<float>(state >> 8) / (1 << 23) - 1);
      }
    };
    const float bound = 1 / std::sqrt(static_cast<float>(sizes_.hidden));
    for (auto &stage : stages)
      for (auto &m : {stage.weights, stage.recurrent, stage.bias}) draw(m, bound);
    draw(input, 1);
    draw(outputGradient, 1);
  }

  /// Prepares a pass and gives what runs it once.
  std::function<void()> pass(const std::string &name) {
    if (name == "trainDX") {
      for (size_t k = stages.size(); k-- > 0;)
        stages[k].prepareTraining(k + 1 < stages.size() ? stages[k + 1].inputGradient : outputGradient);
      return [this] {
        for (auto &stage : stages) stage.forward();
        for (size_t k = stages.size(); k-- > 0;) stages[k].backward();
        stream().wait();
      };
    }
    if (name == "inference" || name == "inferenceOnce") {
      const bool once = name == "inferenceOnce";
      for (auto &stage : stages) stage.prepareInference(), stage.copyWeights();
      return [this, once] {
        for (auto &stage : stages) {
          if (!once) stage.copyWeights();
          stage.inference();
        }
        stream().wait();
      };
    }
    if (name == "stream") {
      for (auto &stage : stages) stage.prepareStream();
      return [this] {
        for (Dimension n = 0; n < sizes_.steps; ++n) {
          for (auto &stage : stages) stage.step(n);
          // The caller needs the answer to a step before the next.
          stream().wait();
        }
      };
    }
    throw std::runtime_error("a pass is trainDX, inference, inferenceOnce or stream, not " + name);
  }

 private:
  Sizes sizes_;
};

// Timing

struct Timing {
  double median;
  size_t passes;
};

/// The median of single passes, over at least `budget` seconds and three passes.
Timing time(const std::function<void()> &run, double budget, double gapMilliseconds) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  run();
  run();
  std::vector<double> times;
  const auto begin = Clock::now();
  while (times.size() < 3 || since(begin) < budget) {
    if (gapMilliseconds > 0)
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(gapMilliseconds));
    const auto start = Clock::now();
    run();
    times.push_back(since(start));
  }
  std::sort(times.begin(), times.end());
  const size_t half = times.size() / 2;
  return {times.size() % 2 ? times[half] : (times[half - 1] + times[half]) / 2, times.size()};
}

// Given numbers

/// Calls with the part of a stage's memory that belongs to one layer.
void ofLayer(const memory &m, Dimension layers, Dimension layer, const std::function<void(char *, size_t)> &body) {
  const size_t size = m.get_desc().get_size() / layers;
  body(static_cast<char *>(m.get_data_handle()) + layer * size, size);
}

void runGiven(Network &network, const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  in.exceptions(std::ios::failbit | std::ios::badbit);
  const auto read = [&](char *to, size_t size) { in.read(to, static_cast<std::streamsize>(size)); };
  for (auto &stage : network.stages)
    for (Dimension layer = 0; layer < stage.layers(); ++layer)
      for (auto &m : {stage.weights, stage.recurrent, stage.bias}) ofLayer(m, stage.layers(), layer, read);
  for (auto &m : {network.input, network.outputGradient})
    read(static_cast<char *>(m.get_data_handle()), m.get_desc().get_size());

  std::ofstream out(path + ".out", std::ios::binary);
  out.exceptions(std::ios::failbit | std::ios::badbit);
  const auto write = [&](char *from, size_t size) { out.write(from, static_cast<std::streamsize>(size)); };
  const auto all = [&](const memory &m) {
    write(static_cast<char *>(m.get_data_handle()), m.get_desc().get_size());
  };
  // Twice, so that gradients that a pass would add to the last one's are seen.
  const auto train = network.pass("trainDX");
  train();
  train();
  all(network.stages.back().output);
  for (const char *name : {"inference", "inferenceOnce", "stream"}) {
    clear(network.stages.back().output);
    network.pass(name)();
    all(network.stages.back().output);
  }
  all(network.stages.front().inputGradient);
  for (auto &stage : network.stages)
    for (Dimension layer = 0; layer < stage.layers(); ++layer)
      for (auto &m : {stage.weightsGradient, stage.recurrentGradient, stage.biasGradient})
        ofLayer(m, stage.layers(), layer, write);
}

// Command line

struct Options {
  Cell cell;
  Sizes sizes;
  std::vector<std::string> passes = {"trainDX", "inference", "inferenceOnce"};
  double seconds = 0.5, gap = 0;
  int threads = static_cast<int>(std::thread::hardware_concurrency());
  std::string check;

  Options(int count, char **words) {
    if (count < 7) throw std::runtime_error("usage: onednn_side CELL B T I H L [OPTIONS]");
    cell = cellNamed(words[1]);
    Dimension *sizesInOrder[] = {&sizes.batch, &sizes.steps, &sizes.input, &sizes.hidden, &sizes.layers};
    for (int k = 0; k < 5; ++k) {
      *sizesInOrder[k] = std::stol(words[2 + k]);
      if (*sizesInOrder[k] < 1) throw std::runtime_error("sizes are positive");
    }
    for (int k = 7; k < count; k += 2) {
      const std::string name = words[k];
      if (k + 1 == count) throw std::runtime_error(name + " needs a value");
      const std::string value = words[k + 1];
      if (name == "--seconds") seconds = std::stod(value);
      else if (name == "--gap") gap = std::stod(value);
      else if (name == "--threads") threads = std::stoi(value);
      else if (name == "--check") check = value;
      else if (name == "--passes") {
        passes.clear();
        std::istringstream list(value);
        for (std::string pass; std::getline(list, pass, ',');) passes.push_back(pass);
      } else throw std::runtime_error("no such option: " + name);
    }
  }
};

void measure(Network &network, const Options &options) {
  const auto *version = dnnl_version();
  std::cout << "{\"version\": \"" << version->major << "." << version->minor << "." << version->patch
            << "\", \"threads\": " << options.threads << ", \"passes\": {";
  std::cout.precision(9);
  for (size_t k = 0; k < options.passes.size(); ++k) {
    const Timing timing = time(network.pass(options.passes[k]), options.seconds, options.gap);
    std::cout << (k ? ", " : "") << "\"" << options.passes[k] << "\": {\"seconds\": " << timing.median
              << ", \"passes\": " << timing.passes << "}";
  }
  std::cout << "}, \"implementations\": {";
  const char *comma = "";
  for (auto &[name, implementation] : network.stages.back().implementations) {
    std::cout << comma << "\"" << name << "\": \"" << implementation << "\"";
    comma = ", ";
  }
  std::cout << "}}\n";
}

}  // namespace

int main(int count, char **words) {
  try {
    const Options options(count, words);
    omp_set_num_threads(options.threads);
    Network network(options.cell, options.sizes);
    if (options.check.empty()) {
      network.fill();
      measure(network, options);
    } else {
      runGiven(network, options.check);
    }
  } catch (const dnnl::error &error) {
    std::fprintf(stderr, "onednn_side: %s (status %d)\n", error.what(), static_cast<int>(error.status));
    return 1;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "onednn_side: %s\n", error.what());
    return 1;
  }
}
