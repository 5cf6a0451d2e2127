import RNNCore

extension ShapePreset {
  /// Training shapes of oneDNN's benchmark driver (`tests/benchdnn/inputs/rnn`, revision 515bfba:
  /// `perf_rnn_training`, RNN-T and `shapes_training`), each once.
  ///
  /// Of GNMT's encoder, which is listed with eight lengths, the shortest, a middle one and the
  /// longest. The decoder's input is wider than its state. Left out: the first two encoder layers
  /// of RNN-T, which need more than 8 GiB at a batch of 896, and shapes whose layers differ in
  /// width.
  static let oneDNNShapes: [BenchmarkShape] =
    gnmt + deepSpeech2 + transducer + [
      BenchmarkShape(
        name: "PyTorch test case", batch: 64, steps: 50, input: 500, hidden: 500),
      BenchmarkShape(
        name: "Paddle test case 629", batch: 128, steps: 629, input: 128, hidden: 128),
      BenchmarkShape(
        name: "Paddle test case 952", batch: 128, steps: 952, input: 128, hidden: 128),
    ]

  private static let gnmt: [BenchmarkShape] =
    [10, 50, 101].flatMap { steps -> [BenchmarkShape] in
      [
        BenchmarkShape(
          name: "GNMT encoder bi T\(steps)", cell: .lstm(), batch: 128, steps: steps, input: 256,
          hidden: 256, isBidirectional: true),
        BenchmarkShape(
          name: "GNMT encoder T\(steps)", cell: .lstm(), batch: 128, steps: steps, input: 512,
          hidden: 512),
      ]
    }
    + [768, 1024].map { input in
      BenchmarkShape(
        name: "GNMT decoder I\(input)", cell: .lstm(), batch: 128, steps: 1, input: input,
        hidden: 512)
    }

  private static let deepSpeech2: [BenchmarkShape] =
    ([.elman(.tanh), .gru()] as [CellKind]).flatMap { cell in
      [50, 100, 200].map { steps in
        BenchmarkShape(
          name: "DeepSpeech 2 \(cell) T\(steps)", cell: cell, batch: 128, steps: steps,
          input: 1760, hidden: 1760)
      }
    }

  private static let transducer = [
    BenchmarkShape(
      name: "RNN-T encoder 3", cell: .lstm(), batch: 896, steps: 128, input: 2048, hidden: 1024),
    BenchmarkShape(
      name: "RNN-T encoder 4", cell: .lstm(), batch: 896, steps: 128, input: 1024, hidden: 1024),
    BenchmarkShape(
      name: "RNN-T prediction", cell: .lstm(), batch: 896, steps: 1, input: 320, hidden: 320),
  ]
}
