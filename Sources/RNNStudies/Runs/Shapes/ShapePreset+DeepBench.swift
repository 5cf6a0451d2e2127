import RNNCore

extension ShapePreset {
  /// The 53 shapes of the training set of Baidu's DeepBench (`code/kernels/rnn_problems.h`,
  /// revision da81ba7).
  ///
  /// DeepBench times the recurrent product alone, leaves out W x_t and computes gradients of the
  /// weights only; here the input product with I = H belongs to every pass. Its vanilla cell has
  /// relu; its GRU's relu of the candidate state is a tanh here.
  static let deepBenchShapes: [BenchmarkShape] =
    deepBench(.elman(.relu), steps: [50], batches: [16, 32, 64, 128], hidden: [1760, 2048, 2560])
    + deepBench(.lstm(), steps: [25], batches: [16, 32, 64, 128], hidden: [512, 1024, 2048, 4096])
    + deepBench(.lstm(), steps: [50], batches: [8, 16, 32], hidden: [1536])
    + deepBench(.lstm(), steps: [150], batches: [16, 32, 64], hidden: [256])
    + deepBench(
      .gru(), steps: [187, 375, 750, 1500], batches: [32], hidden: [1536, 2048, 2560, 2816])
    + deepBench(.gru(), steps: [1500], batches: [32, 64], hidden: [1024])
    + deepBench(.gru(), steps: [1], batches: [32], hidden: [512])

  private static func deepBench(
    _ cell: CellKind, steps: [Int], batches: [Int], hidden: [Int]
  ) -> [BenchmarkShape] {
    steps.flatMap { steps in
      hidden.flatMap { hidden in
        batches.map {
          BenchmarkShape(cell: cell, batch: $0, steps: steps, input: hidden, hidden: hidden)
        }
      }
    }
  }
}
